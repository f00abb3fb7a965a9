"""Composing a team that covers given needs with few people: exactly where that is quick, else greedily."""

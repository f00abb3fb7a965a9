"""How far people are from what is asked of them."""

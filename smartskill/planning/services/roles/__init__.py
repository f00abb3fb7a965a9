"""Role profiles, what they ask for, and who has them."""

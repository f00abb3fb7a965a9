"""What is stored about a person: where, shown whole, and erased."""

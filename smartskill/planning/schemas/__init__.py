"""What planning accepts and answers, by noun."""

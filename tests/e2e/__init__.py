"""Stories told to the whole running product, from outside."""

"""What the notices say, in every language: a sentence for each piece of evidence, and letters made of sentences."""

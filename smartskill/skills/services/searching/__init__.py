"""Finding skills by words, step by step: readings of the words, candidates from the indexes, scores, the best first."""

"""From acts to features, a model, a decision and a delivery: what is worth telling whom."""

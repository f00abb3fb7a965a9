"""Whether, what and when to write: scores, the price of a mail, the logged draw, the holdout and the hour."""

"""Open Badges 3.0: handed in, checked in the background, and filled in as qualifications."""

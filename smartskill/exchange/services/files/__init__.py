"""Files that users already have: read, understood, compared with what is here, then written whole or not at all."""

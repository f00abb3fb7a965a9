"""The API as a whole: what it promises in its specification, held against what it does."""

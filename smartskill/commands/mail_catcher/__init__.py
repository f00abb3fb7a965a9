"""A mail server that delivers nowhere: it keeps what it is given as files, and has a page to read them."""

"""A company of which the truth is known: what each mail does to whom is written down, to judge policies against."""

"""A CV to read and to print: arranged once from the JSON Resume, drawn as HTML and as PDF."""

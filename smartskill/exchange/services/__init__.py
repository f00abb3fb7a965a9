"""What comes in and goes out, by kind of file."""

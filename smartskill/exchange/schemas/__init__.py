"""What files in and out are described by."""

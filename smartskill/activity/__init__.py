"""What people did in the product, with their consent."""

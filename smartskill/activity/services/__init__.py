"""What people did, with their consent: recorded, kept for a while, rolled up."""

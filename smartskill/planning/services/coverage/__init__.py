"""Head-count targets, how they are met today and in 90 days, and what falls if people leave."""

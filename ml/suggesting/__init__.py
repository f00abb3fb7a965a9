"""Skills that a person's own words speak of: what they name, what they resemble, what goes together."""

"""Tables of skills: the catalogue, merges, levels."""

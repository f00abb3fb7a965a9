"""Jobs and projects, and the skills they used."""

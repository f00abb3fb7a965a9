"""Occupations of taxonomies as templates of role profiles."""

"""Skill taxonomies: ESCO, O*NET, linguist, and a plain CSV, into the catalogue."""

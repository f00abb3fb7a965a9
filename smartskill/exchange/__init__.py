"""Résumés, taxonomies and files, in and out."""

"""What people and teams lack for their roles, and which roles fit."""

"""Tables of planning: roles, targets, searches, suggestions."""

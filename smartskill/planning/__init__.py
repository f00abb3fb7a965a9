"""What an organisation can do and what it lacks: experts, matrix, roles and gaps, coverage, teams, next steps."""

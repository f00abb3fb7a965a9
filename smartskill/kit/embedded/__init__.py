"""Real PostgreSQL and Valkey for one machine, run from their wheels under the instance folder; no port, no set-up."""

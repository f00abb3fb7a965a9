"""What Smart-Skill learns: plain data in, plain data out; it knows no Flask, SQL, Redis or settings."""

"""What we tell people: inbox, outbox, preferences, rendering and transport."""

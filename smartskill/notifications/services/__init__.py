"""The rules of telling: inbox, outbox, gates, preferences, rendering, transport, delivery, by noun."""

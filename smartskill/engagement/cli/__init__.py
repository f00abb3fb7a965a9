"""Commands of the learning loop. What needs the learning library is enqueued and followed."""

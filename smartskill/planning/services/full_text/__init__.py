"""Words looked for in people's experience."""

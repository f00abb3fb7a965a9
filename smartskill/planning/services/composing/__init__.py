"""Teams put together for needs: what was asked for, kept and told."""

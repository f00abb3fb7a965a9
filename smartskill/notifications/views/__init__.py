"""HTTP of the inbox, the preferences and the unsubscribe link, by noun."""

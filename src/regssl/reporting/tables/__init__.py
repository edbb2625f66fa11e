"""Tables of results, one per module."""

"""The configuration: its keys, tables and files, and what it plans."""

"""Files in and out: whole-or-absent writing, and one reader for each text or binary format."""

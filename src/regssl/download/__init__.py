"""Files from the internet: sources, transfers, checksums, the lock file."""

"""Downloads: sources of files, transfers that resume, checksums, the lockfile. Start with `fetch.download`."""

__all__ = ["availability", "checks", "fetch", "http", "lockfile", "publishers", "sources", "transfer"]

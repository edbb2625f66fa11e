"""Downloads: sources of files, transfers that resume, checksums, the lockfile. Start with `fetch.download`."""

__all__ = ["availability", "checksums", "content", "fetch", "http", "lockfile", "publishers", "sources", "transfer"]

"""Verification of a file: length, checksums, intact gzip, no error page in its place."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from regssl.io.files import sha256

CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class ExpectedDigest:
    """What is known of a file before it is fetched; empty or None where unknown."""

    md5: str = ""
    sha256: str = ""
    size: int | None = None

    @property
    def has_checksum(self) -> bool:
        """Whether a digest is known."""
        return bool(self.md5 or self.sha256)


@dataclass(frozen=True)
class FileDigest:
    """Bytes and hexadecimal digests of a file."""

    size: int
    md5: str
    sha256: str


def digest_file(path: Path) -> FileDigest:
    """Compute size and digests of a file."""
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return FileDigest(path.stat().st_size, md5, sha256(path))


def mismatch(found: FileDigest, expected: ExpectedDigest) -> str:
    """Describe how a file differs from what is expected; empty if it does not."""
    if expected.size is not None and found.size != expected.size:
        return f"{found.size:,} bytes instead of {expected.size:,}"
    for algorithm in ("md5", "sha256"):
        wanted, actual = getattr(expected, algorithm), getattr(found, algorithm)
        if wanted and actual != wanted:
            return f"wrong checksum: {algorithm} {actual} instead of {wanted}"
    return ""


def content_problem(path: Path, url: str) -> str:
    """Describe why a file cannot be that of the URL (empty, an error page, damaged gzip); empty if nothing is wrong."""
    if problem := _error_page_problem(path):
        return problem
    return _gzip_problem(path) if is_gzip(url) else ""


def is_gzip(url: str) -> bool:
    """Whether the name of a URL or path ends as that of a gzip file."""
    return urlsplit(url).path.endswith((".gz", ".tgz"))


def _error_page_problem(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not path.stat().st_size:
        return "the file is empty"
    is_page = head.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml"))
    return "the server sent a web page instead of the file" if is_page else ""


def _gzip_problem(path: Path) -> str:
    """Describe how a gzip file is damaged, from reading all of it; empty if it is intact."""
    try:
        with gzip.open(path) as unzipped:
            while unzipped.read(CHUNK_BYTES):
                pass
    except (OSError, EOFError, zlib.error) as error:
        return f"not a whole gzip file: {error}"
    return ""

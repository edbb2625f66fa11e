"""Is a fetched file the one that was meant: length, checksums, whole gzip, no web page in its place."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

BLOCK = 2**20


@dataclass(frozen=True)
class Expected:
    """What is known of a file beforehand; empty or None where it is not."""

    md5: str = ""
    sha256: str = ""
    size: int | None = None

    @property
    def has_checksum(self) -> bool:
        """Whether a digest is known."""
        return bool(self.md5 or self.sha256)


@dataclass(frozen=True)
class Found:
    """What a file is: bytes and hexadecimal digests."""

    size: int
    md5: str
    sha256: str


def fingerprint(path: Path) -> Found:
    """Size and digests of a file, read once."""
    md5, sha256, size = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            md5.update(block)
            sha256.update(block)
            size += len(block)
    return Found(size, md5.hexdigest(), sha256.hexdigest())


def mismatch(found: Found, expected: Expected) -> str:
    """How a file differs from what is known of it; empty if it does not."""
    if expected.size is not None and found.size != expected.size:
        return f"{found.size:,} bytes instead of {expected.size:,}"
    for algorithm in ("md5", "sha256"):
        wanted, is_ = getattr(expected, algorithm), getattr(found, algorithm)
        if wanted and is_ != wanted:
            return f"wrong checksum: {algorithm} {is_} instead of {wanted}"
    return ""


def not_the_file(path: Path, url: str) -> str:
    """Why the content cannot be that of the URL: empty, a server's error page, broken gzip; empty string if it can."""
    if problem := _web_page(path):
        return problem
    return _broken_gzip(path) if is_gzip(url) else ""


def is_gzip(url: str) -> bool:
    """Whether a URL or path promises gzip."""
    return urlsplit(url).path.endswith((".gz", ".tgz"))


def _web_page(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not path.stat().st_size:
        return "the file is empty"
    web_page = head.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml"))
    return "the server sent a web page instead of the file" if web_page else ""


def _broken_gzip(path: Path) -> str:
    """How a gzip file is damaged, from reading all of it; empty if it is whole."""
    try:
        with gzip.open(path) as unzipped:
            while unzipped.read(BLOCK):
                pass
    except (OSError, EOFError, zlib.error) as error:
        return f"not a whole gzip file: {error}"
    return ""

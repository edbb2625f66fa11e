"""Sizes and checksums: what is known of a file, who says so, and whether the file has them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Known:
    """What a file must have.

    Attributes:
        kind: size (bytes), md5 or sha256.
        value: the bytes, or the hexadecimal digest.
        origin: who says so, for messages: a table cell, the lock file, a URL.
    """

    kind: str
    value: int | str
    origin: str


@dataclass(frozen=True)
class FileDigest:
    """Bytes and hexadecimal digests of a file."""

    size: int
    md5: str
    sha256: str


def digest_file(path: Path) -> FileDigest:
    """Compute size and digests of a file, reading it once."""
    size, md5, sha256 = 0, hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            size += len(block)
            md5.update(block)
            sha256.update(block)
    return FileDigest(size, md5.hexdigest(), sha256.hexdigest())


def mismatch(found: FileDigest, known: Iterable[Known]) -> str:
    """Describe how a file differs from what is known, and who says so; empty if it does not."""
    for fact in known:
        actual = getattr(found, fact.kind)
        if fact.kind == "size" and actual != fact.value:
            return f"{actual:,} bytes instead of {fact.value:,}, the size in {fact.origin}"
        if actual != fact.value:
            return f"wrong checksum: {fact.kind} {actual} instead of {fact.value}, that in {fact.origin}"
    return ""


def has_checksum(known: Iterable[Known]) -> bool:
    """Whether a digest is known."""
    return any(fact.kind != "size" for fact in known)

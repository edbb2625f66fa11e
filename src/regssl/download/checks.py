"""What a file must be: its known size and sums, with who says so, and what the name in its URL promises."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from regssl.errors import DataError
from regssl.io.files import Input

GZIP = (".gz", ".bgz", ".tgz")
BIGBED = rb"\xeb\xf2\x89\x87|\x87\x89\xf2\xeb"
FORMATS = {
    ("2bit", (".2bit",)): rb"\x43\x27\x41\x1a|\x1a\x41\x27\x43",
    ("bigBed", (".bigbed", ".bb")): BIGBED,
    ("zip", (".zip",)): rb"PK\x03\x04",
    ("chain", (".chain",)): rb"(?:#[^\r\n]*+|\s)*+(?:chain\s|\Z)",
    ("FASTA", (".fa", ".fasta", ".fna")): rb"(?:;[^\r\n]*+|\s)*+(?:>|\Z)",
    ("VCF", (".vcf",)): rb"##fileformat=VCF",
    ("MEME", (".meme",)): rb"(?s:.*?)MEME version",
    ("JSON", (".json",)): rb"\s*[{\[]",
    ("safetensors", (".safetensors",)): rb"(?s:.{8})\{",
    ("BED", (".bed", ".narrowpeak", ".broadpeak")): (
        rb"(?:(?:#|track|browser)[^\r\n]*+|\s)*+(?:\S+[ \t]+\d+[ \t]+\d+|\Z)|" + BIGBED
    ),
}
"""First bytes (decompressed where they are gzip) by format and ends of names."""
MAX_WORDS = 1000
"""Letters of an error message."""
HINT = "delete it to fetch it again; to keep it, correct the checksum, or delete its row of the lock file"
"""For a file that is there and is another one."""


class Known(NamedTuple):
    """What a file must have: `size` (bytes), `md5` or `sha256` (hexadecimal), and who says so, for messages."""

    kind: str
    value: int | str
    origin: str


def measure(path: Path) -> dict[str, int | str]:
    """Compute size, md5 and sha256 of a file, reading it once."""
    size, md5, sha256 = 0, hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            size += len(block)
            md5.update(block)
            sha256.update(block)
    return {"size": size, "md5": md5.hexdigest(), "sha256": sha256.hexdigest()}


def mismatch(found: Mapping[str, int | str], known: Iterable[Known]) -> str:
    """Describe how a file, as far as it is measured, differs from what is known; empty if it does not."""
    for kind, value, origin in known:
        actual = found.get(kind, value)
        if kind == "size" and actual != value:
            return f"{actual:,} bytes instead of {value:,}, the size in {origin}"
        if actual != value:
            return f"wrong checksum: {kind} {actual} instead of {value}, that in {origin}"
    return ""


def mismatch_there(found: Mapping[str, int | str], given: Iterable[Known], locked: Iterable[Iterable[Known]]) -> str:
    """As `mismatch`, of a file that is there: it must be what is given, and what one of the locked places gave."""
    problems = [mismatch(found, facts) for facts in locked if facts]
    return mismatch(found, given) or (problems[0] if problems and all(problems) else "")


def check_agreement(given: Iterable[Known], locked: Iterable[Iterable[Known]]) -> None:
    """Check that the lock file and what is given do not contradict each other.

    Raises:
        DataError: they do; names both.
    """
    for one, other in product((fact for facts in locked for fact in facts), list(given)):
        if one.kind == other.kind and one.value != other.value:
            raise DataError(
                f"{one.origin}: {one.kind} {one.value}, but {other.origin}: {other.value}",
                "delete the row of the lock file if the file was meant to change, or correct the other",
            )


def has_checksum(known: Iterable[Known]) -> bool:
    """Whether a digest is known."""
    return any(fact.kind != "size" for fact in known)


def content_problem(path: Path, url: str) -> str:
    """Describe why a file cannot be that of the URL; empty if nothing is wrong."""
    name = urlsplit(url).path.lower()
    if problem := error_page(path, url):
        return problem
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if name.endswith(GZIP) and head != b"\x1f\x8b":
            return f"not a whole gzip file: it begins with {head!r}"
        try:
            with Input(file, path, DataError) as content:
                head = content.peek()
                while content.compressed and content.read(2**20):
                    pass
        except DataError as error:
            return f"not a whole gzip file: {error.problem.removeprefix(f'{path}: ')}"
    name = re.sub(r"\.b?gz$", "", name)
    for (format_name, ends), start in FORMATS.items():
        if name.endswith(ends) and not re.match(start, head.removeprefix(b"\xef\xbb\xbf")):
            return _page(head, name) or f"not a {format_name} file: it begins with {head[:20]!r}"
    if name.endswith(".zip") and not zipfile.is_zipfile(path):
        return "not a whole zip file"
    return _page(head, name)


def error_page(path: Path, url: str) -> str:
    """Describe what a server sent, or a browser saved, in place of a file; empty if it is none of that."""
    with path.open("rb") as file:
        head = file.read(4096)
    return _page(head, urlsplit(url).path.lower()) if head else "the file is empty"


def _page(head: bytes, name: str) -> str:
    """As `error_page`, of first bytes; those of UTF-16 and UTF-32 are bytes between zeros."""
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").strip()
    if text.startswith(b"<") and not name.endswith((".html", ".xml", ".svg")):
        return "a web page instead of the file"
    if text.startswith((b"{", b"[")) and not name.endswith((".json", ".safetensors")):
        return "JSON instead of the file"
    if text.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS instead of the file"
    words = " ".join(text.decode("utf-8", "replace").splitlines())
    no_table = len(words) < MAX_WORDS and words.isprintable() and "\ufffd" not in words
    if no_table and not any(re.match(start, form) for start in FORMATS.values() for form in (head, text)):
        return f"a few words instead of the file: '{words[:80]}'"
    return ""

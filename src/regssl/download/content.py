"""Content that cannot be that of a URL: error pages, damaged gzip, another format than the name promises."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

HEAD_BYTES = 2**16
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
ERROR = re.compile(
    rb"(?:http/\d\S* )?\W{0,3}(?:error(?:[ :!.,\r\n]|\Z)|[45]\d\d[ :.-]+[a-z]|(?:file |page )?not found|access denied|"
    rb"forbidden|unauthorized|bad (?:request|gateway)|(?:service |temporarily )?unavailable|too many requests|sorry|"
    rb"internal (?:server )?error|please (?:log|sign) ?in|no such (?:file|key)|you (?:do not|don't) have|the requested)"
)


def content_problem(path: Path, url: str) -> str:
    """Describe why a file cannot be that of the URL; empty if nothing is wrong."""
    name = urlsplit(url).path.lower()
    head = read_head(path)
    if head.startswith(b"\x1f\x8b") or name.endswith(GZIP):
        try:
            with gzip.open(path) as unzipped:
                head = unzipped.read(HEAD_BYTES)
                while unzipped.read(2**20):
                    pass
        except (OSError, EOFError, zlib.error) as error:
            return error_page(path, url) or f"not a whole gzip file: {error}"
    name = re.sub(r"\.b?gz$", "", name)
    for (format_name, ends), start in FORMATS.items():
        if name.endswith(ends) and not re.match(start, head.removeprefix(b"\xef\xbb\xbf")):
            return _page(head, name) or f"not a {format_name} file: it begins with {head[:20]!r}"
    if name.endswith(".zip") and not zipfile.is_zipfile(path):
        return "not a whole zip file"
    return error_page(path, url) or _page(head, name)


def error_page(path: Path, url: str) -> str:
    """Describe what a server sent, or a browser saved, in place of a file; empty if it is none of that."""
    head = read_head(path)
    return _page(head, urlsplit(url).path.lower()) if head else "the file is empty"


def read_head(path: Path) -> bytes:
    """Read the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _page(head: bytes, name: str) -> str:
    """As `error_page`, of first bytes; those of UTF-16 and UTF-32 are bytes between zeros."""
    text = head[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith(b"<") and not name.endswith((".html", ".xml", ".svg")):
        return "a web page instead of the file"
    if text.startswith((b"{", b"[")) and not name.endswith((".json", ".safetensors")):
        return "JSON instead of the file"
    if text.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS instead of the file"
    line = text.splitlines()[0][:80].decode("ascii", "replace") if ERROR.match(text) else ""
    return f"an error message instead of the file: {line!r}" if line else ""

"""Checksums from publishers: UCSC's `md5sum.txt` of a folder, ENCODE's record of a file.

They are optional: a list may lack a file, a server may not answer. A missing checksum is reported, never guessed.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlsplit

from regssl.download.checksums import ExpectedDigest
from regssl.download.http import HTTPInterrupted, HTTPRefused, open_url
from regssl.download.sources import mirror_url, url_of

TIMEOUT = 20.0
"""Seconds without a byte."""
MAX_LIST_BYTES = 2**23
"""A longer list is something else."""
MAX_TRIES = 2
MD5 = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True)
class PublishedChecksum:
    """What the publisher reports of a file.

    Attributes:
        expected: its checksum and size; empty if unavailable.
        origin: where that is from, or why it is unavailable: for the log.
    """

    expected: ExpectedDigest
    origin: str


def checksum_list_url(url: str) -> str:
    """Return the URL of the publisher's checksum of `url`; empty if none is known."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.startswith("hgdownload") and host.endswith(".ucsc.edu") and parts.path.lower().startswith("/goldenpath/"):
        return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/md5sum.txt"
    if host == "www.encodeproject.org" and (file := re.match(r"/files/(ENCFF\w+)/@@download/", parts.path)):
        return f"{parts.scheme}://{parts.netloc}/files/{file[1]}/?format=json"
    return ""


def fetch_published(url: str, mirror: str = "") -> PublishedChecksum | None:
    """Fetch the checksum of a file from its publisher.

    Args:
        url: URL of the file at the publisher.
        mirror: folder or base URL to use instead of the publisher, if the file itself comes from it.

    Returns:
        None if the publisher has no such service.
    """
    listing = checksum_list_url(url)
    if not listing:
        return None
    place = mirror_url(mirror, listing) if mirror else listing
    try:
        text = _read(url_of(place))
    except (HTTPRefused, HTTPInterrupted) as error:
        return PublishedChecksum(ExpectedDigest(), f"no checksum from {place}: {error}")
    expected = _parse_record(text) if listing.endswith("?format=json") else _parse_list(text, url)
    if isinstance(expected, str):
        return PublishedChecksum(ExpectedDigest(), f"no checksum from {place}: {expected}")
    return PublishedChecksum(expected, f"md5 from {place}")


def _read(url: str) -> str:
    for left in reversed(range(MAX_TRIES)):
        try:
            with open_url(url, timeout=TIMEOUT) as response:
                return str(response.read(MAX_LIST_BYTES).decode("utf-8", "replace"))
        except HTTPInterrupted:
            if not left:
                raise
        except (OSError, HTTPException) as error:
            if not left:
                raise HTTPInterrupted(str(error) or type(error).__name__) from None
        time.sleep(1)
    raise AssertionError("unreachable")


def _parse_list(text: str, url: str) -> ExpectedDigest | str:
    """Parse lines `md5  name`; names may be paths."""
    name = urlsplit(url).path.rpartition("/")[2]
    rows = [line.split() for line in text.splitlines()]
    listed = [(row[0].lower(), row[-1].rpartition("/")[2]) for row in rows if len(row) == 2 and MD5.fullmatch(row[0])]
    if not listed:
        return "it is not a list of checksums"
    found = {md5 for md5, of in listed if of.removeprefix("*") == name}
    if len(found) != 1:
        return f"it lists {name} with two checksums" if found else f"it does not list {name}"
    return ExpectedDigest(md5=found.pop())


def _parse_record(text: str) -> ExpectedDigest | str:
    """Parse ENCODE's JSON record of a file."""
    try:
        record = json.loads(text)
        md5, size = str(record["md5sum"]).lower(), record.get("file_size")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it is not a record of a file with its md5sum"
    if not MD5.fullmatch(md5):
        return f"its md5sum is {md5!r}"
    return ExpectedDigest(md5=md5, size=size if isinstance(size, int) else None)

"""Checksums as publishers give them: UCSC's `md5sum.txt` of a folder, ENCODE's record of a file.

They are optional: lists may lack a file, servers may not answer. What could not be had is said, never guessed.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlsplit

from regssl.download.checksums import Expected
from regssl.download.http import Interrupted, Refused, open_url
from regssl.download.sources import at_mirror, url_of

TIMEOUT = 20.0  # seconds without a byte
LARGEST = 2**23  # bytes of a list: more is something else
TRIES = 2
MD5 = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True)
class Published:
    """What the publisher says of a file.

    Attributes:
        expected: its checksum and size; empty where nothing could be had.
        by: who said so, or why nobody did: for the log.
    """

    expected: Expected
    by: str


def listing_of(url: str) -> str:
    """The URL under which the publisher of `url` gives its checksum; empty where we know of none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.startswith("hgdownload") and host.endswith(".ucsc.edu") and parts.path.lower().startswith("/goldenpath/"):
        return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/md5sum.txt"
    if host == "www.encodeproject.org" and (file := re.match(r"/files/(ENCFF\w+)/@@download/", parts.path)):
        return f"{parts.scheme}://{parts.netloc}/files/{file[1]}/?format=json"
    return ""


def published(url: str, mirror: str = "") -> Published | None:
    """Ask the publisher of a file for its checksum.

    Args:
        url: of the file, as the publisher has it.
        mirror: folder or base URL to ask in the publisher's stead, where the file itself comes from it.

    Returns:
        None where the publisher has no such service.
    """
    listing = listing_of(url)
    if not listing:
        return None
    place = at_mirror(mirror, listing) if mirror else listing
    try:
        text = _read(url_of(place))
    except (Refused, Interrupted) as error:
        return Published(Expected(), f"no checksum from {place}: {error}")
    expected = _from_record(text) if listing.endswith("?format=json") else _from_list(text, url)
    if isinstance(expected, str):
        return Published(Expected(), f"no checksum from {place}: {expected}")
    return Published(expected, f"md5 from {place}")


def _read(url: str) -> str:
    for left in reversed(range(TRIES)):
        try:
            with open_url(url, timeout=TIMEOUT) as response:
                return response.read(LARGEST).decode("utf-8", "replace")
        except Interrupted:
            if not left:
                raise
        except (OSError, HTTPException) as error:
            if not left:
                raise Interrupted(str(error) or type(error).__name__) from None
        time.sleep(1)
    raise AssertionError("unreachable")


def _from_list(text: str, url: str) -> Expected | str:
    """From lines `md5  name`; names may be paths."""
    name = urlsplit(url).path.rpartition("/")[2]
    rows = [line.split() for line in text.splitlines()]
    listed = [(row[0].lower(), row[-1].rpartition("/")[2]) for row in rows if len(row) == 2 and MD5.fullmatch(row[0])]
    if not listed:
        return "it is no list of checksums"
    found = {md5 for md5, of in listed if of.removeprefix("*") == name}
    if len(found) != 1:
        return f"it lists {name} with two checksums" if found else f"it does not list {name}"
    return Expected(md5=found.pop())


def _from_record(text: str) -> Expected | str:
    """From ENCODE's JSON record of a file."""
    try:
        record = json.loads(text)
        md5, size = str(record["md5sum"]).lower(), record.get("file_size")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "it is no record of a file with its md5sum"
    if not MD5.fullmatch(md5):
        return f"its md5sum is {md5!r}"
    return Expected(md5=md5, size=size if isinstance(size, int) else None)

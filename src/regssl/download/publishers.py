"""Checksums from publishers: UCSC's `md5sum.txt` of a folder, ENCODE's record of a file.

They are optional: a list may lack a file, a server may not answer. A missing checksum is reported, never guessed.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from regssl.download.checks import Known
from regssl.download.http import Refused, open_url, read_chunks, reason_of, retrying
from regssl.download.sources import local_path, mirror_url

TIMEOUT = 20.0
"""Seconds until the head of the response is there."""
MAX_LIST_BYTES = 2**23
"""A longer list is something else."""
MD5 = re.compile(r"[0-9a-fA-F]{32}")


def checksum_list_url(url: str) -> str:
    """Return the URL of the publisher's checksum of `url`; empty if none is known."""
    parts = urlsplit(url)
    host, site = parts.hostname or "", f"{parts.scheme}://{parts.netloc}"
    if host.startswith("hgdownload") and host.endswith(".ucsc.edu") and parts.path.lower().startswith("/goldenpath/"):
        return f"{site}{parts.path.rpartition('/')[0]}/md5sum.txt"
    if host == "www.encodeproject.org" and (file := re.match(r"/files/(ENCFF\w+)/@@download/", parts.path)):
        return f"{site}/files/{file[1]}/?format=json"
    return ""


def published_checksum(url: str, mirror: str = "") -> tuple[list[Known], str]:
    """Fetch the checksum of a file from its publisher.

    Args:
        url: URL of the file at the publisher.
        mirror: folder or base URL to use instead of the publisher, if the file itself comes from it.

    Returns:
        What is known, and a line for the log: where that is from, or why nothing is known. The line is empty if the
        publisher has no such service.
    """
    listing = checksum_list_url(url)
    if not listing:
        return [], ""
    place = mirror_url(mirror, listing) if mirror else listing
    try:
        text = retrying(lambda: _read(place), place, 1).decode("utf-8", "replace")
        known = _parse_record(text) if listing.endswith("?format=json") else _parse_list(text, url)
    except (Refused, ValueError) as problem:
        return [], f"no checksum from {place}: {problem}"
    return [Known(kind, value, place) for kind, value in known.items()], f"md5 from {place}"


def _read(place: str) -> bytes:
    if path := local_path(place):
        try:
            with path.open("rb") as file:
                return file.read(MAX_LIST_BYTES)
        except OSError as error:
            raise Refused(reason_of(error)) from None
    data = b""
    with open_url(place, timeout=TIMEOUT) as response:
        for chunk in read_chunks(response):
            data += chunk
            if len(data) >= MAX_LIST_BYTES:
                break
    return data


def _parse_list(text: str, url: str) -> dict[str, int | str]:
    """Parse lines `md5  name`; names may be paths."""
    name = urlsplit(url).path.rpartition("/")[2]
    rows = [line.split() for line in text.splitlines()]
    listed = [(row[0].lower(), row[-1].rpartition("/")[2]) for row in rows if len(row) == 2 and MD5.fullmatch(row[0])]
    if not listed:
        raise ValueError("it is not a list of checksums")
    found = {md5 for md5, of in listed if of.removeprefix("*") == name}
    if len(found) != 1:
        raise ValueError(f"it lists {name} with two checksums" if found else f"it does not list {name}")
    return {"md5": found.pop()}


def _parse_record(text: str) -> dict[str, int | str]:
    """Parse ENCODE's JSON record of a file."""
    try:
        record = json.loads(text)
        md5, size = str(record["md5sum"]).lower(), record.get("file_size")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("it is not a record of a file with its md5sum") from None
    if not MD5.fullmatch(md5):
        raise ValueError(f"its md5sum is {md5!r}")
    return {"md5": md5} | ({"size": size} if isinstance(size, int) else {})

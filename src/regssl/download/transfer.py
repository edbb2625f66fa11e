"""The missing bytes of a file, from one place.

What was received is kept in `<out>.part`, and what the server reported of the file in `<out>.part.json`, so that a
later request resumes where this one broke off (RFC 9110, section 14), and only if the file is surely the same.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import requests

from regssl.download import http
from regssl.download.checks import GZIP, Known, has_checksum, mismatch
from regssl.download.sources import local_path
from regssl.io.atomic import write_text
from regssl.io.copying import copy_file
from regssl.progress import Progress

MAX_BYTES = 10**11
"""Limit of files whose size nobody knows."""


class Version(NamedTuple):
    """What a server reports of a file: its bytes, and a value of `If-Range`; None or empty where it does not."""

    url: str
    size: int | None
    validator: str

    def fits(self, other: Version) -> bool:
        """Whether both are of the same version of the file, as far as both are reported."""
        return all(one == another for one, another in zip(self, other, strict=True) if one and another)


def transfer(url: str, part: Path, known: Sequence[Known]) -> bool:
    """Fetch the missing bytes of `part`, in one request, or copy a file of this machine; return whether it was resumed.

    Raises:
        http.Refused, http.Interrupted: see these classes. What cannot be resumed is removed.
    """
    if source := local_path(url):
        _copy(source, part)
        return False
    before, have = _begun(url, part, known)
    if before and have == before.size:
        return True
    headers = {"Range": f"bytes={have}-", "If-Range": str(before.validator)} if before else {}
    try:
        with http.open_url(url, {name: value for name, value in headers.items() if value}) as response:
            start, now = _reported(url, response)
            if start and not (before and start == have and before.fits(now)):
                raise http.Changed("the file has changed since it was begun")
            _check_head(response, now, known)
            _receive(response, now, part, start, known)
    except http.Changed:
        remove_partial(part)
        raise
    return start > 0


def remove_partial(part: Path) -> None:
    """Delete what an earlier request left."""
    part.unlink(missing_ok=True)
    _notes(part).unlink(missing_ok=True)


def _notes(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _copy(source: Path, part: Path) -> None:
    """Copy a file of this machine; it is never linked, because what is done to the copy must not be done to it."""
    remove_partial(part)
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise http.Refused("not a regular file")
        source.open("rb").close()
    except OSError as error:
        raise http.Refused(http.reason_of(error)) from None
    copy_file(source, part)


def _begun(url: str, part: Path, known: Sequence[Known]) -> tuple[Version | None, int]:
    """Return what was reported of a file that was begun, and its bytes; None and 0 if it cannot be resumed.

    It can if the server is able to tell whether the file is the same, or a checksum will. No link is followed.
    """
    with suppress(OSError, ValueError, TypeError, RecursionError):
        status, before = part.lstat(), Version(*json.loads(_notes(part).read_bytes()[: 2**16]))
        own = stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and os.access(part, os.W_OK)
        if own and status.st_size and before.url == url and (before.validator or has_checksum(known)):
            return before, status.st_size
    return None, 0


def _reported(url: str, response: requests.Response) -> tuple[int, Version]:
    """Return where the body of a response starts in the file, and what is reported of the whole file."""
    headers, start = response.headers, 0
    if response.status_code == 206:
        span = re.fullmatch(r"bytes (\d{1,18})-\d+/\d+", headers.get("Content-Range", ""), re.ASCII)
        if not span:
            raise http.Changed("the server gave a part of the file without its position")
        start = int(span[1])
    tag, modified = headers.get("ETag", ""), ""
    with suppress(
        ValueError, TypeError, KeyError, OverflowError
    ):  # it may change again in the same second: RFC 9110, 8.8.2.2
        if parsedate_to_datetime(headers["Date"]) > parsedate_to_datetime(headers["Last-Modified"]):
            modified = headers["Last-Modified"]
    return start, Version(url, http.body_size(response), tag if tag.startswith('"') else modified)


def _check_head(response: requests.Response, now: Version, known: Sequence[Known]) -> None:
    """Refuse, before its body, what cannot be the file, or has no certain end."""
    if now.size is not None and (problem := mismatch({"size": now.size}, known)):
        raise http.Refused(problem)
    if now.size is not None and now.size > MAX_BYTES:
        raise http.Refused(f"{now.size:,} bytes, more than the limit of {MAX_BYTES:,}")
    if http.is_page(response) and not has_checksum(known):
        raise http.Refused("a web page instead of the file")
    packed = urlsplit(now.url).path.lower().endswith(GZIP)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity" and not packed:
        raise http.Refused("the server sends it compressed, which it was asked not to do")
    if now.size is None and not (http.is_chunked(response) or known or packed):
        raise http.Refused("the server does not report the length of the file, and no checksum is given")


def _receive(response: requests.Response, now: Version, part: Path, start: int, known: Sequence[Known]) -> None:
    """Write the body of a response into the file from `start` on; a new file if that is 0. No link is followed."""
    limit = next((fact for fact in known if fact.kind == "size"), Known("size", MAX_BYTES, "a file that nobody knows"))
    size = now.size if now.size is not None else int(limit.value) if limit in known else None
    if not start:
        remove_partial(part)
        write_text(_notes(part), json.dumps(now))
    flags, broken = os.O_WRONLY | os.O_NOFOLLOW | (0 if start else os.O_CREAT | os.O_EXCL), False
    try:
        with (
            os.fdopen(os.open(part, flags, 0o666), "wb") as file,
            Progress(f"receiving {part.stem}", size, unit="B", done=start) as progress,
        ):
            reached = file.seek(start)
            try:
                for chunk in http.read_chunks(response):
                    reached += file.write(chunk)
                    if reached > int(limit.value):
                        remove_partial(part)
                        raise http.Refused(f"more than {limit.value:,} bytes, the size in {limit.origin}")
                    progress.reach(reached)
            except http.Interrupted:
                broken = True
        if reached != size and (broken or size is not None):
            of = "" if size is None else f" of {size:,}"
            raise http.Interrupted(f"the connection broke off after {reached:,}{of} bytes", reached=reached)
    except BaseException:
        if not (now.validator or has_checksum(known)):
            remove_partial(part)
        raise

"""The missing bytes of a file, from one URL.

The bytes received are kept in `<out>.part`, and what the server reported of the file in `<out>.part.json`, so that a
later request resumes where this one broke off (RFC 9110 section 14), and only if the file is surely the same.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from regssl.download.checksums import FileDigest, Known, has_checksum, mismatch
from regssl.download.content import GZIP
from regssl.download.http import (
    HTTPChanged,
    HTTPInterrupted,
    HTTPRefused,
    body_size,
    is_chunked,
    is_page,
    log_progress,
    open_url,
    printable,
    read_chunks,
    reason_of,
)
from regssl.io.atomic import write_text
from regssl.io.copying import copy_file

MAX_BYTES = 10**11
"""Limit of files whose size nobody knows."""
LOG_INTERVAL = 10.0
"""Seconds between two lines of progress."""
MAX_NOTES = 2**16
"""Bytes of `<out>.part.json` that are read."""


@dataclass(frozen=True)
class ResponseInfo:
    """What a server reports of a file, by which a later request can resume; empty or None where it does not."""

    url: str
    size: int | None
    etag: str
    modified: str

    @property
    def validator(self) -> str:
        """Value of `If-Range`: a strong entity tag or a date."""
        return self.etag if self.etag.startswith('"') else self.modified

    def fits(self, other: ResponseInfo) -> bool:
        """Whether both are of the same version of the file, as far as both servers report it."""
        pairs = [(self.size, other.size), (self.etag, other.etag), (self.modified, other.modified)]
        return all(one == another for one, another in pairs if one and another)


def transfer(url: str, part: Path, known: Sequence[Known]) -> bool:
    """Fetch the missing bytes of `part`, in one request; return whether it was resumed.

    Raises:
        HTTPRefused, HTTPInterrupted: see these classes.
    """
    if url.startswith("file:"):
        _copy(Path(unquote(urlsplit(url).path)), part)
        return False
    before, have = resume_point(part, known)
    if before is None or before.url != url:
        before, have = None, 0
    elif have == before.size:
        return True
    headers = {"Range": f"bytes={have}-"} if have else {}
    if before and before.validator:
        headers["If-Range"] = before.validator
    try:
        with open_url(url, headers) as response:
            start, now = _response_info(url, response, known)
            if start and not (before and start == have and before.fits(now)):
                raise HTTPChanged("the file has changed since it was begun")
            _receive(response, now, part, start, _limit(now, response, known))
    except HTTPChanged:
        remove_partial(part)
        raise
    return start > 0


def _receive(response: requests.Response, now: ResponseInfo, part: Path, start: int, limit: Known) -> None:
    """Write the body of a response into the file from `start` on; a new file if that is 0. No link is followed."""
    created = 0 if start else os.O_CREAT | os.O_EXCL
    if not start:
        remove_partial(part)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_NOFOLLOW | created, 0o666), "wb", buffering=0) as file:
        file.seek(start)
        if not start:
            write_text(_info_path(part), json.dumps(asdict(now)))
        broken = "the connection broke off" if now.size is not None else ""
        try:
            for chunk in _logged(read_chunks(response), now, start):
                file.write(chunk)
                if file.tell() > int(limit.value):
                    remove_partial(part)
                    raise HTTPRefused(f"more than {limit.value:,} bytes, the size in {limit.origin}")
        except HTTPInterrupted as interrupted:
            broken = str(interrupted)
        if broken and file.tell() != now.size:
            of = "" if now.size is None else f" of {now.size:,}"
            raise HTTPInterrupted(f"{broken} after {file.tell():,}{of} bytes")


def resume_point(part: Path, known: Sequence[Known]) -> tuple[ResponseInfo | None, int]:
    """Return what was reported of a begun file, and its bytes; None and 0 if it cannot be resumed.

    It can if the server is able to tell whether the file is the same, or a checksum will.
    """
    with suppress(OSError, ValueError, TypeError, RecursionError):
        status, notes = part.lstat(), _info_path(part)
        own = stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and os.access(part, os.W_OK)
        if own and status.st_size and notes.is_file():
            before = ResponseInfo(**json.loads(notes.read_bytes()[:MAX_NOTES]))
            words = (before.url, before.etag, before.modified)
            if all(isinstance(word, str) for word in words) and (before.validator or has_checksum(known)):
                return before, status.st_size
    return None, 0


def remove_partial(part: Path) -> None:
    """Delete what an earlier request left."""
    part.unlink(missing_ok=True)
    _info_path(part).unlink(missing_ok=True)


def _copy(source: Path, part: Path) -> None:
    """Copy a file of this machine; it is never linked, because what is done to the copy must not be done to it."""
    remove_partial(part)
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise HTTPRefused("not a regular file")
        with source.open("rb"):
            pass
    except OSError as error:
        raise HTTPRefused(reason_of(error)) from None
    copy_file(source, part)
    if part.stat().st_size != source.stat().st_size:
        raise HTTPInterrupted("it changed while it was copied")


def _response_info(url: str, response: requests.Response, known: Sequence[Known]) -> tuple[int, ResponseInfo]:
    """Return where the body of a response starts in the file, and what is reported of the whole file."""
    headers, start = response.headers, 0
    if response.status_code == 206:
        span = re.fullmatch(r"bytes (\d{1,18})-\d+/\d+", headers.get("Content-Range", ""), re.ASCII)
        if not span:
            raise HTTPChanged("the server gave a part of the file without its position")
        start = int(span[1])
    modified = headers.get("Last-Modified", "")
    with suppress(ValueError, TypeError):  # changed in the second of the answer: no validator, RFC 9110 section 8.8.2.2
        age = parsedate_to_datetime(headers["Date"]) - parsedate_to_datetime(modified) if "Date" in headers else None
        modified = modified if age is None or age.total_seconds() >= 1 else ""
    size = body_size(response)
    if size is None:
        size = next((int(fact.value) for fact in known if fact.kind == "size"), None)
    return start, ResponseInfo(url, size, headers.get("ETag", ""), modified)


def _limit(now: ResponseInfo, response: requests.Response, known: Sequence[Known]) -> Known:
    """Refuse, before its body, what cannot be the file or has no certain end; return the most bytes it may have."""
    sizes = [fact for fact in known if fact.kind == "size"]
    limit = sizes[0] if sizes else Known("size", MAX_BYTES, "a file that nobody announces")
    if now.size is not None and (problem := mismatch(FileDigest(now.size, "", ""), sizes)):
        raise HTTPRefused(problem)
    if now.size is not None and now.size > int(limit.value):
        raise HTTPRefused(f"{now.size:,} bytes, more than the limit of {limit.value:,}")
    if is_page(response) and not has_checksum(known):
        raise HTTPRefused("a web page instead of the file")
    encoding, name = response.headers.get("Content-Encoding", "identity"), urlsplit(now.url).path.lower()
    if encoding.lower() != "identity" and not name.endswith(GZIP):
        raise HTTPRefused(f"the server sends it compressed ({printable(encoding)}), which it was asked not to do")
    if now.size is None and not (is_chunked(response) or known or name.endswith(GZIP)):
        raise HTTPRefused("the server does not report the length of the file, and no checksum is given")
    return limit


def _logged(chunks: Iterator[bytes], now: ResponseInfo, before: int) -> Iterator[bytes]:
    """Pass chunks on; log `URL: 120 MB of 835 (14 %), 11.2 MB/s, 64 s to go` now and then."""
    have, began = before, time.monotonic()
    logged = began
    for chunk in chunks:
        yield chunk
        have += len(chunk)
        if time.monotonic() - logged >= LOG_INTERVAL:
            logged = time.monotonic()
            rate, line = (have - before) / max(logged - began, 1e-9), f"{now.url}: {have / 1e6:,.0f} MB"
            if now.size:
                line += f" of {now.size / 1e6:,.0f} ({have / now.size:.0%})"
            to_go = f", {(now.size - have) / rate:,.0f} s to go" if now.size else ""
            log_progress(f"{line}, {rate / 1e6:.1f} MB/s{to_go}")


def _info_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")

"""One request of a download: the bytes that a file here still lacks, from one URL.

The bytes that came are kept in `<out>.part`, and what the server said of the file in `<out>.part.json`, so that a
later request goes on where this one broke off (RFC 9110 section 14), and only if the file is still the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import ssl
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from http.client import HTTPException, InvalidURL
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from regssl._version import __version__
from regssl.download.checksums import Expected, is_gzip
from regssl.io.atomic import write_text

BLOCK = 2**16  # bytes written at once: what a kill can cost
TIMEOUT = 60.0  # seconds without a byte
REPORT_EVERY = 10.0  # seconds between two lines of progress
WORTH_ANOTHER_TRY = (408, 425, 429, 500, 502, 503, 504)  # HTTP statuses that may pass


class Refused(Exception):
    """This source cannot give the file; another may."""


class Interrupted(Exception):
    """The transfer did not come to its end; the same source may do better next time."""

    def __init__(self, problem: str, wait: float = 0, start_again: bool = False) -> None:
        super().__init__(problem)
        self.wait, self.start_again = wait, start_again


@dataclass(frozen=True)
class Announced:
    """What a server says of a file: the ground on which a later request may go on."""

    url: str
    size: int | None
    etag: str
    modified: str

    @classmethod
    def read(cls, path: Path) -> Announced | None:
        """What an earlier call noted; None if it noted nothing, or was killed while it did."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def validator(self) -> str:
        """For `If-Range`, which takes strong entity tags and dates."""
        return self.etag if self.etag.startswith('"') else self.modified

    def fits(self, other: Announced) -> bool:
        """Whether both are of the same version of the file, as far as both servers say."""
        pairs = [(self.size, other.size), (self.etag, other.etag), (self.modified, other.modified)]
        return all(ours == theirs for ours, theirs in pairs if ours and theirs)


def transfer(url: str, part: Path, expected: Expected, progress: bool) -> bool:
    """Fetch what `part` still lacks, in one request; returns whether `part` had a beginning that was used.

    Raises:
        Refused, Interrupted: see there.
    """
    if url.startswith("file:") and _linked(url, part):
        return False
    have, before = _begun(url, part)
    if before and have == before.size:
        return True
    headers = {}
    if before:
        headers = {"Range": f"bytes={have}-"} | ({"If-Range": before.validator} if before.validator else {})
    with open_url(url, headers) as response:
        start, now = _announced(url, response)
        if start and not (before and start == have and before.fits(now)):
            raise Interrupted("the file has changed since it was begun", start_again=True)
        _check_announced(now, response, expected)
        if not start:
            part.unlink(missing_ok=True)  # never written through: it may be a link to someone's file
        with part.open("r+b" if start else "xb") as file:
            file.seek(start)
            if not start:  # only now, when nothing of an older file is left to go with it
                write_text(_note(part), json.dumps(asdict(now)))
            for block in _blocks(response, now, start, progress):
                file.write(block)
            have = file.tell()
            file.flush()
            os.fsync(file.fileno())
    if now.size is not None and have != now.size:
        raise Interrupted(f"the connection broke off after {have:,} of {now.size:,} bytes")
    return start > 0


def open_url(url: str, headers: Mapping[str, str] = {}, method: str = "GET", timeout: float = TIMEOUT) -> Any:
    """The response to a request.

    Raises:
        Refused: for good (404 and the like, no such file, a wrong certificate).
        Interrupted: for now (busy, unreachable).
    """
    request = Request(url, headers={"User-Agent": f"regssl/{__version__}", **headers}, method=method)
    try:
        return urlopen(request, timeout=timeout)
    except HTTPError as error:
        with error:
            if error.code == 416:
                raise Interrupted("the file has changed since it was begun", start_again=True) from None
            problem = f"{error.code} {error.reason}"
            if error.code not in WORTH_ANOTHER_TRY:
                raise Refused(problem) from None
            wait = error.headers.get("Retry-After", "")
            raise Interrupted(problem, float(wait) if wait.isdigit() else 0) from None
    except InvalidURL as error:
        raise Refused(str(error)) from None
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        if url.startswith("file:") or isinstance(reason, ssl.SSLCertVerificationError):
            raise Refused(said) from None
        raise Interrupted(said) from None


def discard(part: Path) -> None:
    """Forget what an earlier request left."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def say(progress: bool, line: str) -> None:
    """A line for people, on standard error."""
    if progress:
        print(line, file=sys.stderr, flush=True)


def _linked(url: str, part: Path) -> bool:
    """Whether a file of this machine could be hard-linked: it then takes no second place on the disk."""
    source = Path(unquote(urlsplit(url).path))
    if not source.is_file() or not source.stat().st_size:
        return False
    discard(part)
    with contextlib.suppress(OSError):
        os.link(source.resolve(), part)
        return True
    return False


def _begun(url: str, part: Path) -> tuple[int, Announced | None]:
    """How many bytes an earlier try left, and what was said of the file then; (0, None) if one cannot go on there."""
    before = Announced.read(_note(part))
    have = part.stat().st_size if part.exists() else 0
    if not have or before is None or before.url != url or not (before.validator or before.size):
        return 0, None
    return have, before


def _announced(url: str, response: Any) -> tuple[int, Announced]:
    """Where the body of a response starts in the file, and what the server says of the whole file."""
    headers = response.headers
    start, size = 0, headers.get("Content-Length", "")
    if response.status == 206:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        if not span:
            raise Interrupted("the server gave a part of the file without saying which", start_again=True)
        start, size = int(span[1]), span[2]
    elif response.status not in (None, 200):  # None: a file URL
        raise Refused(f"status {response.status}")
    known = int(size) if size.isdigit() else None
    return start, Announced(url, known, headers.get("ETag", ""), headers.get("Last-Modified", ""))


def _check_announced(now: Announced, response: Any, expected: Expected) -> None:
    """Refuse, before its body comes, a file of the wrong size, and one whose end could not be told from a break."""
    if None not in (now.size, expected.size) and now.size != expected.size:
        raise Refused(f"{now.size:,} bytes instead of {expected.size:,}")
    verifiable = expected.has_checksum or expected.size is not None or is_gzip(now.url)
    if now.size is None and not getattr(response, "chunked", False) and not verifiable:
        raise Refused("the server does not say how long the file is, and no checksum is given")


def _blocks(response: Any, now: Announced, have: int, progress: bool) -> Iterator[bytes]:
    """The body of a response, block by block; `have` bytes came before it."""
    began = reported = time.monotonic()
    before = have
    while True:
        try:
            block = response.read(BLOCK)
        except (OSError, HTTPException) as error:
            raise Interrupted(f"the connection broke off: {str(error) or type(error).__name__}") from None
        if not block:
            return
        yield block
        have += len(block)
        if (now_is := time.monotonic()) - reported >= REPORT_EVERY:
            reported = now_is
            say(progress, f"{now.url}: {_progress(have, now.size, (have - before) / max(now_is - began, 1e-9))}")


def _progress(have: int, size: int | None, rate: float) -> str:
    """`120 MB of 835 (14 %), 11.2 MB/s, 64 s to go`."""
    if not size:
        return f"{have / 1e6:,.0f} MB, {rate / 1e6:.1f} MB/s"
    to_go = (size - have) / max(rate, 1)
    return f"{have / 1e6:,.0f} MB of {size / 1e6:,.0f} ({have / size:.0%}), {rate / 1e6:.1f} MB/s, {to_go:,.0f} s to go"


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")

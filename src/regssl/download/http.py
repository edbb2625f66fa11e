"""One HTTP request of a download: the missing bytes of a file, from one URL.

The bytes received are kept in `<out>.part`, and what the server reported of the file in `<out>.part.json`, so that a
later request resumes where this one broke off (RFC 9110 section 14), and only if the file is still the same.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import ssl
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
from regssl.download.checksums import ExpectedDigest, is_gzip
from regssl.io.atomic import write_text

CHUNK_BYTES = 2**16
"""Bytes written at once, and lost at most if the process is killed."""
TIMEOUT = 60.0
"""Seconds without a byte."""
LOG_INTERVAL = 10.0
"""Seconds between two lines of progress."""
RETRY_STATUS = (408, 425, 429, 500, 502, 503, 504)
"""HTTP statuses of failures that may pass."""

logger = logging.getLogger(__name__)


class HTTPRefused(Exception):
    """This place cannot serve the file; another may."""


class HTTPInterrupted(Exception):
    """The transfer is incomplete; the same place may succeed next time.

    Attributes:
        wait: seconds that the server asks to wait.
        restart: whether the bytes received so far are useless.
    """

    def __init__(self, problem: str, wait: float = 0, restart: bool = False) -> None:
        super().__init__(problem)
        self.wait, self.restart = wait, restart


@dataclass(frozen=True)
class ResponseInfo:
    """What a server reports of a file, by which a later request can resume."""

    url: str
    size: int | None
    etag: str
    modified: str

    @classmethod
    def read(cls, path: Path) -> ResponseInfo | None:
        """Read what an earlier call wrote; None if there is nothing, or it was killed meanwhile."""
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def validator(self) -> str:
        """Value of `If-Range`: a strong entity tag or a date."""
        return self.etag if self.etag.startswith('"') else self.modified

    def fits(self, other: ResponseInfo) -> bool:
        """Whether both are of the same version of the file, as far as both servers report it."""
        pairs = [(self.size, other.size), (self.etag, other.etag), (self.modified, other.modified)]
        return all(one == another for one, another in pairs if one and another)


def transfer(url: str, part: Path, expected: ExpectedDigest) -> bool:
    """Fetch the missing bytes of `part`, in one request; return whether it was resumed.

    Raises:
        HTTPRefused, HTTPInterrupted: see these classes.
    """
    if url.startswith("file:") and _link(url, part):
        return False
    have, before = _resume_point(url, part)
    if before and have == before.size:
        return True
    headers = {}
    if before:
        headers = {"Range": f"bytes={have}-"} | ({"If-Range": before.validator} if before.validator else {})
    with open_url(url, headers) as response:
        start, now = _response_info(url, response)
        if start and not (before and start == have and before.fits(now)):
            raise HTTPInterrupted("the file has changed since it was begun", restart=True)
        _check_response(now, response, expected)
        if not start:
            part.unlink(missing_ok=True)  # never written through: it may be a link to someone's file
        with part.open("r+b" if start else "xb") as file:
            file.seek(start)
            if not start:  # only now, when nothing of an older file is left beside it
                write_text(_info_path(part), json.dumps(asdict(now)))
            for chunk in _read_chunks(response, now, start):
                file.write(chunk)
            have = file.tell()
            file.flush()
            os.fsync(file.fileno())
    if now.size is not None and have != now.size:
        raise HTTPInterrupted(f"the connection broke off after {have:,} of {now.size:,} bytes")
    return start > 0


def open_url(url: str, headers: Mapping[str, str] = {}, method: str = "GET", timeout: float = TIMEOUT) -> Any:
    """Send a request and return the response.

    Raises:
        HTTPRefused: permanently (404 and the like, no such file, a wrong certificate).
        HTTPInterrupted: temporarily (busy, unreachable).
    """
    request = Request(url, headers={"User-Agent": f"regssl/{__version__}", **headers}, method=method)
    try:
        return urlopen(request, timeout=timeout)
    except HTTPError as error:
        with error:
            if error.code == 416:
                raise HTTPInterrupted("the file has changed since it was begun", restart=True) from None
            problem = f"{error.code} {error.reason}"
            if error.code not in RETRY_STATUS:
                raise HTTPRefused(problem) from None
            wait = error.headers.get("Retry-After", "")
            raise HTTPInterrupted(problem, float(wait) if wait.isdigit() else 0) from None
    except InvalidURL as error:
        raise HTTPRefused(str(error)) from None
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        problem = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        if url.startswith("file:") or isinstance(reason, ssl.SSLCertVerificationError):
            raise HTTPRefused(problem) from None
        raise HTTPInterrupted(problem) from None


def remove_partial(part: Path) -> None:
    """Delete what an earlier request left."""
    part.unlink(missing_ok=True)
    _info_path(part).unlink(missing_ok=True)


def log_progress(line: str) -> None:
    """Log a line for people."""
    logger.info("%s", line)


def _link(url: str, part: Path) -> bool:
    """Hard-link a file of this machine, to save disk space; return whether that was possible."""
    source = Path(unquote(urlsplit(url).path))
    if not source.is_file() or not source.stat().st_size:
        return False
    remove_partial(part)
    with contextlib.suppress(OSError):
        os.link(source.resolve(), part)
        return True
    return False


def _resume_point(url: str, part: Path) -> tuple[int, ResponseInfo | None]:
    """Return the bytes that an earlier try left and the response then; (0, None) if it cannot be resumed."""
    before = ResponseInfo.read(_info_path(part))
    have = part.stat().st_size if part.exists() else 0
    if not have or before is None or before.url != url or not (before.validator or before.size):
        return 0, None
    return have, before


def _response_info(url: str, response: Any) -> tuple[int, ResponseInfo]:
    """Return where the body of a response starts in the file, and what the server reports of the whole file."""
    headers = response.headers
    start, size = 0, headers.get("Content-Length", "")
    if response.status == 206:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        if not span:
            raise HTTPInterrupted("the server gave a part of the file without its position", restart=True)
        start, size = int(span[1]), span[2]
    elif response.status not in (None, 200):  # None: a file URL
        raise HTTPRefused(f"status {response.status}")
    known = int(size) if size.isdigit() else None
    return start, ResponseInfo(url, known, headers.get("ETag", ""), headers.get("Last-Modified", ""))


def _check_response(now: ResponseInfo, response: Any, expected: ExpectedDigest) -> None:
    """Refuse, before its body, a file of the wrong size, or one whose end cannot be distinguished from a break."""
    if None not in (now.size, expected.size) and now.size != expected.size:
        raise HTTPRefused(f"{now.size:,} bytes instead of {expected.size:,}")
    verifiable = expected.has_checksum or expected.size is not None or is_gzip(now.url)
    if now.size is None and not getattr(response, "chunked", False) and not verifiable:
        raise HTTPRefused("the server does not report the length of the file, and no checksum is given")


def _read_chunks(response: Any, now: ResponseInfo, have: int) -> Iterator[bytes]:
    """Read the body of a response in chunks; `have` bytes of the file were received before."""
    began = logged = time.monotonic()
    before = have
    while True:
        try:
            chunk = response.read(CHUNK_BYTES)
        except (OSError, HTTPException) as error:
            raise HTTPInterrupted(f"the connection broke off: {str(error) or type(error).__name__}") from None
        if not chunk:
            return
        yield chunk
        have += len(chunk)
        if (time_now := time.monotonic()) - logged >= LOG_INTERVAL:
            logged = time_now
            log_progress(f"{now.url}: {_progress(have, now.size, (have - before) / max(time_now - began, 1e-9))}")


def _progress(have: int, size: int | None, rate: float) -> str:
    """Format progress: `120 MB of 835 (14 %), 11.2 MB/s, 64 s to go`."""
    if not size:
        return f"{have / 1e6:,.0f} MB, {rate / 1e6:.1f} MB/s"
    to_go = (size - have) / max(rate, 1)
    return f"{have / 1e6:,.0f} MB of {size / 1e6:,.0f} ({have / size:.0%}), {rate / 1e6:.1f} MB/s, {to_go:,.0f} s to go"


def _info_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")

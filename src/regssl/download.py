"""Fetching files from the internet: resumed after an interruption, verified before they get their final name.

The bytes that came are kept in `<out>.part`, and what the server said of the file in `<out>.part.json`, so that a
later call goes on where this one was killed (range requests, RFC 9110 section 14). Only a whole, verified file becomes
`<out>`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import ssl
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPException, InvalidURL
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from regssl import __version__
from regssl.errors import DataError
from regssl.files import write_text

BLOCK = 2**16  # bytes written at once: what a kill can cost
FURTHER = 2**20  # bytes that make a try worth its while
TIMEOUT = 60  # seconds without a byte
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds between two tries
REPORT_EVERY = 10.0  # seconds between two lines of progress
WORTH_ANOTHER_TRY = (408, 425, 429, 500, 502, 503, 504)  # HTTP statuses that may pass


@dataclass(frozen=True)
class Fetched:
    """A whole file: where it is, which URL served it (empty if it was there already), its bytes, its SHA-256."""

    path: Path
    url: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Expected:
    """What is known of a file beforehand; empty or None where it is not."""

    md5: str = ""
    sha256: str = ""
    size: int | None = None


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


class _Refused(Exception):
    """This source cannot give the file; another may."""


class _Interrupted(Exception):
    """The transfer did not come to its end; the same source may do better next time."""

    def __init__(self, problem: str, wait: float = 0, start_again: bool = False) -> None:
        super().__init__(problem)
        self.wait, self.start_again = wait, start_again


def download(
    url: str,
    out: str | Path,
    *,
    mirrors: Sequence[str] = (),
    md5: str = "",
    sha256: str = "",
    size: int | None = None,
    retries: int = 5,
    progress: bool = False,
) -> Fetched:
    """Fetch a file, whole and verified, or not at all.

    A transfer that breaks off is tried again with growing pauses, from where it stopped if the server can do that. A
    source that refuses (404 and the like), or whose file is wrong, is left for the next mirror at once. If `out` exists
    it is verified and not fetched.

    Args:
        url: https, http or file URL, or a path.
        out: the file to write; its folder is made.
        mirrors: further URLs of the same file, tried in this order. Where a checksum is given they must serve the same
            bytes; else also, say, bigBed instead of BED (a URL ending in .gz must be whole gzip).
        md5, sha256: hexadecimal digests, checked where given.
        size: bytes, checked where given.
        retries: tries after the first one, of each source; a try that got at least 1 MiB further is not counted.
        progress: report to standard error.

    Raises:
        DataError: no source gave the file; names each with what was wrong, and how to place the file by hand.
    """
    out, expected = Path(out), Expected(md5.lower(), sha256.lower(), size)
    if out.exists():
        if problem := _mismatch(out, expected):
            raise DataError(f"{out}: {problem}", "delete it to fetch it again")
        return Fetched(out, "", out.stat().st_size, _digest(out, "sha256"))
    part = out.with_name(f"{out.name}.part")
    problems = []
    for source in (url, *mirrors):
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            _fetch(_as_url(source), part, expected, retries, progress)
            fetched = Fetched(out, source, part.stat().st_size, _digest(part, "sha256"))
            part.replace(out)
            _note(part).unlink(missing_ok=True)
            return fetched
        except _Refused as refused:
            problems.append(f"{source}: {refused}")
            _say(progress, problems[-1])
        except OSError as error:
            raise DataError(f"{part}: {error.strerror or error}", "is the disk full, the folder writable?") from None
    raise DataError("; ".join(problems), f"try again later, or fetch the file in another way and place it at {out}")


def _fetch(url: str, part: Path, expected: Expected, retries: int, progress: bool) -> None:
    """Fill `part` from one source, with retries, until it is whole and verified."""
    failures = furthest = 0
    while True:
        try:
            resumed = _transfer(url, part, expected, progress)
            problem = _web_page(part) or _mismatch(part, expected) or (_broken_gzip(part) if _is_gzip(url) else "")
            if not problem:
                return
            if resumed:
                raise _Interrupted(f"{problem}, after it was resumed", start_again=True)
            _discard(part)
            raise _Refused(problem)
        except _Interrupted as interrupted:
            if interrupted.start_again:
                _discard(part)
            reached = part.stat().st_size if part.exists() else 0
            failures = 1 if reached >= furthest + FURTHER else failures + 1
            furthest = max(furthest, reached)
            if failures > retries:
                raise _Refused(f"{interrupted} (after {retries} retries)") from None
            wait = min(max(FIRST_WAIT * 2 ** (failures - 1), interrupted.wait), LONGEST_WAIT)
            _say(progress, f"{url}: {interrupted}; next try in {wait:.0f} s")
            time.sleep(wait)


def _transfer(url: str, part: Path, expected: Expected, progress: bool) -> bool:
    """Fetch what `part` still lacks, in one request; returns whether `part` had a beginning that was used."""
    have, before = _begun(url, part)
    if before and have == before.size:
        return True
    headers = {}
    if before:
        headers = {"Range": f"bytes={have}-"} | ({"If-Range": before.validator} if before.validator else {})
    with _open(url, headers) as response:
        start, now = _announced(url, response)
        if start and not (before and start == have and before.fits(now)):
            raise _Interrupted("the file has changed since it was begun", start_again=True)
        _check_announced(now, response, expected)
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            if not start:  # only now, when nothing of an older file is left to go with it
                write_text(_note(part), json.dumps(asdict(now)))
            for block in _blocks(response, now, start, progress):
                file.write(block)
            have = file.tell()
            file.flush()
            os.fsync(file.fileno())
    if now.size is not None and have != now.size:
        raise _Interrupted(f"the connection broke off after {have:,} of {now.size:,} bytes")
    return start > 0


def _begun(url: str, part: Path) -> tuple[int, Announced | None]:
    """How many bytes an earlier try left, and what was said of the file then; (0, None) if one cannot go on there."""
    before = Announced.read(_note(part))
    have = part.stat().st_size if part.exists() else 0
    if not have or before is None or before.url != url or not (before.validator or before.size):
        return 0, None
    return have, before


def _open(url: str, headers: Mapping[str, str]) -> Any:
    """The response to a request."""
    request = Request(url, headers={"User-Agent": f"regssl/{__version__}", **headers})
    try:
        return urlopen(request, timeout=TIMEOUT)
    except HTTPError as error:
        with error:
            if error.code == 416:
                raise _Interrupted("the file has changed since it was begun", start_again=True) from None
            problem = f"{error.code} {error.reason}"
            if error.code not in WORTH_ANOTHER_TRY:
                raise _Refused(problem) from None
            wait = error.headers.get("Retry-After", "")
            raise _Interrupted(problem, float(wait) if wait.isdigit() else 0) from None
    except InvalidURL as error:
        raise _Refused(str(error)) from None
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if url.startswith("file:") or isinstance(reason, ssl.SSLCertVerificationError):
            raise _Refused(str(reason)) from None
        raise _Interrupted(str(reason) or type(reason).__name__) from None


def _announced(url: str, response: Any) -> tuple[int, Announced]:
    """Where the body of a response starts in the file, and what the server says of the whole file."""
    headers = response.headers
    start, size = 0, headers.get("Content-Length", "")
    if response.status == 206:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        if not span:
            raise _Interrupted("the server gave a part of the file without saying which", start_again=True)
        start, size = int(span[1]), span[2]
    elif response.status not in (None, 200):  # None: a file URL
        raise _Refused(f"status {response.status}")
    known = int(size) if size.isdigit() else None
    return start, Announced(url, known, headers.get("ETag", ""), headers.get("Last-Modified", ""))


def _check_announced(now: Announced, response: Any, expected: Expected) -> None:
    """Refuse, before its body comes, a file of the wrong size, and one whose end could not be told from a break."""
    if None not in (now.size, expected.size) and now.size != expected.size:
        raise _Refused(f"{now.size:,} bytes instead of {expected.size:,}")
    verifiable = expected.md5 or expected.sha256 or expected.size is not None or _is_gzip(now.url)
    if now.size is None and not getattr(response, "chunked", False) and not verifiable:
        raise _Refused("the server does not say how long the file is, and no checksum is given")


def _blocks(response: Any, now: Announced, have: int, progress: bool) -> Iterator[bytes]:
    """The body of a response, block by block; `have` bytes came before it."""
    reported = time.monotonic()
    while True:
        try:
            block = response.read(BLOCK)
        except (OSError, HTTPException) as error:
            raise _Interrupted(f"the connection broke off: {str(error) or type(error).__name__}") from None
        if not block:
            return
        yield block
        have += len(block)
        if time.monotonic() - reported >= REPORT_EVERY:
            reported = time.monotonic()
            _say(progress, f"{now.url}: {have / 1e6:,.0f} MB" + (f" of {now.size / 1e6:,.0f}" if now.size else ""))


def _mismatch(path: Path, expected: Expected) -> str:
    """How a file differs from what is known of it; empty if it does not."""
    size = path.stat().st_size
    if expected.size is not None and size != expected.size:
        return f"{size:,} bytes instead of {expected.size:,}"
    for algorithm in ("md5", "sha256"):
        wanted = getattr(expected, algorithm)
        if wanted and (found := _digest(path, algorithm)) != wanted:
            return f"wrong checksum: {algorithm} {found} instead of {wanted}"
    return ""


def _web_page(path: Path) -> str:
    """Whether a file is empty, or the error page of a server that calls it a success; empty if neither."""
    with path.open("rb") as file:
        head = file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not path.stat().st_size:
        return "the file is empty"
    web_page = head.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml"))
    return "the server sent a web page instead of the file" if web_page else ""


def _broken_gzip(path: Path) -> str:
    """How a gzip file is damaged, from reading all of it; empty if it is whole."""
    try:
        with gzip.open(path) as unzipped:
            while unzipped.read(BLOCK):
                pass
    except (OSError, EOFError, zlib.error) as error:
        return f"not a whole gzip file: {error}"
    return ""


def _is_gzip(url: str) -> bool:
    return urlsplit(url).path.endswith((".gz", ".tgz"))


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _as_url(place: str) -> str:
    """A URL that urllib can open; paths become file URLs."""
    if place.startswith(("https://", "http://", "file://")):
        return place
    if "://" in place:
        raise _Refused("only https, http and file URLs are supported")
    return Path(place).absolute().as_uri()


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _say(progress: bool, line: str) -> None:
    if progress:
        print(line, file=sys.stderr, flush=True)

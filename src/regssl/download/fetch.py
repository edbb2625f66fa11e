"""Fetching files: from a mirror or the internet, resumed after an interruption, verified before they get their names.

Only a whole, verified file becomes `<out>`; until then it is `<out>.part` (see `transfer`). What a file must be is
known from the configuration, from the lock file of an earlier download, or from its publisher, in this order.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regssl.download.checksums import Expected, Found, fingerprint, mismatch, not_the_file
from regssl.download.http import Interrupted, Refused, discard, say, transfer
from regssl.download.lockfile import Lock, Locked
from regssl.download.publishers import published
from regssl.download.sources import candidates, url_of
from regssl.errors import DataError

FURTHER = 2**20  # bytes that make a try worth its while
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds between two tries


@dataclass(frozen=True)
class Fetched:
    """A whole file: where it is, which place served it (empty if it was there already), its bytes, its SHA-256."""

    path: Path
    url: str
    size: int
    sha256: str


def download(
    url: str,
    out: str | Path,
    *,
    archives: Sequence[str] = (),
    mirror: str = "",
    md5: str = "",
    sha256: str = "",
    size: int | None = None,
    lock: str | Path | None = None,
    retries: int = 5,
    progress: bool = False,
) -> Fetched:
    """Fetch a file, whole and verified, or not at all.

    A transfer that breaks off is tried again with growing pauses, from where it stopped if the server can do that. A
    source that refuses (404 and the like), or whose file is wrong, is left for the next one at once. If `out` exists it
    is verified and not fetched.

    Args:
        url: https, http or file URL, or a path. A file of this machine is hard-linked where that is possible.
        out: the file to write; its folder is made.
        archives: further places of the same file, tried in this order. Where a checksum is given they must serve the
            same bytes; else also, say, bigBed instead of BED (a URL ending in .gz must be whole gzip).
        mirror: folder or base URL that is asked first, for `<mirror>/<host>/<path>` of each URL.
        md5, sha256: hexadecimal digests, checked where given; else the publisher's are asked for (`published`).
        size: bytes, checked where given.
        lock: lock file: what it has of a URL must come again; what is new is noted there.
        retries: tries after the first one, of each source; a try that got at least 1 MiB further is not counted.
        progress: report to standard error.

    Raises:
        DataError: no source gave the file; names each with what was wrong, and how to place the file by hand.
    """
    out, given = Path(out), Expected(md5.lower(), sha256.lower(), size)
    rows = Lock(lock).rows() if lock else {}
    locked = {source: rows[source] for source in (url, *archives) if source in rows}
    _check_agreement(given, list(locked.values()), lock)
    if out.exists():
        return _already_there(out, given, list(locked.values()), lock)
    part = out.with_name(f"{out.name}.part")
    problems = []
    for place, source in candidates(url, archives, mirror):
        expected, verified = _known(source, mirror if place != source else "", given, locked.get(source), progress)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            found = _fetch(url_of(place), part, expected, retries, progress)
        except (Refused, ValueError) as refused:
            problems.append(f"{place}: {refused}")
            say(progress, problems[-1])
        except OSError as error:
            raise DataError(f"{part}: {error.strerror or error}", "is the disk full, the folder writable?") from None
        else:
            if lock:
                Lock(lock).learn(source, found.size, found.sha256, verified)
            part.replace(out)
            discard(part)
            return Fetched(out, place, found.size, found.sha256)
    raise DataError("; ".join(problems), f"try again later, or fetch the file in another way and place it at {out}")


def _check_agreement(given: Expected, locked: Sequence[Locked], lock: str | Path | None) -> None:
    for row in locked:
        if given.sha256 and row.sha256 != given.sha256:
            raise DataError(
                f"{lock}: {row.url} gave sha256 {row.sha256}, but {given.sha256} is asked for",
                "delete its row if the file was meant to change",
            )


def _already_there(out: Path, given: Expected, locked: Sequence[Locked], lock: str | Path | None) -> Fetched:
    found = fingerprint(out)
    if problem := mismatch(found, given):
        raise DataError(f"{out}: {problem}", "delete it to fetch it again")
    if locked and found.sha256 not in [row.sha256 for row in locked]:
        raise DataError(
            f"{out}: sha256 {found.sha256} instead of {locked[0].sha256}, which {lock} has for {locked[0].url}",
            "delete the file to fetch it again, or the row to keep the file",
        )
    return Fetched(out, "", found.size, found.sha256)


def _known(source: str, mirror: str, given: Expected, locked: Locked | None, progress: bool) -> tuple[Expected, str]:
    """What a file must be, and who says so, in the words of the lock file."""
    if locked:
        return replace(given, sha256=locked.sha256, size=locked.bytes), "lock"
    if given.has_checksum:
        return given, "sha256 of the configuration" if given.sha256 else "md5 of the configuration"
    said = published(source, mirror)
    if said is None:
        return given, "length"
    say(progress, f"{source}: {said.by}")
    if not said.expected.has_checksum:
        return given, "length"
    return replace(said.expected, size=said.expected.size if given.size is None else given.size), said.by


def _fetch(url: str, part: Path, expected: Expected, retries: int, progress: bool) -> Found:
    """Fill `part` from one source, with retries, until it is whole and verified."""
    failures = furthest = 0
    while True:
        try:
            resumed = transfer(url, part, expected, progress)
            found = fingerprint(part)
            problem = not_the_file(part, url) or mismatch(found, expected)
            if not problem:
                return found
            if resumed:
                raise Interrupted(f"{problem}, after it was resumed", start_again=True)
            discard(part)
            raise Refused(problem)
        except Interrupted as interrupted:
            if interrupted.start_again:
                discard(part)
            reached = part.stat().st_size if part.exists() else 0
            failures = 1 if reached >= furthest + FURTHER else failures + 1
            furthest = max(furthest, reached)
            if failures > retries:
                raise Refused(f"{interrupted} (after {retries} retries)") from None
            wait = min(max(FIRST_WAIT * 2 ** (failures - 1), interrupted.wait), LONGEST_WAIT)
            say(progress, f"{url}: {interrupted}; next try in {wait:.0f} s")
            time.sleep(wait)

"""Downloads from a mirror or the internet, resumed after an interruption and verified.

Only a complete, verified file becomes `<out>`; until then it is `<out>.part` (see `regssl.download.http`). Its expected
checksum comes from the configuration, the lockfile of an earlier download, or its publisher, in this order.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regssl.download.checksums import ExpectedDigest, FileDigest, content_problem, digest_file, mismatch
from regssl.download.http import HTTPInterrupted, HTTPRefused, log_progress, remove_partial, transfer
from regssl.download.lockfile import LockEntry, Lockfile
from regssl.download.publishers import fetch_published
from regssl.download.sources import candidate_urls, url_of
from regssl.errors import DataError

MIN_PROGRESS_BYTES = 2**20
"""A try that gets so many bytes further does not count as a failure."""
MIN_WAIT, MAX_WAIT = 1.0, 60.0
"""Seconds between two tries."""


@dataclass(frozen=True)
class Download:
    """A complete file: its path, the place that served it (empty if it existed already), its bytes and SHA-256."""

    path: Path
    url: str
    size: int
    sha256: str


def download(  # noqa: PLR0913
    url: str,
    out: str | Path,
    *,
    fallback_urls: Sequence[str] = (),
    mirror: str = "",
    md5: str = "",
    sha256: str = "",
    size: int | None = None,
    lockfile: str | Path | None = None,
    retries: int = 5,
) -> Download:
    """Download a file, complete and verified, or not at all.

    A transfer that breaks off is retried with growing pauses, from where it stopped if the server supports ranges. A
    place that refuses (404 and the like), or whose file is wrong, is skipped for the next one at once. If `out` exists,
    it is verified and not fetched. Progress is logged.

    Args:
        url: https, http or file URL, or a path. A file of this machine is hard-linked where that is possible.
        out: the file to write; its folder is created.
        fallback_urls: further places of the same file, tried in this order. If a checksum is given, they must serve the
            same bytes; else they may be of another format, such as bigBed instead of BED (a URL ending in .gz must be
            intact gzip).
        mirror: folder or base URL that is tried first, for `<mirror>/<host>/<path>` of each URL.
        md5, sha256: hexadecimal digests, checked if given; else those of the publisher (`fetch_published`).
        size: bytes, checked if given.
        lockfile: a URL in it must give the same file again; a new URL is added.
        retries: tries after the first one, of each place; a try that got at least 1 MiB further is not counted.

    Raises:
        DataError: no place gave the file; names each with what was wrong, and how to place the file by hand.
    """
    out, given = Path(out), ExpectedDigest(md5.lower(), sha256.lower(), size)
    rows = Lockfile(lockfile).rows() if lockfile else {}
    locked = {source: rows[source] for source in (url, *fallback_urls) if source in rows}
    _check_against_lockfile(given, list(locked.values()), lockfile)
    if out.exists():
        return _verify_existing(out, given, list(locked.values()), lockfile)
    part = out.with_name(f"{out.name}.part")
    problems = []
    for place, source in candidate_urls(url, fallback_urls, mirror):
        expected, verified = _expected_digest(source, mirror if place != source else "", given, locked.get(source))
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            found = _fetch(url_of(place), part, expected, retries)
        except (HTTPRefused, ValueError) as refused:
            problems.append(f"{place}: {refused}")
            log_progress(problems[-1])
        except OSError as error:
            raise DataError(f"{part}: {error.strerror or error}", "is the disk full, the folder writable?") from None
        else:
            if lockfile:
                Lockfile(lockfile).add(source, found.size, found.sha256, verified)
            part.replace(out)
            remove_partial(part)
            return Download(out, place, found.size, found.sha256)
    raise DataError("; ".join(problems), f"try again later, or fetch the file in another way and place it at {out}")


def _check_against_lockfile(given: ExpectedDigest, locked: Sequence[LockEntry], lockfile: str | Path | None) -> None:
    for row in locked:
        if given.sha256 and row.sha256 != given.sha256:
            raise DataError(
                f"{lockfile}: {row.url} gave sha256 {row.sha256}, but {given.sha256} is asked for",
                "delete its row if the file was meant to change",
            )


def _verify_existing(
    out: Path, given: ExpectedDigest, locked: Sequence[LockEntry], lockfile: str | Path | None
) -> Download:
    found = digest_file(out)
    if problem := mismatch(found, given):
        raise DataError(f"{out}: {problem}", "delete it to fetch it again")
    if locked and found.sha256 not in [row.sha256 for row in locked]:
        raise DataError(
            f"{out}: sha256 {found.sha256} instead of {locked[0].sha256}, which {lockfile} has for {locked[0].url}",
            "delete the file to fetch it again, or the row to keep the file",
        )
    return Download(out, "", found.size, found.sha256)


def _expected_digest(
    source: str, mirror: str, given: ExpectedDigest, locked: LockEntry | None
) -> tuple[ExpectedDigest, str]:
    """Return what a file must be, and the source of that, as the lockfile records it."""
    if locked:
        return replace(given, sha256=locked.sha256, size=locked.bytes), "lock"
    if given.has_checksum:
        return given, "sha256 of the configuration" if given.sha256 else "md5 of the configuration"
    published = fetch_published(source, mirror)
    if published is None:
        return given, "length"
    log_progress(f"{source}: {published.origin}")
    if not published.expected.has_checksum:
        return given, "length"
    size = published.expected.size if given.size is None else given.size
    return replace(published.expected, size=size), published.origin


def _fetch(url: str, part: Path, expected: ExpectedDigest, retries: int) -> FileDigest:
    """Fill `part` from one place, with retries, until it is complete and verified."""
    failures = furthest = 0
    while True:
        try:
            resumed = transfer(url, part, expected)
            found = digest_file(part)
            problem = content_problem(part, url) or mismatch(found, expected)
            if not problem:
                return found
            if resumed:
                raise HTTPInterrupted(f"{problem}, after it was resumed", restart=True)
            remove_partial(part)
            raise HTTPRefused(problem)
        except HTTPInterrupted as interrupted:
            if interrupted.restart:
                remove_partial(part)
            reached = part.stat().st_size if part.exists() else 0
            failures = 1 if reached >= furthest + MIN_PROGRESS_BYTES else failures + 1
            furthest = max(furthest, reached)
            if failures > retries:
                raise HTTPRefused(f"{interrupted} (after {retries} retries)") from None
            wait = min(max(MIN_WAIT * 2 ** (failures - 1), interrupted.wait), MAX_WAIT)
            log_progress(f"{url}: {interrupted}; next try in {wait:.0f} s")
            time.sleep(wait)

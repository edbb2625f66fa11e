"""Downloads from a mirror or the internet, resumed after an interruption and verified.

Only a complete, verified file becomes `<out>`; until then it is `<out>.part` (see `regssl.download.transfer`). Its
checksum is known from the configuration and the lockfile of an earlier download, or else from its publisher.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from regssl.download.checksums import FileDigest, Known, digest_file, has_checksum, mismatch
from regssl.download.content import content_problem, error_page
from regssl.download.http import HTTPInterrupted, HTTPRefused, log_progress, retrying
from regssl.download.lockfile import Lockfile, alone
from regssl.download.publishers import published_checksum
from regssl.download.sources import CHECKSUM, Source, candidate_urls, is_url, url_of
from regssl.download.transfer import remove_partial, resume_point, transfer
from regssl.errors import DataError
from regssl.io.atomic import check_outputs, rename_synchronised, write_error

MIN_PROGRESS_BYTES = 2**20
"""A try that gets so many bytes further does not count as a failure."""


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
    origin: str = "",
    lockfile: str | Path | None = None,
    retries: int = 5,
) -> Download:
    """Download a file, complete and verified, or not at all.

    A transfer that breaks off is retried with growing pauses, from where it stopped if the server can tell that the
    file is still the same. A place that refuses (404 and the like), is too slow, or whose file is wrong, is skipped for
    the next one at once. If `out` exists, it is verified and not fetched. One process downloads a file; others wait.

    Args:
        url: https, http or file URL (with `#sha256=…` or `#md5=…`), or a path. A file of this machine is copied.
        out: the file to write; its folder is created. A symbolic link is followed.
        fallback_urls: further places of the same file, tried in this order. If a checksum is given, they must serve the
            same bytes; else they may be of another format, such as bigBed instead of BED.
        mirror: folder or base URL that is tried first, for `<mirror>/<host>/<path>` of each URL.
        md5, sha256: hexadecimal digests, checked if given; else those of the publisher (`published_checksum`).
        size: bytes, checked if given.
        origin: where the digests are written (a table's cell), for messages.
        lockfile: a URL in it must give the same file again; a new URL is added.
        retries: tries after the first one, of each place; a try that got at least 1 MiB further is not counted.

    Raises:
        DataError: no place gave the file; names each with what was wrong, and how to place the file by hand.
    """
    for place in (url, *fallback_urls):
        try:
            url_of(place)
        except ValueError as error:
            raise DataError(f"{place}: {error}") from None
    out, source = Path(out), Source.parse(url) if is_url(url) else Source(url)
    digests = {"md5": (md5 or source.md5).lower(), "sha256": (sha256 or source.sha256).lower()}
    given = [Known(kind, value, origin or f"--{kind}") for kind, value in digests.items() if value]
    for fact in given:
        if not CHECKSUM.fullmatch(f"{fact.kind}={fact.value}"):
            raise DataError(
                f"{fact.origin}: '{fact.value}' is no {fact.kind} digest",
                "32 hexadecimal digits for md5, 64 for sha256",
            )
    given += [Known("size", size, "--size")] if size is not None else []
    lock = Lockfile(lockfile) if lockfile else None
    locked = {place: lock.known(place) if lock else [] for place in (source.url, *fallback_urls)}
    _check_agreement(given, [fact for facts in locked.values() for fact in facts])
    file = Path(os.path.realpath(out))
    try:
        if out.exists():
            return _verified(out, given, locked)
        check_outputs([out])
        with alone(file):
            if out.exists():  # another process was faster
                return _verified(out, given, locked)
            part, problems = file.with_name(f"{file.name}.part"), []
            for place, of in candidate_urls(source.url, fallback_urls, mirror):
                try:
                    known, verified = _what_is_known(of, mirror if place != of else "", given, locked[of])
                    found = _fetch(url_of(place), part, known, retries)
                except (HTTPRefused, ValueError) as refused:
                    problems.append(f"{place}: {refused}")
                    log_progress(problems[-1])
                else:
                    if lock:
                        lock.add(of, found.size, found.sha256, verified)
                    rename_synchronised(part, file)
                    remove_partial(part)
                    return Download(out, place, found.size, found.sha256)
    except OSError as error:
        raise write_error(out, error) from None
    raise DataError("; ".join(problems), f"try again later, or fetch the file in another way and place it at {out}")


def _check_agreement(given: Sequence[Known], locked: Sequence[Known]) -> None:
    for one, other in product(locked, given):
        if one.kind == other.kind and one.value != other.value:
            raise DataError(
                f"{one.origin}: {one.kind} {one.value}, but {other.origin}: {other.value}",
                "delete the row of the lock file if the file was meant to change, or correct the other",
            )


def _verified(out: Path, given: Sequence[Known], locked: Mapping[str, Sequence[Known]]) -> Download:
    """Check a file that is there, whoever put it there: it must be what one of the places gave."""
    if not out.is_file():
        raise DataError(f"{out}: not a regular file", "give a path where a file can be")
    found = digest_file(out)
    problems = [mismatch(found, facts) for facts in locked.values() if facts]
    problem = error_page(out, out.name) or mismatch(found, given) or (all(problems) and "".join(problems[:1]))
    if problem:
        raise DataError(
            f"{out}: {problem}",
            "delete it to fetch it again; to keep it, correct the checksum, or delete its row of the lock file",
        )
    return Download(out, "", found.size, found.sha256)


def _what_is_known(of: str, mirror: str, given: Sequence[Known], locked: Sequence[Known]) -> tuple[list[Known], str]:
    """Return what the file of a URL must have, and the source of that, as the lockfile records it."""
    if locked or has_checksum(given):
        digest = next((fact.kind for fact in reversed(given) if fact.kind != "size"), "")
        return [*given, *locked], "lock" if locked else f"{digest} of the configuration"
    published, line = published_checksum(of, mirror)
    if line:
        log_progress(f"{of}: {line}")
    return [*given, *published], line if published else "length"


def _fetch(url: str, part: Path, known: Sequence[Known], retries: int) -> FileDigest:
    """Fill `part` from one place, with retries, until it is complete and verified; what is of no use is removed."""
    furthest = 0

    def attempt() -> FileDigest:
        resumed = transfer(url, part, known)
        found = digest_file(part)
        if problem := content_problem(part, url) or mismatch(found, known):
            remove_partial(part)
            raise HTTPInterrupted(f"{problem}, after it was resumed") if resumed else HTTPRefused(problem)
        return found

    def progress() -> bool:
        nonlocal furthest
        _, reached = resume_point(part, known)
        before, furthest = furthest, max(furthest, reached)
        return reached >= before + MIN_PROGRESS_BYTES

    try:
        return retrying(attempt, url, retries, progress)
    except BaseException:
        if not resume_point(part, known)[1]:
            remove_partial(part)
        raise

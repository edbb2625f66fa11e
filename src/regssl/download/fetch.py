"""Downloads from a mirror or the internet, resumed after an interruption and verified.

Only a complete, verified file becomes `<out>`; until then it is `<out>.part` (see `regssl.download.transfer`). Its
checksum is known from the configuration and the lockfile of an earlier download, or else from its publisher.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from regssl.download import checks
from regssl.download.checks import Known
from regssl.download.http import Interrupted, Refused, log_progress, retrying
from regssl.download.lockfile import Lockfile, alone
from regssl.download.publishers import published_checksum
from regssl.download.sources import CHECKSUM, Source, candidate_urls, is_url, url_of
from regssl.download.transfer import remove_partial, transfer
from regssl.errors import DataError
from regssl.io.atomic import check_outputs, rename_synchronised, write_error


class Download(NamedTuple):
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
    places = (url.partition("#")[0] if is_url(url) else url, *fallback_urls)
    _check_places(url, *fallback_urls)
    options = [Known(kind, value.lower(), origin or f"--{kind}") for kind, value in (("md5", md5), ("sha256", sha256))]
    given = _checksums(url, [fact for fact in options if fact.value])
    given += [Known("size", size, "--size")] if size is not None else []
    out, lock = Path(out), Lockfile(lockfile) if lockfile else None
    locked = lock.known(places) if lock else {place: [] for place in places}
    checks.check_agreement(given, locked.values())
    file, problems = Path(os.path.realpath(out)), []
    part = file.with_name(f"{file.name}.part")
    try:
        if out.exists():
            return _verified(out, given, locked)
        check_outputs([out, *([lock.path] if lock and not any(locked.values()) else [])])
        with alone(file):
            if out.exists():  # another process was faster
                return _verified(out, given, locked)
            for place, of in candidate_urls(places[0], fallback_urls, mirror):
                try:
                    known, verified = _what_is_known(of, mirror if place != of else "", given, locked[of])
                    found = _fetch(url_of(place), part, known, retries)
                except (Refused, ValueError) as refused:
                    problems.append(f"{place}: {refused}")
                    log_progress(problems[-1])
                else:
                    fetched = Download(out, place, int(found["size"]), str(found["sha256"]))
                    if lock and not locked[of]:
                        lock.add(of, fetched.size, fetched.sha256, verified)
                    rename_synchronised(part, file)
                    remove_partial(part)
                    return fetched
    except OSError as error:
        raise write_error(error.filename or out, error) from None
    raise DataError("; ".join(problems), f"try again later, or fetch the file in another way and place it at {out}")


def _check_places(*places: str) -> None:
    for place in places:
        try:
            url_of(place)
        except ValueError as error:
            raise DataError(f"{place}: {error}") from None


def _checksums(url: str, options: Sequence[Known]) -> list[Known]:
    """Collect the checksums in a URL and in options.

    Raises:
        DataError: one is not of the form of a digest.
    """
    given = [*(Source.parse(url, origin="the URL").known() if is_url(url) else []), *options]
    for kind, value, cell in given:
        if not CHECKSUM.fullmatch(f"{kind}={value}"):
            raise DataError(f"{cell}: '{value}' is no {kind} digest", "32 hexadecimal digits for md5, 64 for sha256")
    return given


def _verified(out: Path, given: Sequence[Known], locked: Mapping[str, Sequence[Known]]) -> Download:
    """Check a file that is there, whoever put it there."""
    if not out.is_file():
        raise DataError(f"{out}: not a regular file", "give a path where a file can be")
    found = checks.measure(out)
    if problem := checks.mismatch_there(found, given, locked.values()) or checks.error_page(out, out.name):
        raise DataError(f"{out}: {problem}", checks.HINT)
    return Download(out, "", int(found["size"]), str(found["sha256"]))


def _what_is_known(of: str, mirror: str, given: Sequence[Known], locked: Sequence[Known]) -> tuple[list[Known], str]:
    """Return what the file of a URL must have, and the source of that, as the lockfile records it."""
    if locked or checks.has_checksum(given):
        digest = next((fact.kind for fact in reversed(given) if fact.kind != "size"), "")
        return [*given, *locked], "lock" if locked else f"{digest} of the configuration"
    published, line = published_checksum(of, mirror)
    if line:
        log_progress(f"{of}: {line}")
    return [*given, *published], line if published else "length"


def _fetch(url: str, part: Path, known: Sequence[Known], retries: int) -> dict[str, int | str]:
    """Fill `part` from one place, with retries, until it is complete and verified; return its size and digests."""

    def attempt() -> dict[str, int | str]:
        resumed = transfer(url, part, known)
        found = checks.measure(part)
        if problem := checks.content_problem(part, url) or checks.mismatch(found, known):
            remove_partial(part)
            raise Interrupted(f"{problem}, after it was resumed") if resumed else Refused(problem)
        return found

    return retrying(attempt, url, retries)

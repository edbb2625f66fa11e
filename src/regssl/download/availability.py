"""Availability of files without fetching them: which places answer, with how many bytes.

A HEAD request or, if the server refuses it, a GET of one byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from regssl.download.http import Interrupted, Refused, body_size, is_page, open_url
from regssl.download.sources import Source, candidate_urls, local_path, url_of

MAX_WORKERS = 8
"""Files asked for at once."""


class Answer(NamedTuple):
    """Whether a file exists at a place, a message for people, and its bytes if known."""

    exists: bool
    message: str
    size: int | None = None


class Availability(NamedTuple):
    """One file of a configuration: its path here, whether it exists anywhere, its bytes if known, a line for people."""

    path: str
    exists: bool
    size: int | None
    line: str


def check_availability(sources: Mapping[str, Source], mirror: str, timeout: float) -> list[Availability]:
    """Request every place of every file.

    Args:
        sources: local path → source, as `Project.downloads`.
        mirror: folder or base URL that is tried first, or empty.
        timeout: seconds for one place.
    """

    def ask(path: str) -> Availability:
        """Ask for one file wherever it may come from, and whether it is here."""
        source = sources[path]
        places = [place for place, _ in candidate_urls(source.url, source.fallback_urls, mirror)]
        answers = {place: head(place, timeout) for place in places}
        if (local := head(path, timeout)).exists:
            answers = {path: local, **answers}
        size = next((answer.size for answer in answers.values() if answer.exists and answer.size), None)
        words = "; ".join(
            f"{urlsplit(place).hostname or 'localhost'}: {'' if answer.exists else 'NO, '}{answer.message}"
            for place, answer in answers.items()
        )
        megabytes = "?" if size is None else f"{size / 1e6:,.1f} MB"
        line = f"{source.kind:<8} {megabytes:>11}  {source.status or 'not graded':<14}  {words}  {path}"
        return Availability(path, any(answer.exists for answer in answers.values()), size, line)

    with ThreadPoolExecutor(MAX_WORKERS) as pool:
        return list(pool.map(ask, sources))


def head(place: str, timeout: float) -> Answer:
    """Request, for at most `timeout` seconds, whether one place, a URL or a path, has its file."""
    try:
        url = url_of(place)
    except ValueError as error:
        return Answer(False, str(error))
    if path := local_path(url):
        size = path.stat().st_size if path.is_file() else None
        return Answer(bool(size), "no such file" if size is None else "on this machine" if size else "empty", size)
    problem = ""
    for method, headers in (("HEAD", {}), ("GET", {"Range": "bytes=0-0"})):  # some servers hang up on HEAD
        try:
            with open_url(url, headers, method, timeout / 2) as response:
                status, size = str(response.status_code), body_size(response)
                problem = "a web page" if is_page(response) else "empty" if size == 0 else ""
                return Answer(False, f"{status}, but {problem}") if problem else Answer(True, status, size)
        except (Refused, Interrupted) as error:
            problem = str(error)
            if problem.startswith(("404", "410")):
                break
    return Answer(False, problem)

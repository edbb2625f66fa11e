"""Availability of files without fetching them: which places answer, with how many bytes.

A HEAD request or, if the server refuses it, a GET of one byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from regssl.download.http import HTTPInterrupted, HTTPRefused, body_size, is_page, open_url
from regssl.download.sources import Source, candidate_urls, url_of

TIMEOUT = 20.0
"""Seconds for one place."""
MAX_WORKERS = 8
"""Places requested at once."""


@dataclass(frozen=True)
class HeadResponse:
    """Response of a place about a file: whether it exists there, a message for people, and its bytes if known."""

    exists: bool
    message: str
    size: int | None = None


@dataclass(frozen=True)
class Availability:
    """One file of a configuration.

    Attributes:
        path: local path.
        source: where it comes from.
        local_size: its bytes if it exists locally, else None.
        responses: the places in the order of a download, each with its response.
    """

    path: str
    source: Source
    local_size: int | None
    responses: tuple[tuple[str, HeadResponse], ...]

    @property
    def available(self) -> bool:
        """Whether it exists locally or at any place."""
        return self.local_size is not None or any(response.exists for _, response in self.responses)

    @property
    def size(self) -> int | None:
        """Its bytes, locally or from the first place that reports them."""
        sizes = [self.local_size, *(response.size for _, response in self.responses if response.exists)]
        return next((size for size in sizes if size is not None), None)


def check_availability(sources: Mapping[str, Source], mirror: str = "", timeout: float = TIMEOUT) -> list[Availability]:
    """Request every place of every file.

    Args:
        sources: local path → source, as `Project.downloads`.
        mirror: folder or base URL that is tried first.
        timeout: seconds for one place.
    """
    urls = {path: candidate_urls(source.url, source.fallback_urls, mirror) for path, source in sources.items()}
    places = list(dict.fromkeys(place for pairs in urls.values() for place, _ in pairs))
    with ThreadPoolExecutor(MAX_WORKERS) as pool:
        responses = dict(zip(places, pool.map(lambda place: head(place, timeout), places), strict=True))
    return [
        Availability(
            path,
            source,
            Path(path).stat().st_size if Path(path).is_file() else None,
            tuple((place, responses[place]) for place, _ in urls[path]),
        )
        for path, source in sources.items()
    ]


def head(place: str, timeout: float) -> HeadResponse:
    """Request, for at most `timeout` seconds, whether one place, a URL or a path, has its file."""
    try:
        url = url_of(place)
    except ValueError as error:
        return HeadResponse(False, str(error))
    if url.startswith("file:"):
        path = Path(unquote(urlsplit(url).path))
        if not path.is_file():
            return HeadResponse(False, "no such file")
        size = path.stat().st_size
        return HeadResponse(size > 0, "on this machine" if size else "empty", size)
    problem = ""
    for method, headers in (("HEAD", {}), ("GET", {"Range": "bytes=0-0"})):  # some servers hang up on HEAD
        try:
            with open_url(url, headers, method, timeout / 2) as response:
                return _from_response(response)
        except (HTTPRefused, HTTPInterrupted) as error:
            problem = str(error)
            if problem.startswith(("404", "410")):
                break
    return HeadResponse(False, problem)


def availability_table(files: Sequence[Availability]) -> list[str]:
    """Format the responses for people: one line per file, columns aligned."""
    rows = [("kind", "size", "response", "fallbacks", "URL is", "file")]
    for file in files:
        (_, first), *others = file.responses
        fallbacks = [f"{_host(place)}: {_describe(found)}" for place, found in others]
        rows.append(
            (
                file.source.kind,
                _megabytes(file.size),
                f"local; {_describe(first)}" if file.local_size is not None else _describe(first),
                "; ".join(fallbacks) or "none",
                file.source.status or "not graded",
                file.path,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def _from_response(response: requests.Response) -> HeadResponse:
    size, status = body_size(response), response.status_code
    if is_page(response):
        return HeadResponse(False, f"{status}, but a web page")
    return HeadResponse(False, f"{status}, but empty", 0) if size == 0 else HeadResponse(True, str(status), size)


def _host(place: str) -> str:
    return (urlsplit(place).hostname if "://" in place else None) or "localhost"


def _describe(response: HeadResponse) -> str:
    return response.message if response.exists else f"NO ({response.message})"


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.1f} MB"

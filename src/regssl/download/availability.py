"""Asking whether files can be had, without fetching them: what answers, how large it is, and what stands in for it.

A HEAD request, or where the server has none a GET of one byte. Each place is asked in a thread of its own that is left
behind when its time is over, so that nothing a name server or a web server does can hold the table up.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import unquote, urlsplit

from regssl.download.http import Interrupted, Refused, open_url
from regssl.download.sources import Source, candidates, host_and_path, url_of

TIMEOUT = 20.0  # seconds for one place
AT_ONCE = 8  # places asked side by side


@dataclass(frozen=True)
class Answer:
    """What a place says of a file: whether it has it, in which words, and its bytes where it says so."""

    has: bool
    words: str
    size: int | None = None


@dataclass(frozen=True)
class Availability:
    """One file of a configuration.

    Attributes:
        path: where it is kept here.
        source: where it comes from.
        here: its bytes if it is here already, else None.
        places: every place that was asked, in the order of a download, with its answer.
    """

    path: str
    source: Source
    here: int | None
    places: tuple[tuple[str, Answer], ...]

    @property
    def can_be_had(self) -> bool:
        """Whether it is here, or some place has it."""
        return self.here is not None or any(answer.has for _, answer in self.places)

    @property
    def size(self) -> int | None:
        """Its bytes, as the first place says that knows them."""
        sizes = [self.here, *(answer.size for _, answer in self.places if answer.has)]
        return next((size for size in sizes if size is not None), None)


def probe(sources: Mapping[str, Source], mirror: str = "", timeout: float = TIMEOUT) -> list[Availability]:
    """Ask every place of every file.

    Args:
        sources: path here → source, as `Project.downloads`.
        mirror: folder or base URL that downloads ask first.
        timeout: seconds for one place.
    """
    asked = {path: candidates(source.url, source.archives, mirror) for path, source in sources.items()}
    places = list(dict.fromkeys(place for pairs in asked.values() for place, _ in pairs))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(places, pool.map(lambda place: ask_in_time(place, timeout), places), strict=True))
    return [
        Availability(
            path,
            source,
            Path(path).stat().st_size if Path(path).is_file() else None,
            tuple((place, answers[place]) for place, _ in asked[path]),
        )
        for path, source in sources.items()
    ]


def ask_in_time(place: str, timeout: float) -> Answer:
    """`ask`, but no longer than `timeout` seconds, whatever happens."""
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(ask(place, timeout)), daemon=True)
    thread.start()
    thread.join(timeout)
    return answers[0] if answers else Answer(False, f"no answer in {timeout:g} s")


def ask(place: str, timeout: float) -> Answer:
    """Ask one place, a URL or a path, for one file."""
    try:
        url = url_of(place)
    except ValueError as error:
        return Answer(False, str(error))
    if url.startswith("file:"):
        return _ask_disk(Path(unquote(urlsplit(url).path)))
    timeout /= 2  # it may take both requests
    try:
        with open_url(url, method="HEAD", timeout=timeout) as response:
            return _judged(response, response.headers.get("Content-Length", ""))
    except Refused as refused:
        if str(refused).startswith(("404", "410")):
            return Answer(False, str(refused))
    except (Interrupted, OSError, HTTPException):
        pass  # some servers hang up on HEAD
    try:
        with open_url(url, {"Range": "bytes=0-0"}, timeout=timeout) as response:
            span = re.fullmatch(r"bytes 0-0/(\d+)", response.headers.get("Content-Range", ""))
            return _judged(response, span[1] if span else response.headers.get("Content-Length", ""))
    except (Refused, Interrupted, OSError, HTTPException) as error:
        return Answer(False, str(error) or type(error).__name__)


def table(files: Sequence[Availability]) -> list[str]:
    """The answers as lines for people: one per file, columns lined up."""
    rows = [("kind", "size", "answers", "alternates", "URL is", "file")]
    for file in files:
        (_, first), *others = file.places
        alternates = [f"{host_and_path(url_of(place)).partition('/')[0]}: {_words(answer)}" for place, answer in others]
        rows.append(
            (
                file.source.kind,
                _megabytes(file.size),
                f"here; {_words(first)}" if file.here is not None else _words(first),
                "; ".join(alternates) or "none",
                file.source.status or "not graded",
                file.path,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def _ask_disk(path: Path) -> Answer:
    if not path.is_file():
        return Answer(False, "no such file")
    return Answer(path.stat().st_size > 0, "on this machine" if path.stat().st_size else "empty", path.stat().st_size)


def _judged(response: object, length: str) -> Answer:
    status, headers = response.status, response.headers  # type: ignore[attr-defined]
    size = int(length) if length.isdigit() else None
    if headers.get_content_type() == "text/html":
        return Answer(False, f"{status}, but a web page")
    if size == 0:
        return Answer(False, f"{status}, but empty", 0)
    return Answer(True, str(status), size)


def _words(answer: Answer) -> str:
    return answer.words if answer.has else f"NO ({answer.words})"


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.1f} MB"

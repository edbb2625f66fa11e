"""Sources of files: URLs with fallbacks and checksums, their local paths, and their places in a mirror."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from regssl.download.checks import Known
from regssl.errors import ConfigError

HOST = re.compile(r"[\w:-]+(\.[\w:-]+)*\.?")
CHECKSUM = re.compile(r"md5=[0-9a-f]{32}|sha256=[0-9a-f]{64}")
RESERVED = (".part", ".part.json", ".lock")
"""Ends of names that stand beside a file while it is fetched."""


def is_url(place: str) -> bool:
    """Whether a place is a URL to download, not a path."""
    return place.startswith(("http://", "https://", "file://"))


def check_url(url: str) -> str:
    """Check that a URL can be fetched, and kept as `host/path` below any folder.

    Raises:
        ValueError: it cannot be; the message shows no password.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("its host and port cannot be read") from None
    path, local = parts.path, parts.scheme == "file"
    while path != (path := unquote(path)):
        pass  # %252e is %2e is a dot, to a server that decodes twice
    names = path.split("/")
    problems = {
        f"{url.partition('://')[0]}:// is not supported, use https://": not is_url(url),
        "a URL cannot hold a user name or password: they belong into ~/.netrc": "@" in parts.netloc,
        "a file URL names no host: file:///path": local and parts.netloc not in ("", "localhost"),
        "the URL names no host": not (local or HOST.fullmatch(host)),
        "the URL holds a control character or a backslash": "\\" in url + path or not (url + path).isprintable(),
        "the path of the URL names no file": not names[-1] or {".", ".."} & set(names),
        f"names that end in {', '.join(RESERVED)} are those of files that are not complete": path.endswith(RESERVED),
        "what follows # must be md5= or sha256= with 32 or 64 lower-case hexadecimal digits": (
            parts.fragment and not CHECKSUM.fullmatch(parts.fragment)
        ),
    }
    for problem, found in problems.items():
        if found:
            raise ValueError(problem)
    return url


def url_of(place: str) -> str:
    """Return a URL that can be opened; paths become file URLs.

    Raises:
        ValueError: a URL that cannot be fetched, a path that no line of a log or lock file can hold.
    """
    if "://" in place:
        return check_url(place)
    if not place or not place.isprintable():
        raise ValueError("the path is empty or holds a control character")
    return Path(place).absolute().as_uri()


def local_path(place: str) -> Path | None:
    """Return the path of a file on this machine, a path or a file URL; None for other URLs."""
    if "://" in place:
        return Path(unquote(urlsplit(place).path)) if place.startswith("file:") else None
    return Path(place)


def host_and_path(url: str) -> str:
    """Return `host/a/b` of a URL: the layout of the downloads folder and of a mirror."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}{re.sub('/+', '/', parts.path)}"


def mirror_url(mirror: str, url: str) -> str:
    """Return the place of a URL in a mirror (a folder, or a base URL): `<mirror>/<host>/<path>`."""
    query = urlsplit(url).query
    suffix = f"?{query}" if query and mirror.startswith(("http://", "https://")) else ""
    return f"{mirror.rstrip('/')}/{host_and_path(url)}{suffix}"


def candidate_urls(url: str, fallback_urls: Sequence[str], mirror: str = "") -> list[tuple[str, str]]:
    """List all places of a file in the order in which they are tried, those in the mirror first.

    Returns:
        Pairs (place, URL that it mirrors or is).
    """
    every = [url, *fallback_urls]
    mirrored = [source for source in every if mirror and source.startswith(("http://", "https://"))]
    return [(mirror_url(mirror, source), source) for source in mirrored] + [(source, source) for source in every]


@dataclass(frozen=True)
class Source:
    """Source of one file.

    Attributes:
        url: http, https or file URL.
        fallback_urls: URLs or paths to try after it, in this order.
        kind: genome, chain, peaks …: for people.
        md5, sha256: its checksum if known, else empty.
        status: how sure the URL is, for people (see `regssl.config.tables.DatasetRow.status`); may be empty.
        origin: the table cell or key that names it, for messages about its checksum.
    """

    url: str
    fallback_urls: tuple[str, ...] = ()
    kind: str = ""
    md5: str = ""
    sha256: str = ""
    status: str = ""
    origin: str = field(default="", compare=False)

    @classmethod
    def parse(cls, place: str, fallback_urls: Sequence[str] = (), **words: str) -> Source:
        """Parse `URL#sha256=…`; `words` are further attributes."""
        url, _, checksum = place.partition("#")
        algorithm, _, value = checksum.partition("=")
        return cls(url, tuple(filter(None, fallback_urls)), **words, **({algorithm: value} if checksum else {}))

    def known(self) -> list[Known]:
        """Return the checksum that the file must have, if any."""
        return [Known(kind, value, self.origin) for kind in ("md5", "sha256") if (value := getattr(self, kind))]

    def options(self) -> list[str]:
        """Return the options of `regssl download` for this file."""
        options = [part for fallback in self.fallback_urls for part in ("--fallback-url", fallback)]
        for kind, value, origin in self.known():
            options += [f"--{kind}", str(value), *(["--checksum-from", origin] if origin else [])]
        return options


class Sources(dict[str, Source]):
    """Files that a configuration downloads, below one folder: local path → source.

    The rule `download` and `regssl check-downloads` process all files that were added.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder

    def path(self, url: str) -> str:
        """Return the local path of a URL: `<folder>/host/a/b` for `https://host/a/b?query#sha256=…`.

        Raises:
            ConfigError: that would not be a file below the folder.
        """
        try:
            return f"{self.folder}/{host_and_path(check_url(url))}"
        except ValueError as error:
            raise ConfigError(f"{url}: {error}") from None

    def add(
        self, place: str, fallback_urls: Sequence[str] = (), *, kind: str, status: str = "", origin: str = ""
    ) -> str:
        """Add a URL (with its checksum, if any); return its local path. Two rows may share a file.

        Raises:
            ConfigError: another URL has the same path, or the same URL has other fallbacks or another checksum.
        """
        path, source = self.path(place), Source.parse(place, fallback_urls, kind=kind, status=status, origin=origin)
        if replace(known := self.setdefault(path, source), kind=kind, status=status) != source:
            raise ConfigError(
                f"{source.url} and {known.url} are both kept as {path}, but are described differently",
                "give both the same URL, fallback and checksum, or download one by hand and give its path",
            )
        return path

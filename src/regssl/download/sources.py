"""Where files come from: URLs with their alternates and checksums, their places here, and their places in a mirror."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from regssl.errors import ConfigError


@dataclass(frozen=True)
class Source:
    """Where one file comes from.

    Attributes:
        url: http, https or file URL.
        archives: URLs or paths to try after it, in this order.
        kind: what the file is, for people: genome, chain, peaks …
        md5, sha256: its checksum where one is known, else empty.
        status: how sure the URL is, for people (see `sheets.Dataset.status`); empty where nothing is said.
    """

    url: str
    archives: tuple[str, ...] = ()
    kind: str = ""
    md5: str = ""
    sha256: str = ""
    status: str = ""

    @classmethod
    def parse(cls, place: str, archives: Sequence[str] = (), kind: str = "", status: str = "") -> Source:
        """Take `URL#sha256=…` apart."""
        url, _, checksum = place.partition("#")
        algorithm, _, value = checksum.partition("=")
        digest = {algorithm: value} if checksum else {}
        return cls(url, tuple(archive for archive in archives if archive), kind, status=status, **digest)

    def options(self) -> list[str]:
        """The options of `regssl download` that are this file's own."""
        options = [part for archive in self.archives for part in ("--archive", archive)]
        for algorithm in ("md5", "sha256"):
            if checksum := getattr(self, algorithm):
                options += [f"--{algorithm}", checksum]
        return options


class Sources(Mapping[str, Source]):
    """What a configuration fetches: the path of each file here, and its source.

    To have one more file fetched, `add` it; the rule `download` and `regssl check-downloads` go through what is here.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._sources: dict[str, Source] = {}

    def path(self, url: str) -> str:
        """Where the file of a URL is kept: `https://host/a/b?query#sha256=…` as `<folder>/host/a/b`."""
        return f"{self.folder}/{host_and_path(url)}"

    def add(self, place: str, archives: Sequence[str] = (), *, kind: str, status: str = "") -> str:
        """Have a URL (with its checksum, if any) fetched; returns its path here. Two rows may share a file.

        Raises:
            ConfigError: another URL is kept at the same path, or the same one with other archives or checksum.
        """
        path, source = self.path(place), Source.parse(place, archives, kind, status)
        known = self._sources.setdefault(path, source)
        if (known.url, known.archives, known.md5, known.sha256) != (
            source.url, source.archives, source.md5, source.sha256,
        ):  # fmt: skip
            raise ConfigError(
                f"{source.url} and {known.url} are both kept as {path}, but are described differently",
                "give both the same URL, archive and checksum, or fetch one by hand and name its path",
            )
        return path

    def __getitem__(self, path: str) -> Source:
        return self._sources[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def host_and_path(url: str) -> str:
    """`host/a/b` of a URL: how files are laid out in the downloads folder and in a mirror."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}{parts.path}"


def is_url(place: str) -> bool:
    """Whether a cell holds a URL to fetch, not a path."""
    return place.startswith(("http://", "https://", "file://"))


def at_mirror(mirror: str, url: str) -> str:
    """Where a mirror (a folder, or a base URL) has the file of a URL: `<mirror>/<host>/<path>`."""
    query = urlsplit(url).query
    suffix = f"?{query}" if query and mirror.startswith(("http://", "https://")) else ""
    return f"{mirror.rstrip('/')}/{host_and_path(url)}{suffix}"


def candidates(url: str, archives: Sequence[str], mirror: str = "") -> list[tuple[str, str]]:
    """All places of a file, in the order in which they are tried: those in the mirror first.

    Returns:
        (place, URL whose file it is) pairs: a mirror's place stands for the URL it mirrors.
    """
    every = [url, *archives]
    mirrored = [source for source in every if mirror and source.startswith(("http://", "https://"))]
    return [(at_mirror(mirror, source), source) for source in mirrored] + [(source, source) for source in every]


def url_of(place: str) -> str:
    """A URL that urllib can open; paths become file URLs.

    Raises:
        ValueError: a URL of another scheme.
    """
    if is_url(place):
        return place
    if "://" in place:
        raise ValueError("only https, http and file URLs are supported")
    return Path(place).absolute().as_uri()

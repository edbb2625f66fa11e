"""URLs, their places here and in a mirror, and fetching through mirrors and from this machine's own files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import localserver
from regssl.download.fetch import download
from regssl.download.sources import Sources, candidate_urls, check_url, host_and_path, mirror_url
from regssl.errors import ConfigError

URL = "https://h.example/a/peaks.bed.gz"
PEAKS = gzip.compress(b"chr1\t1\t2\n", mtime=0)


@pytest.fixture
def server() -> Iterator[localserver.Server]:
    with localserver.listening() as state:
        yield state


@pytest.mark.parametrize(
    ("mirror", "url", "place"),
    [
        ("/srv/mirror", URL, "/srv/mirror/h.example/a/peaks.bed.gz"),
        ("/srv/mirror/", "https://H.example:8080/x?download=1", "/srv/mirror/h.example/x"),
        ("https://m.example/pub", "https://h.example/x?download=1", "https://m.example/pub/h.example/x?download=1"),
        ("file:///srv", "https://h.example/files/A/@@download/A.bed", "file:///srv/h.example/files/A/@@download/A.bed"),
    ],
)
def test_the_place_of_a_url_in_a_mirror(mirror: str, url: str, place: str) -> None:
    assert mirror_url(mirror, url) == place


def test_the_mirror_comes_first_and_replaces_its_url() -> None:
    archive, local = "http://old.example/b", "/data/c"
    assert candidate_urls(URL, [archive, local], "/m") == [
        ("/m/h.example/a/peaks.bed.gz", URL),
        ("/m/old.example/b", archive),
        (URL, URL),
        (archive, archive),
        (local, local),
    ]
    assert candidate_urls("file:///x", [], "/m") == [("file:///x", "file:///x")]


def test_one_more_file_is_one_line() -> None:
    sources = Sources("downloads")
    path = sources.add("https://h.example/model.bin#md5=" + "0" * 32, ["/srv/model.bin"], kind="weights")
    assert path == "downloads/h.example/model.bin"
    assert sources[path].options() == ["--fallback-url", "/srv/model.bin", "--md5", "0" * 32]
    assert list(sources) == [path] and sources[path].kind == "weights"
    with pytest.raises(ConfigError, match=r"are both kept as downloads/h\.example/model\.bin"):
        sources.add("https://h.example/model.bin", kind="weights")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://../workflow/x.smk", "names no host"),
        ("https://./x", "names no host"),
        ("https://h..example/x", "names no host"),
        ("https://%2e%2e/x", "names no host"),
        ("https://..\\..\\h/x", "names no host"),
        ("https:///etc/x", "names no host"),
        ("file://../etc/x", "names no host: file:///path"),
        ("https://h.example:port/x", "host and port"),
        ("https://[::1/x", "host and port"),
        ("https://h.example/a/../../../x", "names no file"),
        ("https://h.example/a/%2e%2E/x", "names no file"),
        ("https://h.example/a%2f..%2f..%2fx", "names no file"),
        ("https://h.example/a/%252e%252e/x", "names no file"),
        ("https://h.example/a/..", "names no file"),
        ("https://h.example/a/", "names no file"),
        ("https://h.example/..\\x", "backslash"),
        ("https://h.example/%5c..%5cx", "backslash"),
        ("https://h.example/x%00.bed", "control character"),
        ("https://h.example/.\t./x", "control character"),
        ("https://h.example/x\0", "control character"),
        ("https://h.example/x.bed.part", "not complete"),
        ("https://user:secret@h.example/x", "netrc"),
        ("https://user@h.example/x", "netrc"),
        ("https://user:se/cret@h.example/x", "host and port"),
        ("ftp://h.example/x", "ftp:// is not supported"),
        ("https://h.example/x#sha1=00", "what follows #"),
    ],
)
def test_urls_that_leave_the_folder_or_hold_a_password_are_refused(tmp_path: Path, url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check_url(url)
    with pytest.raises(ConfigError) as error:
        Sources(str(tmp_path)).add(url, ["/srv/archive"], kind="peaks")
    assert problem in str(error.value) and "cret" not in str(error.value)


def test_urls_that_stay_where_they_belong() -> None:
    for url, path in {
        "https://e.example/files/A/@@download/A.bed.gz": "e.example/files/A/@@download/A.bed.gz",
        "https://[::1]:8080/x..y/...z": "::1/x..y/...z",
        "http://localhost/a%20b+c": "localhost/a%20b+c",
        "https://bücher.example//a//b?x=/../y": "bücher.example/a/b",
        "file:///srv/b": "localhost/srv/b",
    }.items():
        assert host_and_path(url) == path


def test_from_a_mirror_folder(tmp_path: Path) -> None:
    kept = tmp_path / "mirror/h.example/a/peaks.bed.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(PEAKS)
    fetched = download(URL, tmp_path / "out", mirror=str(tmp_path / "mirror"))
    assert fetched.url == str(kept)
    assert (tmp_path / "out").read_bytes() == PEAKS
    assert not (tmp_path / "out").samefile(kept), "what is done to one is not done to the other"


def test_from_a_mirror_server_else_from_the_url(server: localserver.Server, tmp_path: Path) -> None:
    host = server.url.removeprefix("http://").partition(":")[0]
    origin = server.serve("/a/peaks.bed.gz", PEAKS)
    assert download(origin, tmp_path / "one", mirror=f"{server.url}/pub", retries=0).url == origin
    mirrored = server.serve(f"/pub/{host}/a/peaks.bed.gz", PEAKS)
    assert download(origin, tmp_path / "two", mirror=f"{server.url}/pub/", retries=0).url == mirrored
    assert server.paths == [f"/pub/{host}/a/peaks.bed.gz", "/a/peaks.bed.gz", f"/pub/{host}/a/peaks.bed.gz"]


def test_a_damaged_file_of_a_mirror_is_left_alone_and_passed_over(server: localserver.Server, tmp_path: Path) -> None:
    damaged = tmp_path / "mirror/127.0.0.1/peaks.bed.gz"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(PEAKS[:-5])
    url = server.serve("/peaks.bed.gz", PEAKS)
    download(url, tmp_path / "out", mirror=str(tmp_path / "mirror"))
    assert (tmp_path / "out").read_bytes() == PEAKS
    assert damaged.read_bytes() == PEAKS[:-5]


def test_a_link_left_by_a_killed_call_is_never_written_through(server: localserver.Server, tmp_path: Path) -> None:
    own = tmp_path / "own.bed.gz"
    own.write_bytes(PEAKS + PEAKS)
    (tmp_path / "out.part").hardlink_to(own)
    download(server.serve("/peaks.bed.gz", PEAKS), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == PEAKS
    assert own.read_bytes() == PEAKS + PEAKS

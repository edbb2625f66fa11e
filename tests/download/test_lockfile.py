"""The lockfile: rows are added once, checked afterwards, written by many processes at once."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import localserver
from regssl.download.fetch import download
from regssl.download.lockfile import Lockfile
from regssl.errors import DataError

BODY, CHANGED = b"chr1\t1\t2\n", b"chr1\t1\t3\n"
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server() -> Iterator[localserver.Server]:
    with localserver.listening() as state:
        yield state


def test_what_a_url_gave_first_it_must_give_again(server: localserver.Server, tmp_path: Path) -> None:
    out, lock = tmp_path / "peaks.bed", tmp_path / "lock.tsv"
    url = server.serve("/peaks.bed", BODY, CHANGED, BODY)
    download(url, out, lockfile=lock)
    assert {row.url: (row.bytes, row.sha256) for row in Lockfile(lock).rows().values()} == {url: (len(BODY), SHA256)}
    out.unlink()
    with pytest.raises(DataError, match=f"wrong checksum: sha256 .* instead of {SHA256}"):
        download(url, out, lockfile=lock)
    assert not out.exists()
    download(url, out, lockfile=lock)
    assert out.read_bytes() == BODY
    assert len(lock.read_text().splitlines()) == 2


def test_each_place_is_held_to_its_own_row(server: localserver.Server, tmp_path: Path) -> None:
    """An archive may be another format; its row does not apply to the first URL."""
    out, lock = tmp_path / "peaks.bed", tmp_path / "lock.tsv"
    archive = server.serve("/old/peaks.bed", CHANGED)
    download(server.url + "/peaks.bed", out, fallback_urls=[archive], lockfile=lock, retries=0)
    assert list(Lockfile(lock).rows()) == [archive]
    out.unlink()
    url = server.serve("/peaks.bed", BODY)
    download(url, out, fallback_urls=[archive], lockfile=lock)
    assert list(Lockfile(lock).rows()) == [archive, url]


def test_a_mirror_is_held_to_the_row_of_the_url_it_mirrors(tmp_path: Path) -> None:
    url, lock = "https://nowhere.invalid/a/peaks.bed", tmp_path / "lock.tsv"
    for name, body in (("right", BODY), ("wrong", CHANGED)):
        (tmp_path / name / "nowhere.invalid/a").mkdir(parents=True)
        (tmp_path / name / "nowhere.invalid/a/peaks.bed").write_bytes(body)
    download(url, tmp_path / "x", mirror=str(tmp_path / "right"), lockfile=lock)
    assert list(Lockfile(lock).rows()) == [url]
    with pytest.raises(DataError, match=r"wrong/nowhere\.invalid/a/peaks\.bed: wrong checksum: sha256"):
        download(url, tmp_path / "y", mirror=str(tmp_path / "wrong"), lockfile=lock, retries=0)


def test_a_file_that_is_there_must_be_the_locked_one(server: localserver.Server, tmp_path: Path) -> None:
    out, lock = tmp_path / "peaks.bed", tmp_path / "lock.tsv"
    url = server.serve("/peaks.bed", BODY)
    download(url, out, lockfile=lock)
    assert download(url, out, lockfile=lock).url == ""
    out.write_bytes(CHANGED)
    with pytest.raises(DataError, match=rf"instead of {SHA256}, that in {lock}, row of {url}"):
        download(url, out, lockfile=lock)
    assert out.read_bytes() == CHANGED, "never thrown away unasked"


def test_lock_and_configuration_must_agree(server: localserver.Server, tmp_path: Path) -> None:
    url, lock = server.serve("/peaks.bed", BODY), tmp_path / "lock.tsv"
    download(url, tmp_path / "x", lockfile=lock)
    with pytest.raises(DataError, match=r"row of \S+: sha256 \w+, but --sha256: 1{64} \(delete the row"):
        download(url, tmp_path / "y", sha256="1" * 64, lockfile=lock)


def test_many_processes_add_at_once(tmp_path: Path) -> None:
    lock = tmp_path / "lock.tsv"
    code = (
        "import sys; from regssl.download.lockfile import Lockfile\n"
        f"for i in range(40): Lockfile({str(lock)!r}).add(f'https://h.example/{{i % 30 + int(sys.argv[1])}}', i, "
        "format(i % 30 + int(sys.argv[1]), '064x'), 'length')"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(first)]) for first in (0, 10, 20, 0)]
    assert [process.wait() for process in started] == [0] * 4
    rows = Lockfile(lock).rows()
    assert {url: int(row.sha256, 16) for url, row in rows.items()} == {f"https://h.example/{i}": i for i in range(50)}
    assert len(lock.read_text().splitlines()) == 51, "each once, below one header"


def test_another_file_of_a_url_that_was_added_meanwhile_is_refused(
    server: localserver.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes fetch a URL to two places for the first time, and it changes in between."""
    url, lock = server.serve("/peaks.bed", BODY, CHANGED), tmp_path / "lock.tsv"
    monkeypatch.setattr(
        Lockfile, "known", lambda self, urls: {url: [] for url in urls}
    )  # as the second one found it, before the first was done
    download(url, tmp_path / "x", lockfile=lock)
    with pytest.raises(DataError, match=rf"lock\.tsv, row of {url}: sha256 {SHA256}, but the URL gave"):
        download(url, tmp_path / "y", lockfile=lock)
    assert not (tmp_path / "y").exists() and len(Lockfile(lock).rows()) == 1


@pytest.mark.parametrize("name", ['"a" b', "a'b", "a, b", "ä", " a", "#a"])
def test_names_that_a_table_may_mistake_are_read_as_they_were(tmp_path: Path, name: str) -> None:
    lock = Lockfile(tmp_path / "lock.tsv")
    lock.add(name, 1, SHA256, "length")
    lock.add("https://b", 2, SHA256, "length")
    assert list(lock.rows()) == [name, "https://b"]


def test_a_last_line_without_its_end_is_not_glued_to(tmp_path: Path) -> None:
    lock = tmp_path / "lock.tsv"
    lock.write_text(f"url\tbytes\tsha256\tverified\tdate\nhttps://a\t1\t{SHA256}\tlength\t2026-01-01")
    Lockfile(lock).add("https://b", 2, SHA256, "length")
    assert list(Lockfile(lock).rows()) == ["https://a", "https://b"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"https://a\tone\t{SHA256}\tlength\t2026-01-01", "row 2, column bytes: 'one'"),
        ("https://a\t1\tabc\tlength\t2026-01-01", "row 2, column sha256: 'abc'"),
        ("https://a\t1", "row 2: 2 cells where the header has 5"),
    ],
)
def test_a_damaged_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    lock = tmp_path / "lock.tsv"
    lock.write_text(f"url\tbytes\tsha256\tverified\tdate\n{row}\n")
    with pytest.raises(DataError, match=message) as caught:
        Lockfile(lock).rows()
    assert str(lock) in str(caught.value)


@pytest.mark.parametrize("has_row", [True, False])
def test_a_lock_file_that_cannot_be_written_is_asked_all_the_same(
    server: localserver.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_row: bool
) -> None:
    """A row that is there need not be written; where one is missing, that is said before anything is fetched."""
    url, lock = server.serve("/peaks.bed", BODY), tmp_path / "kept/lock.tsv"
    if has_row:
        Lockfile(lock).add(url, len(BODY), SHA256, "length")
    lock.parent.mkdir(exist_ok=True)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "kept" not in str(path) and access(path, mode))
    monkeypatch.setattr(Lockfile, "add", lambda self, *row: pytest.fail("written"))
    if has_row:
        assert download(url, tmp_path / "x", lockfile=lock).url == url
    else:
        with pytest.raises(DataError, match=r"lock\.tsv: cannot be written: Permission denied"):
            download(url, tmp_path / "x", lockfile=lock)
        assert not server.requests

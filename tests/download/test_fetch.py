"""Downloads from a real server on this machine that breaks off, lies, refuses, and changes its mind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.downloads import BODY, MIB, OTHER, PAGE, PEAKS, Answer, left
from helpers.localserver import Server
from regssl.cli import main
from regssl.download.fetch import Download, download
from regssl.errors import DataError

pytestmark = pytest.mark.usefixtures("waits")


def test_a_file_comes_whole_and_nothing_else_stays(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer())
    assert download(url, out) == Download(out, url, len(BODY), hashlib.sha256(BODY).hexdigest())
    assert out.read_bytes() == BODY
    assert left(out) == ["file"]


def test_a_file_that_is_there_is_not_fetched(server: Server, out: Path) -> None:
    out.parent.mkdir()
    out.write_bytes(b"placed\tby hand")
    assert download(server.url + "/file", out).url == ""
    with pytest.raises(DataError, match=r"wrong checksum: md5 .*delete it to fetch it again"):
        download(server.url + "/file", out, md5="0" * 32)
    assert out.read_bytes() == b"placed\tby hand"
    assert server.requests == []


def test_a_connection_that_breaks_off_is_taken_up_where_it_broke(server: Server, out: Path, waits: list[float]) -> None:
    url = server.serve("/file", Answer(stop_after=1_000_000), Answer(stop_after=500_000), Answer())
    download(url, out)
    assert out.read_bytes() == BODY
    assert server.ranges == [None, "bytes=1000000-", "bytes=1500000-"]
    assert waits == [1, 2]


@settings(deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stops=st.lists(st.tuples(st.integers(0, 4 * MIB), st.booleans()), max_size=5), validator=st.booleans())
def test_whatever_breaks_the_file_is_whole(
    server: Server, tmp_path: Path, stops: list[tuple[int, bool]], validator: bool
) -> None:
    out = tmp_path / "file"
    out.unlink(missing_ok=True)
    etag = '"v1"' if validator else ""
    answers = [Answer(stop_after=stop, ranges=ranges, etag=etag) for stop, ranges in stops]
    download(server.serve("/file", *answers, Answer(etag=etag)), out)
    assert out.read_bytes() == BODY
    assert left(out) == ["file"]


def test_killed_in_the_middle_and_resumed_by_the_next_call(server: Server, out: Path) -> None:
    hang = threading.Event()
    url = server.serve("/file", Answer(stop_after=2 * MIB + 100, wait=hang), Answer())
    command = f"from regssl.download.fetch import download; download({url!r}, {str(out)!r})"
    process = subprocess.Popen([sys.executable, "-c", command])
    part = out.with_name("file.part")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (part.exists() and part.stat().st_size >= 2 * MIB):
        hang.wait(0.02)
    process.kill()
    assert process.wait() == -9
    hang.set()
    have = part.stat().st_size
    assert left(out) == [".file.lock", "file.part", "file.part.json"]

    download(url, out, sha256=hashlib.sha256(BODY).hexdigest())
    assert out.read_bytes() == BODY
    assert server.ranges == [None, f"bytes={have}-"]
    assert left(out) == ["file"]


def test_a_try_that_gets_further_does_not_count(server: Server, out: Path, waits: list[float]) -> None:
    url = server.serve("/file", *[Answer(stop_after=MIB)] * 3, Answer())
    download(url, out, retries=1)
    assert out.read_bytes() == BODY
    assert waits == [1, 1, 1]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_leads_to_the_mirror_at_once(server: Server, out: Path, waits: list[float], status: int) -> None:
    url = server.serve("/file", Answer(b"", status))
    mirror = server.serve("/mirror", Answer())
    assert download(url, out, fallback_urls=[mirror]).url == mirror
    assert [path for path, _ in server.requests] == ["/file", "/mirror"]
    assert waits == []


def test_a_busy_server_is_asked_again_after_growing_pauses(server: Server, out: Path, waits: list[float]) -> None:
    busy = Answer(b"", 503)
    asked_to_wait = Answer(b"", 429, headers={"Retry-After": "30"})
    download(server.serve("/file", busy, busy, asked_to_wait, busy, Answer()), out)
    assert waits == [1, 2, 30, 8]


def test_a_dead_server_is_given_up_for_the_mirror(server: Server, out: Path, waits: list[float]) -> None:
    dead = "http://127.0.0.1:9/file"
    mirror = server.serve("/mirror", Answer())
    assert download(dead, out, fallback_urls=[mirror]).url == mirror
    assert waits == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(
    ("path", "answer", "options", "problem"),
    [
        ("/file", Answer(b"", 404), {}, "404 Not Found"),
        ("/file", Answer(PAGE), {}, "a web page instead of the file"),
        ("/file", Answer(PAGE), {"md5": "0" * 32}, "a web page instead of the file"),
        ("/file", Answer(b""), {}, "the file is empty"),
        ("/file", Answer(length=len(BODY) + 1, ranges=False), {}, "broke off after 3,158,073 of 3,158,074 bytes"),
        ("/file", Answer(length=len(BODY) - 1), {"size": len(BODY)}, "3,158,072 bytes instead of 3,158,073"),
        ("/file", Answer(encoding="chunked"), {"size": 5}, "more than 5 bytes, the size in --size"),
        ("/file", Answer(), {"md5": "0" * 32}, "wrong checksum: md5"),
        ("/file", Answer(), {"sha256": "0" * 64}, "wrong checksum: sha256"),
        ("/file", Answer(encoding="none"), {}, "does not report the length of the file"),
        ("/file", Answer(encoding="chunked", stop_after=MIB), {}, "the connection broke off"),
        ("/p.bed.gz", Answer(PEAKS, length=len(PEAKS) - 5), {}, "not a whole gzip file"),
        ("/p.bed.gz", Answer(PEAKS, encoding="none", stop_after=50), {}, "not a whole gzip file"),
        ("/p.bed.gz", Answer(b"chr1\t100\t300\n"), {}, "not a whole gzip file"),
        ("/p.bed.gz", Answer(PEAKS[:-8] + bytes(8)), {}, "not a whole gzip file"),
    ],
)
def test_what_is_refused_never_gets_the_final_name(
    server: Server, out: Path, path: str, answer: Answer, options: dict, problem: str
) -> None:
    url = server.serve(path, answer)
    with pytest.raises(DataError) as error:
        download(url, out, retries=1, **options)
    assert error.value.problem.startswith(f"{url}: ")
    assert problem in error.value.problem
    assert f"place it at {out}" in error.value.hint
    assert "file" not in left(out)


def test_a_wrong_checksum_is_not_asked_for_again(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer(OTHER))
    mirror = server.serve("/mirror", Answer())
    fetched = download(url, out, fallback_urls=[mirror], sha256=hashlib.sha256(BODY).hexdigest())
    assert (fetched.url, len(server.requests)) == (mirror, 2)


def test_a_mirror_may_be_another_format(server: Server, out: Path) -> None:
    """The bigBed of peaks replaces their BED: the name ends in .gz, what came from a .bigBed URL does not."""
    bigbed = b"\xeb\xf2\x89\x87" + BODY
    mirror = server.serve("/peaks.bigBed", Answer(bigbed))
    download(server.url + "/peaks.bed.gz", out.with_name("peaks.bed.gz"), fallback_urls=[mirror])
    assert out.with_name("peaks.bed.gz").read_bytes() == bigbed


def test_all_sources_are_named_in_one_line(server: Server, out: Path) -> None:
    with pytest.raises(DataError) as error:
        download(server.url + "/a", out, fallback_urls=[server.serve("/b", Answer(PAGE)), "/no/such"])
    assert str(error.value) == (
        f"{server.url}/a: 404 Not Found; {server.url}/b: a web page instead of the file; "
        "/no/such: No such file or directory "
        f"(try again later, or fetch the file in another way and place it at {out})"
    )


def test_a_place_that_cannot_be_one_stops_before_anything_is_fetched(server: Server, out: Path) -> None:
    with pytest.raises(DataError, match="ftp:// is not supported, use https://"):
        download(server.serve("/file", Answer()), out, fallback_urls=["ftp://127.0.0.1/c"])
    assert server.requests == [] and left(out) == []


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\udcffb", "a\u2028b"])
def test_a_path_that_no_row_of_the_lock_file_can_hold_is_refused(tmp_path: Path, out: Path, name: str) -> None:
    lock = tmp_path / "lock.tsv"
    (tmp_path / name).write_bytes(BODY)
    with pytest.raises(DataError, match="control character"):
        download(str(tmp_path / name), out, lockfile=lock)
    (tmp_path / "good").write_bytes(BODY)
    download(str(tmp_path / "good"), out, mirror=str(tmp_path / name), lockfile=lock)
    assert len(lock.read_text().splitlines()) == 2


def test_paths_and_file_urls(tmp_path: Path, out: Path, waits: list[float]) -> None:
    source = tmp_path / "peaks #1"
    source.write_bytes(BODY)
    download(str(source), out)
    download(source.as_uri(), out.with_name("again"))
    assert out.read_bytes() == out.with_name("again").read_bytes() == BODY
    with pytest.raises(DataError, match="No such file"):
        download(str(tmp_path / "absent"), out.with_name("absent"))
    assert waits == []


def test_a_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(DataError, match=r"Not a directory|File exists"):
        download(server.serve("/file", Answer()), tmp_path / "folder" / "file")


def test_the_command(server: Server, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = hashlib.sha256(BODY).hexdigest()
    mirror = server.serve("/mirror", Answer())
    arguments = ["download", server.url + "/file", str(out), "--fallback-url", mirror, "--sha256", digest]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{server.url}/file: 404 Not Found\n{out}: 3,158,073 bytes, from {mirror}, sha256 {digest}\n"
    assert main(["download", server.url + "/absent", str(out.with_name("other"))]) == 1
    capsys.readouterr()
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith(f"{out}: 3,158,073 bytes, already there, sha256 ")


def start(url: str, out: Path, **options: object) -> subprocess.Popen[str]:
    """Start a process that downloads a file."""
    keywords = "".join(f", {name}={value!r}" for name, value in options.items())
    code = (
        "import sys, logging; logging.basicConfig(level=20, stream=sys.stdout, format='%(message)s')\n"
        "from regssl.download.fetch import download\n"
        f"print(download({url!r}, {str(out)!r}{keywords}).url or 'already there')"
    )
    return subprocess.Popen([sys.executable, "-c", code], text=True, stdout=subprocess.PIPE)


def test_two_at_once_fetch_one_file_once(server: Server, out: Path) -> None:
    """The second, which an orphan of a killed workflow may be as well, waits for the first, and verifies its file."""
    go_on, lock = threading.Event(), out.with_name("lock.tsv")
    url = server.serve("/file", Answer(stop_after=2 * MIB, wait=go_on), Answer())
    first = start(url, out, lockfile=str(lock))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and "file.part" not in left(out):
        go_on.wait(0.02)
    second = start(url, out, lockfile=str(lock))
    assert second.stdout is not None
    assert second.stdout.readline() == f"{out}: another process is writing it; waiting for that\n"
    go_on.set()
    assert second.communicate(timeout=30)[0] == "already there\n" and first.communicate(timeout=30)[0].endswith(
        url + "\n"
    )
    assert out.read_bytes() == BODY and len(server.requests) == 2, "one transfer, broken off once"
    assert left(out) == ["file", "lock.tsv"]
    assert [row.split("\t")[1:3] for row in lock.read_text().splitlines()[1:]] == [
        [str(len(BODY)), hashlib.sha256(BODY).hexdigest()]
    ]


def test_who_waits_for_a_process_that_is_killed_goes_on_where_it_was(server: Server, out: Path) -> None:
    never = threading.Event()
    url = server.serve("/file", Answer(stop_after=2 * MIB, wait=never), Answer())
    first = start(url, out)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (out.with_name("file.part.json").exists() and server.requests):
        never.wait(0.02)
    second = start(url, out)
    assert second.stdout is not None and "waiting" in second.stdout.readline()
    first.kill()
    first.communicate()
    assert second.communicate(timeout=30)[0].endswith(f"{url}\n")
    never.set()
    assert out.read_bytes() == BODY and left(out) == ["file"] and str(server.ranges[1]).startswith("bytes=")


def test_many_at_once_leave_one_whole_file(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer())
    started = [start(url, out, lockfile=str(out.with_name("lock.tsv"))) for _ in range(4)]
    assert sorted(process.communicate(timeout=60)[0].splitlines()[-1] for process in started) == [
        *["already there"] * 3, url,
    ]  # fmt: skip
    assert out.read_bytes() == BODY and left(out) == ["file", "lock.tsv"] and len(server.requests) == 1


@pytest.mark.parametrize("name", ["file.part", "file.part.json", ".file.lock"])
@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_no_link_beside_the_file_is_written_through(server: Server, out: Path, name: str, link: str) -> None:
    out.parent.mkdir()
    own = out.with_name("own")
    own.write_bytes(b"someone's work")
    (out.with_name(name).symlink_to if link == "symbolic" else out.with_name(name).hardlink_to)(own)
    url = server.serve("/file", Answer(stop_after=MIB), Answer())
    if (name, link) == (".file.lock", "symbolic"):
        with pytest.raises(DataError, match="symbolic links"):
            download(url, out)
    else:
        download(url, out)
        assert out.read_bytes() == BODY and not out.is_symlink()
    assert own.read_bytes() == b"someone's work"


def test_a_part_whose_notes_were_forged_is_begun_again(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer())
    for notes in ("[" * 50_000, "[]", "{}", '{"url": 1, "size": "x", "etag": 5, "modified": null}', "\0", "1e999"):
        out.parent.mkdir(exist_ok=True)
        out.with_name("file.part").write_bytes(b"junk")
        out.with_name("file.part.json").write_text(notes)
        download(url, out)
        assert out.read_bytes() == BODY and left(out) == ["file"]
        out.unlink()


def test_a_symbolic_link_as_output_is_followed(server: Server, tmp_path: Path) -> None:
    (tmp_path / "big disk").mkdir()
    out = tmp_path / "file"
    out.symlink_to(tmp_path / "big disk" / "kept")
    url = server.serve("/file", Answer(), Answer(OTHER))
    download(url, out)
    assert out.is_symlink() and (tmp_path / "big disk/kept").read_bytes() == BODY
    assert download(url, out).url == ""
    assert left(tmp_path / "big disk/kept") == ["kept"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_a_lock_file_that_is_no_file_is_refused(server: Server, tmp_path: Path, out: Path, kind: str) -> None:
    lock = tmp_path / "lock.tsv"
    {"folder": lock.mkdir, "pipe": lambda: os.mkfifo(lock), "device": lambda: lock.symlink_to("/dev/null")}[kind]()
    with pytest.raises(DataError, match=r"lock\.tsv: not a regular file"):
        download(server.serve("/file", Answer()), out, lockfile=lock)
    assert server.requests == [] and left(out) == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "circle"])
def test_an_output_that_is_no_file_is_refused(server: Server, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "folder":
        out.mkdir()
    elif kind == "pipe":
        os.mkfifo(out)
    else:
        out.symlink_to("/dev/null" if kind == "device" else out)
    with pytest.raises(DataError, match=r"not a regular file|symbolic links"):
        download(server.serve("/file", Answer()), out)
    assert server.requests == [] and left(out) == ["out"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "empty"])
def test_a_source_that_is_no_file_is_refused(tmp_path: Path, out: Path, kind: str) -> None:
    source = Path("/dev/zero") if kind == "device" else tmp_path / "source"
    {"folder": source.mkdir, "pipe": lambda: os.mkfifo(source), "device": bool, "empty": source.touch}[kind]()
    with pytest.raises(DataError, match="the file is empty" if kind == "empty" else "not a regular file"):
        download(source.as_uri(), out)
    assert left(out) == []


def test_a_copy_of_a_file_is_no_link_to_it(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(BODY)
    os.utime(source, (1, 1))
    download(source.as_uri(), out)
    out.write_bytes(b"changed")
    assert source.read_bytes() == BODY and source.stat().st_mtime == 1 and source.stat().st_nlink == 1


def test_each_message_about_a_sum_names_where_it_comes_from(server: Server, tmp_path: Path) -> None:
    out, lock, cell = tmp_path / "file", tmp_path / "lock.tsv", "datasets.tsv, row 'ctcf', column peaks"
    url = server.serve("/file", Answer())

    def message(**options: str) -> str:
        with pytest.raises(DataError) as error:
            download(url, out, **options)
        return str(error.value)

    right, wrong = hashlib.sha256(BODY).hexdigest(), "0" * 64
    assert f"sha256 {right} instead of {wrong}, that in {cell}" in message(sha256=wrong, origin=cell)
    download(url, out, lockfile=lock)
    for options in ({"sha256": wrong}, {"md5": wrong[:32]}):  # a sum that is added later
        assert f"instead of {next(iter(options.values()))}, that in {cell}" in message(**options, origin=cell)
    out.write_bytes(b"placed by hand")
    assert f"14 bytes instead of 3,158,073, the size in {lock}, row of {url}" in message(lockfile=str(lock))
    assert f"instead of {right}, that in {cell}" in message(sha256=right, origin=cell, lockfile=str(lock))
    said = message(sha256=wrong, origin=cell, lockfile=str(lock))
    assert said.startswith(f"{lock}, row of {url}: sha256 {right}, but {cell}: {wrong} (")
    assert out.read_bytes() == b"placed by hand"


def test_a_digest_that_is_none_is_refused_before_anything_is_fetched(server: Server, out: Path) -> None:
    with pytest.raises(DataError, match="--sha256: 'abc' is no sha256 digest"):
        download(server.serve("/file", Answer()), out, sha256="abc")
    assert server.requests == []


def test_a_checksum_in_the_url_itself_is_checked(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer())
    with pytest.raises(DataError, match=r"wrong checksum: sha256 .* instead of 0{64}"):
        download(f"{url}#sha256={'0' * 64}", out)
    download(f"{url}#md5={hashlib.md5(BODY).hexdigest()}", out, lockfile=out.with_name("lock.tsv"))
    assert f"\n{url}\t" in out.with_name("lock.tsv").read_text()
    out.unlink()
    with pytest.raises(DataError, match=r"wrong checksum: md5 .* instead of 0{32}, that in the URL"):
        download(f"{url}#md5={'0' * 32}", out, sha256=hashlib.sha256(BODY).hexdigest())
    with pytest.raises(DataError, match="what follows #"):
        download(f"{url}#md5=1", out)

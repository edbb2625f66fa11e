"""`regssl check-downloads`: what answers, in which words, never hanging."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from helpers import localserver
from helpers.localserver import Answer
from regssl.cli import main
from regssl.download.availability import Answer as Answered
from regssl.download.availability import check_availability, head
from regssl.download.sources import Source

BODY = b"x" * 1_234_567
PAGE = Answer(b"<html>sign in</html>", headers={"Content-Type": "text/html; charset=utf-8"})


@pytest.fixture
def server() -> Iterator[localserver.Server]:
    with localserver.listening() as state:
        yield state


@pytest.mark.parametrize(
    ("answer", "response", "methods"),
    [
        (Answer(BODY), Answered(True, "200", len(BODY)), ["HEAD"]),
        (Answer(BODY, head=405), Answered(True, "206", len(BODY)), ["HEAD", "GET"]),
        (Answer(BODY, head=403), Answered(True, "206", len(BODY)), ["HEAD", "GET"]),
        (Answer(BODY, head=500, ranges=False), Answered(True, "200", len(BODY)), ["HEAD", "GET"]),
        (Answer(BODY, encoding="chunked"), Answered(True, "200", None), ["HEAD"]),
        (Answer(b"", 404), Answered(False, "404 Not Found"), ["HEAD"]),
        (Answer(b"", 503), Answered(False, "503 Service Unavailable"), ["HEAD", "GET"]),
        (Answer(b""), Answered(False, "200, but empty"), ["HEAD"]),
        (PAGE, Answered(False, "200, but a web page"), ["HEAD"]),
    ],
)
def test_responses_of_a_server(
    server: localserver.Server, answer: Answer, response: Answered, methods: list[str]
) -> None:
    assert head(server.serve("/file", answer), 5) == response
    assert server.methods == methods


def test_a_redirect_is_followed(server: localserver.Server) -> None:
    there = server.serve("/there", BODY)
    assert head(server.serve("/here", Answer(b"", 302, headers={"Location": there})), 5) == Answered(
        True, "200", len(BODY)
    )


@pytest.mark.parametrize("drips", [False, True])
def test_no_answer_takes_no_longer_than_the_timeout(drips: bool) -> None:
    """A server that takes the connection and sends nothing, or a letter now and then, which no socket timeout ends."""

    def drip(send: Callable[[bytes], None], over: threading.Event) -> None:
        while not over.wait(0.05):
            send(b"H" if drips else b"")

    with localserver.answering(drip) as url:
        began = time.monotonic()
        response = head(f"{url}/file", 0.6)
        assert time.monotonic() - began < 2
        assert not response.exists and response.message in ("no answer in 0.3 s", "timed out")


def test_a_port_where_nobody_listens() -> None:
    assert "refused" in head("http://127.0.0.1:9/file", 5).message


def test_files_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a b.bed").write_bytes(BODY)
    (tmp_path / "empty").touch()
    for place in (str(tmp_path / "a b.bed"), (tmp_path / "a b.bed").as_uri()):
        assert head(place, 1) == Answered(True, "on this machine", len(BODY))
    assert head(str(tmp_path / "none"), 1) == Answered(False, "no such file")
    assert head(str(tmp_path / "empty"), 1) == Answered(False, "empty", 0)
    assert head("ftp://h.example/x", 1) == Answered(False, "ftp:// is not supported, use https://")


def write_config(folder: Path, url: str) -> str:
    (folder / "genomes.tsv").write_text(
        f"genome\tname\tsequence\tsequence_fallback_url\tchain\nhg38\tHuman\t{url}/hg38.2bit\t{url}/old/hg38.2bit\t\n"
        f"mm10\tMouse\t{url}/mm10.2bit\t{folder}/mm10.2bit\t{url}/mm10.chain.gz\n"
    )
    (folder / "datasets.tsv").write_text(
        f"dataset\tname\tpeaks\tstatus\nctcf\tCTCF\t{url}/ctcf.bed\taccession seen\nnext\tNEXT\t\tmissing\n"
    )
    values = {
        "datasets": str(folder / "datasets.tsv"),
        "genomes": str(folder / "genomes.tsv"),
        "downloads_dir": str(folder / "downloads"),
        "human": "hg38",
        "blacklist": None,
        "snps": None,
        "measured": None,
        "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
        "run_models": ["cnn"],
        "methods": ["sl"],
        "seeds": [0],
        "models": {"cnn": {"architecture": "deepbind", "name": "CNN"}},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(values))
    return str(folder / "config.yaml")


def test_the_command_prints_a_table_and_fails_where_a_file_is_nowhere(
    server: localserver.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, server.url)
    server.serve("/hg38.2bit", BODY)
    server.serve("/ctcf.bed", Answer(BODY, head=405))
    (tmp_path / "mm10.2bit").write_bytes(BODY)
    assert main(["check-downloads", config, "--timeout", "5"]) == 1
    printed = capsys.readouterr()
    lines = {line.rpartition("/")[2]: line for line in printed.out.splitlines()}
    assert "1.2 MB" in lines["hg38.2bit"] and "200" in lines["hg38.2bit"]
    assert "127.0.0.1: NO, 404 Not Found" in lines["hg38.2bit"], "its fallback does not answer"
    assert "NO, 404 Not Found" in lines["mm10.2bit"] and "on this machine" in lines["mm10.2bit"]
    assert "206" in lines["ctcf.bed"] and "accession seen" in lines["ctcf.bed"]
    assert "row 'next', column peaks: is empty (status: missing)" in printed.out
    assert "4 files, 3 available: 0.00 GB" in printed.out
    nowhere = f"{tmp_path}/downloads/127.0.0.1/mm10.chain.gz"
    assert f"1 of 4 files are available nowhere: {nowhere} (try again later" in printed.err

    (tmp_path / "downloads/127.0.0.1").mkdir(parents=True)
    Path(nowhere).write_bytes(b"placed by hand")
    assert main(["check-downloads", config, "--timeout", "5"]) == 0
    assert "localhost: on this machine; 127.0.0.1: NO, 404 Not Found" in capsys.readouterr().out


def test_places_above_the_folder_are_named_like_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "old.bed").write_bytes(BODY)
    monkeypatch.chdir(tmp_path / "here")
    sources = {"downloads/h.example/x.bed": Source("http://127.0.0.1:9/x.bed", ("../old.bed",), "peaks")}
    line = check_availability(sources, "../mirror", 2)[0].line
    assert "NO, no such file" in line and "localhost: on this machine" in line and "127.0.0.1: NO" in line


def test_a_mirror_is_asked_first(
    server: localserver.Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, mirror = write_config(tmp_path, "http://nowhere.invalid"), tmp_path / "mirror/nowhere.invalid"
    mirror.mkdir(parents=True)
    for name in ("hg38.2bit", "mm10.2bit", "mm10.chain.gz", "ctcf.bed"):
        (mirror / name).write_bytes(BODY)
    assert main(["check-downloads", config, "--timeout", "2", "--mirror", str(tmp_path / "mirror")]) == 0
    printed = capsys.readouterr().out
    assert printed.count("on this machine") == 4
    assert "4 files, 4 available" in printed

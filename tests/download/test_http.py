"""Servers that hold a client up, send it elsewhere, or never end; and what they must never be told."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from io import BytesIO
from pathlib import Path

import pytest
import requests

from helpers.downloads import BODY, MIB, Answer, left
from helpers.localserver import Server, answering
from regssl.cli import main
from regssl.download import http, transfer
from regssl.download.availability import head
from regssl.download.fetch import download
from regssl.errors import DataError

Send = Callable[[bytes], None]

HEAD = b'HTTP/1.1 200 OK\r\nETag: "v1"\r\n'


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
    """A second instead of a minute."""
    monkeypatch.setattr(http, "SPEED_SECONDS", 0.5)
    monkeypatch.setattr(http, "TIMEOUT", 0.5)


@pytest.mark.parametrize("length", [b"Content-Length: 5000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
def test_a_place_that_sends_byte_by_byte_is_given_up_for_the_next(
    short: None, server: Server, out: Path, length: bytes
) -> None:
    def drip(send: Send, over: threading.Event) -> None:
        send(HEAD + length)
        while not over.wait(0.02):
            send(b"x" if length.startswith(b"Content") else b"1\r\nx\r\n")

    archive = server.serve("/archive", Answer())
    with answering(drip) as url:
        began = time.monotonic()
        assert download(f"{url}/file", out, fallback_urls=[archive]).url == archive
        assert time.monotonic() - began < 5
        with pytest.raises(DataError, match=r"/file: too slow, \d+ bytes in \d+ s"):
            download(f"{url}/file", out.with_name("other"))
    assert left(out) == ["file", "other.part", "other.part.json"], "what there is of it can be resumed"


@pytest.mark.parametrize("text", [HEAD + b"X: ", b""])
def test_headers_that_never_end_take_no_longer_than_the_timeout(short: None, out: Path, text: bytes) -> None:
    def drip(send: Send, over: threading.Event) -> None:
        send(text)
        while not over.wait(0.02):
            send(b"x")

    with answering(drip) as url, pytest.raises(DataError, match=r"no answer in 0\.5 s \(after 1 retries\)"):
        download(f"{url}/file", out, retries=1)
    assert left(out) == []


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("file", {"size": 1000}, "more than 1,000 bytes, the size in --size"),
        ("file", {}, "more than 2,097,152 bytes, the size in a file that nobody knows"),
        ("file.gz", {}, "more than 2,097,152 bytes"),
    ],
)
def test_a_body_without_end_is_limited(
    monkeypatch: pytest.MonkeyPatch, out: Path, name: str, options: dict[str, int], problem: str
) -> None:
    monkeypatch.setattr(transfer, "MAX_BYTES", 2 * MIB)

    def flood(send: Send, over: threading.Event) -> None:
        send(HEAD + (b"\r\n" if name.endswith("gz") else b"Transfer-Encoding: chunked\r\n\r\n"))
        while True:
            send(b"10000\r\n" + bytes(2**16) + b"\r\n")

    with answering(flood) as url, pytest.raises(DataError, match=problem):
        download(f"{url}/{name}", out, **options)
    assert left(out) == [], "what is of no use is removed"


def test_a_size_beyond_all_measure_is_refused_before_its_body(server: Server, out: Path) -> None:
    with pytest.raises(DataError, match=r"1,000,000,000,000,000 bytes, more than the limit"):
        download(server.serve("/file", Answer(length=10**15)), out)
    assert left(out) == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "gopher://h/x"])
def test_a_redirect_to_another_scheme_is_refused(server: Server, out: Path, waits: list[float], target: str) -> None:
    url = server.serve("/file", Answer(b"", 302, headers={"Location": target}))
    with pytest.raises(DataError, match=f"No connection adapters were found for '{target.partition(':')[0]}:"):
        download(url, out)
    assert waits == [] and left(out) == []


@pytest.mark.parametrize("target", ["http://h.example/x", "https://m.example/x", "/y"])
def test_a_redirect_from_https_to_http_is_refused(target: str) -> None:
    response = requests.Response()
    response.url, response.status_code, response.headers["Location"] = "https://h.example/x", 302, target
    response.raw = BytesIO()
    with pytest.raises(http.Refused) if target.startswith("http:") else contextlib.nullcontext():
        assert http._Session().get_redirect_target(response) == target


def test_redirects_that_go_in_a_circle_end(server: Server, out: Path, waits: list[float]) -> None:
    url = server.serve("/file", Answer(b"", 302, headers={"Location": "/file"}))
    with pytest.raises(DataError, match="redirects"):
        download(url, out)
    assert waits == []


def test_a_redirect_with_a_body_without_end_is_followed_all_the_same(server: Server, out: Path) -> None:
    there = server.serve("/there", Answer())

    def flood(send: Send, over: threading.Event) -> None:
        send(f"HTTP/1.1 302 Found\r\nLocation: {there}\r\n\r\n".encode())
        for _ in itertools.count():
            send(bytes(2**16))

    with answering(flood) as url:
        download(f"{url}/file", out)
    assert out.read_bytes() == BODY


def test_a_login_of_netrc_is_sent_to_its_host_and_to_no_redirect(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").chmod(0o600)
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    url = server.serve("/file", Answer(b"", 302, headers={"Location": f"{elsewhere}/there"}))
    server.serve("/there", Answer())
    download(url, out)
    assert server.logins == ["Basic bWU6c2VjcmV0", None]


def test_a_password_is_shown_nowhere(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    lock, secret = tmp_path / "lock.tsv", server.url.replace("://", "://me:S3cret@")
    server.serve("/file", Answer())
    options = ["--lockfile", str(lock), "--retries", "0"]
    assert main(["download", f"{secret}/file", str(tmp_path / "a"), *options]) == 1
    assert main(["download", f"{server.url}/x", str(tmp_path / "b"), "--fallback-url", f"{secret}/file", *options]) == 1
    assert main(["download", f"{server.url}/file", str(tmp_path / "c"), "--mirror", secret, *options]) == 0
    moved = server.serve("/moved", Answer(b"", 302, headers={"Location": f"{secret}/gone"}))
    assert main(["download", moved, str(tmp_path / "d"), *options]) == 1
    printed = capsys.readouterr()
    assert "S3cret" not in printed.out + printed.err + lock.read_text() + caplog.text
    assert "user name or password" in printed.err and "***@127.0.0.1" in printed.err


def test_a_busy_server_may_name_a_time(server: Server, out: Path, waits: list[float]) -> None:
    later = Answer(b"", 503, headers={"Retry-After": formatdate(time.time() + 20, usegmt=True)})
    much_later = Answer(b"", 503, headers={"Retry-After": "86400"})
    never = Answer(b"", 503, headers={"Retry-After": "tomorrow"})
    download(server.serve("/file", later, much_later, never, Answer()), out)
    assert 15 < waits[0] <= 20 and waits[1:] == [60, 4]


def test_a_server_without_tls_is_refused_at_once(out: Path, waits: list[float]) -> None:
    with answering(lambda send, over: send(b"not TLS")) as url, pytest.raises(DataError, match="SSL"):
        download(url.replace("http:", "https:") + "/file", out)
    assert waits == [] and not os.path.lexists(out)


ODD = {
    "a length of 5,000 digits": b"Content-Length: " + b"9" * 5000,
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6",
    "a negative length": b"Content-Length: -5",
    "a length in words": b"Content-Length: five",
    "a range of 5,000 digits": b"Content-Range: bytes 0-1/" + b"9" * 5000,
    "headers without end": b"".join(b"X-%d: y\r\n" % number for number in range(200)) + b"X: y",
    "a long header": b"X: " + b"y" * 70_000,
    "a header without a colon": b"no colon",
    "bytes of no encoding": b"ETag: \xff\xfe\x00\r\nLast-Modified: \x80",
    "dates of no calendar": b"Last-Modified: Mon, 99 Foo 0000 99:99:99 GMT\r\nDate: 1e99",
    "a year of 30 digits": b"Date: Mon, 1 Jan "
    + b"9" * 30
    + b" 00:00:00 GMT\r\nLast-Modified: Mon, 1 Jan 2024 00:00:00 GMT",
    "an unknown coding": b"Transfer-Encoding: mystery",
    "a redirect to nowhere": b"Location: http://[::1/\r\nContent-Length: 0",
    "a redirect of no encoding": b"Location: \xff\xfe\r\nContent-Length: 0",
    "a redirect to a port of no number": b"Location: http://h:x/\r\nContent-Length: 0",
    "a redirect without a host": b"Location: http:///x\r\nContent-Length: 0",
    "a time of no kind": b"Retry-After: -1e9\r\nContent-Length: 0",
}


@pytest.mark.parametrize(
    "status", [b"200 OK", b"206 Partial Content", b"302 Found", b"503 Busy", b"500 \x1b[31m", b"2"]
)
@pytest.mark.parametrize("kind", ODD)
def test_odd_headers_are_understood_or_refused(out: Path, waits: list[float], status: bytes, kind: str) -> None:
    def answer(send: Send, over: threading.Event) -> None:
        send(b"HTTP/1.1 " + status + b"\r\n" + ODD[kind] + b"\r\n\r\nx")

    with answering(answer) as url:
        with pytest.raises(DataError) as error:
            download(f"{url}/file", out, retries=1)
        assert str(error.value).isprintable() and len(str(error.value)) < 600
        head(f"{url}/file", 2)
    assert left(out) in ([], ["file.part", "file.part.json"])

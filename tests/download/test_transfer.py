"""Transfers: resumed where they broke off, begun again where the file has changed, and reported."""

from __future__ import annotations

import hashlib
import logging
import random
import re
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.downloads import BODY, MIB, OTHER, Answer, left
from helpers.localserver import Server
from regssl import progress
from regssl.download.fetch import download
from regssl.errors import DataError

pytestmark = pytest.mark.usefixtures("waits")


def test_a_server_that_ignores_ranges_is_read_from_the_start(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer(stop_after=2 * MIB), Answer(ranges=False))
    download(url, out)
    assert out.read_bytes() == BODY
    assert server.ranges == [None, f"bytes={2 * MIB}-"]


def begin(server: Server, out: Path, answer: Answer) -> str:
    """Break off after the first MiB of a file, which stays if the server can tell that a file is the same."""
    answer.stop_after = MIB
    url = server.serve("/file", answer)
    with pytest.raises(DataError, match="broke off after 1,048,576 of 3,158,073 bytes"):
        download(url, out, retries=0)
    assert left(out) == (["file.part", "file.part.json"] if answer.etag.startswith('"') or answer.modified else [])
    server.requests.clear()
    return url


JANUARY, FEBRUARY = "Mon, 01 Jan 2024 00:00:00 GMT", "Thu, 01 Feb 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("before", "after", "ranges"),
    [
        (Answer(), Answer(OTHER, etag='"v2"'), [MIB]),  # the server honours If-Range
        (Answer(etag="", modified=JANUARY), Answer(OTHER, etag="", modified=FEBRUARY), [MIB]),
        (Answer(etag='W/"v1"'), Answer(OTHER, etag='W/"v1"'), [None]),  # a weak tag is not allowed in If-Range
        (Answer(etag=""), Answer(OTHER, etag=""), [None]),  # nobody could tell
        (Answer(), Answer(BODY[:1000]), [MIB, None]),  # shorter than what is there: status 416
        (Answer(), Answer(BODY + b"more"), [MIB, None]),  # the same tag, another length
        (Answer(), Answer(BODY[:1000], etag='"v2"'), [MIB]),
    ],
)
def test_a_file_that_has_changed_is_begun_again(
    server: Server, out: Path, before: Answer, after: Answer, ranges: list[int | None]
) -> None:
    url = begin(server, out, before)
    server.serve("/file", after)
    download(url, out)
    assert out.read_bytes() == after.body
    assert server.ranges == [None if start is None else f"bytes={start}-" for start in ranges]


SMALL = [random.Random(seed).randbytes(size) for seed, size in ((1, 200_000), (2, 200_000), (3, 150_000))]
VALIDATORS = {
    "strong": {"etag": '"v{}"'},
    "weak": {"etag": 'W/"v{}"'},
    "date": {"etag": "", "modified": "{}"},
    "none": {"etag": ""},
}


@settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    validator=st.sampled_from(sorted(VALIDATORS)),
    if_range=st.booleans(),
    tries=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 200_000), st.booleans()), min_size=1, max_size=5),
    known=st.booleans(),
)
def test_a_file_that_changes_again_and_again_is_never_a_mixture(
    server: Server, tmp_path: Path, validator: str, if_range: bool, tries: list[tuple[int, int, bool]], known: bool
) -> None:
    """Answers that break off, of versions of a file, from a server of one habit; with the checksum of the last one."""
    out, answers = tmp_path / "file", []
    out.unlink(missing_ok=True)
    for version, stop, chunked in tries:
        values = {"etag": str(version), "modified": formatdate(1e9 + 1e5 * version, usegmt=True)}
        words = {key: word.format(values[key]) for key, word in VALIDATORS[validator].items()}
        encoding = "chunked" if chunked else "length"
        answers.append(Answer(SMALL[version], if_range=if_range, stop_after=stop, encoding=encoding, **words))
    answers[-1].stop_after = None
    last = answers[-1].body
    options = {"sha256": hashlib.sha256(last).hexdigest()} if known else {}
    try:
        download(server.serve("/file", *answers), out, retries=30, **options)
    except DataError as error:
        assert known and "wrong checksum" in str(error), "another version came whole"
        assert left(out) == []
    else:
        assert out.read_bytes() == last if known else out.read_bytes() in SMALL
        assert left(out) == ["file"]


def test_a_date_of_the_same_second_is_no_validator(server: Server, out: Path) -> None:
    """The file may have changed within it: RFC 9110, section 8.8.2.2."""
    url = server.serve("/file", Answer(etag="", modified=formatdate(time.time() + 60, usegmt=True), stop_after=MIB))
    with pytest.raises(DataError):
        download(url, out, retries=0)
    assert left(out) == []


def test_without_a_validator_a_checksum_allows_to_resume(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer(etag="", stop_after=MIB), Answer(etag=""))
    download(url, out, sha256=hashlib.sha256(BODY).hexdigest())
    assert out.read_bytes() == BODY and server.ranges == [None, f"bytes={MIB}-"]


def test_without_a_validator_a_mixture_is_found_by_the_checksum(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer(OTHER, etag="", stop_after=MIB), Answer(etag=""))
    download(url, out, md5=hashlib.md5(BODY).hexdigest())
    assert out.read_bytes() == BODY and server.ranges == [None, f"bytes={MIB}-", None]


def test_the_date_replaces_a_weak_tag(server: Server, out: Path) -> None:
    url = begin(server, out, Answer(etag='W/"v1"', modified=JANUARY))
    server.serve("/file", Answer(b"x" * MIB + BODY[MIB:], etag='W/"v1"', modified=JANUARY))
    download(url, out)
    assert out.read_bytes() == BODY  # the second answer's first MiB was not asked for


def test_a_part_without_notes_or_of_another_url_is_begun_again(server: Server, out: Path) -> None:
    begin(server, out, Answer())
    download(server.serve("/elsewhere", Answer(OTHER)), out)
    assert out.read_bytes() == OTHER
    out.unlink()
    out.with_name("file.part").write_bytes(b"something")
    download(server.serve("/file", Answer()), out)
    assert out.read_bytes() == BODY
    assert server.ranges == [None, None]


def test_a_spoilt_beginning_is_found_by_the_checksum_and_fetched_again(server: Server, out: Path) -> None:
    url = begin(server, out, Answer())
    out.with_name("file.part").write_bytes(bytes(MIB))
    server.serve("/file", Answer())
    download(url, out, md5=hashlib.md5(BODY).hexdigest())
    assert out.read_bytes() == BODY
    assert server.ranges == [f"bytes={MIB}-", None]


def test_a_part_that_was_complete_needs_no_request(server: Server, out: Path) -> None:
    url = begin(server, out, Answer())
    out.with_name("file.part").write_bytes(BODY)
    download(url, out)
    assert out.read_bytes() == BODY
    assert server.requests == []


@pytest.mark.parametrize("encoding", ["chunked", "none"])
def test_a_file_of_unannounced_length_is_accepted_if_its_end_is_certain(
    server: Server, out: Path, encoding: str
) -> None:
    known = {"sha256": hashlib.sha256(BODY).hexdigest()} if encoding == "none" else {}
    download(server.serve("/file", Answer(encoding=encoding)), out, **known)
    assert out.read_bytes() == BODY


def test_a_known_size_tells_a_break_where_the_server_does_not(server: Server, out: Path) -> None:
    url = server.serve("/file", Answer(encoding="none", stop_after=MIB), Answer())
    download(url, out, size=len(BODY))
    assert out.read_bytes() == BODY and server.ranges == [None, f"bytes={MIB}-"]


def test_progress_is_reported_now_and_then(
    server: Server, out: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "regssl.progress")
    monkeypatch.setattr(progress, "LOG_INTERVAL", 0)
    download(server.serve("/file", Answer()), out)
    reports = [
        re.fullmatch(rf"receiving {out.name}: +(\d+)% ([\d.]+)([kM])/3\.16M \[.+B/s\]", message)
        for message in caplog.messages
    ]
    percents = [int(report[1]) for report in reports if report]
    sizes = [float(report[2]) * {"k": 1e3, "M": 1e6}[report[3]] for report in reports if report]
    assert len(sizes) == len(reports) > 2 and sizes == sorted(sizes) and sizes[-1] == pytest.approx(len(BODY), rel=0.01)
    assert all(abs(percent - 100 * size / len(BODY)) < 1 for percent, size in zip(percents, sizes, strict=True))

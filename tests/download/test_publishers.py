"""Publishers' checksums: where they are, how they are read, and what a right, a lacking and a wrong one does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import localserver
from regssl.download.checks import Known
from regssl.download.fetch import download
from regssl.download.publishers import checksum_list_url, published_checksum
from regssl.errors import DataError

BODY = b"chain 1 chr1 40 + 0 10 chrA 40 + 0 10 1\n10\n\n" * 50
MD5, OTHER = hashlib.md5(BODY).hexdigest(), "0" * 32
UCSC = "https://hgdownload.soe.ucsc.edu/goldenPath/hg38/liftOver/hg38ToMm10.over.chain"
UCSC_AT = "/hgdownload.soe.ucsc.edu/goldenPath/hg38/liftOver"
ENCODE = "https://www.encodeproject.org/files/ENCFF358BXK/@@download/ENCFF358BXK.bigBed"
ENCODE_AT = "/www.encodeproject.org/files/ENCFF358BXK"


@pytest.fixture
def server() -> Iterator[localserver.Server]:
    with localserver.listening() as state:
        yield state


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.mark.parametrize(
    ("url", "listing"),
    [
        (
            "https://hgdownload.soe.ucsc.edu/goldenPath/mm10/bigZips/mm10.2bit",
            "https://hgdownload.soe.ucsc.edu/goldenPath/mm10/bigZips/md5sum.txt",
        ),
        (
            "http://hgdownload.cse.ucsc.edu/goldenpath/hg19/liftOver/hg19ToHg38.over.chain.gz",
            "http://hgdownload.cse.ucsc.edu/goldenpath/hg19/liftOver/md5sum.txt",
        ),
        (ENCODE, "https://www.encodeproject.org/files/ENCFF358BXK/?format=json"),
        ("https://hgdownload.soe.ucsc.edu/gbdb/mm10/mm10.2bit", ""),
        ("https://github.com/Boyle-Lab/Blacklist/raw/master/lists/hg38-blacklist.v2.bed.gz", ""),
        ("https://hgdownload.example.org/goldenPath/x/y.2bit", ""),
        ("/data/peaks.bed", ""),
    ],
)
def test_where_a_checksum_is_published(url: str, listing: str) -> None:
    assert checksum_list_url(url) == listing


@pytest.mark.parametrize(
    ("text", "md5", "message"),
    [
        (f"{OTHER}  hg38ToRn7.over.chain\n{MD5}  hg38ToMm10.over.chain\n", MD5, "md5 from "),
        (f"{MD5.upper()}  ./hg38ToMm10.over.chain\r\n", MD5, "md5 from "),
        (f"{MD5} *hg38ToMm10.over.chain\n", MD5, "md5 from "),
        (f"{OTHER}  hg38ToRn7.over.chain\n", "", "it does not list hg38ToMm10.over.chain"),
        (f"{OTHER}  hg38ToMm10.over.chain\n{MD5}  hg38ToMm10.over.chain\n", "", "with two checksums"),
        ("<!DOCTYPE html><html>down</html>", "", "it is not a list of checksums"),
    ],
)
def test_lists_of_ucsc(server: localserver.Server, text: str, md5: str, message: str) -> None:
    server.serve(f"{UCSC_AT}/md5sum.txt", text.encode())
    known, line = published_checksum(UCSC, server.url)
    place = f"{server.url}{UCSC_AT}/md5sum.txt"
    assert known == ([Known("md5", md5, place)] if md5 else [])
    assert message in line and place in line


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        (json.dumps({"md5sum": MD5, "file_size": len(BODY)}), {"md5": MD5, "size": len(BODY)}, "md5 from "),
        (json.dumps({"md5sum": MD5}), {"md5": MD5}, "md5 from "),
        (json.dumps({"status": "error"}), {}, "not a record of a file"),
        (json.dumps({"md5sum": "none"}), {}, "its md5sum is 'none'"),
        ("[]", {}, "not a record of a file"),
        ("<html>", {}, "not a record of a file"),
    ],
)
def test_records_of_encode(server: localserver.Server, text: str, expected: dict[str, int | str], message: str) -> None:
    server.serve(f"{ENCODE_AT}/?format=json", text.encode())
    known, line = published_checksum(ENCODE, server.url)
    assert {fact.kind: fact.value for fact in known} == expected
    assert message in line


@pytest.mark.parametrize("status", [404, 503])
def test_a_list_that_does_not_answer_is_reported(server: localserver.Server, status: int) -> None:
    server.serve(f"{UCSC_AT}/md5sum.txt", localserver.Answer(b"", status))
    known, line = published_checksum(UCSC, server.url)
    assert not known and str(status) in line


@pytest.mark.parametrize(
    ("listed", "verified"),
    [
        (f"{MD5}  hg38ToMm10.over.chain\n", "md5 from"),
        (f"{OTHER}  another.chain\n", "length"),
        (None, "length"),
    ],
)
def test_a_right_or_lacking_checksum_lets_the_file_pass(
    server: localserver.Server, tmp_path: Path, listed: str | None, verified: str
) -> None:
    server.serve(f"{UCSC_AT}/hg38ToMm10.over.chain", BODY)
    if listed:
        server.serve(f"{UCSC_AT}/md5sum.txt", listed.encode())
    download(UCSC, tmp_path / "x", mirror=server.url, lockfile=tmp_path / "lock.tsv", retries=0)
    assert (tmp_path / "x").read_bytes() == BODY
    (row,) = (tmp_path / "lock.tsv").read_text().splitlines()[1:]
    assert row.split("\t")[0] == UCSC
    assert row.split("\t")[3].startswith(verified)


def test_a_wrong_checksum_is_an_error(server: localserver.Server, tmp_path: Path) -> None:
    server.serve(f"{UCSC_AT}/hg38ToMm10.over.chain", BODY)
    server.serve(f"{UCSC_AT}/md5sum.txt", f"{OTHER}  hg38ToMm10.over.chain\n".encode())
    # the internet cannot be reached from here: the publisher's own place of the file comes last, and is refused
    unreachable = UCSC.replace("https://hgdownload.soe.ucsc.edu", "http://hgdownload.localhost:9")
    with pytest.raises(DataError, match=f"wrong checksum: md5 {MD5} instead of {OTHER}"):
        download(UCSC, tmp_path / "x", fallback_urls=[unreachable], mirror=server.url, retries=0)
    assert not (tmp_path / "x").exists()


def test_encodes_size_and_checksum_are_checked(server: localserver.Server, tmp_path: Path) -> None:
    server.serve(f"{ENCODE_AT}/@@download/ENCFF358BXK.bigBed", BODY)
    server.serve(f"{ENCODE_AT}/?format=json", json.dumps({"md5sum": MD5, "file_size": 7}).encode())
    with pytest.raises(DataError, match=f"{len(BODY):,} bytes instead of 7"):
        download(ENCODE, tmp_path / "x", mirror=server.url, retries=0)


def test_what_the_configuration_knows_is_not_asked_for(server: localserver.Server, tmp_path: Path) -> None:
    server.serve(f"{UCSC_AT}/hg38ToMm10.over.chain", BODY)
    server.serve(f"{UCSC_AT}/md5sum.txt", f"{OTHER}  hg38ToMm10.over.chain\n".encode())
    download(UCSC, tmp_path / "x", mirror=server.url, md5=MD5)
    assert server.paths == [f"{UCSC_AT}/hg38ToMm10.over.chain"]

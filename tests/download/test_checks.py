"""What servers send in place of a file: refused by what it is and by what the name promises."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from helpers.downloads import BODY, PAGE, PEAKS, Answer
from helpers.localserver import Server
from regssl.download.checks import content_problem
from regssl.download.fetch import download
from regssl.errors import DataError

pytestmark = pytest.mark.usefixtures("waits")

HTML = "<html><head><title>Down for maintenance</title></head></html>"
PAGES = {
    "doctype": PAGE,
    "a tag in the middle of a page": b"<center><h1>404 Not Found</h1></center>",
    "a comment before the doctype": b"<!-- maintenance -->\n<!DOCTYPE html>" + HTML.encode(),
    "a byte-order mark": b"\xef\xbb\xbf" + HTML.encode(),
    "UTF-16": HTML.encode("utf-16"),
    "UTF-16 without a mark": HTML.encode("utf-16-be"),
    "UTF-32": HTML.encode("utf-32"),
    "XML of S3": b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code></Error>',
    "JSON": b'{"error": "not found", "status": 404}',
    "a JSON list": b' [{"title": "Forbidden"}]',
    "words": b"Error 404",
    "other words": b"404 Not Found\n",
    "more words": b"Access Denied.",
    "an excuse": b"Sorry, this service is temporarily unavailable",
    "a login": b"Please log in to continue",
    "one word": b"NoSuchKey",
    "a number": b"404",
    "a sentence": b"The page you are looking for does not exist",
    "many words": b"Internal Server Error\r\n\r\n" + b"The server met a condition that it did not expect.\n" * 15,
    "words of another language": "Datei nicht verfügbar".encode(),
    "a status line": b"HTTP/1.1 503 Service Unavailable",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    "a page, compressed": gzip.compress(HTML.encode()),
}


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("table.tsv", text * 1000)
    return file.getvalue()


FILES = {
    "peaks.bed": b"# made by hand\r\n\r\ntrack name=x\nchr1\t1\t20\n",
    "empty.bed": b"#chrom\tstart\tend\n",
    "peaks.narrowPeak": gzip.compress(b"browser position chr7\nchr1 1 20 name with blanks\n"),
    "peaks.bed.gz": PEAKS,
    "x.bigBed": b"\xeb\xf2\x89\x87\x04\x00" + bytes(100),
    "x.bb": b"\x87\x89\xf2\xeb\x00\x04" + bytes(100),
    "x.2bit": b"\x43\x27\x41\x1a" + bytes(100),
    "x.chain.gz": gzip.compress(b"##matrix=axtChain 16 91\nchain 4900 chrY 58368225 + 0 1 chr5 1 + 0 1 1\n1\n\n"),
    "x.fa": b"\n>chr1\nACGT\n",
    "x.fa.gz": gzip.compress(b">chr1\nACGT\n"),
    "x.vcf.gz": gzip.compress(b"##fileformat=VCFv4.2\n#CHROM\n"),
    "x.meme": b"MEME version 4\n\nALPHABET= ACGT\n",
    "x.zip": zipped("a\tb\n"),
    "config.json": b'{"a": 1}',
    "model.safetensors": b"\x40\0\0\0\0\0\0\0{" + bytes(100),
    "table.tsv": b"chrom\tpos\nchr1\t404\n",
    "content": zipped("a\tb\n"),
    "bytes": BODY,
}


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("name", ["file", "peaks.bed", "peaks.bed.gz", "x.2bit", "x.bigBed", "x.chain", "x.zip"])
def test_an_error_page_with_status_200_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "part").write_bytes(PAGES[kind])
    problem = content_problem(tmp_path / "part", f"https://h.example/{name}?x=/y.html")
    assert problem and "\n" not in problem


@pytest.mark.parametrize("name", FILES)
def test_what_is_what_its_name_promises_passes(tmp_path: Path, name: str) -> None:
    (tmp_path / "part").write_bytes(FILES[name])
    assert content_problem(tmp_path / "part", f"https://h.example/a/{name}") == ""


@pytest.mark.parametrize("name", ["x.zip", "x.chain.gz", "peaks.bed.gz", "peaks.narrowPeak", "x.fa.gz"])
def test_every_cut_of_what_is_compressed_is_noticed(tmp_path: Path, name: str) -> None:
    for end in range(1, len(FILES[name]), 7):
        (tmp_path / "part").write_bytes(FILES[name][:end])
        assert content_problem(tmp_path / "part", f"https://h.example/{name}"), end


@pytest.mark.parametrize("name", [name for name in FILES if "." in name and not name.endswith(".tsv")])
def test_bytes_of_no_format_are_not_what_a_name_promises(tmp_path: Path, name: str) -> None:
    (tmp_path / "part").write_bytes(BODY)
    assert content_problem(tmp_path / "part", f"https://h.example/{name}").startswith("not a ")


def test_the_archive_is_tried_and_only_the_good_file_is_locked(server: Server, tmp_path: Path) -> None:
    out, lock = tmp_path / "peaks.bed", tmp_path / "lock.tsv"
    page = server.serve("/peaks.bed", Answer(b"Error 404", headers={"Content-Type": "text/plain"}))
    archive = server.serve("/old/peaks.bed", Answer(FILES["peaks.bed"]))
    assert download(page, out, fallback_urls=[archive], lockfile=lock).url == archive
    assert [line.partition("\t")[0] for line in lock.read_text().splitlines()] == ["url", archive]


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/xhtml+xml"])
def test_a_type_of_content_that_is_a_page_is_refused_unless_a_checksum_knows_better(
    server: Server, out: Path, kind: str
) -> None:
    body = b"chr1\t1\t2\n"
    url = server.serve("/file", Answer(body, headers={"Content-Type": kind}))
    with pytest.raises(DataError, match="a web page instead of the file"):
        download(url, out)
    assert not out.exists()
    download(url, out, md5=hashlib.md5(body).hexdigest())


def test_a_wrong_label_of_a_gzip_file_unpacks_nothing(server: Server, out: Path) -> None:
    download(server.serve("/peaks.bed.gz", Answer(PEAKS, headers={"Content-Encoding": "gzip"})), out)
    assert out.read_bytes() == PEAKS


def test_an_error_page_that_is_there_already_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "peaks.bed").write_bytes(PAGES["UTF-16"])
    with pytest.raises(DataError, match=r"peaks\.bed: a web page instead of the file \(delete it"):
        download("https://h.example/peaks.bed", tmp_path / "peaks.bed")

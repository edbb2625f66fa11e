"""`snakemake downloads`, and a dataset on another assembly, from a mirror and a server: the way of a real user."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers import localserver
from helpers.paths import ROOT

SIZE = 4_000
UCSC = "https://hgdownload.soe.ucsc.edu/goldenPath"
CHAINS = {f"{UCSC}/hg38/liftOver/hg38ToMm10.over.chain.gz": 0, f"{UCSC}/hg19/liftOver/hg19ToHg38.over.chain.gz": 100}


def write_mirror(mirror: Path) -> None:
    """hg38, mm10, chains and peaks of three small chromosomes, under the hosts and paths of the real ones."""
    import gzip

    letters = random.Random(1)
    for genome in ("hg38", "mm10"):
        folder = mirror / f"hgdownload.soe.ucsc.edu/goldenPath/{genome}/bigZips"
        folder.mkdir(parents=True)
        text = "".join(f">chr{i}\n{''.join(letters.choices('ACGT', k=SIZE))}\n" for i in (1, 2, 3))
        (folder / "genome.fa").write_text(text)
        subprocess.run([sys.executable, "-m", "regssl.cli", "step", "index-genome", folder / "genome.fa",
                        folder / f"{genome}.2bit"], check=True, capture_output=True)  # fmt: skip
        (folder / "genome.fa").unlink()
    for url, shift in CHAINS.items():
        path = mirror / url.removeprefix("https://")
        path.parent.mkdir(parents=True, exist_ok=True)
        chain = "".join(
            f"chain 9 chr{i} {SIZE} + 0 {SIZE - shift} chr{i} {SIZE} + {shift} {SIZE} {i}\n{SIZE - shift}\n\n"
            for i in (1, 2, 3)
        )
        path.write_bytes(gzip.compress(chain.encode(), mtime=0))
    peaks = mirror / "peaks.example/andr.bed"
    peaks.parent.mkdir()
    peaks.write_text("".join(f"chr{i}\t{at}\t{at + 600}\n" for i in (1, 2, 3) for at in (100, 1_000, 2_500)))


class Checkout:
    """A copy of what the workflow needs, with a configuration whose every file is a URL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("Snakefile", "workflow", "config", "profiles", "envs"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        (folder / "genomes.tsv").write_text(
            "genome\tname\tsequence\tchain\n"
            f"hg38\tHuman\t{UCSC}/hg38/bigZips/hg38.2bit\t\n"
            f"mm10\tMouse\t{UCSC}/mm10/bigZips/mm10.2bit\t{next(iter(CHAINS))}\n"
        )
        self.table("andr\tANDR\thttps://peaks.example/andr.bed\thg19\t200\tcertain\n")
        self.mirror = folder / "the mirror"
        write_mirror(self.mirror)
        self.configure(mirror=str(self.mirror))

    def table(self, rows: str) -> None:
        (self.folder / "datasets.tsv").write_text("dataset\tname\tpeaks\tassembly\tpeak_width\tstatus\n" + rows)

    def configure(self, **changes: object) -> None:
        values = {
            "results_dir": "results/tiny",
            "datasets": "datasets.tsv",
            "genomes": "genomes.tsv",
            "blacklist": None,
            "snps": None,
            "run_models": ["deepbind"],
            "splits": {"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]},
            **changes,
        }
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump(values))

    def snakemake(self, *arguments: str, fails: bool = False) -> str:
        command = ["snakemake", *arguments, "--cores", "2", "--configfile", "tiny.yaml"]
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def fetched(folder: Path) -> set[str]:
    return {str(path.relative_to(folder / "downloads")) for path in (folder / "downloads").rglob("*") if path.is_file()}


def test_downloads_alone_then_peaks_from_another_assembly(checkout: Checkout) -> None:
    files = {url.removeprefix("https://") for url in CHAINS} | {
        "peaks.example/andr.bed",
        *(f"hgdownload.soe.ucsc.edu/goldenPath/{genome}/bigZips/{genome}.2bit" for genome in ("hg38", "mm10")),
    }
    output = checkout.snakemake("downloads")
    assert fetched(checkout.folder) == {*files, "lock.tsv"}, "all that has a URL, and nothing else"
    assert "downloads/peaks.example/andr.bed: 129 bytes, from " in output, "each download is reported"
    assert "the mirror/peaks.example/andr.bed, sha256 " in output, "with where it is from"
    lock = pd.read_csv(checkout.folder / "downloads/lock.tsv", sep="\t")
    assert set(lock["url"]) == {f"https://{file}" for file in files}, "jobs side by side, each in its row"
    assert not (checkout.folder / "results/tiny/genomes").exists()

    bed = checkout.folder / "downloads/peaks.example/andr.bed"
    number = bed.stat().st_ino
    output = checkout.snakemake("downloads/peaks.example/andr.bed", "--forceall")
    assert "129 bytes, already there" in output and bed.stat().st_ino == number, "verified, neither deleted nor fetched"
    whole = bed.read_bytes()
    bed.write_bytes(b"placed by hand")
    output = checkout.snakemake("downloads/peaks.example/andr.bed", "--forceall", fails=True)
    assert "lock.tsv" in output and bed.read_bytes() == b"placed by hand", "never thrown away unasked"
    bed.write_bytes(whole)

    results = checkout.folder / "results/tiny"
    checkout.snakemake("results/tiny/datasets/andr/lift_status.tsv")
    peaks = (results / "datasets/andr/peaks.bed").read_text().splitlines()
    # 600 bp about 400, 1300, 2800 of hg19: 200 bp there, and hg38 lies 100 bp further on
    assert peaks == [f"chr{i}\t{at}\t{at + 200}" for i in (1, 2, 3) for at in (400, 1_300, 2_800)]
    counts = pd.read_csv(results / "datasets/andr/peaks.tsv", sep="\t").iloc[0]
    assert counts[["dataset", "assembly", "peaks", "trimmed", "kept"]].tolist() == ["andr", "hg19", 9, 9, 9]
    page = (results / "datasets/andr/lift_status.html").read_text()
    assert "9 peaks, 9 of them trimmed to their centre, lifted from hg19: 9 kept." in page
    twobit = "hgdownload.soe.ucsc.edu/goldenPath/hg38/bigZips/hg38.2bit"
    assert (checkout.mirror / twobit).stat().st_nlink == 1, "nothing that Snakemake touches is the mirror's own file"
    assert "Nothing to be done" in checkout.snakemake("results/tiny/datasets/andr/lift_status.tsv", "--dry-run")

    checkout.configure(mirror=None, peak_liftover={"min_match": 0.5})
    plan = checkout.snakemake("results/tiny/datasets/andr/lift_status.tsv", "--dry-run")
    assert "rule load_peaks" in plan and "rule download" not in plan, "another mirror fetches nothing again"


def test_a_row_without_peaks_is_left_out_of_the_plan_with_a_note(checkout: Checkout) -> None:
    row = "andr\tANDR\thttps://peaks.example/andr.bed\thg19\t200\tcertain\n"
    checkout.table(row + "later\tLATER\t\t\t\tmissing\n")
    plan = checkout.snakemake("--dry-run")
    assert (
        "regssl: note: datasets.tsv, row 'later', column peaks: is empty (status: missing): LATER is left out" in plan
    )
    assert "later/" not in plan
    checkout.configure(select_datasets=["later"])
    message = checkout.snakemake("--dry-run", fails=True)
    assert "key `select_datasets`: datasets.tsv, row 'later', column peaks: is empty" in message


@pytest.fixture
def server() -> Iterator[localserver.Server]:
    with localserver.listening() as state:
        yield state


def test_a_server_that_breaks_off_and_one_that_has_nothing(checkout: Checkout, server: localserver.Server) -> None:
    peaks = (checkout.mirror / "peaks.example/andr.bed").read_bytes()
    place = "downloads/127.0.0.1/andr.bed"
    checkout.table(f"andr\tANDR\t{server.url}/andr.bed\thg19\t200\tcertain\n")
    message = checkout.snakemake(place, fails=True)
    assert "404 Not Found" in message and f"place it at {place}" in message
    assert server.paths == ["/andr.bed"], "not asked again"
    server.serve("/andr.bed", localserver.Answer(peaks, stop_after=100), localserver.Answer(peaks))
    checkout.snakemake(place)
    assert (checkout.folder / place).read_bytes() == peaks
    assert server.ranges == [None, None, "bytes=100-"]
    assert (checkout.folder / "results/tiny/logs/download/127.0.0.1/andr.bed.log").read_text().count("sha256") == 1

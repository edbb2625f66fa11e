"""What the user's files hold decides what runs again, not their times; and they are never touched."""

from __future__ import annotations

import gzip
import os
import re
import shutil
from pathlib import Path

import pytest

from helpers.checkout import SMALL, Checkout
from helpers.paths import ROOT
from regssl.sequences.genome import to_twobit
from regssl.simulate import SimulationParameters, simulate

TARGETS = ["datasets/ctcf/peaks.bed", "homologs/default/simChimp.parquet"]


class Lab(Checkout):
    """A checkout with files of the user, and two benchmarks that share them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        simulate(folder / "world", SimulationParameters.small(2))
        to_twobit(folder / "world/genomes/simHuman.fa.gz", folder / "own.2bit")
        for digest in folder.glob(".own*"):
            digest.unlink()  # files of others have none
        table = folder / "config/demo/genomes.tsv"
        table.write_text(table.read_text().replace("genomes/simHuman.fa.gz", "../own.2bit"))
        self.benchmark("one")

    def benchmark(self, results: str, **values: object) -> None:
        """Choose the benchmark to run, by its results."""
        own = {
            "data_dir": "world",
            "simulation": None,
            "results_dir": results,
            "select_datasets": ["ctcf"],
            "snps": None,
        }
        self.targets = [f"{results}/{target}" for target in TARGETS]
        self.configure({**SMALL, **own, "select_datasets": ["ctcf"], "snps": None, **values})

    def planned(self) -> set[str]:
        """The rules that would run."""
        return set(self.jobs(*self.targets, run=False))

    def put(self, path: str, data: bytes) -> None:
        """Put another file in place of one, as `cp -p` of an older one does."""
        (self.folder / "other").write_bytes(data)
        os.utime(self.folder / "other", ns=(10**18, 10**18))
        (self.folder / "other").replace(self.folder / path)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    lab = Lab(tmp_path_factory.mktemp("contents"))
    lab.snakemake(*lab.targets)
    return lab


def test_two_benchmarks_on_one_genome_leave_it_and_each_other_alone(lab: Lab) -> None:
    own = lab.folder / "own.2bit"
    before = own.stat()
    lab.benchmark("two")
    lab.snakemake("two/genomes/simHuman.2bit")
    lab.benchmark("one")
    assert lab.planned() == set()
    assert (own.stat().st_mtime_ns, own.stat().st_nlink) == (before.st_mtime_ns, 1)


def test_times_alone_run_nothing_again(lab: Lab) -> None:
    for path in [lab.folder / "own.2bit", *(lab.folder / "world").rglob("*.*")]:
        os.utime(path)
    assert lab.planned() == set()


READERS = {
    "world/peaks/ctcf.cellA.narrowPeak": {"load_peaks"},
    "world/chains/simHumanToSimChimp.over.chain.gz": {"index_chain", "find_homologs"},
    "world/blacklist.bed": {"make_bins", "find_homologs"},
    "own.2bit": {"index_genome", "make_bins", "load_peaks", "find_homologs"},
}
"""The rules that depend on each file, as far as the targets."""


def test_every_rule_that_is_given_files_has_their_digests_as_a_param() -> None:
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for rule in re.split(r"\n *rule\b", path.read_text(encoding="utf-8"))[1:]:
            assert ("given(" in rule.partition("output:")[0]) == ("contents(" in rule), f"{path.name}: {rule[:40]}"


def changed(data: bytes) -> bytes:
    """Other content of the same format."""
    if data[:2] == b"\x1f\x8b":
        return gzip.compress(gzip.decompress(data), mtime=1)
    return data + b"\0" if b"\0" in data else data[data.index(b"\n") + 1 :]


def test_an_older_file_with_other_content_is_noticed(lab: Lab) -> None:
    for path, rules in READERS.items():
        file = lab.folder / path
        shutil.copy2(file, lab.folder / "kept")
        lab.put(path, changed(file.read_bytes()))
        planned = lab.planned()
        (lab.folder / "kept").replace(file)
        assert planned == rules, path
    assert lab.planned() == set(), "with the old files in place again"


def test_downloads_are_held_to_known_sums_before_the_first_job(tmp_path: Path, lab: Lab) -> None:
    url = f"file://{lab.folder}/world/peaks/ctcf.cellA.narrowPeak"
    table = tmp_path / "datasets.tsv"
    table.write_text(f"dataset\tname\tpeaks\nctcf\tCTCF\t{url}\n")
    lab.benchmark("three", datasets=str(table), downloads_dir=str(tmp_path / "downloads"))
    target = lab.targets[:1]
    try:
        ran = lab.jobs(*target)
        assert (ran["download"], ran["load_peaks"]) == (1, 1)
        assert not lab.jobs(*target, run=False), "the digest is that of the file that was not there yet"
        (downloaded,) = (tmp_path / "downloads").rglob("ctcf*")
        kept = downloaded.rename(tmp_path / "kept")
        assert not lab.jobs(*target, run=False), "a download that is not needed any more may be deleted"
        kept.rename(downloaded)
        table.write_text(table.read_text().replace(url, f"{url}#sha256={'0' * 64}"))
        assert f"{table}, row 'ctcf', column peaks" in lab.snakemake(*target, fails=True)
        table.write_text(table.read_text().replace(f"#sha256={'0' * 64}", ""))
        downloaded.write_bytes(changed(downloaded.read_bytes()))
        assert f"{tmp_path}/downloads/lock.tsv" in lab.snakemake(*target, fails=True)
    finally:
        lab.benchmark("one")

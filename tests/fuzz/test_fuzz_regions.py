"""Damaged published files of the real regions, and damaged tables of them: read within their bounds, or one line."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.fuzzing import damaged, fuzz, parsed_or_refused
from helpers.paths import ROOT
from regssl.config.made_data import SourceRow
from regssl.config.table_files import read_table
from regssl.liftover.chain_file import read_chains
from regssl.regions.assembly import join_contigs
from regssl.regions.contexts import read_windows
from regssl.regions.peaks import move_peaks
from regssl.regions.places import read_places
from regssl.regions.sequences import read_sequences
from regssl.regions.variant_files import read_alleledb, read_shi2016

PLACES = read_places(ROOT / "config/encode_regions/regions.tsv", "human")
PEAKS = b"chr3\t42000010\t42000200\tp\t9\t.\t1.5\t-1\t2.5\t7\nchr6\t31240000\t31240100\tp\t9\t.\t1\t-1\t2\t50\n"
FASTA = b">chr1_1\nACGTNacgtn\nAC\n>chr1_2\nGGGGGGGGGGGG\n"
CHAIN = "chain 1 1 1000 + 0 500 2 900 + 100 600 1\n500\n"
ALLELES = (
    b"chr\tstart\nchr1\t5\t6\tPOL2_NA1_ASB\tC\tT\t1\t2\t3\t4\t0.1\t2e-5\nchr2\t7\t8\tX_Y\tC\tG\t1\t2\t3\t4\t0.1\t1\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "x.chain").write_text(CHAIN)
    (folder / "dna").write_text("1\tAACCC\n2\tGGGTT\n")
    (folder / "seq_region").write_text("20\t6\t2\t100\n")
    (folder / "windows.bed").write_text("chr1\t10\t21\nchr1\t30\t41\n")
    return folder


def archive(path: Path) -> Path:
    """The file as the table of an archive."""
    with tarfile.open(path.with_suffix(".tgz"), "w:gz") as tar:
        info = tarfile.TarInfo("table.txt")
        info.size = path.stat().st_size
        tar.addfile(info, io.BytesIO(path.read_bytes()))
    return path.with_suffix(".tgz")


def positions_of(found: Any) -> list[int]:
    return [*map(int, found.position)]


READERS: dict[str, tuple[bytes, Callable[[Path], Any]]] = {
    "peaks": (PEAKS, lambda path: [int(line.split("\t")[1]) for line in move_peaks([path], PLACES)]),
    "sequences": (FASTA, lambda path: [len(bases) for _, bases in read_sequences(path)]),
    "windows": (
        FASTA,
        lambda path: [row[0] for row in read_windows([path.with_name("windows.bed")], [path]).rows["chr1"]],
    ),
    "contigs": (
        b"20\t2\t15\t18\t2\t5\t-1\n20\t1\t11\t14\t1\t4\t1\n",
        lambda path: [start for _, start, _ in join_contigs(path.with_name("dna"), path.with_name("seq_region"), path)],
    ),
    "alleledb": (ALLELES, lambda path: positions_of(read_alleledb(archive(path)))),
    "tar": (ALLELES, lambda path: positions_of(read_alleledb(path))),
    "shi2016": (
        b"#chr\tpos\nchr1\t11\tA\tG\t-6.5\t82\nchr1\t400\tA\tG\t1\t9\n",
        lambda path: positions_of(read_shi2016(path, read_chains(path.with_name("x.chain")))),
    ),
    "regions": (
        (ROOT / "config/encode_regions/regions.tsv").read_bytes(),
        lambda path: [place.start for place in read_places(path, "human")],
    ),
    "sources": (
        b"".join((ROOT / "config/encode_regions/sources.tsv").read_bytes().splitlines(keepends=True)[:3]),
        lambda path: [row.bytes for row in read_table(path, SourceRow)],
    ),
}


@pytest.mark.parametrize("kind", READERS)
@fuzz
@given(data=st.data())
def test_a_damaged_file_of_the_regions_is_read_or_refused(folder: Path, kind: str, data: st.DataObject) -> None:
    whole, read = READERS[kind]
    path = folder / kind
    if kind == "tar":
        (folder / "whole").write_bytes(whole)
        whole = archive(folder / "whole").read_bytes()
    path.write_bytes(data.draw(damaged(whole)))
    found = parsed_or_refused(lambda: read(path))
    assert isinstance(found, str) or all(value >= 0 for value in found)

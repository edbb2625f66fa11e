"""What is made of the published files, against the real regions as they were made by other programs, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.paths import ROOT
from regions.conftest import Published
from regssl.io.files import sha256
from regssl.liftover.chain_file import read_chains
from regssl.regions.assembly import assemble_regions, name_pieces
from regssl.regions.contexts import find_contexts, read_windows
from regssl.regions.peaks import move_measured_peaks, move_peaks
from regssl.regions.places import place_lines, read_places
from regssl.regions.sequences import read_sequences, write_sequences
from regssl.regions.variant_files import FORMATS, read_variant_file, variant_lines

TABLE = ROOT / "config/encode_regions/regions.tsv"
HUMAN = read_places(TABLE, "human")
SPECIES = [
    *("armadillo", "baboon", "chimp", "cow", "dog", "elephant", "galago", "hedgehog", "macaque", "marmoset"),
    *("monodelphis", "mouse", "platypus", "rabbit", "rat", "rfbat", "tenrec"),
]


def names_and_files(found: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [name for name, _ in found], [path for _, path in found]


@pytest.mark.parametrize(
    "species", [pytest.param(name, marks=() if name == "rfbat" else pytest.mark.slow) for name in SPECIES]
)
def test_genomes_of_other_species(species: str, published: Published, shared: Path, tmp_path: Path) -> None:
    regions, files = names_and_files(published("sequence", f"genomes/{species}.fa.gz"))
    write_sequences(tmp_path / "x.fa.gz", name_pieces(files, regions))
    assert (tmp_path / "x.fa.gz").read_bytes() == (shared / f"encode_regions/genomes/{species}.fa.gz").read_bytes()


@pytest.mark.slow
def test_the_human_genome(published: Published, shared: Path, tmp_path: Path) -> None:
    regions, files = names_and_files(published("sequence", "genomes/human.fa.gz"))
    contigs = dict(published("contigs"))
    tables = [contigs[name] for name in ("dna", "seq_region", "assembly")]
    write_sequences(tmp_path / "x.fa.gz", assemble_regions(HUMAN, files, regions, tables))
    folder = shared / "encode_regions/genomes"
    assert (tmp_path / "x.fa.gz").read_bytes() == (folder / "human.fa.gz").read_bytes()
    assert "".join(place_lines(HUMAN)) == (folder / "human.regions.tsv").read_text()


def test_peaks(published: Published, shared: Path) -> None:
    ((_, file),) = published("peaks", name="TEAD4.A549")
    chains = read_chains(published("chain", name="hg19_to_hg16")[0][1])
    witness = shared / "encode_regions/peaks/TEAD4.A549.narrowPeak"
    assert "".join(move_peaks([file], HUMAN, chains)) == witness.read_text()


@pytest.mark.slow
def test_all_peaks(published: Published, shared: Path) -> None:
    chains = read_chains(published("chain", name="hg19_to_hg16")[0][1])
    witnesses = {path.stem: path.read_text() for path in (shared / "encode_regions/peaks").iterdir()}
    made = {name: "".join(move_peaks([file], HUMAN, chains)) for name, file in published("peaks")}
    assert len(made) == 44 and made == witnesses


@pytest.mark.parametrize(
    ("table", "file"),
    [pytest.param("alleledb", "alleledb_asb", marks=pytest.mark.slow), ("shi2016", "shi2016_ctcf_asb")],
)
def test_variants(table: str, file: str, published: Published, shared: Path) -> None:
    folder = shared / "encode_regions"
    genome = dict(read_sequences(folder / "genomes/human.fa.gz"))
    (_, beds), (_, fastas) = (names_and_files(published("windows", name=name)) for name in ("intervals", "sequences"))
    chains, to_hg19 = (read_chains(published("chain", name=name)[0][1]) for name in ("hg19_to_hg16", "hg38_to_hg19"))
    found = read_variant_file(published("variants", name=table)[0][1], table, to_hg19)
    contexts = find_contexts(found, HUMAN, genome, read_windows(beds, fastas), chains)
    assert "".join(variant_lines(found, contexts, FORMATS[table])) == (folder / f"snps/{file}.tsv").read_text()


def test_measured_peaks_of_the_mouse(published: Published, shared: Path) -> None:
    labels, files = names_and_files(published("measured"))
    made = move_measured_peaks(files, read_places(TABLE, "mouse"), labels[0])
    witness = (shared / "mouse_ctcf/mouse_es_ctcf.ENm.narrowPeak").read_text().splitlines(keepends=True)
    assert made == [line for line in witness if "Bonev2017" in line] and len(made) == 88


def test_the_pinned_sums_are_those_of_the_published_files(published: Published, shared: Path) -> None:
    rows = [line.split("\t") for line in (shared / "regions/sources.tsv").read_text().splitlines()[1:]]
    rows += [line.split("\t") for line in (shared / "regions/more_sources.tsv").read_text().splitlines()[1:]]
    known = {row[1].replace("%2B", "+"): (row[2], row[3]) for row in rows}
    table = [line.split("\t") for line in (ROOT / "config/encode_regions/sources.tsv").read_text().splitlines()[1:]]
    assert len(table) == 110 and all(known[row[0]] == (row[1], row[2]) for row in table)
    file = Path(published("contigs", name="assembly")[0][1])
    assert (str(file.stat().st_size), sha256(file)) in known.values()

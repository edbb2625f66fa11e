"""Genomes as 2bit and FASTA (plain, gzip, bgzip): one answer whatever the file."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.genomes import AS_READ, KINDS, SEQUENCES, write_as
from helpers.packed import letters
from regssl.errors import DataError
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.fasta import read_fasta
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.twobit import TwoBit


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_as(request.param, tmp_path / "genome.any", SEQUENCES)


@pytest.fixture
def genome(path: Path) -> Genome:
    return Genome(path)


def test_sizes(genome: Genome) -> None:
    assert genome.sizes == {"chr1": 26, "chr2": 8, "scaffold_3": 1}


def test_every_interval(genome: Genome) -> None:
    for name, sequence in AS_READ.items():
        for start in range(len(sequence) + 1):
            for end in range(start, len(sequence) + 1):
                assert letters(genome, name, start, end) == sequence[start:end].upper()
    assert letters(genome, "chr1", 6, 10, minus=True) == "GTNN"


def test_whole_sequences(genome: Genome) -> None:
    assert {name: letters(genome, name) for name in genome.sizes} == {
        name: sequence.upper() for name, sequence in AS_READ.items()
    }


def test_windows_keep_the_order_asked_for(genome: Genome) -> None:
    codes = genome.windows(["chr2", "chr1", "chr2", "chr1"], [0, 22, 4, 6], 4, [False, False, True, True])
    assert [decode(window) for window in codes] == ["GGGN", "GTAC", "AANN", "GTNN"]


def test_a_strand_is_wanted_for_each_window(genome: Genome) -> None:
    with pytest.raises(ValueError, match="for 2 windows"):
        genome.windows(["chr1", "chr2"], [0, 0], 4, [True])
    with pytest.raises(ValueError, match="1 chromosomes, 2 starts"):
        genome.windows(["chr1"], [0, 0], 4)


def test_n_bases(genome: Genome) -> None:
    assert genome.n_bases(["chr1", "chr2", "chr1"], [0, 4, 8], [26, 8, 8]).tolist() == [8, 2, 0]


def test_an_interval_outside_is_refused(genome: Genome) -> None:
    for start, end in [(-1, 3), (0, 9), (5, 4)]:
        with pytest.raises(DataError, match=rf"chr2:{start}-{end} \(row 0\) is not within 0-8"):
            genome.n_bases(["chr2"], [start], [end])
    with pytest.raises(DataError, match=r"chrZ:0-1.*no sequence 'chrZ'.*it has chr1, chr2"):
        genome.windows(["chrZ"], [0], 1)


@pytest.mark.parametrize(
    ("chrom", "start", "message"),
    [
        (["chr1", "chr2", "chr2"], [0, 3, 5], r"window chr2:5-9 \(row 2\) is not within 0-8"),
        (["chr1", "chr2", "chr1"], [0, 3, -1], r"window chr1:-1-3 \(row 2\) is not within 0-26"),
        (["chr1", "chrZ", "chr1"], [0, 3, 0], r"window chrZ:3-7 \(row 1\).*no sequence 'chrZ'"),
        (["chr1", None, "chr1"], [0, 3, 0], r"row 1\).*no sequence ''"),
    ],
)
def test_a_window_off_the_genome_is_named(genome: Genome, chrom: list, start: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        genome.windows(chrom, start, 4)
    with pytest.raises(DataError, match=message):
        genome.n_bases(chrom, start, np.array(start) + 4)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.data())
def test_windows_against_slicing(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    stretch = st.sampled_from(["ACGTTGCA", "NNNNN", "G", "ca", "n"])
    texts = data.draw(st.lists(st.lists(stretch, min_size=5, max_size=20).map("".join), min_size=1, max_size=4))
    sequences = {f"chr{i}": text for i, text in enumerate(texts)}
    folder = tmp_path_factory.mktemp("windows")
    genome = Genome(write_as(data.draw(st.sampled_from(KINDS)), folder / "genome.any", sequences))
    width = data.draw(st.integers(1, 5))
    place = st.sampled_from(sorted(sequences)).flatmap(
        lambda name: st.tuples(st.just(name), st.integers(0, len(sequences[name]) - width), st.booleans())
    )
    table = pd.DataFrame(data.draw(st.lists(place, max_size=12)), columns=["chrom", "start", "minus"])
    names = data.draw(st.sampled_from(["category", "object", "str"]))
    table = table.astype({"chrom": names, "start": "int32", "minus": bool})
    codes = genome.windows(table.chrom, table.start, width, table.minus)
    slices = [encode(sequences[row.chrom][row.start : row.start + width]) for row in table.itertuples()]
    expected = [reverse_complement(s) if minus else s for s, minus in zip(slices, table.minus, strict=True)]
    assert codes.tolist() == [window.tolist() for window in expected]
    assert genome.n_bases(table.chrom, table.start, table.start + width).tolist() == [(s == 4).sum() for s in slices]


def test_a_plain_file_named_gz_is_read_by_its_content(tmp_path: Path) -> None:
    assert letters(Genome(write_as("plain", tmp_path / "genome.fa.gz", SEQUENCES)), "chr2", 0, 4) == "GGGN"


def test_a_missing_file(tmp_path: Path) -> None:
    for read in (Genome, lambda path: to_twobit(path, tmp_path / "out.2bit"), lambda path: list(read_fasta(path))):
        with pytest.raises(DataError, match="No such file"):
            read(tmp_path / "none.fa")


def test_to_twobit_of_2bit_is_a_copy(tmp_path: Path) -> None:
    source = write_as("2bit", tmp_path / "genome.2bit", SEQUENCES)
    assert to_twobit(source, tmp_path / "deep" / "out.2bit") == Genome(source).sizes
    assert (tmp_path / "deep" / "out.2bit").read_bytes() == source.read_bytes()
    assert not (tmp_path / "deep" / "out.2bit").samefile(source), "Snakemake touches what a job has made"


@pytest.mark.parametrize("species", ["human", "galago"])
def test_real_genomes(shared: Path, tmp_path: Path, species: str) -> None:
    """Every base and case of two regions, against reading the file line by line; windows against slicing."""
    source = shared / "encode_regions" / "genomes" / f"{species}.fa.gz"
    texts: dict[str, str] = {}
    for record in gzip.decompress(source.read_bytes()).decode().split(">")[1:]:
        header, *lines = record.split("\n")
        texts[header.split()[0]] = "".join(lines)
    assert to_twobit(source, tmp_path / "g.2bit") == {name: len(text) for name, text in texts.items()}
    genome, packed_file = Genome(tmp_path / "g.2bit"), TwoBit(tmp_path / "g.2bit")
    assert all(packed_file.text(name, 0, size) == texts[name] for name, size in genome.sizes.items())
    rng = np.random.default_rng(0)
    chrom = rng.choice([name for name, size in genome.sizes.items() if size > 200], 2000)
    start = np.array([rng.integers(0, genome.sizes[name] - 199) for name in chrom])
    windows = genome.windows(chrom, start, 200)
    assert all((w == encode(texts[c][s : s + 200])).all() for c, s, w in zip(chrom, start, windows, strict=True))
    assert (genome.n_bases(chrom, start, start + 200) == (windows == 4).sum(1)).all()
    (tmp_path / "g.fa").write_bytes(gzip.decompress(source.read_bytes()))
    in_place, minus = Genome(tmp_path / "g.fa"), rng.random(2000) < 0.5
    assert in_place.sizes == genome.sizes
    assert (in_place.windows(chrom, start, 200, minus) == genome.windows(chrom, start, 200, minus)).all()
    assert (in_place.n_bases(chrom, start, start + 200) == genome.n_bases(chrom, start, start + 200)).all()

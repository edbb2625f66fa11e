"""Sequences looked up in a genome, against `str.find` on its text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regssl.errors import DataError
from regssl.sequences import locate as module
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.genome import Genome
from regssl.sequences.locate import SHORTEST, locate
from regssl.sequences.settings import LocateSettings

Place = tuple[str, int, int, str]


def mirrored(text: str) -> str:
    return decode(reverse_complement(encode(text)))


def look_up(sequences: Sequence[str], genome: Genome, leave_out: Sequence[str] = (), threads: int = 1) -> pd.DataFrame:
    return locate(map(encode, sequences), genome, LocateSettings(leave_out=[*leave_out]), threads)


def write_genome(path: Path, chromosomes: dict[str, str]) -> Genome:
    path.write_text("".join(f">{name}\n{text}\n" for name, text in chromosomes.items()))
    return Genome(path)


def find_places(sequence: str, chromosomes: dict[str, str]) -> list[Place]:
    """List the places of a sequence, the slow, obvious way."""
    wanted = {mirrored(sequence): "-", sequence.upper(): "+"} if "N" not in sequence.upper() else {}
    return [
        (name, start, start + len(sequence), strand)
        for name, text in chromosomes.items()
        for start in range(len(text) - len(sequence) + 1)
        for letters, strand in wanted.items()
        if text[start : start + len(sequence)].upper() == letters
    ]


def listed(found: pd.DataFrame, row: int) -> list[Place]:
    """The places of a sequence, which are as many as its rows say; the only row of one without says so."""
    own = found[found["sequence"] == row]
    without = own["start"] < 0
    assert len(own) == max(1, own["places"].iloc[0]) and own["places"].nunique() == 1
    assert (own.loc[without, ["places", "end"]] == [0, -1]).all(axis=None) and own.loc[without, "chrom"].isna().all()
    return sorted(own.loc[~without, ["chrom", "start", "end", "strand"]].itertuples(index=False, name=None))


def check(sequences: Sequence[str], chromosomes: dict[str, str], found: pd.DataFrame) -> None:
    for row, sequence in enumerate(sequences):
        assert listed(found, row) == sorted(find_places(sequence, chromosomes))
    assert found["sequence"].is_monotonic_increasing and set(found["sequence"]) == set(range(len(sequences)))


@st.composite
def genomes_and_sequences(draw: st.DrawFn) -> tuple[dict[str, str], list[str]]:
    """Chromosomes with few letters or with repeats, and sequences from them, on either strand, some palindromes."""
    letters = draw(st.sampled_from(["AT", "ACg", "ACGTacgtN"]))
    unit = st.text(letters, min_size=1, max_size=30)
    repeats = st.builds(lambda text, n: (text * n)[:150], unit, st.integers(1, 40))
    texts = draw(st.lists(st.one_of(unit, repeats), min_size=1, max_size=3))
    sequences = [draw(st.text("ACT", min_size=SHORTEST, max_size=40))]
    whole = [text for text in texts if len(text) >= SHORTEST]
    for _ in range(draw(st.integers(0, 8)) if whole else 0):
        text = draw(st.sampled_from(whole))
        start = draw(st.integers(0, len(text) - SHORTEST))
        part = text[start : start + draw(st.integers(SHORTEST, 60))]
        sequences.append(draw(st.sampled_from([part, mirrored(part), part + mirrored(part)])))
    texts += [sequences[-1]] if draw(st.booleans()) else []
    return {f"chr{i}": text for i, text in enumerate(texts)}, sequences


@pytest.mark.parametrize("stretch", [7, 1000])
def test_every_place_is_found(stretch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRETCH", stretch)

    @settings(deadline=None, derandomize=True, max_examples=100)
    @given(genomes_and_sequences())
    def holds(drawn: tuple[dict[str, str], list[str]]) -> None:
        chromosomes, sequences = drawn
        check(sequences, chromosomes, look_up(sequences, write_genome(tmp_path / "x.fa", chromosomes)))

    holds()


def test_windows_come_back_to_their_places_and_repeats_do_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    chr1, chr2, repeat = ("".join(rng.choice(list("ACGT"), size)) for size in (20_000, 9_000, 300))
    chr2 = chr2[:4000] + repeat.lower() + chr2[4000:6000] + mirrored(repeat) + chr2[6000:] + "N" * 50 + chr2[:100]
    genome = write_genome(tmp_path / "x.fa", {"chr1": chr1, "chr2": chr2})
    start, minus = rng.integers(0, 3800, 200), rng.integers(0, 2, 200).astype(bool)
    sequences = [decode(row) for row in genome.windows(["chr2"] * 200, start + 100, 101, minus)]
    all_found = look_up([*sequences, repeat[50:250], chr2[:100], chr2[-130:], sequences[0]], genome, threads=2)
    found = all_found.drop_duplicates("sequence").reset_index(drop=True)
    assert (found["places"][:200] == 1).all() and (found["chrom"][:200] == "chr2").all()
    assert (found["start"][:200] == start + 100).all() and (found["end"][:200] == start + 201).all()
    assert ((found["strand"][:200] == "-") == minus).all()
    assert found["places"][200:].tolist() == [2, 2, 0, 1]
    assert found.iloc[203, 1:].equals(found.iloc[0, 1:])
    assert listed(all_found, 200) == [("chr2", 4050, 4250, "+"), ("chr2", 6350, 6550, "-")]


def test_of_a_sequence_in_many_places_only_their_number_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LISTED", 3)
    monkeypatch.setattr(module, "STRETCH", 40)
    text = "".join(np.random.default_rng(2).choice(list("ACGT"), 30))
    genome = write_genome(tmp_path / "x.fa", {"chr1": text * 4, "chr2": "A" * 9 + text[:25] * 3})
    found = look_up([text, text[:22], text[3:], text[2:24] + text[:5]], genome)
    assert found["places"].tolist() == [4, 7, 4, 0]
    assert (found["start"] == -1).all() and found["chrom"].isna().all()
    few = look_up([text[5:] + text[:5], text[4:] + text[:1]], genome)
    assert few["places"].tolist() == [3, 3, 3, 3, 3, 3] and few["start"].tolist() == [5, 35, 65, 4, 34, 64]


def test_chromosomes_that_are_left_out(tmp_path: Path) -> None:
    text = "".join(np.random.default_rng(2).choice(list("ACGT"), 200))
    genome = write_genome(tmp_path / "x.fa", {"chr1": text, "chr1_alt": text, "chr2": text[:60] + "A" * 100})
    assert look_up([text[100:150], text[:50]], genome)["places"].tolist() == [2, 2, 3, 3, 3]
    found = look_up([text[100:150], text[:50]], genome, ["*_alt"])
    assert found["places"].tolist() == [1, 2, 2] and found["chrom"][0] == "chr1" and found["start"][0] == 100
    with pytest.raises(DataError, match="all chromosomes are left out"):
        look_up([text], genome, ["chr*"])


def test_sequences_that_cannot_be_looked_up(tmp_path: Path) -> None:
    genome = write_genome(tmp_path / "x.fa", {"chr1": "ACGTNACGT" * 10})
    assert look_up(["ACGTNACGT" * 3, "A" * 30], genome)["places"].tolist() == [0, 0]
    assert look_up([], genome).empty
    with pytest.raises(DataError, match="sequence 2 has 19 bp: too few"):
        look_up(["A" * 40, "C" * 19], genome)


class Regions:
    """The human genome of the real regions, 10.6 Mb."""

    def __init__(self, path: Path) -> None:
        self.genome = Genome(path)
        self._text = {name: self.genome.text(name, 0, size).upper() for name, size in self.genome.sizes.items()}

    def places(self, sequence: str) -> list[Place]:
        """List the places of a sequence, by `str.find`."""
        places = []
        for letters, strand in {sequence: "+", mirrored(sequence): "-"}.items():
            for name, text in self._text.items():
                at = text.find(letters)
                while at >= 0:
                    places.append((name, at, at + len(sequence), strand))
                    at = text.find(letters, at + 1)
        return places


@pytest.fixture(scope="module")
def regions(shared: Path) -> Regions:
    return Regions(shared / "encode_regions/genomes/human.fa.gz")


def test_windows_of_the_real_regions_come_back(regions: Regions) -> None:
    rng, sizes = np.random.default_rng(3), regions.genome.sizes
    chrom = rng.choice(list(sizes), 300)
    start = np.array([rng.integers(sizes[name] - 101) for name in chrom])
    minus = rng.integers(0, 2, 300).astype(bool)
    sequences = [decode(row) for row in regions.genome.windows(chrom, start, 101, minus)]
    found = look_up(sequences, regions.genome)
    often = found.loc[found["places"] > 1, "sequence"].unique()
    assert len(often) == 20  # stretches that overlap, and repeats
    assert all(listed(found, row) == sorted(regions.places(sequences[row])) for row in often)
    once = found[found["places"] == 1]
    row = once["sequence"].to_numpy()
    assert len(once) == 280
    assert (once["chrom"] == chrom[row]).all() and (once["start"] == start[row]).all()
    assert ((once["strand"] == "-") == minus[row]).all()


def test_sequences_of_dnabert2_that_lie_in_the_real_regions(regions: Regions, shared: Path) -> None:
    (folder,) = (shared / "mirror/raw.githubusercontent.com/wds-seu/DeepGene").glob("*/data/GUE/tf/0")
    sequences = list(pd.read_csv(folder / "test.csv")["sequence"])
    found = look_up(sequences, regions.genome)
    assert found.drop_duplicates("sequence")["places"].value_counts().to_dict() == {0: 990, 1: 9, 12: 1}
    for row in {*found.loc[found["places"] > 0, "sequence"], *range(0, len(sequences), 40)}:
        assert listed(found, row) == sorted(regions.places(sequences[row]))

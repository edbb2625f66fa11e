"""Copies against what a slow reading of the alignment, base by base, says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.species import COMPLEMENT, WIDTH, TwoSpecies, intervals
from regssl.errors import DataError
from regssl.measured.copies import MIN_ALIGNED, MeasuredPeaks, measure_copies
from regssl.sequences.encoding import encode
from regssl.sequences.motifs import Motif

FIRST, SECOND = intervals(("h1", 100, 260), ("h2", 400, 480)), intervals(("h1", 130, 200), ("h3", 0, 60))
BOTH = intervals(("h1", 100, 260), ("h2", 400, 480), ("h3", 0, 60))
MEASURED = intervals(("o1", 60, 220), ("o2", 100, 330), ("o3", 10, 49))
MOTIF = Motif("M", "m", np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1]]))


@pytest.fixture(scope="module")
def species(tmp_path_factory: pytest.TempPathFactory) -> TwoSpecies:
    return TwoSpecies(tmp_path_factory.mktemp("species"))


def covered(peaks: pd.DataFrame, chrom: str, start: int, end: int) -> int:
    spans = [range(*row[1:]) for row in peaks.itertuples(index=False) if row[0] == chrom]
    return len({at for span in spans for at in span} & set(range(start, end)))


def measured(species: TwoSpecies, peaks: MeasuredPeaks, motif: Motif | None = MOTIF) -> pd.DataFrame:
    windows = species.windows(BOTH)
    return measure_copies(windows, species.homologs, species.genomes, peaks, 0.1, motif)


def test_every_column_base_by_base(species: TwoSpecies) -> None:
    copies = measured(species, MeasuredPeaks([FIRST, SECOND], MEASURED, None, 40))
    kept = species.homologs[species.homologs["lift_status"] == "kept"]
    assert copies["source"].tolist() == kept.index.tolist() and len(copies) > 20
    assert set(copies["strand"]) == {"+", "-"} and 0 < copies["bound"].sum() < len(copies)
    for copy, bin_ in zip(copies.itertuples(), species.bins.loc[copies["source"]].itertuples(), strict=True):
        assert (copy.human_chrom, copy.human_start, copy.split) == (bin_.chrom, bin_.start, bin_.split)
        assert (copy.chrom, copy.start) == (kept.chrom[copy.source], kept.start[copy.source])
        assert copy.label == (covered(BOTH, bin_.chrom, bin_.start, bin_.end) >= 40)
        of_files = [covered(peaks, bin_.chrom, bin_.start, bin_.end) >= 40 for peaks in (FIRST, SECOND)]
        assert copy.cell_lines == sum(of_files)
        assert copy.bound == (covered(MEASURED, copy.chrom, copy.start, copy.end) >= 40)
        places = [(bin_.chrom, at) for at in range(bin_.start, bin_.end)]
        pairs = [(species.human[chrom][at], species.aligned[chrom, at][2]) for chrom, at in places
                 if (chrom, at) in species.aligned]  # fmt: skip
        assert copy.aligned_fraction == len(pairs) / WIDTH
        differences = sum(one != other for one, other in pairs)
        expected = differences / len(pairs) if len(pairs) >= MIN_ALIGNED else np.nan
        assert copy.divergence == pytest.approx(expected, nan_ok=True)
        letters = species.other[copy.chrom][copy.start : copy.end]
        human = species.human[bin_.chrom][bin_.start : bin_.end]
        for text, found in ((letters, copy.motif), (human, copy.human_motif)):
            strands = (text, text.translate(COMPLEMENT)[::-1])
            best = max(MOTIF.score(encode(strand[i : i + 3])) for strand in strands for i in range(len(text) - 2))
            assert found == pytest.approx(best)
    assert copies["divergence"].isna().any() and copies["divergence"].notna().any()


def test_copies_outside_the_measured_regions_are_left_out(species: TwoSpecies) -> None:
    everything = measured(species, MeasuredPeaks([FIRST], MEASURED, None, 40))
    part = measured(species, MeasuredPeaks([FIRST], MEASURED, intervals(("o1", 50, 300), ("o1", 300, 400)), 40))
    inside = (everything["chrom"] == "o1") & (everything["start"] >= 50) & (everything["end"] <= 400)
    pd.testing.assert_frame_equal(part, everything[inside].reset_index(drop=True))
    assert 0 < len(part) < len(everything)


def test_without_a_motif_its_columns_are_missing(species: TwoSpecies) -> None:
    copies = measured(species, MeasuredPeaks([FIRST], MEASURED, None, 40), None)
    assert copies[["motif", "human_motif"]].isna().all(axis=None)


def test_homologs_found_otherwise_are_refused(species: TwoSpecies) -> None:
    peaks = MeasuredPeaks([FIRST], MEASURED, None, 40)
    with pytest.raises(DataError, match="homologs are not where the chains lead"):
        measure_copies(species.windows(BOTH), species.homologs, species.genomes, peaks, 0.9, None)


def test_no_copy_at_all_is_an_empty_table(species: TwoSpecies, tmp_path: Path) -> None:
    none = species.homologs.assign(lift_status="deleted")
    peaks = MeasuredPeaks([FIRST], MEASURED, None, 40)
    genomes = replace(species.genomes)
    copies = measure_copies(species.windows(BOTH), none, genomes, peaks, 0.1, MOTIF)
    assert copies.empty and {"bound", "divergence", "motif", "cell_lines"} <= set(copies)

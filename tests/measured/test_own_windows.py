"""Own windows against a slow reading of genome, regions and alignment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.packed import packed
from helpers.species import WIDTH, TwoSpecies, intervals
from regssl.errors import DataError
from regssl.measured.copies import AlignedGenomes, MeasuredPeaks
from regssl.measured.own_windows import make_own_windows, sample_blocks_of
from regssl.measured.settings import MeasuredSettings
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit

HUMAN, MEASURED = intervals(("h1", 100, 260), ("h2", 400, 480)), intervals(("o1", 60, 220), ("o2", 100, 330))
SETTINGS = MeasuredSettings()


@pytest.fixture(scope="module")
def species(tmp_path_factory: pytest.TempPathFactory) -> TwoSpecies:
    return TwoSpecies(tmp_path_factory.mktemp("species"), seed=3)


def peaks(regions: pd.DataFrame | None = None) -> MeasuredPeaks:
    return MeasuredPeaks([], MEASURED, regions, 40)


def test_every_window_base_by_base(species: TwoSpecies) -> None:
    windows = species.windows(HUMAN)
    windows = windows[windows.index % 3 > 0]  # a sample, as training windows are
    own = make_own_windows(windows, species.homologs, species.genomes, peaks(), SETTINGS)
    expected = [(name, at) for name, text in species.other.items() for at in range(0, len(text) - WIDTH + 1, WIDTH)]
    assert list(zip(own["chrom"], own["start"], strict=True)) == expected
    assert (own["end"] - own["start"] == WIDTH).all() and set(own["strand"]) == {"+"}
    split_of = {}
    for window in windows.itertuples():
        homolog = species.homologs.loc[window.source]
        places = [species.aligned[window.chrom, at][:2] for at in range(window.start, window.end)
                  if (window.chrom, at) in species.aligned]  # fmt: skip
        if homolog.lift_status == "kept":
            places += [(homolog.chrom, at) for at in range(homolog.start, homolog.start + WIDTH)]
        for place in places:
            split_of.setdefault(place, set()).add(window.split)
    for window in own.itertuples():
        inside = [(window.chrom, at) for at in range(window.start, window.end)]
        found = set().union(*(split_of.get(place, set()) for place in inside))
        assert window.homolog == next((s for s in ("train", "validation", "test") if s in found), "none")
        bound = sum(
            any(row.chrom == chrom and row.start <= at < row.end for row in MEASURED.itertuples())
            for chrom, at in inside
        )
        assert window.label == (bound >= 40)
    assert set(own["homolog"]) >= {"train", "validation", "test"}


def test_only_whole_windows_within_the_regions(species: TwoSpecies) -> None:
    regions = intervals(("o1", 70, 250), ("o1", 250, 400))
    own = make_own_windows(species.windows(HUMAN), species.homologs, species.genomes, peaks(regions), SETTINGS)
    assert own["start"].tolist() == [80, 160, 240, 320]
    nowhere = intervals(("o1", 0, 40))
    with pytest.raises(DataError, match="no window of 80 bp without N lies in the measured regions"):
        make_own_windows(species.windows(HUMAN), species.homologs, species.genomes, peaks(nowhere), SETTINGS)


def test_windows_with_n_are_left_out(species: TwoSpecies, tmp_path: Path) -> None:
    text = species.other["o1"]
    texts = {**species.other, "o1": text[:165] + "N" + text[166:]}
    write_twobit(tmp_path / "n.2bit", [packed(name, letters) for name, letters in texts.items()])
    genomes = AlignedGenomes(species.genomes.human, Genome(tmp_path / "n.2bit"), "other", species.genomes.chains)
    own = make_own_windows(species.windows(HUMAN), species.homologs, genomes, peaks(), SETTINGS)
    of_first = own.loc[own["chrom"] == "o1", "start"].tolist()
    assert 160 not in of_first and {80, 240} <= set(of_first)


def test_a_sample_is_of_whole_blocks() -> None:
    own = pd.DataFrame({"chrom": np.repeat(["a", "b"], 500), "start": np.tile(np.arange(500) * 10, 2)})
    settings = MeasuredSettings(max_windows=330, block_bp=1000, seed=4)
    sample = sample_blocks_of(own, settings)
    block = sample["chrom"] + (sample["start"] // 1000).astype(str)
    assert len(sample) == 300 and (block.value_counts() == 100).all(), "the next block would be too many"
    assert sample.equals(sample.sort_values(["chrom", "start"]))
    assert sample_blocks_of(own, settings).equals(sample)
    others = sample_blocks_of(own, settings.model_copy(update={"seed": 5}))
    assert not others.equals(sample)
    assert len(sample_blocks_of(own, settings.model_copy(update={"max_windows": 1}))) == 100, "one at least"
    assert sample_blocks_of(own, settings.model_copy(update={"max_windows": None})) is own

"""Bins, labels, negatives and splits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.packed import packed
from regssl.data.bins import (
    count_labels,
    find_ambiguous,
    find_undrawn_negatives,
    label_bins,
    make_bins,
    read_blacklist,
    sample_windows,
)
from regssl.data.settings import Sampling, Splits
from regssl.data.windows import COLUMNS
from regssl.errors import ConfigError, DataError
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit

SPLITS = Splits(train=["chr1"], validation=["chr2"], test=["test_*"])


def genome_of(folder: Path, **chromosomes: str) -> Genome:
    write_twobit(folder / "human.2bit", [packed(name, text) for name, text in chromosomes.items()])
    return Genome(folder / "human.2bit")


def intervals(*rows: tuple[str, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["chrom", "start", "end"])


def bins_of(*rows: tuple[str, int, str]) -> pd.DataFrame:
    """Bins of 10 bp: (chrom, start, split)."""
    table = pd.DataFrame(rows, columns=["chrom", "start", "split"])
    table["end"] = table["start"] + 10
    table["split"] = pd.Categorical(table["split"], categories=["train", "validation", "test"])
    return table[["chrom", "start", "end", "split"]]


def test_bins_are_consecutive_whole_and_clean(tmp_path: Path) -> None:
    genome = genome_of(tmp_path, chr1="A" * 35, chr2="A" * 12 + "N" + "A" * 17, test_a="C" * 20, other="A" * 50)
    bins = make_bins(genome, SPLITS, 10, blacklist=intervals(("chr1", 19, 20), ("test_a", 20, 25)))
    assert bins.values.tolist() == [
        ["chr1", 0, 10, "train"],  # 10-20 touches the blacklist, 30-35 is no whole bin
        ["chr1", 20, 30, "train"],
        ["chr2", 0, 10, "validation"],  # 10-20 has an N
        ["chr2", 20, 30, "validation"],
        ["test_a", 0, 10, "test"],
        ["test_a", 10, 20, "test"],
    ]


def test_a_split_without_a_chromosome_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"key `splits.test`: no chromosome of .* is called test_\*"):
        make_bins(genome_of(tmp_path, chr1="A" * 30, chr2="A" * 30), SPLITS, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.bed: no region in it .*set `blacklist` to null"),
        ("# none\n", "x.bed: no region in it"),
        ("1\t0\t50\n", "x.bed: no chromosome in common with the human genome: 1 here, chr1, chr2 there"),
        ("NC_000001.11\t0\t50\n", "x.bed: no chromosome in common .*: NC_000001.11 here"),
        ("chr2\t0\t50\nCHR1\t0\t50\n", "x.bed: 'CHR1' is called 'chr1'"),
        ("chr1\t0\t500\n", r"x.bed, row 1, column 3 \(end\): 500 is past the end of chr1, 100 bp"),
        ("chr1\t0\t5\n" + 300 * "chr1_alt\t0\t5\n", "x.bed: only 1 of 301 blacklisted regions lie on the human genome"),
    ],
)
def test_a_blacklist_of_another_genome_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.bed").write_text(text)
    with pytest.raises(DataError, match=message):
        read_blacklist(tmp_path / "x.bed", {"chr1": 100, "chr2": 100})


def test_a_blacklist_may_name_what_the_genome_lacks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    (tmp_path / "x.bed").write_text("chr1 \t0\t50\tHigh Signal Region\nchrUn_1\t0\t9\n")
    assert read_blacklist(tmp_path / "x.bed", {"chr1": 100}).values.tolist() == [["chr1", 0, 50], ["chrUn_1", 0, 9]]
    assert "1 of 2 blacklisted regions lie on the human genome; the others on chrUn_1" in caplog.text


def test_half_a_bin_covered_is_positive() -> None:
    bins = bins_of(("chr1", 0, "train"), ("chr1", 10, "train"), ("chr1", 20, "train"), ("chr2", 0, "test"))
    peaks = intervals(("chr1", 6, 15), ("chr1", 25, 27), ("chr1", 28, 31))
    # 4 bases of the first bin, 5 of the second, 2 + 2 of the third
    assert label_bins(bins, peaks, 5).tolist() == [0, 1, 0, 0]
    assert label_bins(bins, peaks, 4).tolist() == [1, 1, 1, 0]


@example({0, *range(10, 15), *range(20, 30), *range(35, 39)})  # 1, 5, 10 and 4 bases of the first four bins
@given(st.sets(st.integers(0, 99)))
def test_a_bin_with_some_base_of_a_peak_but_too_few_is_ambiguous(bound: set[int]) -> None:
    """Held against counting bases one by one."""
    bins = bins_of(*(("chr1", start, "train") for start in range(0, 100, 10)), ("chr2", 0, "test"))
    peaks = intervals(*(("chr1", base, base + 1) for base in sorted(bound)))
    covered = [len(bound & set(range(start, start + 10))) for start in range(0, 100, 10)] + [0]
    labels = label_bins(bins, peaks, 5)
    assert labels.tolist() == [int(n >= 5) for n in covered]
    assert find_ambiguous(bins, labels, peaks).tolist() == [1 <= n < 5 for n in covered]


def test_bins_that_are_left_out_are_in_no_split() -> None:
    bins, labels = many_bins()
    left_out = (np.arange(300) % 10 == 1) & (labels == 0)
    sets = sample_windows(bins, labels, Sampling(negatives_per_positive=3), "hg38", "ctcf", left_out)
    assert {split: len(table) for split, table in sets.items()} == {"train": 20, "validation": 90, "test": 90}
    assert not any(left_out[table["source"]].any() for table in sets.values())


def test_training_negatives_are_drawn_or_not() -> None:
    bins, labels = many_bins()
    left_out = (np.arange(300) % 10 == 1) & (labels == 0)
    train = sample_windows(bins, labels, Sampling(negatives_per_positive=3), "hg38", "ctcf", left_out)["train"]
    others = find_undrawn_negatives(bins, labels, train, "hg38", left_out)
    assert list(others.columns) == COLUMNS and (others["label"] == 0).all() and others["source"].is_monotonic_increasing
    drawn = train.loc[train["label"] == 0, "source"]
    assert sorted([*drawn, *others["source"]]) == [bin_ for bin_ in range(100) if bin_ % 20 and bin_ % 10 != 1]
    assert (bins["start"].to_numpy()[others["source"]] == others["start"]).all()


def many_bins() -> tuple[pd.DataFrame, np.ndarray]:
    rows = [(chrom, 10 * i, split) for chrom, split in zip("abc", ["train", "validation", "test"], strict=True)
            for i in range(100)]  # fmt: skip
    return bins_of(*rows), np.tile(np.arange(100) % 20 == 0, 3).astype(np.uint8)


def test_training_samples_negatives_and_test_takes_every_bin() -> None:
    bins, labels = many_bins()
    sets = sample_windows(bins, labels, Sampling(negatives_per_positive=3), "hg38", "ctcf")
    assert {split: (len(table), int(table["label"].sum())) for split, table in sets.items()} == {
        "train": (20, 5),
        "validation": (100, 5),
        "test": (100, 5),
    }
    train = sets["train"]
    assert list(train.columns) == COLUMNS
    assert (train["chrom"] == "a").all() and (train["genome"] == "hg38").all() and (train["strand"] == "+").all()
    assert (bins["start"].to_numpy()[train["source"]] == train["start"]).all()
    assert (labels[train["source"]] == train["label"]).all()
    assert train["source"].is_monotonic_increasing and train["source"].is_unique


def test_training_negatives_are_capped_and_positives_are_not() -> None:
    bins, labels = many_bins()
    sets = sample_windows(bins, labels, Sampling(negatives_per_positive=3, max_negatives=4), "hg38", "ctcf")
    counts = {split: (int(table["label"].sum()), len(table)) for split, table in sets.items()}
    assert counts == {"train": (5, 9), "validation": (5, 100), "test": (5, 100)}


def test_the_sample_depends_on_seed_and_dataset_only() -> None:
    bins, labels = many_bins()

    def sources(seed: int, dataset: str) -> list[int]:
        sampling = Sampling(negatives_per_positive=3, seed=seed)
        return sample_windows(bins, labels, sampling, "hg38", dataset)["train"]["source"].tolist()

    assert sources(0, "ctcf") == sources(0, "ctcf")
    assert sources(0, "ctcf") != sources(1, "ctcf")
    assert sources(0, "ctcf") != sources(0, "max")


def test_a_split_without_positives_has_the_negatives_of_one() -> None:
    bins, labels = many_bins()
    labels[:] = 0
    sampling = Sampling(negatives_per_positive=3, validation_negatives_per_positive=0.1)
    sets = sample_windows(bins, labels, sampling, "hg38", "ctcf")
    assert {split: (int(table["label"].sum()), len(table)) for split, table in sets.items()} == {
        "train": (0, 3),
        "validation": (0, 1),
        "test": (0, 100),
    }


def test_a_split_without_a_usable_bin_is_an_error(tmp_path: Path) -> None:
    genome = genome_of(tmp_path, chr1="A" * 20, chr2="A" * 20, test_1="N" * 20)
    with pytest.raises(DataError, match=r"no bin of 10 bp of the test chromosomes \(test_1\) is usable"):
        make_bins(genome, SPLITS, 10)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.booleans(), min_size=30, max_size=30), st.floats(0.1, 30), st.integers(0, 5))
def test_splits_never_share_a_bin(flags: list[bool], ratio: float, seed: int) -> None:
    bins = bins_of(*[("abc"[i % 3], 10 * i, ("train", "validation", "test")[i % 3]) for i in range(30)])
    labels = np.array(flags, np.uint8)
    labels[:3] = 1
    sampling = Sampling(negatives_per_positive=ratio, validation_negatives_per_positive=ratio, seed=seed)
    sets = sample_windows(bins, labels, sampling, "hg38", "x")
    sources = [set(table["source"]) for table in sets.values()]
    assert not (sources[0] & sources[1] or sources[0] & sources[2] or sources[1] & sources[2])
    for split, table in sets.items():
        assert (bins["split"].to_numpy()[table["source"]] == split).all()
        assert set(np.flatnonzero((bins["split"] == split) & (labels == 1))) <= set(table["source"])


def test_the_counts_of_a_dataset_name_a_missing_class() -> None:
    bins, labels = many_bins()
    labels[bins["split"] == "validation"] = 0
    sets = sample_windows(bins, labels, Sampling(negatives_per_positive=3), "hg38", "ctcf")
    assert count_labels(sets, "ctcf", pd.Series(["test", "train", "test"])).values.tolist() == [
        ["ctcf", "train", 20, 5, 1, ""],
        ["ctcf", "validation", 100, 0, 0, "no positive validation window"],
        ["ctcf", "test", 100, 5, 2, ""],
    ]

"""Settings of bins and splits."""

from __future__ import annotations

import pytest

from regssl.data.settings import Bins, Splits
from regssl.errors import ConfigError


def test_patterns_that_meet_on_a_chromosome_are_refused() -> None:
    with pytest.raises(ConfigError, match="'chr1_a' is in both train and test"):
        Splits(train=["chr1*"], validation=["x"], test=["*_a"]).of("chr1_a")


def test_the_split_of_a_chromosome() -> None:
    splits = Splits(train=["chr1", "chr2*"], validation=["chr3"], test=["chr4"])
    assert [splits.of(chrom) for chrom in ("chr1", "chr22", "chr3", "chr4", "chr5")] == [
        *("train", "train", "validation", "test", None),
    ]


def test_an_overlap_larger_than_a_bin_is_refused() -> None:
    with pytest.raises(ValueError, match="min_overlap 300 is larger than the bin width 200"):
        Bins(width=200, min_overlap=300)

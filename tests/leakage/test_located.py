"""Windows given as sequences: located, they have the homologs that they have as bins, and nothing leaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leakage.conftest import GENOMES, SPLITS, audited, chain, clear, counts, regssl
from regssl.data.located import LOCATED
from regssl.data.packed import load_codes
from regssl.io.parquet import load_table
from regssl.io.tsv import read_tsv
from regssl.sequences.encoding import decode, reverse_complement

STRANGERS = 6
"""Sequences that are not in the genome."""


@pytest.fixture(scope="module")
def windows(made: Path) -> pd.DataFrame:
    """The human windows of all splits, every third on the other strand, and strangers: sequence, minus."""
    parts = []
    for split in ("train", "validation", "test"):
        codes = load_codes(made / f"human/{split}.npy")
        minus = np.arange(len(codes)) % 3 == 0
        codes = np.where(minus[:, None], reverse_complement(codes), codes)
        table = load_table(made / f"human/{split}.parquet").assign(sequence=list(map(decode, codes)), minus=minus)
        rng = np.random.default_rng(len(codes))
        strange = ["".join(rng.choice(list("ACGT"), codes.shape[1])) for _ in range(STRANGERS)]
        parts += [table, pd.DataFrame({"sequence": strange, "split": split, "label": [0, 1] * (STRANGERS // 2)})]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def located(made: Path, windows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset made of these sequences, each step by its command."""
    out = tmp_path_factory.mktemp("located")
    (out / "world").symlink_to(made / "world")
    windows[["sequence", "label", "split"]].to_csv(out / "sequences.csv", index=False)
    steps: list[tuple[object, ...]] = [
        ("step", "locate-sequences", out / "sequences.csv", "--genome", made / "simHuman.2bit",
         "--out", out / "located.tsv", "--genome-id", "simHuman"),
        ("step", "read-sequences", out / "sequences.csv", "--bins", out / "bins.parquet", "--human", out / "human",
         "--negatives", out / "negatives.npy", "--counts", out / "sequences.tsv", "--located", out / "located.tsv",
         "--dataset", "ctcf", "--genome-id", "simHuman", "--negatives-per-positive", "none", *SPLITS),
    ]  # fmt: skip
    for genome in GENOMES:
        steps += [
            ("step", "find-homologs", out / "bins.parquet", chain(out, genome), made / "simHuman.2bit",
             made / f"{genome}.2bit", out / f"places/{genome}.parquet", out / f"places/{genome}.tsv"),
            clear(out, genome),
            ("step", "pseudo-label", out / "human/train.parquet", "--genome-ids", genome,
             "--homologs", out / f"places/{genome}.parquet", "--genomes", made / f"{genome}.2bit",
             "--out", out / f"homologs/{genome}.npy"),
        ]  # fmt: skip
    for step in steps:
        assert regssl(*step) == 0
    return out


def test_windows_come_back_to_their_places(made: Path, windows: pd.DataFrame, located: Path) -> None:
    found = read_tsv([located / "located.tsv"], LOCATED)
    known = windows["start"].notna()
    assert (found["places"] == known).all()
    there = windows[known]
    assert (found["chrom"][known] == there["chrom"]).all() and (found["start"][known] == there["start"]).all()
    assert ((found["strand"][known] == "-") == there["minus"]).all()


def test_located_windows_have_the_homologs_that_they_have_as_bins(made: Path, located: Path) -> None:
    for genome in GENOMES:
        as_bins = _homologs(made, genome, load_table(made / "bins.parquet").assign(strand="+"))
        as_sequences = _homologs(located, genome, load_table(located / "bins.parquet"))
        pairs = as_bins.merge(as_sequences, on=["human_chrom", "human_start"], suffixes=("", "_again"))
        assert len(pairs) == len(as_bins) > 200
        for column in ("chrom", "start", "label"):
            assert (pairs[column] == pairs[f"{column}_again"]).all()
        turned = pairs["human_strand_again"] == "-"
        assert 0.2 < turned.mean() < 0.5 and ((pairs["strand"] != pairs["strand_again"]) == turned).all()


def test_no_located_window_leaks(located: Path) -> None:
    assert audited(located) == 0
    found = counts(located)
    assert not found[["back_lift", "homolog"]].fillna(0).any(axis=None)
    others = found.loc[list(GENOMES)]
    assert (others["reciprocal"] == others["windows"]).all() and (others["held_out_with_homolog"] > 0).all()


def _homologs(folder: Path, genome: str, bins: pd.DataFrame) -> pd.DataFrame:
    """The homologs in a genome, each beside the place of its human window."""
    homologs = load_table(folder / f"homologs/{genome}.parquet")
    human = bins.iloc[homologs["source"]].reset_index(drop=True)[["chrom", "start", "strand"]].add_prefix("human_")
    texts = dict.fromkeys(["chrom", "strand", "human_chrom", "human_strand"], str)
    return pd.concat([homologs, human], axis=1).astype(texts)

"""Which scores tell true copies from false ones, against pairs counted one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.measured.columns import DISCRIMINATION
from regssl.measured.discrimination import discrimination_table


def make_copies(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "chrom": "o1",
            "start": np.arange(n),
            "end": np.arange(n) + 10,
            "label": rng.integers(0, 2, n),
            "split": rng.choice(["train", "validation", "test"], n),
            "bound": rng.random(n) < 0.4,
            "motif": rng.integers(0, 6, n).astype(float),
            "human_motif": np.nan,
        }
    )


SITES = make_copies(25).assign(label=1, human_motif=np.arange(25.0))


def predicted(copies: pd.DataFrame, logits: np.ndarray) -> pd.DataFrame:
    return copies[["chrom", "start", "end"]].assign(logit=logits.astype(np.float32))


def test_every_row_against_all_pairs() -> None:
    copies = make_copies()
    logits = np.random.default_rng(2).integers(-3, 4, len(copies)).astype(float)
    runs = {
        ("deepbind", "sl", 3): predicted(copies, logits),
        ("deepbind", "ssl", 3): predicted(copies, copies["motif"]),
    }
    table = discrimination_table(("ctcf", "mouse"), copies, SITES, runs)
    assert list(table) == list(DISCRIMINATION) and len(table) == 4 * 3 * 2 + 2 * 3, "sites have no negatives"
    for row in table.itertuples():
        source = SITES if row.score.startswith("site_") else copies
        train = source["split"] == "train"
        rows = {"all": train | True, "train": train, "held_out": ~train}[row.split] & (source["label"] == row.label)
        if row.score == "probability":
            scores = logits if row.method == "sl" else copies["motif"].to_numpy()
            assert row.seed == 3
        else:
            scores = source[row.score.removeprefix("site_")].to_numpy()
            assert row.model == row.method == "" and pd.isna(row.seed)
        bound, unbound = (scores[rows & (source["bound"] == value)] for value in (True, False))
        wins = [(a > b) + (a == b) / 2 for a, b in itertools.product(bound, unbound)]
        expected = np.nan if row.score == "human_motif" else np.mean(wins)
        assert row.auroc == pytest.approx(expected, nan_ok=True)
        counts = (len(bound), len(unbound)) if row.label else (len(unbound), len(bound))
        assert (row.true, row.false) == counts, "a copied negative is true where nothing is bound"


def test_what_cannot_be_told_apart_is_missing() -> None:
    copies = make_copies().assign(bound=True)
    failed = predicted(copies, np.full(len(copies), np.nan))
    table = discrimination_table(("ctcf", "mouse"), copies, SITES, {("deepbind", "sl", 0): failed})
    table = table[~table["score"].str.startswith("site_")]
    assert table["auroc"].isna().all() and (table.loc[table["label"] == 1, "false"] == 0).all()
    mixed = discrimination_table(("ctcf", "mouse"), make_copies(), SITES, {("deepbind", "sl", 0): failed})
    assert mixed.loc[mixed["score"] == "probability", "auroc"].isna().all()


def test_predictions_of_other_windows_are_refused() -> None:
    copies = make_copies()
    other = predicted(copies.assign(start=copies["start"] + 1), copies["motif"].to_numpy())
    with pytest.raises(DataError, match="deepbind/sl/seed0 are of other windows"):
        discrimination_table(("ctcf", "mouse"), copies, SITES, {("deepbind", "sl", 0): other})

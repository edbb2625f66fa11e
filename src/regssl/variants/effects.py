"""How well networks predict allelic imbalance: scores of SNPs by run, and their correlations with what was observed.

Scores are tidy, one row per SNP and run: dataset snps model method seed, chrom pos ref alt, effect, split, score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.variants.correlation import DRAWS, bootstrap, correlate, interval
from regssl.variants.readers import SNP

CELL = ["dataset", "snps", "model", "split"]
CORRELATIONS = ("pearson", "spearman")
MEASURES = (*CORRELATIONS, "direction")
"""What is said of a run: its fields in `correlations.Correlations`."""
FEWEST = 3
"""With fewer SNPs there is no correlation to speak of."""
FEWEST_BOUNDED = 10
"""With fewer, samples with replacement hold so few different SNPs that their interval means nothing: none is given."""
ALL_SEEDS = "all"
"""In the column `seed`: the mean over seeds."""
COLUMNS = ["dataset", "snps", "model", "method", "split", "seed", "n", "measure", "value", "low", "high",
           "baseline", "gain", "gain_low", "gain_high", "treated", "lead", "lead_low", "lead_high"]  # fmt: skip


def score_snps(
    models: Sequence[str | Path], codes: str | Path, seeds: Sequence[int], identity: Mapping[str, Any], threads: int = 1
) -> Iterator[pd.DataFrame]:
    """Score a set of SNPs `X.npy` with saved models, one after the other.

    Args:
        models: one per seed.
        codes: as `save_snp_set` wrote it.
        seeds: of the models.
        identity: dataset, snps, model, method: copied into every row.
        threads: CPU threads.

    The scores of a model without weights, of a dataset that cannot be trained, are NaN.

    Raises:
        DataError: a file is damaged, or a model is for windows of another width.
    """
    from regssl.data.packed import load_codes
    from regssl.models.serialization import load, read_card
    from regssl.sequences.encoding import encode
    from regssl.variants.dataset import load_snp_table
    from regssl.variants.scoring import effects

    windows, table = np.array(load_codes(codes)), load_snp_table(codes)
    alt, at = encode("".join(table["alt"])), table["at"].to_numpy()
    for model, seed in zip(models, seeds, strict=True):
        card = read_card(model)
        if card["width"] != windows.shape[1]:
            raise DataError(f"{model}: made for {card['width']} bp, but {codes} holds windows of {windows.shape[1]} bp")
        if "untrained" in card:
            score = np.full(len(table), np.nan, np.float32)
        else:
            score = effects(load(model), windows, at, alt, card["reverse_complement"], threads)
        run = {name: str(value) for name, value in identity.items()} | {"seed": seed}
        yield table.drop(columns="at").assign(**run, score=score)


def correlation_table(
    scores: pd.DataFrame,
    baseline: str = "sl",
    treated: str = "ssl",
    draws: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Pearson's and Spearman's correlation of score and observed effect, and the share of right signs (`direction`).

    Per run, and as means over seeds. Intervals are percentiles of a bootstrap over SNPs. Every run is scored on the
    same resampled SNPs, so that differences have intervals of their own: `gain`, to `baseline`, and `lead`, of
    `treated` to this method (of the same seed; of the means in the rows of all seeds).
    What seeds do to the correlation is not in the intervals: it is seen in the rows of the single seeds.

    Columns: COLUMNS; NaN where a measure does not exist (fewer than FEWEST SNPs, or equal scores), and in place of
    bounds where there are fewer than FEWEST_BOUNDED.

    Raises:
        DataError: runs of one model scored on different SNPs, or a SNP listed twice.
    """
    rows: list[dict[str, Any]] = []
    for cell, of_cell in scores.groupby(CELL, sort=False, observed=True):
        runs, predicted, observed = _matrix(of_cell, cell)
        if len(observed) < FEWEST:
            values = dict.fromkeys(MEASURES, np.full((1, len(runs)), np.nan))
        else:
            values = {m: v[None] for m, v in correlate(predicted, observed)._asdict().items()}
        if len(observed) < FEWEST_BOUNDED:
            draws_of = dict.fromkeys(MEASURES, np.full((1, len(runs)), np.nan))
        else:
            draws_of = bootstrap(predicted, observed, draws, seed)._asdict()
        methods = list(dict.fromkeys(method for method, _ in runs))
        known = dict(zip(CELL, cell, strict=True)) | {"n": len(observed)}
        columns = {method: {run[1]: i for i, run in enumerate(runs) if run[0] == method} for method in methods}
        for method, own in columns.items():
            for seed_of, of_method in [*((each, [i]) for each, i in own.items()), (ALL_SEEDS, list(own.values()))]:
                for measure in MEASURES:
                    row = known | {"method": method, "seed": seed_of, "measure": measure}
                    value, spread = (x[measure][:, of_method].mean(axis=1) for x in (values, draws_of))
                    row |= _bounded("value", "", value, spread, level)
                    for kind, other, difference, sign in (
                        ("baseline", baseline, "gain", 1), ("treated", treated, "lead", -1)
                    ):  # fmt: skip
                        theirs = columns.get(other, {}) if other != method else {}
                        of_other = list(theirs.values()) if seed_of == ALL_SEEDS else [theirs.get(seed_of, -1)]
                        if theirs and -1 not in of_other:
                            less, less_spread = (x[measure][:, of_other].mean(axis=1) for x in (values, draws_of))
                            apart, apart_spread = sign * (value - less), sign * (spread - less_spread)
                            row |= {kind: other} | _bounded(difference, f"{difference}_", apart, apart_spread, level)
                    rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def mean_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores averaged over seeds: one row per SNP, model and method, with `score` and `seeds` (their number)."""
    key = [*CELL, "method", *SNP, "effect"]
    grouped = scores.groupby(key, sort=False, observed=True)["score"]
    return grouped.agg(score="mean", seeds="size").reset_index()


def _bounded(name: str, prefix: str, value: np.ndarray, draws: np.ndarray, level: float) -> dict[str, float]:
    low, high = interval(draws, level)
    return {name: float(value[0]), f"{prefix}low": low, f"{prefix}high": high}


def _matrix(of_cell: pd.DataFrame, cell: tuple[Any, ...]) -> tuple[list[tuple[Any, Any]], np.ndarray, np.ndarray]:
    """Runs (method, seed), their scores (runs, n) and the observed effects (n,)."""
    of_cell = of_cell.reset_index(drop=True)
    where = " ".join(map(str, cell))
    if of_cell.duplicated(["method", "seed", *SNP]).any():
        raise DataError(f"{where}: a SNP is listed twice in one run", "score the SNPs again")
    first: pd.DataFrame | None = None
    runs, rows = [], []
    for run, of_run in of_cell.groupby(["method", "seed"], sort=False, observed=True):
        places = of_run[[*SNP, "effect"]].reset_index(drop=True)
        if first is None:
            first = places
        elif not places.equals(first):
            raise DataError(f"{where}: runs were scored on different SNPs", "score them again: they cannot be compared")
        runs.append((run[0], run[1]))
        rows.append(of_run["score"].to_numpy(np.float64))
    assert first is not None
    return runs, np.stack(rows), first["effect"].to_numpy(np.float64)

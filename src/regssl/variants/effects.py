"""Agreement of predicted with observed effects of variants, by run and over seeds.

Scores are tidy, one row per variant and run: dataset, variant_set, model, method, seed, chrom, pos, ref, alt, effect,
balanced, split, score.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.variants.agreement import N_BOOTSTRAP, Agreement, bootstrap, measure, percentile_interval
from regssl.variants.dataset import BALANCED
from regssl.variants.floor import IMBALANCE_AUROC, bootstrap_imbalance, measure_imbalance
from regssl.variants.readers import VARIANT_KEY

GROUP_KEYS = ["dataset", "variant_set", "model", "split"]
CORRELATIONS = ("pearson", "spearman")
SIGN_AUROC = "sign_auroc"
MEASURES = (*Agreement._fields, IMBALANCE_AUROC)
"""Measures of a run."""
MIN_N = 10
"""With fewer variants, no measure is computed: a correlation of four is near 1 by chance, and a bootstrap sample would
hold too few different ones."""
MIN_EACH = 5
"""With fewer variants of either direction there is no AUROC of the sign: of two against ten it is often 1, and so are
both ends of its interval, since no bootstrap sample knows others."""
ALL_SEEDS = "all"
"""Value of the column `seed` in rows that are means over seeds."""
DIFFERENCES = (("baseline", "sl", "delta_vs_sl", 1), ("treated", "ssl", "ssl_minus_method", -1))
"""Differences to other methods: the column of the other method, its id, the column of the difference (this method minus
the other one, times the last item)."""
COLUMNS = {
    **dict.fromkeys(["dataset", "variant_set", "model", "method", "split", "seed"], "str"),
    **dict.fromkeys(["n", "n_reference", "n_balanced"], "int64"),
    "measure": "str",
    **dict.fromkeys(["value", "low", "high"], "float64"),
    **{column: "str" if column == kind else "float64" for kind, _, name, _ in DIFFERENCES
       for column in (kind, name, f"{name}_low", f"{name}_high")},
}  # fmt: skip
SCORES_COLUMNS = {
    **dict.fromkeys([*GROUP_KEYS, "method", *VARIANT_KEY], "str"), "pos": "int64", "effect": "float64",
    BALANCED: "bool", "score": "float64", "seeds": "int64",
}  # fmt: skip
"""Columns of `mean_scores`, and their types."""


def score_variant_set(
    models: Sequence[str | Path],
    codes: str | Path,
    seeds: Sequence[int],
    identity: Mapping[str, Any],
    threads: int = 1,
    architecture: str | None = None,
) -> Iterator[pd.DataFrame]:
    """Score a set of variants with saved models, one table per model.

    The score of a variant with several windows is the mean over them. The scores of a model without weights, of a
    dataset that cannot be trained, are NaN.

    Args:
        models: model files, one per seed.
        codes: windows `X.npy` that `save_variant_dataset` wrote, with `X.parquet` beside it.
        seeds: of the models.
        identity: dataset, model, method, and variant_set if the windows have none: columns of every row.
        threads: CPU threads.
        architecture: import path of a network of your own, as for `load`.

    Raises:
        DataError: a file is damaged, a model is for windows of another width, or the set has no id, or two.
    """
    from regssl.data.packed import load_codes
    from regssl.models.serialization import load, read_card
    from regssl.sequences.encoding import encode
    from regssl.variants.dataset import load_variant_table
    from regssl.variants.scoring import score_effects

    windows, table = np.array(load_codes(codes)), load_variant_table(codes)
    alt, offset = encode("".join(table["alt"])), table["offset"].to_numpy()
    if ("variant_set" in table) == ("variant_set" in identity):
        problem = "has ids of its sets of variants" if "variant_set" in table else "has no id of a set of variants"
        raise DataError(f"{codes}: {problem}", "the id, --variant-set, is given where the windows have none")
    key = [column for column in ("variant_set", *VARIANT_KEY) if column in table]
    variants = table.drop(columns="offset").drop_duplicates(key, ignore_index=True)
    for model, seed in zip(models, seeds, strict=True):
        card = read_card(model)
        if card.width != windows.shape[1]:
            raise DataError(f"{model}: made for {card.width} bp, but {codes} holds windows of {windows.shape[1]} bp")
        if card.failure:
            score = np.full(len(table), np.nan, np.float32)
        else:
            network = load(model, architecture)
            score = score_effects(network, windows, offset, alt, card.reverse_complement, threads)
        run = {name: str(value) for name, value in identity.items()} | {"seed": seed}
        means = table.assign(score=score).groupby(key, sort=False)["score"].mean()
        yield variants.assign(**run, score=means.to_numpy())


def correlation_table(
    scores: pd.DataFrame, n_bootstrap: int = N_BOOTSTRAP, seed: int = 0, level: float = 0.95
) -> pd.DataFrame:
    """Compute the agreement of score and observed effect, per run and as means over seeds.

    Balanced variants have no effect to agree with: they take part in one measure only, the floor of `variants.floor`.
    `n` counts the others, `n_reference` those of them that prefer the reference allele, `n_balanced` the balanced.

    Intervals are percentiles of a bootstrap over variants. All runs are scored on the same resampled variants, so that
    differences between methods have paired intervals: `delta_vs_sl`, of this method to SL, and `ssl_minus_method`, of
    SSL to this method (of the same seed; of the means in the rows of all seeds). Variation between seeds is not in the
    intervals: compare the rows of the single seeds.

    Args:
        scores: tidy scores, see the module.
        n_bootstrap: number of bootstrap samples.
        seed: of the bootstrap.
        level: of the intervals.

    Returns:
        Columns COLUMNS; NaN where a measure does not exist (fewer than MIN_N variants, equal scores, or fewer than
        MIN_EACH of either direction, for the AUROC of the sign).

    Raises:
        DataError: runs of one model scored on different variants, or a variant listed twice.
    """
    rows: list[dict[str, Any]] = []
    for key, of_group in scores.groupby(GROUP_KEYS, sort=False, observed=True):
        group = _measure_group(of_group, key, n_bootstrap, seed)
        shared = dict(zip(GROUP_KEYS, key, strict=True)) | group.counts
        for method, runs in group.columns.items():
            for run_seed in (*runs, ALL_SEEDS):
                own = group.select(method, run_seed)
                for which in MEASURES:
                    row = shared | {"method": method, "seed": run_seed, "measure": which}
                    value, samples = group.mean(which, own)
                    row |= _with_bounds("value", "", value, samples, level)
                    for kind, other, name, sign in DIFFERENCES:
                        if other != method and (of_other := group.select(other, run_seed)):
                            other_value, other_samples = group.mean(which, of_other)
                            difference = sign * (value - other_value), sign * (samples - other_samples)
                            row |= {kind: other} | _with_bounds(name, f"{name}_", *difference, level)
                    rows.append(row)
    names = dict.fromkeys((kind for kind, *_ in DIFFERENCES), "str")  # also where no row has any
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(names)


def mean_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Average scores over seeds: one row per variant, model and method, with `score` and `seeds` (their number)."""
    key = [*GROUP_KEYS, "method", *VARIANT_KEY, "effect", BALANCED]
    grouped = scores.groupby(key, sort=False, observed=True)["score"]
    return grouped.agg(score="mean", seeds="size").reset_index()


class _Group(NamedTuple):
    """Measures of all runs of one model on one set of variants.

    Attributes:
        counts: numbers of variants, by the name of their column.
        columns: column of each run, by method and seed.
        values: of each measure, (1, runs).
        samples: bootstrap samples of each measure, (n_bootstrap, runs).
    """

    counts: dict[str, int]
    columns: dict[Any, dict[Any, int]]
    values: dict[str, np.ndarray]
    samples: dict[str, np.ndarray]

    def select(self, method: Any, seed: Any) -> list[int]:
        """Return the columns of a method's run, or of all of its runs; empty if there is none."""
        runs = self.columns.get(method, {})
        return list(runs.values()) if seed == ALL_SEEDS else [runs[seed]] if seed in runs else []

    def mean(self, measure: str, columns: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Average a measure, (1,), and its samples, (n_bootstrap,), over columns."""
        return self.values[measure][:, columns].mean(axis=1), self.samples[measure][:, columns].mean(axis=1)


def _measure_group(scores: pd.DataFrame, key: tuple[Any, ...], n_bootstrap: int, seed: int) -> _Group:
    runs, predicted, variants = _score_matrix(scores, key)
    balanced = variants[BALANCED].to_numpy(bool)
    effect, imbalanced, floor = (
        variants["effect"].to_numpy()[~balanced],
        predicted[:, ~balanced],
        predicted[:, balanced],
    )
    n, n_balanced = len(effect), int(balanced.sum())
    unknown = np.full((1, len(runs)), np.nan)
    values: dict[str, np.ndarray] = dict.fromkeys(MEASURES, unknown)
    samples = dict(values)
    if n >= MIN_N:
        values |= {name: value[None] for name, value in measure(imbalanced, effect)._asdict().items()}
        samples |= bootstrap(imbalanced, effect, n_bootstrap, seed)._asdict()
        if min((effect < 0).sum(), (effect > 0).sum()) < MIN_EACH:
            values[SIGN_AUROC], samples[SIGN_AUROC] = unknown, unknown
    if min(n, n_balanced) >= MIN_N:
        values[IMBALANCE_AUROC] = measure_imbalance(imbalanced, floor)[None]
        samples[IMBALANCE_AUROC] = bootstrap_imbalance(imbalanced, floor, n_bootstrap, seed)
    columns: dict[Any, dict[Any, int]] = {}
    for column, (method, run_seed) in enumerate(runs):
        columns.setdefault(method, {})[run_seed] = column
    counts = {"n": n, "n_reference": int((effect < 0).sum()), "n_balanced": n_balanced}
    return _Group(counts, columns, values, samples)


def _with_bounds(name: str, prefix: str, value: np.ndarray, samples: np.ndarray, level: float) -> dict[str, float]:
    low, high = percentile_interval(samples, level)
    return {name: float(value[0]), f"{prefix}low": low, f"{prefix}high": high}


def _score_matrix(scores: pd.DataFrame, key: tuple[Any, ...]) -> tuple[list[tuple[Any, Any]], np.ndarray, pd.DataFrame]:
    """Return the runs (method, seed), their scores (runs, n), and the n variants with effect and `balanced`."""
    scores = scores.reset_index(drop=True)
    where = " ".join(map(str, key))
    if scores.duplicated(["method", "seed", *VARIANT_KEY]).any():
        raise DataError(f"{where}: a variant is listed twice in one run", "score the variants again")
    first: pd.DataFrame | None = None
    runs, rows = [], []
    for run, of_run in scores.groupby(["method", "seed"], sort=False, observed=True):
        variants = of_run[[*VARIANT_KEY, "effect", BALANCED]].reset_index(drop=True)
        if first is None:
            first = variants
        elif not variants.equals(first):
            raise DataError(
                f"{where}: runs were scored on different variants", "score them again: they cannot be compared"
            )
        runs.append((run[0], run[1]))
        rows.append(of_run["score"].to_numpy(np.float64))
    assert first is not None
    return runs, np.stack(rows), first

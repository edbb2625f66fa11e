"""How far SSL's gain would move with another training region, other negatives, other seeds, other test blocks.

A dataset and its replicates have the same peaks and the same test windows, but other training regions (splits) or other
drawn negatives. Draws are nested in regions, so the gain of draw d in region r is modelled as

    gain(r, d) = mean + region(r) + draw(r, d) + seeds(r, d) + blocks

and the variances are estimated by the method of moments, as in a nested analysis of variance (Searle, Casella and
McCulloch, *Variance Components*, 1992, chapter 3):

- seeds: s² / n of the differences seed by seed; known within every row;
- draws: the mean square of rows within their region, less the mean variance of seeds;
- region: the variance of the regions' means, less what draws and seeds give them (mean square / rows of the region);
- blocks: from the bootstrap interval of the dataset's own gain. All rows share the test blocks, so these move all gains
  together and add nothing to their spread.

A negative estimate is 0. Where no region has two rows, draws cannot be told from regions and are in `region`; where all
rows have one region, there is no `region`. The interval of the dataset's own gain holds all four: Student's t with the
degrees of freedom of their sum (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).

All is done on two scales: the `difference` of means, and the `relative` one, ln(SSL / SL), whose variances are those of
the delta method and whose interval is put back to percent, as in `confidence.percent_increase`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.evaluation.confidence import t_quantile
from regssl.evaluation.design import DesignRow
from regssl.evaluation.summary import METRICS, select_runs

METHOD, BASELINE = "ssl", "sl"
SOURCES = ("region", "draws", "seeds", "blocks")
SCALES = ("difference", "relative")
KEY = ["dataset", "model", "metric"]
REPLICATES_COLUMNS = {
    **dict.fromkeys(["dataset", "replicate", "splits", "model", "metric"], "str"), "seeds": "int64",
    **dict.fromkeys(["sl", "ssl", "difference", "percent"], "float64"),
}  # fmt: skip
COMPONENTS_COLUMNS = {
    **dict.fromkeys([*KEY, "scale"], "str"), "rows": "int64", "regions": "int64",
    **dict.fromkeys(["value", "low", "high", "freedom", *(f"sd_{source}" for source in SOURCES)], "float64"),
}  # fmt: skip
"""Columns of the two tables, and their types."""


class Gain(NamedTuple):
    """A gain of one row of the design, its splits, and what its seeds add: variance and degrees of freedom."""

    value: float
    splits: str
    variance: float
    freedom: float


class Components(NamedTuple):
    """Variances by source, and the degrees of freedom of each; NaN where a source is not known."""

    variances: dict[str, float]
    freedoms: dict[str, float]


def variance_components(gains: Sequence[Gain], blocks: float) -> Components:
    """Estimate the variance components of the first of some gains by the method of moments.

    Args:
        gains: of a dataset and of its replicates.
        blocks: variance that the test blocks give the first.
    """
    table = pd.DataFrame(gains)
    of_splits = table.groupby("splits")["value"]
    sizes, means = of_splits.size(), of_splits.mean()
    within, between = len(table) - len(sizes), len(sizes) - 1
    noise = float(table["variance"].mean(skipna=False))
    draws, below = math.nan, noise
    if within:
        square = float(((table["value"] - of_splits.transform("mean")) ** 2).sum()) / within
        draws, below = _not_negative(square - noise), float((square / sizes).mean())
    region = _not_negative(float(means.var(ddof=1)) - below) if between else math.nan
    variances, freedoms = (region, draws, gains[0].variance, blocks), (between, within, gains[0].freedom, math.inf)
    return Components(dict(zip(SOURCES, variances, strict=True)), dict(zip(SOURCES, freedoms, strict=True)))


def total_interval(value: float, components: Components, level: float) -> tuple[float, float, float]:
    """Return a gain and the bounds of the interval of all its known sources; NaN without seeds or blocks.

    Args:
        value: the first of the gains whose components are given.
        components: of `variance_components`.
        level: of the interval.
    """
    freedom = _freedom(components)
    if math.isnan(freedom):
        return value, math.nan, math.nan
    half = t_quantile(level, freedom) * math.sqrt(sum(_known(components).values()))
    return value, value - half, value + half


def replicates_table(summary: pd.DataFrame, design: Sequence[DesignRow]) -> pd.DataFrame:
    """Tabulate the gain of each dataset and replicate that has a score: REPLICATES_COLUMNS, means over seeds.

    Args:
        summary: runs of all of them, as `evaluation.summary` describes it.
        design: datasets and their replicates.

    Raises:
        DataError: a replicate was scored on other windows than its dataset.
    """
    rows = []
    for dataset, model, metric, scores in _scores(summary, design):
        for row, (ssl, sl) in scores.items():
            difference, relative = (_gain(ssl, sl, row.splits, scale).value for scale in SCALES)
            key = (dataset, row.replicate, row.splits, model, metric, min(len(ssl), len(sl)))
            rows.append((*key, sl.mean(), ssl.mean(), difference, 100 * math.expm1(relative)))
    return pd.DataFrame(rows, columns=list(REPLICATES_COLUMNS))


def components_table(
    summary: pd.DataFrame, differences: pd.DataFrame, design: Sequence[DesignRow], level: float = 0.95
) -> pd.DataFrame:
    """Tabulate the sources of each dataset's gain, a row per model, metric and scale: COMPONENTS_COLUMNS.

    Rows that trained on the same windows count once. `value` is the dataset's own gain, `low` and `high` the interval
    of all known sources (NaN without seeds or blocks). On the relative scale these are percent, and the standard
    deviations those of the logarithm.

    Args:
        summary, design: as for `replicates_table`.
        differences: of `comparison.differences_table`, with intervals of the same level.
        level: of the intervals.

    Raises:
        DataError: as `replicates_table`.
    """
    of_ssl = differences[(differences["method"] == METHOD) & (differences["baseline"] == BASELINE)]
    compared = {tuple(row[name] for name in KEY): row for row in of_ssl.to_dict("records")}
    rows = []
    for dataset, model, metric, scores in _scores(summary, design):
        distinct = _distinct(scores)
        for scale in SCALES:
            gains = [_gain(ssl, sl, row.splits, scale) for row, (ssl, sl) in distinct.items()]
            components = variance_components(gains, _block_variance(compared[dataset, model, metric], scale, level))
            value, low, high = total_interval(gains[0].value, components, level)
            if scale == "relative":
                value, low, high = (100 * math.expm1(end) for end in (value, low, high))
            sizes = len(gains), len({gain.splits for gain in gains})
            deviations = [math.sqrt(variance) for variance in components.variances.values()]
            freedom = _freedom(components)
            rows.append((dataset, model, metric, scale, *sizes, value, low, high, freedom, *deviations))
    return pd.DataFrame(rows, columns=list(COMPONENTS_COLUMNS))


Scores = dict[DesignRow, tuple["pd.Series[float]", "pd.Series[float]"]]
"""Of SSL and SL, with seeds as the index."""


def _scores(summary: pd.DataFrame, design: Sequence[DesignRow]) -> Iterator[tuple[str, str, str, Scores]]:
    """The scores of each dataset, model and metric, the dataset's own first; none where that has none."""
    runs = select_runs(summary, "test")
    for dataset in dict.fromkeys(row.dataset for row in design):
        rows = sorted((row for row in design if row.dataset == dataset), key=lambda row: row.replicate != dataset)
        of_rows = runs[runs["dataset"].isin([row.replicate for row in rows])]
        if len(of_rows[["windows", "positives"]].drop_duplicates()) > 1:
            raise DataError(f"dataset {dataset} and its replicates were scored on different windows", "predict again")
        for model in of_rows["model"].unique():
            groups = of_rows[of_rows["model"] == model].groupby(["dataset", "method"])
            for metric in METRICS:
                of_group = {group: runs_of.set_index("seed")[metric] for group, runs_of in groups}
                scores = {
                    row: (of_group[row.replicate, METHOD], of_group[row.replicate, BASELINE])
                    for row in rows
                    if (row.replicate, METHOD) in of_group and (row.replicate, BASELINE) in of_group
                }
                if rows[0] in scores:
                    yield dataset, str(model), metric, scores


def _distinct(scores: Scores) -> Scores:
    """Leave out rows with all scores of one before them: they trained on the same windows.

    A region that has no more negatives than are asked for gives every draw all of them.
    """
    kept: Scores = {}
    for row, pair in scores.items():
        if not any(all(map(pd.Series.equals, pair, other)) for other in kept.values()):
            kept[row] = pair
    return kept


def _gain(ssl: pd.Series, sl: pd.Series, splits: str, scale: str) -> Gain:
    """A gain on one scale, with the variance of its mean over the seeds that both have, seed by seed."""
    scores = pd.concat([ssl, sl], axis=1, join="inner").to_numpy(float)
    means, n = scores.mean(axis=0), len(scores)
    value = float(means[0] - means[1])
    if scale == "relative":
        value = float(np.log(means[0] / means[1])) if (means > 0).all() else math.nan
        scores = scores / np.where(means > 0, means, math.nan)
    variance = float((scores[:, 0] - scores[:, 1]).var(ddof=1)) / n if n > 1 else math.nan
    return Gain(value, splits, variance, n - 1)


def _block_variance(difference: Mapping[Hashable, Any], scale: str, level: float) -> float:
    """The variance that the test blocks give a gain, from the width of its bootstrap interval."""
    prefix = "" if scale == "difference" else "relative_"
    low, high = (float(difference[f"{prefix}bootstrap_ci_{end}"]) for end in ("low", "high"))
    if scale == "relative":
        low, high = (math.log1p(end / 100) if end > -100 else math.nan for end in (low, high))
    return ((high - low) / (2 * NormalDist().inv_cdf((1 + level) / 2))) ** 2


def _freedom(components: Components) -> float:
    """The degrees of freedom of the sum of all known sources; NaN where seeds or blocks are not known."""
    known = _known(components)
    if not {"seeds", "blocks"} <= set(known):
        return math.nan
    return _satterthwaite(list(known.values()), [components.freedoms[source] for source in known])


def _known(components: Components) -> dict[str, float]:
    return {source: variance for source, variance in components.variances.items() if not math.isnan(variance)}


def _satterthwaite(variances: Sequence[float], freedoms: Sequence[float]) -> float:
    """The degrees of freedom of a sum of estimated variances."""
    spread = sum(
        variance**2 / freedom for variance, freedom in zip(variances, freedoms, strict=True) if variance and freedom
    )
    return sum(variances) ** 2 / spread if spread else math.inf


def _not_negative(variance: float) -> float:
    return variance if math.isnan(variance) else max(0.0, variance)

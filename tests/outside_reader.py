"""Read finished runs as an outsider: compute AUPR, AUROC, intervals, p and verdicts again, and compare them.

It takes the predictions and what docs/how/statistics.md says ("How to compute it again"), and nothing of
regssl: only scikit-learn, SciPy, NumPy and pandas. The fraction of positives above each threshold is counted by block,
so that a resample is a product of matrices; the package sorts, and counts window by window.

    python tests/outside_reader.py results/controls_regions

It prints the largest deviation of every number, and every verdict; the exit code is 1 where one is another.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import stdtr, stdtrit
from sklearn.metrics import average_precision_score, roc_auc_score

CONTROLS = (
    "sl_finetuned",
    "sl_all_negatives",
    "sl_oversampled",
    "sl_mutated",
    "sl_augmented",
    "sl_noise",
    "ssl_shuffled",
)
"""What could explain a gain of SSL."""
MIN_BLOCKS = 10
"""With positives in fewer blocks there is no interval."""
TOLERANCE = {"AUPR": 1e-9, "AUROC": 1e-9, "bounds": 1e-4, "p": 1e-5}
"""Largest deviation allowed: of scores; of bounds, in widths of the interval; of p, written with 6 digits."""


class Options(NamedTuple):
    """Settings of the comparison, by default those of the package."""

    block_bp: int = 100_000
    replicates: int = 10_000
    seed: int = 0
    level: float = 0.95
    margin: float = 10.0


class Estimate(NamedTuple):
    """A value with its interval over seeds and blocks, and p of 0."""

    value: float
    low: float
    high: float
    p: float


NO_ESTIMATE = Estimate(*[math.nan] * 4)


class Table:
    """The numbers of the package beside ours: the largest deviation of each kind."""

    def __init__(self) -> None:
        self.deviation: dict[str, float] = defaultdict(float)

    def compare(self, kind: str, ours: float, theirs: float, unit: float = 1.0) -> None:
        """Keep the deviation of two numbers; both may be missing, not one."""
        if math.isnan(ours) and math.isnan(theirs):
            return
        deviation = abs(ours - theirs) / unit
        self.deviation[kind] = max(self.deviation[kind], math.inf if math.isnan(deviation) else deviation)

    def compare_bounds(self, ours: Estimate, row: Mapping, prefix: str = "") -> None:
        """Compare both ends of an interval."""
        width = ours.high - ours.low or 1.0
        for end in ("low", "high"):
            self.compare("bounds", getattr(ours, end), row[f"{prefix}ci_{end}"], width)

    def wrong(self) -> list[str]:
        """List the kinds that deviate by more than TOLERANCE."""
        return [kind for kind, deviation in self.deviation.items() if deviation > TOLERANCE[kind]]


def number_blocks(windows: pd.DataFrame, block_bp: int) -> np.ndarray:
    """Number the blocks that hold a window, by chromosome in the order of the table, then by place: (n,)."""
    chroms = list(dict.fromkeys(windows["chrom"].astype(str)))
    place = list(zip(windows["chrom"].astype(str).map(chroms.index), windows["start"] // block_bp, strict=True))
    number = {block: at for at, block in enumerate(sorted(set(place)))}
    return np.array([number[block] for block in place])


def resample(blocks: int, options: Options) -> np.ndarray:
    """Count how often each resample takes each block, (blocks, 1 + replicates); column 0: once each."""
    rng = np.random.default_rng(options.seed)
    taken = [rng.integers(blocks, size=blocks) for _ in range(options.replicates)]
    return np.column_stack([np.ones(blocks), *(np.bincount(one, minlength=blocks) for one in taken)])


def resampled_aupr(label: np.ndarray, score: np.ndarray, block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute average precision of windows that count as often as their block: (resamples,)."""
    thresholds = np.unique(score[label == 1])  # ascending
    passed = np.searchsorted(thresholds, score, side="right")  # how many thresholds a window passes
    counts = np.zeros((2, len(thresholds) + 1, len(weights)))
    np.add.at(counts, (label, passed, block), 1)
    at_threshold = counts[1, 1:] @ weights
    above = np.flip(np.cumsum(np.flip(counts[:, 1:], 1), 1), 1)
    true, false = above[1] @ weights, above[0] @ weights
    with np.errstate(invalid="ignore"):  # a resample may hold no positive
        return np.nansum(at_threshold * true / (true + false), axis=0) / true[0]


def mixture(value: np.ndarray, error: np.ndarray, freedom: float, level: float) -> Estimate:
    """Estimate from a value and its standard error over seeds in each resample; element 0: in the observed data."""
    known = np.isfinite(value[1:]) & np.isfinite(error[1:])
    centre, spread = value[1:][known], error[1:][known]
    if not freedom or not len(centre):
        return Estimate(float(value[0]), math.nan, math.nan, math.nan)

    def below(x: float) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (x - centre) / spread  # 0 / 0 where a resample is x itself, without error
        return float(np.mean(np.where(np.isnan(distance), 0.5, stdtr(freedom, distance))))

    p = min(1.0, max(2 * min(below(0), 1 - below(0)), 2 / (len(centre) + 1)))
    tails = (1 - level) / 2, (1 + level) / 2
    if not spread.any():
        return Estimate(float(value[0]), *np.quantile(centre, tails), p)
    far = np.max(spread) * stdtrit(freedom, tails[1])
    ends = centre.min() - far - 1e-9, centre.max() + far + 1e-9
    low, high = (brentq(lambda x, tail=tail: below(x) - tail, *ends, xtol=1e-12) for tail in tails)
    return Estimate(float(value[0]), low, high, p)


def over_seeds(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over seeds, and its variance, of (seeds, resamples)."""
    one = len(samples) < 2
    variance = np.zeros(samples.shape[1]) if one else samples.var(axis=0, ddof=1) / len(samples)
    return samples.mean(axis=0), np.where(variance < 1e-24, 0, variance)


def welch(variances: Sequence[float], seeds: Sequence[int]) -> float:
    """Degrees of freedom of a difference of two means; 0 where one is of a single seed."""
    if min(seeds) < 2:
        return 0.0
    if sum(variances) == 0:
        return min(seeds) - 1.0
    return sum(variances) ** 2 / sum(v**2 / (n - 1) for v, n in zip(variances, seeds, strict=True))


def difference(one: np.ndarray, other: np.ndarray, level: float) -> Estimate:
    """Estimate the mean of one method less that of another."""
    (mean, variance), (mean_2, variance_2) = over_seeds(one), over_seeds(other)
    freedom = welch((variance[0], variance_2[0]), (len(one), len(other)))
    return mixture(mean - mean_2, np.sqrt(variance + variance_2), freedom, level)


def percent_gain(one: np.ndarray, other: np.ndarray, level: float) -> Estimate:
    """Estimate by how many percent the mean of one method exceeds that of another."""
    (mean, variance), (mean_2, variance_2) = over_seeds(one), over_seeds(other)
    relative = variance / mean**2, variance_2 / mean_2**2
    freedom = welch((relative[0][0], relative[1][0]), (len(one), len(other)))
    found = mixture(np.log(mean / mean_2), np.sqrt(sum(relative)), freedom, level)
    return Estimate(*(100 * math.expm1(x) for x in found[:3]), found.p)


def holm(p: Sequence[float]) -> list[float]:
    """Correct p by Holm's method."""
    adjusted, largest = [math.nan] * len(p), 0.0
    known = [at for at in range(len(p)) if not math.isnan(p[at])]
    for rank, at in enumerate(sorted(known, key=lambda at: p[at])):
        largest = max(largest, min(1.0, (len(known) - rank) * p[at]))
        adjusted[at] = largest
    return adjusted


def verdict(
    aupr: Mapping[str, np.ndarray], less: Mapping[tuple[str, str], Estimate], gain: Estimate | None, options: Options
) -> tuple[str, float]:
    """Conclude for one dataset and model: the kind, and p of the claim that SSL beats SL and every control.

    Args:
        aupr: of each method with a score, (seeds, resamples).
        less: a method less another.
        gain: SSL over SL in percent; None where one has no score.
        options: level and margin.
    """
    if gain is None:
        return "no_score", math.nan
    alpha, over_sl = 1 - options.level, less["ssl", "sl"]
    controls = [method for method in CONTROLS if method in aupr]
    claimed = [over_sl, *(less["ssl", control] for control in controls)]
    p_claim = math.nan
    if controls and not any(math.isnan(one.p) for one in claimed):
        p_claim = max(one.p for one in claimed) if all(one.value > 0 for one in claimed) else 1.0

    def beats(one: Estimate) -> bool:
        return one.low > 0 and one.p < alpha

    if math.isnan(over_sl.low):
        return "insufficient_data", p_claim
    if over_sl.high < 0 and over_sl.p < alpha:
        return "worsens", p_claim
    if not beats(over_sl):
        within = -options.margin <= gain.low and gain.high <= options.margin
        return "equivalent" if within else "inconclusive", p_claim
    unbeaten = [control for control in controls if not beats(less["ssl", control])]
    half = [less[control, "sl"] for control in unbeaten if less[control, "sl"].value >= over_sl.value / 2]
    if not controls:
        return "no_control", p_claim
    if any(one.low > 0 for one in half):
        return "explained_by_control", p_claim
    return "not_separated" if unbeaten else "improves", p_claim


def read_runs(folder: Path) -> dict[tuple[str, str], list[tuple[dict, pd.DataFrame]]]:
    """Read metrics and predictions of the runs of a dataset by model and method, in the order of their seeds."""
    runs = defaultdict(list)
    for path in folder.glob("*/*/*/metrics.json"):
        metrics = json.loads(path.read_text())
        predictions = pd.read_parquet(path.with_name("predictions.parquet"))
        runs[metrics["model"], metrics["method"]].append((metrics, predictions))
    return {key: sorted(found, key=lambda run: run[0]["seed"]) for key, found in sorted(runs.items())}


def score_runs(
    runs: Mapping[tuple[str, str], list], options: Options, table: Table
) -> dict[tuple[str, str], np.ndarray]:
    """Score every run in every resample, (seeds, 1 + resamples) by model and method; check AUPR and AUROC of each."""
    windows = next(iter(runs.values()))[0][1]
    label = windows["label"].to_numpy()
    block = number_blocks(windows, options.block_bp)
    enough = len(set(block[label == 1])) >= MIN_BLOCKS
    weights = resample(block.max() + 1, options if enough else options._replace(replicates=0))
    scored = {}
    for key, found in runs.items():
        if any(metrics.get("failure") for metrics, _ in found):
            continue
        for metrics, predictions in found:
            assert predictions[["chrom", "start", "end", "label"]].equals(windows[["chrom", "start", "end", "label"]])
            table.compare("AUPR", average_precision_score(label, predictions["logit"]), metrics["aupr"])
            table.compare("AUROC", roc_auc_score(label, predictions["logit"]), metrics["auroc"])
        scored[key] = np.stack([resampled_aupr(label, one["logit"].to_numpy(), block, weights) for _, one in found])
    return scored


def check_dataset(folder: Path, options: Options, table: Table) -> list[dict]:
    """Compare the methods of a dataset with its tables; return a row of verdict and p per model."""
    runs = read_runs(folder)
    scored = score_runs(runs, options, table)
    methods, differences = (
        pd.read_csv(folder / "comparison" / f"{name}.tsv", sep="\t").query("metric == 'aupr'")
        for name in ("methods", "differences")
    )
    for row in methods[methods["value"].notna()].to_dict("records"):
        samples = scored[row["model"], row["method"]]
        mean, variance = over_seeds(samples)
        found = mixture(mean, np.sqrt(variance), len(samples) - 1, options.level)
        ours = found._replace(low=np.maximum(found.low, 0), high=np.minimum(found.high, 1))
        table.compare("AUPR", ours.value, row["value"])
        table.compare_bounds(ours, row)
    rows = []
    for model in dict.fromkeys(model for model, _ in runs):
        aupr = {method: samples for (of, method), samples in scored.items() if of == model}
        less = {}
        for row in differences[differences["model"] == model].to_dict("records"):
            pair = row["method"], row["baseline"]
            samples = [aupr[method] for method in pair]
            ours, percent = difference(*samples, options.level), percent_gain(*samples, options.level)
            less[pair] = ours
            table.compare("AUPR", ours.value, row["difference"])
            table.compare("p", ours.p, row["p"])
            table.compare_bounds(ours, row)
            table.compare_bounds(percent, row, "relative_")
        compared = "sl" in aupr and "ssl" in aupr
        gain = percent_gain(aupr["ssl"], aupr["sl"], options.level) if compared else None
        kind, p_claim = verdict(aupr, less, gain, options)
        over_sl = less["ssl", "sl"] if compared else NO_ESTIMATE
        sign = int(over_sl.low > 0) - int(over_sl.high < 0)
        known = {"dataset": folder.name, "model": model, "conclusion": kind, "sign": sign}
        rows.append(known | {"p": over_sl.p, "p_claim": p_claim})
    return rows


def finding(p: float, sign: int, alpha: float) -> str:
    """Name what is found of SSL, alone or corrected."""
    if math.isnan(p):
        return "unknown"
    return {1: "better", -1: "worse"}.get(sign, "none") if p < alpha else "none"


def differing_findings(ours: pd.DataFrame, theirs: pd.DataFrame, alpha: float) -> list[str]:
    """List the datasets of which SSL against SL, or against SL and every control, is found otherwise here."""
    wrong = []
    for question, p in (("sl", "p"), ("every_control", "p_claim")):
        found = theirs[theirs["question"] == question].set_index(["dataset", "model"])
        for row in ours.to_dict("records"):
            sign = row["sign"] if question == "sl" else 1
            here = [finding(row[name], sign, alpha) for name in (p, f"{p}_holm")]
            key = row["dataset"], row["model"]
            there = found.loc[key, ["alone", "corrected"]].tolist() if key in found.index else ["unknown"] * 2
            wrong += [f"finding on {row['dataset']}"] if here != there else []
    return wrong


def check(results: Path, options: Options) -> tuple[Table, pd.DataFrame, list[str]]:
    """Check all datasets of a results folder against its tables.

    Returns:
        Deviations; a row per dataset and model: its verdict here and in `comparison.tsv`, and Holm's corrections; what
        is found of other datasets here than in `comparison_findings.tsv`.
    """
    theirs = pd.read_csv(results / "comparison.tsv", sep="\t")
    table, rows = Table(), []
    for dataset in theirs["dataset"].unique():
        rows += check_dataset(results / "runs" / dataset, options, table)
    ours = pd.DataFrame(rows)
    ours["p_holm"], ours["p_claim_holm"] = holm(ours["p"]), holm(ours["p_claim"])
    differences = pd.read_csv(results / "comparison_differences.tsv", sep="\t")
    over_sl = differences.query("method == 'ssl' and baseline == 'sl' and metric == 'aupr'")
    corrected = over_sl[["dataset", "model", "p_holm"]].rename(columns={"p_holm": "p_holm_there"})
    key = ["dataset", "model"]
    both = ours.merge(theirs, on=key, how="right", suffixes=("", "_there")).merge(corrected, on=key, how="left")
    for row in both.to_dict("records"):
        for name in ("p_claim", "p_holm", "p_claim_holm"):
            table.compare("p", row[name], row[f"{name}_there"])
    found = differing_findings(ours, pd.read_csv(results / "comparison_findings.tsv", sep="\t"), 1 - options.level)
    return table, both[[*key, "conclusion", "conclusion_there", "p", "p_holm", "p_claim", "p_claim_holm"]], found


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a results folder; return 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    for name, default in Options()._asdict().items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    given = vars(parser.parse_args(arguments))
    table, verdicts, findings = check(given.pop("results"), Options(**given))
    print(verdicts.to_string(index=False))
    for kind, deviation in table.deviation.items():
        print(f"{kind}: deviates by at most {deviation:.1e} ({TOLERANCE[kind]:.0e} allowed)")
    differing = verdicts[verdicts["conclusion"] != verdicts["conclusion_there"]]
    wrong = [*table.wrong(), *(f"verdict on {dataset}" for dataset in differing["dataset"]), *findings]
    print(f"NOT the same: {', '.join(wrong)}" if wrong else "The same.")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())

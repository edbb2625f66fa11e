"""Bootstrap of correlations of variant effects: `variants.agreement` against SciPy, sample by sample.

    python benchmarks/correlation.py [--variants 10000 --models 30 --n-bootstrap 2000]

The yardstick resamples as obviously as can be, with `scipy.stats.pearsonr` and `spearmanr` of each model; it is given a
few samples and its time is scaled up. The coefficients of these samples agree, or the benchmark stops.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy import stats
from table import Table, machine, time_in_turns

from regssl.variants.agreement import N_BOOTSTRAP, bootstrap


def scipy_by_sample(predicted: np.ndarray, observed: np.ndarray, n_bootstrap: int) -> np.ndarray:
    """Pearson's and Spearman's coefficients, (n_bootstrap, 2, models)."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(n_bootstrap):
        sample = rng.integers(len(observed), size=len(observed))
        y = observed[sample]
        rows = predicted[:, sample]
        found.append([[measure(x, y).statistic for x in rows] for measure in (stats.pearsonr, stats.spearmanr)])
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--models", type=int, default=30)
    parser.add_argument("--n-bootstrap", type=int, default=N_BOOTSTRAP)
    parser.add_argument("--few", type=int, default=5, help="samples of the yardstick")
    parser.add_argument("--turns", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    observed = rng.normal(size=options.variants).round(2)
    predicted = (observed + rng.normal(size=(options.models, options.variants))).astype(np.float32).astype(float)

    print(machine())
    found = bootstrap(predicted, observed, options.few)
    off = np.abs(scipy_by_sample(predicted, observed, options.few) - np.stack(found[:2], axis=1)).max()
    print(f"coefficients agree within {off:.0e}")
    assert off < 1e-12
    jobs = [
        lambda: bootstrap(predicted, observed, options.n_bootstrap),
        lambda: scipy_by_sample(predicted, observed, options.few),
    ]
    seconds = time_in_turns(jobs, least=options.turns, rehearse=False)
    each = [seconds[0] / options.n_bootstrap, seconds[1] / options.few]
    columns = ("ms a sample", f"s for {options.n_bootstrap:,}", "times ours")
    table = Table(f"{options.variants:,} variants, {options.models} models", *columns, width=16)
    for name, taken in zip(("regssl", "scipy, each model"), each, strict=True):
        table.row(name, 1e3 * taken, options.n_bootstrap * taken, taken / each[0])


if __name__ == "__main__":
    main()

"""Which methods are compared with which: all of them on all data, and those that share fewer human windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from regssl.methods import Subset, resolve


def pairs(methods: Sequence[str]) -> list[tuple[str, str]]:
    """List which methods are compared: (method, baseline).

    SSL with every other; the other trained methods with SL, to see whether they improve at all; SSL-NS with its noise
    alone. And the same among the methods of each percentage of the human windows, such as `ssl-train25` with
    `sl-train25`.
    """
    of_ssl = [("ssl", other) for other in methods if other != "ssl"] if "ssl" in methods else []
    within = [pair for subset in [None, *train_subsets(methods)] for pair in _pairs_within(methods, subset)]
    return of_ssl + [pair for pair in within if pair[0] != "ssl"]


def train_subsets(methods: Iterable[str]) -> list[Subset]:
    """List the percentages of the human windows that methods are run on, in the order of their first methods."""
    subsets = (resolve(method).subset for method in methods)
    return list(dict.fromkeys(subset for subset in subsets if subset and subset.is_train_size))


def at_subset(table: pd.DataFrame, subset: Subset) -> pd.DataFrame:
    """Select the rows whose methods have a subset, and name these without it: a comparison of its own.

    Args:
        table: of `comparison`, with a column `method`, and one `baseline` where pairs are compared.
        subset: of human windows.
    """
    for column in [name for name in ("method", "baseline") if name in table]:
        methods = [resolve(method) for method in table[column]]
        table = table.assign(**{column: [method.base for method in methods]})
        table = table.loc[[method.subset == subset for method in methods]]
    return table


def _pairs_within(methods: Sequence[str], subset: Subset | None) -> list[tuple[str, str]]:
    """The pairs of the methods of one subset; of none, of those on all data."""
    of_base = {method.base: method.id for method in map(resolve, methods) if method.subset == subset}
    trained = [base for base in of_base if resolve(base).kind != "baseline"]
    of_ssl = [("ssl", base) for base in of_base if base != "ssl"] if "ssl" in of_base else []
    of_sl = [(base, "sl") for base in trained if base not in ("sl", "ssl")] if "sl" in of_base else []
    of_noise = [("ssl_ns", "sl_noise")] if {"ssl_ns", "sl_noise"} <= set(of_base) else []
    return [(of_base[method], of_base[baseline]) for method, baseline in of_ssl + of_sl + of_noise]

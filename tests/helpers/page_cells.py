"""Numbers, as the tables of docs/results write them."""

from __future__ import annotations

import math

import pandas as pd

from helpers.paths import ROOT

Row = pd.Series


def signed(number: float, digits: int) -> str:
    """A number with its sign, as the pages write it."""
    return f"{number:+.{digits}f}".replace("-", "−")


def p_value(row: Row) -> str:
    """A p of two digits, with ≤ where it is the smallest that the resamples can give."""
    leading = -math.floor(math.log10(row["p"]))
    if row["p_is_bound"]:
        return f"≤ {math.ceil(row['p'] * 10**leading - 1e-3) / 10**leading:.{leading}f}"
    return f"{row['p']:.{2 if row['p'] >= 0.0995 else 1 + leading}f}"


def score(row: Row) -> str:
    if math.isnan(row["value"]):
        return "–"
    return f"{row['value']:.3f} ({row['ci_low']:.3f}–{row['ci_high']:.3f})"


def difference(row: Row) -> str:
    low, high = (f"{row[end]:.3f}".replace("-", "−") for end in ("ci_low", "ci_high"))
    return f"{signed(row['difference'], 3)} ({low} to {high})"


def gain(row: Row) -> str:
    low, high = (signed(row[f"relative_ci_{end}"], 0) for end in ("low", "high"))
    return f"{signed(row['relative_difference_percent'], 0)} % ({low} to {high})"


def not_converged(row: Row) -> str:
    """How many seeds were still best at the end of their budget, or collapsed."""
    marks = {"‡": row["not_converged"], "†": row["collapsed"]}
    return "".join(f" {mark}{seeds}" for mark, seeds in marks.items() if seeds)


def factor_names() -> pd.Series:
    """The displayed name of each dataset of the real regions."""
    return pd.read_csv(ROOT / "config/encode_regions/datasets.tsv", sep="\t", index_col="dataset")["name"]

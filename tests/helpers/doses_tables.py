"""The table of ablations in docs/results, made of docs/results/doses: from which species, and how many."""

from __future__ import annotations

import math

import pandas as pd

from helpers.page_cells import factor_names
from helpers.paths import ROOT
from regssl.methods import resolve
from regssl.methods.subsets import KINDS

DOSES = ROOT / "docs/results/doses"


def dosed() -> list[str]:
    """The factors that have tables of ablations."""
    return [run for run in factor_names().index if (DOSES / run).is_dir()]


def curve(kind: str) -> pd.DataFrame:
    """The curve of one kind of ablation, of all factors that have it."""
    tables = [pd.read_csv(DOSES / run / f"ablation_{kind}.tsv", sep="\t", dtype={"label": "str"}) for run in dosed()]
    return pd.concat(tables, ignore_index=True).fillna({"label": ""})


def doses_table(runs: str) -> list[str]:
    """AUPR of each method that trains on a part of the data, a column per factor."""
    points = pd.concat([curve(kind) for kind in KINDS], ignore_index=True)
    rows = points.drop_duplicates(["dataset", "method"]).set_index(["method", "dataset"])
    divergence = curve("divergence").drop_duplicates("method").set_index("method")["x"]
    names, shown = factor_names(), runs.split()
    marks = {run: pd.read_csv(DOSES / run / "not_converged.tsv", sep="\t", index_col="method") for run in shown}
    lines = [
        f"| | substitutions per site | {' | '.join(names[run] for run in shown)} |",
        "|---" * (2 + len(shown)) + "|",
    ]
    for method in dict.fromkeys(points["method"]):
        distance = divergence.get(method, math.nan)
        cells = [f"{resolve(method).name}", "–" if math.isnan(distance) else f"{distance:.2f}"]
        for run in shown:
            row = rows.loc[method, run]
            seeds = marks[run].at[method, "not_converged"]
            mark = f" ‡{seeds}" if seeds else ""
            cells.append(f"{row['aupr']:.3f} ({row['aupr_low']:.3f}–{row['aupr_high']:.3f}){mark}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines

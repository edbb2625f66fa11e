"""The table of replicates in docs/results, made of docs/results/replicates: what other training data would say."""

from __future__ import annotations

import pandas as pd

from helpers.page_cells import factor_names, signed
from helpers.paths import ROOT

REPLICATES = ROOT / "docs/results/replicates"
ROWS = {"": "ENm001", "_redrawn": "redrawn", "_swapped": "ENm002", "_swapped_redrawn": "ENm002, redrawn"}
"""What each row of the design is, by what its id has more than the dataset's."""
SOURCES = {"region": "regions", "draws": "negatives", "seeds": "seeds", "blocks": "test blocks"}


def replicates_table(runs: str) -> list[str]:
    """SSL's gain in each row of the design, and its standard deviation by source."""
    gains = _read("gain_components_replicates").set_index("replicate")
    components = _read("gain_components")
    components = components[components["scale"] == "relative"].set_index("dataset")
    head = [*(f"gain, {name}" for name in ROWS.values()), "all sources", *(f"SD, {name}" for name in SOURCES.values())]
    lines = [f"| | {' | '.join(head)} |", "|---" * (1 + len(head)) + "|"]
    names = factor_names()
    for run in runs.split():
        found, cells = components.loc[run], []
        for replicate in (run + suffix for suffix in ROWS):
            row = gains.loc[replicate] if replicate in gains.index else None
            known = row is not None
            cells.append(f"{signed(row['percent'], 0)} % ({row['sl']:.3f}, {row['ssl']:.3f})" if known else "–")
        cells.append(f"{signed(found['value'], 0)} % ({signed(found['low'], 0)} to {signed(found['high'], 0)})")
        cells += [f"{100 * found[f'sd_{source}']:.0f} %" for source in SOURCES]
        lines.append(f"| {names[run]} | {' | '.join(cells)} |")
    return lines


def _read(name: str) -> pd.DataFrame:
    table = pd.read_csv(REPLICATES / f"{name}.tsv", sep="\t")
    return table[table["metric"] == "aupr"]

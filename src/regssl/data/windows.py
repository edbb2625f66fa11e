"""Windows: human bins, their labels and splits, and the sets a dataset is made of.

A window is the unit of everything: `genome, chrom, start, end, strand, label, split, source` (0-based, half-open),
where `source` is the human bin it came from, a row number of the bins table. Tables are DataFrames, kept as Parquet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

COLUMNS = ["genome", "chrom", "start", "end", "strand", "label", "split", "source"]


def constant_column(value: str, n: int) -> pd.Categorical[str]:
    """A column of one value, at a byte a row."""
    return pd.Categorical.from_codes(np.zeros(n, np.int8), pd.Index([value]))


def window_table(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a table of windows in their order and types, rows numbered from 0."""
    table = table[COLUMNS].reset_index(drop=True)
    return table.astype(
        {
            **dict.fromkeys(["genome", "chrom", "strand", "split"], "category"),
            **dict.fromkeys(["start", "end", "source"], np.int64),
            "label": np.uint8,
        }
    )


def window_names(windows: pd.DataFrame) -> list[str]:
    """A FASTA name per window: `rheMac10:chr1:200-400(+) label=1 split=train source=17`."""
    columns = [windows[column].tolist() for column in COLUMNS]
    return [
        f"{genome}:{chrom}:{start}-{end}({strand}) label={label} split={split} source={source}"
        for genome, chrom, start, end, strand, label, split, source in zip(*columns, strict=True)
    ]


SPLIT_NAMES = {"train": "training", "validation": "validation", "test": "test"}


def missing_class(labels: ArrayLike, split: str) -> str:
    """What the windows of a split lack; empty where they hold both kinds.

    `missing_class([0, 0], "train")` is `no positive window on the training chromosomes`.
    """
    positives, windows = int(np.count_nonzero(np.asarray(labels))), np.size(labels)
    kind = "positive" if not positives else "negative" if positives == windows else ""
    return f"no {kind} window on the {SPLIT_NAMES[split]} chromosomes" if kind else ""

"""Tables of windows: their columns and types, and names.

A window is a labelled interval: genome, chrom, start, end (0-based, half-open), strand, label (0 or 1), split and
source, the human bin that it comes from as a row number of the bins table.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = ["genome", "chrom", "start", "end", "strand", "label", "split", "source"]


def categorical(codes: np.ndarray, names: tuple[str, ...]) -> pd.Categorical[str]:
    """Return a categorical column from the place of each row's value in `names`; -1 is missing."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))


def constant_column(value: str, n: int) -> pd.Categorical[str]:
    """Return a categorical column of n equal values; it takes one byte per row."""
    return pd.Categorical.from_codes(np.zeros(n, np.int8), pd.Index([value]))


def window_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a table of windows in their order and types, with rows numbered from 0."""
    table = table[COLUMNS].reset_index(drop=True)
    return table.astype(
        {
            **dict.fromkeys(["genome", "chrom", "strand", "split"], "category"),
            **dict.fromkeys(["start", "end", "source"], np.int64),
            "label": np.uint8,
        }
    )


def window_width(table: pd.DataFrame) -> int:
    """Return the width in bp of the windows or bins of a table, which are all equally wide."""
    return int(table["end"].iloc[0] - table["start"].iloc[0])


def window_names(windows: pd.DataFrame) -> list[str]:
    """Return a FASTA name per window: `rheMac10:chr1:200-400(+) label=1 split=train source=17`."""
    columns = [windows[column].tolist() for column in COLUMNS]
    return [
        f"{genome}:{chrom}:{start}-{end}({strand}) label={label} split={split} source={source}"
        for genome, chrom, start, end, strand, label, split, source in zip(*columns, strict=True)
    ]

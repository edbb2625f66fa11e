"""The public numbers of the paper: `resources/paper_numbers.tsv`.

One row each: place in the paper, dataset, model, method, baseline, quantity, value, note. An empty cell: the public
sources do not state it; a value `>0` or `<0`: only the sign is public. Quantities that end in `increase` are percent
over the baseline method.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import pandas as pd

from regssl.io.tsv import read_tsv

KEY = ["dataset", "model", "method", "baseline", "quantity"]


def paper_numbers() -> pd.DataFrame:
    """Read the paper's public numbers, all columns as text."""
    with as_file(files("regssl") / "resources" / "paper_numbers.tsv") as path:
        return read_tsv([path], dict.fromkeys(["place", *KEY, "value", "note"], "str"))

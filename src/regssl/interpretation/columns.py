"""Columns of the tables of filters and of runs, and their types; `results/README.md` tells what they mean."""

from __future__ import annotations

MATCH = {"id": "str", "p": "float64", "q": "float64", "offset": "Int64", "reverse": "bool"}
"""What is told of the best match with a known motif."""
COLUMNS = {
    "filter": "int64",
    "windows": "int64",
    "positive": "float64",
    "negative": "float64",
    "information": "float64",
    "consensus": "str",
    "weight": "float64",
    "contribution": "float64",
    "cluster": "Int64",
    **{f"{kind}_{name}": dtype for kind in ("best", "own") for name, dtype in MATCH.items()},
}
"""Of the table of filters, one row each."""
IDENTITY = {"dataset": "str", "model": "str", "method": "str", "seed": "int64"}
RUN_COLUMNS = {
    **IDENTITY,
    "filters": "int64",
    "active": "int64",
    "clusters": "int64",
    "known": "int64",
    "own": "int64",
    "own_share": "float64",
    "shown": "Int64",
    "shown_id": "str",
    "shown_q": "float64",
    "shown_positive": "float64",
    "shown_negative": "float64",
}
"""Of the table of runs."""

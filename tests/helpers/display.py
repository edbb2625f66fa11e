"""Display names for tests of figures."""

from __future__ import annotations

DATASETS = {
    "atf3": "ATF3", "ets1": "ETS1", "andr": "ANDR", "rest": "REST", "max": "MAX", "p300": "P300", "rad21": "RAD21",
    "ctcf": "CTCF", "h3k4me3": "H3K4me3", "pol2": "POL2", "atac": "ATAC-seq",
}  # fmt: skip
MODELS = {"deepbind": "CNN-27K", "deepsea": "DeepSEA", "dnabert2": "DNABERT-2"}
METHODS = {"sl": "SL", "ssl": "SSL", "ssl_ns": "SSL-NS", "sl_mutated": "SL, mutated", "ssl_shuffled": "SSL, shuffled"}


def first(mapping: dict[str, str], n: int) -> dict[str, str]:
    return dict(list(mapping.items())[:n])

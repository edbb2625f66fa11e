"""Columns of the tables on measured labels and their types, and the values of those that name something."""

from __future__ import annotations

UNITS = ("windows", "peaks")
"""What is counted: human windows with their copies, or human peaks, 200 bp about their summits, lifted as they are."""
ALL = "all"
"""The stratum, its level and the split of everything."""
STRATA = (ALL, "cell_lines", "divergence", "motif")
"""By what copies are divided: number of the dataset's peak files with the peak; substitutions per aligned base; best
motif match in the homolog, in bits."""
SCORES = ("probability", "motif", "human_motif", "site_motif", "site_human_motif")
"""What may tell true copies from false ones: a model's output, the motif in the homolog, that in its window; and of
sites of peaks, which are bound by another rule (`sites`), the motif in the lifted site and in the human one."""
COPY_SPLITS = (ALL, "held_out", "train")
"""Of which copies: all; those of validation and test windows, on which nothing is trained; those of training ones."""
OWN_WINDOWS = (ALL, "apart", "homologs_of_training")
"""Of which own windows: all; those that nothing of a training window aligns to; the others."""
METRICS = ("aupr", "auroc")

WILSON = {"low": "float64", "high": "float64"}
RUN = {"dataset": "str", "genome": "str", "model": "str", "method": "str", "seed": "Int64"}
RATES = {
    **dict.fromkeys(["dataset", "genome", "unit", "split"], "str"), "min_match": "float64", "label": "int64",
    "stratum": "str", "level": "str", "copies": "int64", "bound": "int64", "share_bound": "float64", **WILSON,
}  # fmt: skip
"""`rates.tsv`: how many copies of one label (1: of positives) are bound; `low` and `high` are Wilson's 95 % limits."""
DISCRIMINATION = {
    **RUN, "split": "str", "score": "str", "label": "int64", "true": "int64", "false": "int64", "auroc": "float64",
}  # fmt: skip
"""`discrimination.tsv`: the chance that a score puts a bound copy above an unbound one, among copies of one label.
`true` counts copies whose label is right: bound for label 1, not bound for label 0. Motif scores have no model."""
OWN = {
    **RUN, "windows": "str", "n": "int64", "positives": "int64", "prevalence": "float64",
    **dict.fromkeys(METRICS, "float64"),
}  # fmt: skip
"""`own.tsv`: each run on the species' own windows."""
OWN_SUMMARY = {
    **dict.fromkeys(["dataset", "genome", "model", "method", "windows", "metric"], "str"),
    **dict.fromkeys(["value", "low", "high", "difference", "difference_low", "difference_high"], "float64"),
}  # fmt: skip
"""`own_summary.tsv`: means over seeds, and their differences to `sl`, with intervals over seeds and blocks."""
FILTER = {
    **dict.fromkeys(["dataset", "genome", "model"], "str"), "seed": "int64", "label": "int64",
    **dict.fromkeys(["copies", "kept", "true", "true_kept"], "int64"), "share_true": "float64",
    "share_true_low": "float64", "share_true_high": "float64", "share_true_kept": "float64",
    "share_true_kept_low": "float64", "share_true_kept_high": "float64",
}  # fmt: skip
"""`filter.tsv`: what the filter of `ssl_filtered` keeps of the training copies, and how many of these are true."""

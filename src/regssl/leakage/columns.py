"""Columns of the tables of the leakage audit, and the values of those that name something."""

from __future__ import annotations

SETS = ("human", "homologs", "mutated", "negatives")
LEAKS = {"back_lift": "a held-out bin", "homolog": "a homolog of a held-out bin"}
REPEAT_CLASSES = ("unique", "repeat", "low_complexity")
SETTINGS = ("k", "kmer_sampling_fraction", "min_similarity")
"""Settings that the counts repeat, and their columns."""
COUNTS = {
    **dict.fromkeys(["dataset", "split", "set", "genome"], "str"), "windows": "int64",
    **dict.fromkeys(["reciprocal", "held_out_with_homolog", *LEAKS], "Int64"),
    **dict.fromkeys(["similar", *(f"similar_{name}" for name in REPEAT_CLASSES)], "int64"),
    **dict.fromkeys(["held_out", "compared", "kmers", "frequent_kmers", "k"], "int64"),
    "kmer_sampling_fraction": "float64", "min_similarity": "float64",
}  # fmt: skip
EXAMPLES = {
    **dict.fromkeys(["dataset", "split", "kind", "set", "genome", "chrom"], "str"), "start": "int64", "end": "int64",
    "strand": "str", "source": "int64", "held_out_chrom": "str", "held_out_start": "int64", "held_out_end": "int64",
    "similarity": "float64", "bases": "Int64", "repeat_class": "str",
}  # fmt: skip
RUN = ["dataset", "model", "method"]
STRATA = {
    **dict.fromkeys([*RUN, "stratum"], "str"), "windows": "int64", "positives": "int64", "prevalence": "float64",
    "seeds": "int64",
    **{f"{metric}{bound}": "float64" for metric in ("aupr", "auroc") for bound in ("", "_low", "_high")},
}  # fmt: skip
"""Columns of the three tables, and their types; counts that no homologs have are missing."""
ALL = "all"
"""The stratum of all windows."""

"""Columns of the tables of the leakage audit, and the values of those that name something."""

from __future__ import annotations

SETS = ("human", "homologs", "mutated")
LEAKS = {"back_lift": "a held-out bin", "homolog": "a homolog of a held-out bin"}
REPEAT_CLASSES = ("unique", "repeat", "low_complexity")
SETTINGS = ("k", "kmer_sampling_fraction", "min_similarity")
"""Settings that the counts repeat, and their columns."""
COUNTS = ["dataset", "split", "set", "genome", "windows", "reciprocal", "held_out_with_homolog", *LEAKS, "similar",
          *[f"similar_{name}" for name in REPEAT_CLASSES], "held_out", "compared", "kmers", "frequent_kmers",
          *SETTINGS]  # fmt: skip
EXAMPLES = ["dataset", "split", "kind", "set", "genome", "chrom", "start", "end", "strand", "source",
            "held_out_chrom", "held_out_start", "held_out_end", "similarity", "bases", "repeat_class"]  # fmt: skip
RUN = ["dataset", "model", "method"]
STRATA = [*RUN, "stratum", "windows", "positives", "prevalence", "seeds",
          "aupr", "aupr_low", "aupr_high", "auroc", "auroc_low", "auroc_high"]  # fmt: skip
ALL = "all"
"""The stratum of all windows."""

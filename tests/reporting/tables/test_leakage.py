"""The tables of the leakage audit for readers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.strata import EDGES, predictions, similarity
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.leakage.columns import ALL, COUNTS, EXAMPLES
from regssl.leakage.strata import strata_table, stratum_names
from regssl.reporting.tables.leakage import leakage_counts_table
from regssl.reporting.tables.leakage import strata_table as display_strata

NAMES = DisplayNames({"ctcf": "CTCF", "rest": "REST"}, {"deepbind": "CNN"}, {"sl": "SL", "ssl": "SSL"})


def test_the_table_of_strata_has_methods_side_by_side() -> None:
    tidy = strata_table(similarity(), predictions(("sl", "ssl", "motif_scan")), EDGES)
    display = display_strata(tidy, NAMES).display
    assert display.columns.tolist() == [
        ("", "Dataset"), ("", "Model"), ("", "Similarity"), ("Test windows", "Number"), ("Test windows", "Positive"),
        ("Test windows", "Prevalence"), ("AUPR", "SL"), ("AUPR", "SSL"),
    ]  # fmt: skip
    assert display[("", "Similarity")].tolist() == [ALL, *stratum_names(EDGES)]
    cell = tidy[(tidy["method"] == "ssl") & (tidy["stratum"] == ALL)].iloc[0]
    assert display.loc[0, ("AUPR", "SSL")] == f"{cell['aupr']:.3f} ({cell['aupr_low']:.3f} to {cell['aupr_high']:.3f})"
    assert display.loc[3, ("AUPR", "SL")] == "–"


def counted(**values: int) -> pd.DataFrame:
    """Counts of a dataset with a human set, two genomes of homologs and one of mutated windows."""
    rows = []
    for kind, genome, windows in (("human", "hg", 1000), ("homologs", "mm", 700), ("homologs", "cf", 300),
                                  ("mutated", "mm", 700)):  # fmt: skip
        for split in ("validation", "test"):
            row = dict.fromkeys(COUNTS, 0) | {"dataset": "ctcf", "split": split, "set": kind, "genome": genome}
            row |= {"windows": windows, "held_out": 50, "compared": 48, "kmers": 9000, "frequent_kmers": 12}
            row |= {"k": 20, "kmer_sampling_fraction": 1.0, "min_similarity": 0.3}
            missing = dict.fromkeys(["reciprocal", "held_out_with_homolog", "homolog"], np.nan)
            row |= {"reciprocal": windows - 1, "held_out_with_homolog": 40} if kind == "homologs" else missing
            rows.append(row)
    table = pd.DataFrame(rows, columns=COUNTS)
    for column, value in values.items():
        table.loc[(table["genome"] == "cf") & (table["split"] == "test"), column] = value
    return table


EXAMPLE = dict.fromkeys(EXAMPLES) | {
    "dataset": "ctcf", "split": "test", "kind": "similar", "set": "homologs", "genome": "cf", "chrom": "chr5",
    "start": 1234567, "held_out_chrom": "chr8", "held_out_start": 2000, "similarity": 0.456, "repeat_class": "unique",
}  # fmt: skip


def test_the_table_of_counts_has_a_row_per_kind_of_training_set() -> None:
    examples = pd.DataFrame([EXAMPLE, EXAMPLE | {"similarity": 0.9, "repeat_class": "repeat"}])
    table = leakage_counts_table(counted(similar=3, similar_unique=1, similar_repeat=2), examples, NAMES, {"cf": "Dog"})
    display = table.display.droplevel(0, axis=1)
    assert display["Training windows"].tolist() == ["Human", "Homologs, 2 genomes", "Mutated copies, 1 genome"]
    assert display["Number"].tolist() == ["1,000", "1,000", "700"]
    assert display["Aligned to their own bin"].tolist() == ["–", "99.8 %", "–"]
    assert display["with homologs"].tolist() == ["–", "160", "–"]
    assert display["On a held-out homolog"].tolist() == ["–", "0", "–"]
    assert table.display[("Similar to a test window", "Unique")].tolist() == ["0", "1", "0"]
    assert table.display[("Similar to a test window", "Repeat")].tolist() == ["0", "2", "0"]
    assert display["Nearest unique pair"].tolist() == ["–", "0.46: Dog chr5:1,234,567 and chr8:2,000 (test)", "–"]
    assert set(display["Conclusion"]) == {"clean"} and "No training window lies on a held-out bin" in table.caption
    assert "12 of 9,000 k-mers" in table.caption and "2 held-out windows had too few others" in table.caption
    assert table.tidy.equals(counted(similar=3, similar_unique=1, similar_repeat=2))


def test_a_leak_is_in_conclusion_and_caption() -> None:
    table = leakage_counts_table(counted(homolog=2), pd.DataFrame(columns=EXAMPLES), NAMES, {})
    assert table.display[("", "Conclusion")].tolist() == ["clean", "LEAKS", "clean"]
    assert table.caption.startswith("Leakage audit. There are leaks.")


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(DataError, match="the audit's counts has no column 'similar'"):
        leakage_counts_table(counted().drop(columns="similar"), pd.DataFrame(columns=EXAMPLES), NAMES, {})

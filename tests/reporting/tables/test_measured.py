"""The tables on measured labels for readers."""

from __future__ import annotations

from dataclasses import replace

from helpers.measured_tables import CTCF_MOUSE, NAMES, measured_tables
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.tables.measured import filter_table, overview_table, own_table, scores_table, strata_table

DOG = ("max", "canFam3")
TWO_MODELS = replace(NAMES, models={"deepbind": "CNN-27K", "deepsea": "DeepSEA"})


def test_the_overview_has_a_row_per_dataset_and_genome() -> None:
    table = overview_table(measured_tables([CTCF_MOUSE, DOG]), NAMES)
    assert table[[("", "Dataset"), ("", "In")]].to_numpy().tolist() == [["CTCF", "Mouse"], ["MAX", "Dog"]]
    first = table.iloc[0].to_dict()
    assert first["Copied positives", "Number"] == "96" and first["Copied positives", "Bound, %"] == "28 (20 to 38)"
    assert first["Copied negatives", "Bound, %"] == "2.1 (1.7 to 2.7)"
    assert first["AUROC, bound above unbound", "Motif"] == "0.92 (0.83 to 0.96)"
    assert first["AUROC, bound above unbound", "SL"] == "0.64 (0.37 to 0.84)", "of held-out copies"
    own = "AUPR on its own windows, apart from training"
    assert first[own, "Prevalence"] == "0.016" and first[own, "SSL − SL"].startswith("+0.041 (0.011 to")
    assert ("", "Model") not in table


def test_models_have_rows_of_their_own_and_what_is_not_known_no_column() -> None:
    tables = measured_tables(names=TWO_MODELS)
    table = overview_table(tables, TWO_MODELS)
    assert table["", "Model"].tolist() == ["CNN-27K", "DeepSEA"]
    without = replace(tables, discrimination=tables.discrimination[tables.discrimination["score"] == "probability"],
                      rates=tables.rates[tables.rates["unit"] == "windows"])  # fmt: skip
    sl = DisplayNames(NAMES.datasets, {"deepbind": "CNN-27K"}, {"sl": "SL"}, {}, NAMES.genomes)
    columns = set(overview_table(without, sl))
    assert ("Sites of peaks", "Number") not in columns and ("AUROC, bound above unbound", "Motif") not in columns
    assert ("AUROC, bound above unbound", "SL") in columns


def test_strata_are_rows_in_the_order_of_the_table() -> None:
    table = strata_table(measured_tables(), NAMES)
    levels = table[table["", "By"] == "Peak files with the peak"]
    assert levels["", "Level"].tolist() == ["1 to 3", "4 to 6", "all 7"]
    assert levels["Sites of peaks", "Bound, %"].tolist() == ["6.4 (2.2 to 17.2)", "22 (9 to 45)", "65 (47 to 79)"]
    assert table["", "Level"].tolist()[:3] == ["at least 0.1", "at least 0.5", "at least 0.9"]


def test_scores_are_rows_with_all_and_held_out_copies_beside_one_another() -> None:
    table = scores_table(measured_tables(), NAMES)
    assert table["", "Score"].tolist()[1:5] == [
        "Motif in the human window", "Motif in the lifted site", "Motif in the human site", "SL",
    ]  # fmt: skip
    assert table["Copied positives, held out", "Bound, not"].tolist()[0] == "6, 14"
    assert table["Copied negatives, all", "Bound, not"].tolist()[0] == "68, 3,162"
    several = scores_table(measured_tables(names=TWO_MODELS), TWO_MODELS)
    assert "SSL, DeepSEA" in several["", "Score"].tolist()


def test_own_windows_have_a_row_per_method() -> None:
    table = own_table(measured_tables(), NAMES)
    assert table["", "Method"].tolist() == list(NAMES.methods.values())
    apart = "Own windows, apart from training"
    assert table[apart, "AUPR less that of SL"].tolist()[0] == "–"
    assert ("Own windows, homologs of training windows", "AUPR") in table
    assert own_table(measured_tables(names=TWO_MODELS), TWO_MODELS)["", "Model"].nunique() == 2


def test_the_filter_is_shown_before_and_after() -> None:
    table = filter_table(measured_tables(), NAMES)
    before, after = ["CTCF", "Mouse", "of positives", "76", "21", "28 (19 to 39)"], ["57 (37 to 76)", "16 (9 to 28)"]
    assert table.iloc[0].tolist() == [*before, *after, "+41 (16 to 62)"]
    assert table.iloc[1].tolist()[5] == "97.9 (97.3 to 98.4)"
    assert len(filter_table(measured_tables(names=TWO_MODELS), TWO_MODELS)) == 4

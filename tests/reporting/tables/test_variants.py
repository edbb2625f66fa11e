"""The tables of variant effects and of their counts, from invented scores."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.variant_scores import made_up_scores, only
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.tables.variant_directions import directions_table
from regssl.reporting.tables.variants import effects_table, figure3_table, paper_quantities, variant_counts_table
from regssl.variants.effects import correlation_table

NAMES = DisplayNames({"ctcf": "CTCF"}, {"deepbind": "CNN-27K"}, {"sl": "SL", "ssl": "SSL"})
SETS = {"ctcf_a": "Set A"}


def test_the_table_for_people() -> None:
    effects = correlation_table(made_up_scores(), n_bootstrap=100)
    table = effects_table(effects, NAMES, SETS)
    display = table.display
    assert display[[("", name) for name in ("Dataset", "Variants", "n", "Method")]].values.tolist() == [
        ["CTCF", "Set A", "30", "SL"], ["CTCF", "Set A", "30", "SSL"],
    ], "held-out chromosomes only"  # fmt: skip
    assert set(table.tidy["split"]) == {"test", "train"}
    value = only(effects, split="test", method="ssl", seed="all", measure="spearman").iloc[0]
    assert display.loc[1, ("Spearman", "Mean")] == f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
    for measure in ("Pearson", "Spearman"):
        assert (
            display.loc[1, (measure, "Gain over SL")].startswith("+")
            and display.loc[0, (measure, "Gain over SL")] == "–"
        )
        assert display.loc[0, (measure, "SSL − method")] == display.loc[1, (measure, "Gain over SL")]
        assert display.loc[1, (measure, "SSL − method")] == "–"
    assert "mean over 2 seeds" in table.caption and "difference to SL;" in table.caption
    noted = effects_table(effects, replace(NAMES, model_notes={"deepbind": "a small one"}), SETS)
    assert noted.caption == f"{table.caption} CNN-27K: a small one."


def test_controls_are_in_the_table_and_doses_only_in_the_tsv() -> None:
    effects = correlation_table(made_up_scores(methods=("sl", "ssl", "motif_scan", "ssl-nearest2")), n_bootstrap=20)
    names = DisplayNames(NAMES.datasets, NAMES.models, {**NAMES.methods, "motif_scan": "Motif"})
    table = effects_table(effects, names, SETS)
    assert table.display[("", "Method")].tolist() == ["SL", "SSL", "Motif"]
    assert "ssl-nearest2" in set(table.tidy["method"])
    alone = effects_table(correlation_table(made_up_scores(methods=("gc_logistic",)), n_bootstrap=20),
                          DisplayNames(NAMES.datasets, NAMES.models, {"gc_logistic": "GC"}), SETS)  # fmt: skip
    assert ("Pearson", "Mean") in alone.display and len(alone.display.columns) == 5 + 2, "nothing to compare with"


def test_too_few_variants_are_dashes_with_the_reason() -> None:
    effects = correlation_table(made_up_scores(12), n_bootstrap=20)
    for table in (effects_table(effects, NAMES, SETS), directions_table(effects, NAMES, SETS)):
        assert table.display[("", "n")].tolist() == ["9: too few"] * 2
        assert set(table.display.iloc[:, 5:].to_numpy().ravel()) == {"–"}, "no number of nine"
        assert "A dash: fewer than 10 variants" in table.caption
    assert paper_quantities(effects).empty


def test_directions_are_told_against_always_saying_reference() -> None:
    scores = made_up_scores()
    scores["score"] = scores["score"].where(scores["pos"] % 5 > 0, 0.0)
    effects = only(correlation_table(scores, n_bootstrap=50), split="test")
    table = directions_table(effects, NAMES, SETS)
    of_test = only(scores, split="test", method="ssl", seed=0)
    reference = (of_test["effect"] < 0).mean()
    assert table.display.loc[1, ("", "Prefer the reference, %")].startswith(f"{100 * reference:.0f} (")
    assert table.display.loc[1, ("Sign concordance", "Scores of exactly 0, %")] == "20"
    mean = only(effects, method="ssl", seed="all").set_index("measure")
    for name, measure, spec in (
        ("Mean", "sign_concordance", ".3f"),
        ("Above always reference", "concordance_above_reference", "+.3f"),
        ("Without them", "concordance_without_zeros", ".3f"),
    ):
        value, low, high = mean.loc[measure, ["value", "low", "high"]]
        expected = f"{value:{spec}} ({low:{spec}} to {high:{spec}})".replace("-", "−")
        assert table.display.loc[1, ("Sign concordance", name)] == expected
    auroc = [f"{mean.loc['sign_auroc', name]:+.3f}" for name in ("delta_vs_sl", "delta_vs_sl_low", "delta_vs_sl_high")]
    assert table.display.loc[1, ("AUROC of the sign", "Gain over SL")] == "{} ({} to {})".format(*auroc)
    assert not any("imbalance" in group for group, _ in table.display), "no balanced variants"


def test_a_set_with_balanced_variants_has_their_column() -> None:
    scores = made_up_scores()
    more = scores.assign(chrom="chr9", balanced=True, score=scores["score"] / 4)
    table = directions_table(correlation_table(pd.concat([scores, more]), n_bootstrap=20), NAMES, SETS)
    assert table.display[("", "Balanced variants")].tolist() == ["30", "30"]
    assert table.display.loc[1, ("AUROC of imbalance", "Mean")].startswith("0.") and "balanced one" in table.caption


def test_quantities_of_the_comparison_with_the_paper() -> None:
    effects = correlation_table(made_up_scores(), n_bootstrap=50)
    found = paper_quantities(effects)
    pearson = only(effects, split="test", seed="all", measure="pearson").set_index("method")
    assert found["quantity"].tolist() == [*["variant correlation"] * 2, "variant correlation difference"]
    assert found["value"].tolist() == [*pearson.loc[["sl", "ssl"], "value"], pearson.loc["ssl", "delta_vs_sl"]]
    assert found["high"].tolist() == [*pearson.loc[["sl", "ssl"], "high"], pearson.loc["ssl", "delta_vs_sl_high"]]
    assert found[["method", "baseline"]].values.tolist() == [["sl", ""], ["ssl", ""], ["ssl", "sl"]]


def test_the_table_of_counts_names_only_reasons_that_occur() -> None:
    counts = pd.DataFrame(
        {"outcome": ["rows", "ref_mismatch", "out_of_bounds", "test", "train"], "n_variants": [1234, 2, 0, 1230, 2]}
    ).assign(dataset="ctcf", variant_set="ctcf_a")
    table = variant_counts_table(counts, NAMES, SETS)
    assert table.display.to_dict("records") == [
        {"Dataset": "CTCF", "Variants": "Set A", "Rows": "1,234", "The reference allele is not the genome's": "2",
         "Scored, test": "1,230", "Scored, train": "2"}
    ]  # fmt: skip
    assert table.tidy["n_variants"].sum() == 1234 + 2 + 1230 + 2


def test_the_table_of_figure_3() -> None:
    effects = correlation_table(made_up_scores(methods=("sl", "ssl", "motif_scan")), n_bootstrap=20)
    table = figure3_table(effects, NAMES)
    assert set(table["split"]) == {"test"} and set(table["seed"]) == {"all"} and len(table) == 4
    assert set(table["method"]) == {"sl", "ssl"} and set(table["measure"]) == {"pearson", "spearman"}

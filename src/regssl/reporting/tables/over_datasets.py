"""The tables of the page "Is it the homologs?" over all datasets: in how many what is found, and signed-rank tests."""

from __future__ import annotations

import pandas as pd

from regssl.evaluation.families import EVERY_CONTROL
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.document import Block, Cells, make_cells
from regssl.reporting.format import number, p_value, percent, value_with_interval
from regssl.reporting.tables.base import grouped, records


def findings_table(found: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings) -> list[Block]:
    """Make a row per question: in how many datasets and models SSL is better, or worse, alone and corrected.

    There is none where nothing can be found.

    Args:
        found: of `families.findings`.
        names: display names.
        settings: the settings of the comparison.
    """
    asked = {"sl": names.methods.get("sl", ""), EVERY_CONTROL: "SL and every control", **names.methods}
    known = found[found["alone"] != "unknown"]
    questions = {name: known[known["question"] == name] for name in asked if (known["question"] == name).any()}
    if not questions:
        return []
    columns = [
        (("", "SSL against"), [asked[name] for name in questions]),
        (("", "Compared in"), [f"{len(rows)}" for rows in questions.values()]),
        *(((f"SSL {finding}", heading), [f"{(rows[column] == finding).sum()}" for rows in questions.values()])
          for finding in ("better", "worse")
          for heading, column in (("each alone", "alone"), ("after correction", "corrected"))),
    ]  # fmt: skip
    level, most = percent(settings.confidence_level), max(map(len, questions.values()))
    chance = most * (1 - settings.confidence_level)
    caption = (
        f"In how many datasets{' and models' if len(names.models) > 1 else ''} SSL is found better, or worse. Each "
        f"alone: the {level} interval excludes 0; of {most} comparisons without any difference, {chance:.2g} would be "
        "found so by chance. After correction: p after Holm's correction over the comparisons of the row is as small "
        f"too, so that the chance of any false finding in it is at most {percent(1 - settings.confidence_level)}."
    )
    return [make_cells(grouped(columns), caption)]


def tests_table(tests: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings) -> Cells:
    """Make a row per model and method: SSL against it over all datasets, p and effect sizes.

    Args:
        tests: of `significance.compare_across_datasets`.
        names: display names.
        settings: the settings of the comparison.
    """
    named = tests[(tests["metric"] == "aupr") & tests["baseline"].isin(list(names.methods))]
    rows = [row for method in names.methods for row in records(named[named["baseline"] == method])]
    several = named["model"].nunique() > 1
    means = [value_with_interval(row["mean"], row["low"], row["high"], "+.3f", ".3f") for row in rows]
    columns = [
        (("", "SSL against"), [names.methods[row["baseline"]] for row in rows]),
        *([(("", "Model"), [names.models.get(row["model"], row["model"]) for row in rows])] if several else []),
        (("Datasets", "all"), [f"{row['pairs']}" for row in rows]),
        (("Datasets", "SSL higher"), [f"{row['n_better']}" for row in rows]),
        (("Effect", "mean difference of AUPR"), means),
        (("Effect", "standardised"), [number(row["hedges_g"], "+.2f") for row in rows]),
        (("Effect", "rank-biserial"), [number(row["rank_biserial"], "+.2f") for row in rows]),
        (("Wilcoxon", "p"), [p_value(row["p"]) for row in rows]),
        *([(("Wilcoxon", "p, Holm"), [p_value(row["p_holm"]) for row in rows])] if several else []),
    ]  # fmt: skip
    pairs = int(named["pairs"].max()) if len(named) else 0
    smallest = ""
    if pairs:
        smallest = f" With {pairs} datasets p is at least {min(2 / 2**pairs, 1):.2g}"
        smallest += "." if 2 / 2**pairs < 1 - settings.confidence_level else ": so few can show nothing."
    caption = (
        "Is SSL better over datasets? Wilcoxon's signed-rank test, exact, two-sided, on the mean AUPR of each "
        f"dataset{'; Holm’s correction over models' if several else ''}.{smallest} Mean difference with Student's "
        f"{percent(settings.confidence_level)} interval over datasets; standardised: mean / standard deviation, with "
        "Hedges' correction; rank-biserial: −1 always worse, +1 always better. Datasets share training regions and, in "
        "part, bound windows: they are not quite independent."
    )
    return make_cells(grouped(columns), caption)

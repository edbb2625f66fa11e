"""The tables of the page "Is it the homologs?", for readers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from regssl.evaluation.comparison import FILTER_COLUMNS
from regssl.evaluation.settings import ComparisonSettings
from regssl.evaluation.summary import DisplayNames, present_names
from regssl.methods import resolve
from regssl.reporting.document import Cells, make_cells
from regssl.reporting.format import MISSING, interval, number, p_value, percent, value_with_interval
from regssl.reporting.marks import footnotes, marks, model_notes
from regssl.reporting.tables.base import grouped, records

GROUPS = {
    "paper": "AUPR: methods of the paper",
    "extension": "AUPR: extensions",
    "control": "AUPR: controls",
    "baseline": "AUPR: baselines",
}
OTHER_SCORES = {"aupr_over_prevalence": "AUPR / prevalence", "auroc": "AUROC", "precision": "Precision at a recall of"}
CALLS = {"mcc": "MCC at a logit of 0", "mcc_tuned": "MCC at the threshold of validation"}
"""Scores of a threshold, where they were asked for."""
SCORE_FORMATS = {"aupr_over_prevalence": ".1f"}
"""Formats of scores that are not written with three digits."""
P_COLUMNS = {"p": "p", "p_holm": "p, Holm"}
"""Columns of p, which `…_is_bound` go with, and their headings."""
Row = Mapping[str, Any]
Columns = list[tuple[tuple[str, str], list[str]]]


def with_controls(names: DisplayNames) -> DisplayNames:
    """Return the same names, with the models that run a control, extension or baseline; all where none does."""
    models = {
        model: name
        for model, name in names.models.items()
        if any(resolve(method).kind != "paper" for method in names.methods_of(model))
    }
    return replace(names, models=models or names.models)


def sort_rows(concluded: pd.DataFrame, names: DisplayNames) -> pd.DataFrame:
    """Select the rows of datasets and models that have display names, in the order of these."""
    place = {pair: at for at, pair in enumerate((d, m) for d in names.datasets for m in names.models)}
    at = [place.get(pair, -1) for pair in zip(concluded["dataset"], concluded["model"], strict=True)]
    return (
        concluded.assign(at=at)
        .query("at >= 0")
        .sort_values("at", kind="stable")
        .drop(columns="at")
        .reset_index(drop=True)
    )


def conclusions_table(
    concluded: pd.DataFrame,
    methods: pd.DataFrame,
    adjusted: pd.DataFrame,
    names: DisplayNames,
    settings: ComparisonSettings,
) -> Cells:
    """Make a row per dataset and model: the conclusion, the AUPR of SL and SSL, their difference, and every p.

    Args:
        concluded: of `significance.conclusions`, sorted.
        methods: of `comparison.methods_table`.
        adjusted: of `families.adjust_pvalues`.
        names: display names.
        settings: the settings of the comparison.
    """
    rows, scores, differences = records(concluded), _of_aupr(methods, "method"), _of_aupr(adjusted, "baseline")
    found = [_of_row(differences, row, "sl") for row in rows]
    columns = [
        *_row_labels(rows, names),
        (("", "Conclusion"), [sentences(row) for row in rows]),
        (("", "Positives"), [f"{row['positives']:,} ({percent(row['prevalence'], '.2g')})" for row in rows]),
        *((("AUPR", names.methods.get(method, method)), [_aupr(_of_row(scores, row, method)) for row in rows])
          for method in ("sl", "ssl")),
        (("SSL − SL", "AUPR"), [_signed(cell, "difference", 3, "ci_low", "ci_high") for cell in found]),
        (("SSL − SL", "%"), [_relative(cell) for cell in found]),
        *((("SSL − SL", heading), [_p(cell, name) for cell in found]) for name, heading in P_COLUMNS.items()),
        (("SSL − SL", "detectable, %"), [number(row["smallest_detectable"], ".0f") for row in rows]),
        *((("SSL above SL and every control", heading), [_p(row, name.replace("p", "p_claim", 1)) for row in rows])
          for name, heading in P_COLUMNS.items()),
    ]  # fmt: skip
    caption = (
        f"AUPR on the test windows, mean over seeds, with the {_level(settings)} interval of seeds and "
        "test blocks together. Positives: bound test windows, and the prevalence, which is the AUPR "
        "of a random ranking. p: of this dataset alone, on which its conclusion rests; p, Holm: corrected over the "
        "rows, for what is said of several. Detectable: the true difference that is found in four of five cases, in "
        f"percent of SL.{footnotes(methods)}{model_notes(names, concluded['model'])}"
    )
    return make_cells(grouped(columns), caption)


def methods_table(
    concluded: pd.DataFrame,
    methods: pd.DataFrame,
    adjusted: pd.DataFrame,
    names: DisplayNames,
    settings: ComparisonSettings,
) -> Cells:
    """Make a row per dataset and model: the AUPR of every method by kind, bold where SSL is not found better.

    Arguments as for `conclusions_table`.
    """
    rows, scores, differences = records(concluded), _of_aupr(methods, "method"), _of_aupr(adjusted, "baseline")
    columns = _row_labels(rows, names)
    bold = [[False] * len(rows) for _ in columns]
    for method in sorted(names.methods, key=lambda name: list(GROUPS).index(resolve(name).kind)):
        own = [_of_row(scores, row, method) for row in rows]
        columns.append(((GROUPS[resolve(method).kind], names.methods[method]), [_aupr(cell) for cell in own]))
        bold.append([_unbeaten(_of_row(differences, row, method), settings) for row in rows])
    wide = grouped(columns)
    emphasis = pd.DataFrame(list(zip(*bold, strict=True)), columns=wide.columns)
    reasons = sorted(set(methods["failure"].astype(object).fillna("")) - {""})
    places = {(row["dataset"], row["model"], method) for row in rows for method in names.methods}
    absent = ["not run"] if places - {key[:3] for key in scores.index} else []
    absent += [f"no score ({'; '.join(reasons)})"] if reasons else []
    missing = f" {MISSING}: {', or '.join(absent)}." if absent else ""
    caption = (
        f"AUPR of every method, with the {_level(settings)} interval of seeds and test blocks together. Bold: "
        f"above SSL, or SSL cannot be told from it.{missing}{footnotes(methods)}"
    )
    return make_cells(wide, caption, emphasis)


def other_scores_table(methods: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings) -> Cells:
    """Make a row per dataset, model and method: AUPR over prevalence, AUROC, precision at fixed recall, and MCC."""
    titles = {**OTHER_SCORES, "precision": f"{OTHER_SCORES['precision']} {percent(settings.recall_for_precision)}"}
    titles |= (calls := present_names(CALLS, methods["metric"]))
    scores = methods.set_index(["dataset", "model", "method", "metric"])
    keys = _keys(methods, names, list(names.methods))
    columns = _key_labels(keys, names, "Method")
    for metric, title in titles.items():
        columns.append((("", title), [_score(_get(scores, (*key, metric)), metric) for key in keys]))
    caption = (
        f"Other scores, mean over seeds, with the {_level(settings)} interval of seeds and test blocks "
        "together. A random ranking has an AUPR over prevalence of 1 and an AUROC of 0.5. Precision: that of the "
        "highest threshold with this recall."
    )
    if calls:
        caption += (
            " MCC: Matthews' correlation coefficient of calls, 0 at random; the threshold of each run is the best on "
            "its validation windows."
        )
    folded = f"AUPR over prevalence, AUROC{', precision and MCC' if calls else ' and precision'} of every method"
    return make_cells(grouped(columns), caption, folded=folded)


def differences_table(adjusted: pd.DataFrame, names: DisplayNames, settings: ComparisonSettings) -> Cells:
    """Make a row per dataset, model and method: SSL less it, the intervals of seeds, blocks and both, p."""
    of_ssl = adjusted[(adjusted["method"] == "ssl") & (adjusted["metric"] == "aupr")]
    keys = _keys(
        of_ssl.assign(method=of_ssl["baseline"]), names, [method for method in names.methods if method != "ssl"]
    )
    rows = of_ssl.set_index(["dataset", "model", "baseline"])
    found = [_get(rows, key) for key in keys]
    intervals = {"seed_ci": "seeds", "bootstrap_ci": "test blocks", "ci": "both"}
    columns = [
        *_key_labels(keys, names, "SSL less"),
        (("", "AUPR"), [_signed(cell, "difference", 3) for cell in found]),
        *(((f"{_level(settings)} interval of", of), [interval(*_bounds(cell, name)) for cell in found])
          for name, of in intervals.items()),
        (("", "%"), [_relative(cell) for cell in found]),
        *((("", heading), [_p(cell, name) for cell in found]) for name, heading in P_COLUMNS.items()),
    ]  # fmt: skip
    caption = (
        "Paired differences of AUPR, SSL less the other method. %: of the other method, with the interval of both. p, "
        "Holm: corrected over the datasets and models of one method."
    )
    return make_cells(grouped(columns), caption, folded=f"{len(keys)} differences of AUPR")


def exposure_table(exposure: pd.DataFrame, names: DisplayNames) -> Cells:
    """Make a row per method: steps of the optimizer, expected fraction of positives, both relative to SSL's, filters.

    Columns of the homologs that were kept are there where any method filters them.
    """
    rows = []
    filtered = exposure.dropna(subset=list(FILTER_COLUMNS))
    weighted = exposure.assign(sampled=exposure["steps"] * exposure["positive_fraction"])
    total = weighted.groupby(["dataset", "model", "method"])[["steps", "sampled"]].sum().reset_index()
    total["fraction"] = total["sampled"] / total["steps"]
    of_ssl = total[total["method"] == "ssl"].set_index(["dataset", "model"])
    for method in names.methods:
        own = total[total["method"] == method].set_index(["dataset", "model"])
        if own.empty:
            continue
        both = own.merge(of_ssl, left_index=True, right_index=True, suffixes=("", "_ssl"))
        steps = 100 * (both["steps"] / both["steps_ssl"] - 1)
        points = 100 * (both["fraction"] - both["fraction_ssl"])
        rows.append({
            "Method": names.methods[method],
            "Phases": " + ".join(dict.fromkeys(exposure.loc[exposure["method"] == method, "phase"])),
            "Steps of the optimizer": f"{own['steps'].mean():,.0f}",
            "Positives in training": percent(own["fraction"].mean(), ".2f"),
            "Steps, against SSL": _range(steps, " %", "+.1f"),
            "Positives, against SSL": _range(points, " points", "+.2f"),
            **{f"{label.capitalize()} homologs kept": _kept(filtered[filtered["method"] == method], label)
               for label in ("positive", "negative") if len(filtered)},
        })  # fmt: skip
    caption = (
        "What every method was trained on: steps of the optimizer until its last phase ended, and the fraction of "
        "positives that is expected in a batch; means over datasets and seeds. Against SSL: smallest and largest "
        "over datasets."
    )
    if len(filtered):
        caption += " Homologs kept: of those of a label, by a method that filters them, likewise."
    if not rows:
        rows = [{"Method": MISSING, "Steps of the optimizer": MISSING, "Positives in training": MISSING}]
    return make_cells(pd.DataFrame(rows), caption)


def _kept(filtered: pd.DataFrame, label: str) -> str:
    """How many of the homologs of a label a method keeps, such as `31 of 412; 2 % to 12 %`."""
    found, kept = filtered[f"{label}_homologs"], filtered[f"{label}_homologs_kept"]
    if filtered.empty:
        return MISSING
    return f"{kept.mean():,.0f} of {found.mean():,.0f}; {_range(100 * kept / found.clip(lower=1), ' %', '.3g')}"


def _keys(table: pd.DataFrame, names: DisplayNames, methods: list[str]) -> list[tuple[str, str, str]]:
    """Dataset, model and method of what the table holds, in the order of the names."""
    found = set(zip(table["dataset"], table["model"], table["method"], strict=True))
    every = ((d, m, method) for d in names.datasets for m in names.models for method in methods)
    return [key for key in every if key in found]


def _key_labels(keys: list[tuple[str, str, str]], names: DisplayNames, method: str) -> Columns:
    several = len({model for _, model, _ in keys}) > 1
    columns = [(("", "Dataset"), [names.datasets[dataset] for dataset, _, _ in keys])]
    if several:
        columns.append((("", "Model"), [names.models[model] for _, model, _ in keys]))
    return [*columns, (("", method), [names.methods[name] for _, _, name in keys])]


def _row_labels(rows: list[dict[str, Any]], names: DisplayNames) -> Columns:
    columns = [(("", "Dataset"), [names.datasets[row["dataset"]] for row in rows])]
    if len({row["model"] for row in rows}) > 1:
        columns.append((("", "Model"), [names.models[row["model"]] for row in rows]))
    return columns


def _of_aupr(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """The rows of AUPR by dataset, model and method; of differences, those of SSL by what it is compared with."""
    rows = table[table["metric"] == "aupr"]
    rows = rows[rows["method"] == "ssl"] if key == "baseline" else rows
    return rows.set_index(["dataset", "model", key])


def _of_row(table: pd.DataFrame, row: Row, method: str) -> Row:
    return _get(table, (row["dataset"], row["model"], method))


def _get(table: pd.DataFrame, key: tuple[str, ...]) -> Row:
    """The row of a key; empty where there is none."""
    return dict(table.xs(key)) if key in table.index else {}


def sentences(row: Row) -> str:
    """The text of a conclusion, and its remark if it has one."""
    text, remark = row["text"], row["remark"]
    return f"{text[0].upper()}{text[1:]}." + (f" {remark}" if isinstance(remark, str) and remark else "")


def _bounds(cell: Row, name: str) -> tuple[float, float]:
    return float(cell.get(f"{name}_low", math.nan)), float(cell.get(f"{name}_high", math.nan))


def _score(cell: Row, metric: str) -> str:
    spec = SCORE_FORMATS.get(metric, ".3f")
    return value_with_interval(float(cell.get("value", math.nan)), *_bounds(cell, "ci"), spec)


def _aupr(cell: Row) -> str:
    """The AUPR of a method with its interval, and the marks of its runs."""
    return f"{_score(cell, 'aupr')} {marks(cell)}".rstrip()


def _signed(cell: Row, name: str, digits: int, low: str = "", high: str = "") -> str:
    """A number with its sign, and its interval if the columns of the bounds are given."""
    value, bottom, top = (float(cell.get(column, math.nan)) for column in (name, low, high))
    return value_with_interval(value, bottom, top, f"+.{digits}f", f".{digits}f")


def _p(cell: Row, name: str) -> str:
    return p_value(cell.get(name, math.nan), is_bound=bool(cell.get(f"{name}_is_bound")))


def _relative(cell: Row) -> str:
    return _signed(cell, "relative_difference_percent", 0, "relative_ci_low", "relative_ci_high")


def _unbeaten(cell: Row, settings: ComparisonSettings) -> bool:
    """Whether SSL does not beat a method that it is compared with."""
    return bool(cell) and not (cell["ci_low"] > 0 and cell["p"] < 1 - settings.confidence_level)


def _range(values: pd.Series, unit: str, spec: str) -> str:
    """The smallest and the largest of some numbers with a unit."""
    if values.empty:
        return MISSING
    low, high = (number(float(x), spec) for x in (values.min(), values.max()))
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def _level(settings: ComparisonSettings) -> str:
    return percent(settings.confidence_level)

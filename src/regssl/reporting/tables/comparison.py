"""The tables of the page "Is it the homologs?", for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from regssl.evaluation.settings import Statistics
from regssl.evaluation.summary import DisplayNames
from regssl.methods import resolve
from regssl.reporting.format import bounds, mean_difference, number, p_value, score, signed, spread
from regssl.reporting.html import MISSING, wide_table
from regssl.reporting.tables.base import DAGGER, dagger, grouped

GROUPS = {"paper": "AUPR: methods of the paper", "control": "AUPR: controls", "baseline": "AUPR: baselines"}
OTHER_SCORES = {"aupr_over_prevalence": "AUPR / prevalence", "auroc": "AUROC", "precision": "Precision at a recall of"}


def sort_rows(judged: pd.DataFrame, names: DisplayNames) -> pd.DataFrame:
    """The rows of the datasets and models that have names, in the order of these."""
    place = {cell: at for at, cell in enumerate((d, m) for d in names.datasets for m in names.models)}
    at = [place.get(cell, -1) for cell in zip(judged["dataset"], judged["model"], strict=True)]
    return judged.assign(at=at).query("at >= 0").sort_values("at").drop(columns="at").reset_index(drop=True)


def conclusions_table(
    judged: pd.DataFrame, methods: pd.DataFrame, adjusted: pd.DataFrame, names: DisplayNames, statistics: Statistics
) -> Markup:
    """One row per dataset and model: the conclusion, the AUPR of SL and SSL, and their difference."""
    rows, cells, less = _records(judged), _of_aupr(methods, "method"), _of_aupr(adjusted, "baseline")
    found = [_of(less, row, "sl") for row in rows]
    columns = [
        *_row_labels(rows, names),
        (("", "Conclusion"), [" ".join(filter(None, (_sentence(row["text"]), _told(row["remark"])))) for row in rows]),
        (("", "Positives"), [f"{row['positives']:,} ({100 * row['prevalence']:.2g} %)" for row in rows]),
        *((("AUPR", names.methods.get(id, id)), [score(_of(cells, row, id), "aupr") for row in rows])
          for id in ("sl", "ssl")),
        (("SSL − SL", "AUPR"), [signed(cell, "difference", "ci", 3) for cell in found]),
        (("SSL − SL", "%"), [signed(cell, "relative_difference_percent", "relative_ci", 0) for cell in found]),
        (("SSL − SL", "p, Holm"), [p_value(cell.get("p_holm", math.nan)) for cell in found]),
    ]  # fmt: skip
    caption = (
        f"AUPR on the test chromosomes, mean over seeds, with the {_level(statistics)} interval of seeds and test "
        "blocks together. Positives: bound windows of the test chromosomes, and the prevalence, which is the AUPR "
        "of a random ranking."
    )
    return wide_table(grouped(columns), caption)


def methods_table(
    judged: pd.DataFrame, methods: pd.DataFrame, adjusted: pd.DataFrame, names: DisplayNames, statistics: Statistics
) -> Markup:
    """One row per dataset and model: the AUPR of every method by kind; what SSL does not beat is bold."""
    rows, cells, less = _records(judged), _of_aupr(methods, "method"), _of_aupr(adjusted, "baseline")
    columns = _row_labels(rows, names)
    bold = [[False] * len(rows) for _ in columns]
    for method in sorted(names.methods, key=lambda id: list(GROUPS).index(resolve(id).kind)):
        own = [_of(cells, row, method) for row in rows]
        shown = [score(cell, "aupr") + _collapsed(cell) for cell in own]
        columns.append(((GROUPS[resolve(method).kind], names.methods[method]), shown))
        bold.append([_unbeaten(_of(less, row, method), statistics) for row in rows])
    wide = grouped(columns)
    emphasis = pd.DataFrame(list(zip(*bold, strict=True)), columns=wide.columns)
    reasons = sorted({str(reason) for reason in methods["failure"].dropna()})
    missing = f" {MISSING}: no score ({'; '.join(reasons)})." if reasons else ""
    caption = (
        f"AUPR of every method, with the {_level(statistics)} interval of seeds and test blocks together. Bold: "
        f"methods that SSL does not beat.{missing}{f' {DAGGER}' if methods['collapsed'].any() else ''}"
    )
    return wide_table(wide, caption, emphasis)


def other_scores_table(methods: pd.DataFrame, names: DisplayNames, statistics: Statistics) -> Markup:
    """One row per dataset, model and method: AUPR over prevalence, AUROC, precision at fixed recall."""
    titles = {**OTHER_SCORES, "precision": f"{OTHER_SCORES['precision']} {100 * statistics.recall:g} %"}
    cells = methods.set_index(["dataset", "model", "method", "metric"])
    keys = _keys(methods, names, list(names.methods))
    columns = _labels(keys, names, "Method")
    for metric, title in titles.items():
        columns.append((("", title), [score(_get(cells, (*key, metric)), metric) for key in keys]))
    caption = (
        f"Other scores, mean over seeds, with the {_level(statistics)} interval of seeds and test blocks together. "
        "A random ranking has an AUPR over prevalence of 1 and an AUROC of 0.5. Precision: that of the highest "
        "threshold with this recall."
    )
    return wide_table(grouped(columns), caption, folded="AUPR over prevalence, AUROC and precision of every method")


def difference_table(adjusted: pd.DataFrame, names: DisplayNames, statistics: Statistics) -> Markup:
    """One row per dataset, model and method: SSL less it, the intervals of seeds, blocks and both, p."""
    less = adjusted[(adjusted["method"] == "ssl") & (adjusted["metric"] == "aupr")]
    keys = _keys(less.assign(method=less["baseline"]), names, [id for id in names.methods if id != "ssl"])
    cells = less.set_index(["dataset", "model", "baseline"])
    found = [_get(cells, key) for key in keys]
    columns = _labels(keys, names, "SSL less")
    columns += [
        (("", "AUPR"), [signed(cell, "difference", "", 3) for cell in found]),
        *(((f"{_level(statistics)} interval of", name), [bounds(cell, doubt, 3) for cell in found])
          for doubt, name in (("seed_ci", "seeds"), ("bootstrap_ci", "test blocks"), ("ci", "both"))),
        (("", "%"), [signed(cell, "relative_difference_percent", "relative_ci", 0) for cell in found]),
        (("", "p"), [p_value(cell.get("p", math.nan)) for cell in found]),
        (("", "p, Holm"), [p_value(cell.get("p_holm", math.nan)) for cell in found]),
    ]  # fmt: skip
    caption = (
        "Paired differences of AUPR, SSL less the other method. %: of the other method, with the interval of both."
    )
    return wide_table(grouped(columns), caption, folded=f"{len(keys)} differences of AUPR")


def tests_table(tests: pd.DataFrame, names: DisplayNames, statistics: Statistics) -> Markup:
    """One row per model and method: SSL with it over all datasets, p and effect sizes."""
    shown = tests[(tests["metric"] == "aupr") & tests["baseline"].isin(list(names.methods))]
    rows = [row for id in names.methods for row in _records(shown[shown["baseline"] == id])]
    several = shown["model"].nunique() > 1
    columns = [
        (("", "SSL against"), [names.methods[row["baseline"]] for row in rows]),
        *([(("", "Model"), [names.models.get(row["model"], row["model"]) for row in rows])] if several else []),
        (("Datasets", "all"), [f"{row['pairs']}" for row in rows]),
        (("Datasets", "SSL better"), [f"{row['n_better']}" for row in rows]),
        (("Effect", "mean difference of AUPR"), [mean_difference(row) for row in rows]),
        (("Effect", "standardised"), [number(row["cohens_dz"], 2, sign=True) for row in rows]),
        (("Effect", "rank-biserial"), [number(row["rank_biserial"], 2, sign=True) for row in rows]),
        (("Wilcoxon", "p"), [p_value(row["p"]) for row in rows]),
        (("Wilcoxon", "p, Holm"), [p_value(row["p_holm"]) for row in rows]),
    ]  # fmt: skip
    pairs = int(shown["pairs"].max()) if len(shown) else 0
    smallest = f" With {pairs} datasets p is at least {2 / 2**pairs:.2g}, before correction." if pairs else ""
    caption = (
        "Is SSL better over datasets? Wilcoxon's signed-rank test, exact, two-sided, on the mean AUPR of each "
        f"dataset; Holm's correction over these comparisons.{smallest} Mean difference with Student's "
        f"{_level(statistics)} interval over datasets; standardised: mean / standard deviation, with Hedges' "
        "correction; rank-biserial: −1 always worse, +1 always better. Datasets share training regions and, in "
        "part, bound windows: they are not quite independent."
    )
    return wide_table(grouped(columns), caption)


def exposure_table(exposure: pd.DataFrame, names: DisplayNames) -> Markup:
    """One row per method: steps of the optimiser, expected share of positives, and how far both are from SSL's."""
    rows = []
    weighted = exposure.assign(shown=exposure["steps"] * exposure["positive_share"])
    total = weighted.groupby(["dataset", "model", "method"])[["steps", "shown"]].sum().reset_index()
    total["share"] = total["shown"] / total["steps"]
    of_ssl = total[total["method"] == "ssl"].set_index(["dataset", "model"])
    for method in names.methods:
        own = total[total["method"] == method].set_index(["dataset", "model"])
        if own.empty:
            continue
        both = own.merge(of_ssl, left_index=True, right_index=True, suffixes=("", "_ssl"))
        steps = 100 * (both["steps"] / both["steps_ssl"] - 1)
        shares = 100 * (both["share"] - both["share_ssl"])
        rows.append({
            "Method": names.methods[method],
            "Phases": " + ".join(dict.fromkeys(exposure.loc[exposure["method"] == method, "phase"])),
            "Steps of the optimiser": f"{own['steps'].mean():,.0f}",
            "Positives shown": f"{100 * own['share'].mean():.2f} %",
            "Steps, against SSL": spread(steps, " %", 1),
            "Positives, against SSL": spread(shares, " points", 2),
        })  # fmt: skip
    caption = (
        "What every method was shown: steps of the optimiser until its last phase ended, and the share of "
        "positives that is expected in a batch; means over datasets and seeds. Against SSL: smallest and largest "
        "over datasets."
    )
    if not rows:
        rows = [{"Method": MISSING, "Steps of the optimiser": MISSING, "Positives shown": MISSING}]
    return wide_table(pd.DataFrame(rows), caption)


def _keys(table: pd.DataFrame, names: DisplayNames, methods: list[str]) -> list[tuple[str, str, str]]:
    """Dataset, model and method of what the table holds, in the order of the names."""
    found = set(zip(table["dataset"], table["model"], table["method"], strict=True))
    every = ((d, m, method) for d in names.datasets for m in names.models for method in methods)
    return [key for key in every if key in found]


def _labels(
    keys: list[tuple[str, str, str]], names: DisplayNames, method: str
) -> list[tuple[tuple[str, str], list[str]]]:
    several = len({model for _, model, _ in keys}) > 1
    columns = [(("", "Dataset"), [names.datasets[dataset] for dataset, _, _ in keys])]
    if several:
        columns.append((("", "Model"), [names.models[model] for _, model, _ in keys]))
    return [*columns, (("", method), [names.methods[id] for _, _, id in keys])]


def _of_aupr(table: pd.DataFrame, key: str) -> pd.DataFrame:
    """The rows of AUPR by dataset, model and method; of differences, those of SSL by what it is compared with."""
    rows = table[table["metric"] == "aupr"]
    rows = rows[rows["method"] == "ssl"] if key == "baseline" else rows
    return rows.set_index(["dataset", "model", key])


def _row_labels(rows: list[dict[str, Any]], names: DisplayNames) -> list[tuple[tuple[str, str], list[str]]]:
    columns = [(("", "Dataset"), [names.datasets[row["dataset"]] for row in rows])]
    if len({row["model"] for row in rows}) > 1:
        columns.append((("", "Model"), [names.models[row["model"]] for row in rows]))
    return columns


def _told(remark: object) -> str:
    return remark if isinstance(remark, str) else ""


def _of(cells: pd.DataFrame, row: Mapping[str, Any], method: str) -> Mapping[str, Any]:
    return _get(cells, (row["dataset"], row["model"], method))


def _get(cells: pd.DataFrame, key: tuple[str, ...]) -> Mapping[str, Any]:
    """The row of a key; empty where there is none."""
    return dict(cells.xs(key)) if key in cells.index else {}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]


def _collapsed(cell: Mapping[str, Any]) -> str:
    mark = dagger(int(cell.get("collapsed", 0)))
    return f" {mark}" if mark else ""


def _unbeaten(cell: Mapping[str, Any], statistics: Statistics) -> bool:
    """Whether SSL does not beat a method that it is compared with."""
    return bool(cell) and not (cell["ci_low"] > 0 and cell["p_holm"] < 1 - statistics.level)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _level(statistics: Statistics) -> str:
    return f"{100 * statistics.level:g} %"

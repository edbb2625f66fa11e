"""Compare the paper's public numbers with ours: what agrees, what deviates, what is unknown.

The paper's are those of `evaluation.paper_numbers`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from regssl.evaluation.gain_components import BASELINE, METHOD
from regssl.evaluation.gain_components import KEY as GAIN_KEY
from regssl.evaluation.paper_numbers import KEY, paper_numbers
from regssl.evaluation.summary import METRICS, DisplayNames, estimates, failed_datasets, increase_table, unscored
from regssl.io.tsv import require_columns
from regssl.reporting.format import MISSING, number, value_with_interval
from regssl.reporting.marks import model_notes, remarks
from regssl.reporting.tables.base import Table, records

NUMBERS = ["value", "low", "high"]
COLUMNS = ["place", *KEY, "paper", *NUMBERS, "deviation", "agreement", "note"]
COMPARISONS = (("ssl", "sl"), ("ssl_ns", "ssl"))
"""(method, baseline) of the increases in the paper."""
POSITIVES = {"positives": "human_positives", "total positives": "total_positives", "fold": "fold"}
"""Quantities of Table 1 and their columns in it."""
POSITIVES_COLUMNS = {"dataset": "str", "human_positives": "int64", "total_positives": "int64", "fold": "float64"}
PAPER_MODELS = {"deepbind": "CNN-27K", "deepsea": "DeepSEA", "dnabert2": "DNABERT-2"}
ALL_SOURCES = "interval over training regions, negatives, seeds and test blocks"
CITATION = "Phan, Brouard and Mourad 2024, Briefings in Bioinformatics 25(6), bbae560"


def our_numbers(
    summary: pd.DataFrame,
    positives: pd.DataFrame,
    correlations: pd.DataFrame | None,
    components: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Collect the numbers of a benchmark in the paper's quantities.

    Args:
        summary: one row per run; see `evaluation.summary`.
        positives: the tidy form of Table 1.
        correlations: rows of `KEY`, value, low, high, remark for variant effects; None: there are none.
        components: of `gain_components.components_table`, whose intervals of SSL's increase hold all sources; None:
            there are no replicates.

    Returns:
        Columns of `KEY`, value, low, high (bounds of a 95 % interval, NaN where there is none), and remark (what a
        reader must know of the number; mostly empty).

    Raises:
        DataError: a missing column.
    """
    require_columns(positives, list(POSITIVES_COLUMNS), "the table of positives")
    rows: list[dict[str, Any]] = []
    for row in records(positives):
        rows += [{"dataset": row["dataset"], "quantity": name, "value": row[of]} for name, of in POSITIVES.items()]
    for row in records(estimates(summary)):
        cell = {"dataset": row["dataset"], "model": row["model"], "method": row["method"], "quantity": "aupr"}
        bounds = {"value": row["aupr"], "low": row["aupr_low"], "high": row["aupr_high"]}
        rows.append({**cell, **bounds, "remark": remarks(row)})
    for method, baseline in COMPARISONS:
        found = increase_table(summary, baseline, [method])
        found["quantity"] = found["metric"] + " increase"
        found["remark"] = [remarks(row) for row in records(found)]
        if components is not None and (method, baseline) == (METHOD, BASELINE):
            found = _with_all_sources(found, components)
        rows += records(found.rename(columns={"percent": "value"})[[*KEY, *NUMBERS, "remark"]])
    ours = pd.DataFrame(rows, columns=[*KEY, *NUMBERS, "remark"])
    if correlations is not None:
        ours = pd.concat([ours, correlations.reindex(columns=ours.columns)], ignore_index=True)
    return ours.astype(dict.fromkeys(NUMBERS, float)).fillna(dict.fromkeys([*KEY, "remark"], ""))


def _with_all_sources(increase: pd.DataFrame, components: pd.DataFrame) -> pd.DataFrame:
    """Put the intervals of all sources in the place of those over seeds, where they are known."""
    known = components[(components["scale"] == "relative") & components["low"].notna()].set_index(GAIN_KEY)
    rows = []
    for row in records(increase):
        key = tuple(row[column] for column in GAIN_KEY)
        if key in known.index:
            remark = f"{row['remark']}; {ALL_SOURCES}" if row["remark"] else ALL_SOURCES
            row |= {"low": known.loc[key, "low"], "high": known.loc[key, "high"], "remark": remark}
        rows.append(row)
    return pd.DataFrame(rows, columns=increase.columns)


def paper_comparison_table(
    summary: pd.DataFrame,
    positives: pd.DataFrame,
    correlations: pd.DataFrame | None,
    names: DisplayNames,
    same_data: bool,
    components: pd.DataFrame | None = None,
) -> Table:
    """Compare with the paper: its public numbers first, then ours whose counterpart in the paper is not public.

    A number of the paper that does not name its model or method is beside each of ours that it may mean. On other data
    only datasets of the paper's names are compared: what else is not run, or not public, says nothing there.
    Tidy columns: COLUMNS; deviation is ours - the paper's.

    Args:
        summary, positives, correlations, components: as in `our_numbers`.
        names: what to display, in which order.
        same_data: whether this benchmark works on the paper's data, so that agreement means anything.
    """
    ours = our_numbers(summary, positives, correlations, components)
    paper = paper_numbers()
    if not same_data:
        paper = paper[paper["dataset"].isin(list(names.datasets))]
        ours = ours[ours["dataset"].isin(paper["dataset"])]
    tidy = pd.DataFrame(_rows(paper, ours), columns=COLUMNS)
    caption = (
        f"Agreement with the paper ({CITATION}). Its public numbers beside those of this benchmark, with 95 % "
        "intervals over seeds; increases are percent over the baseline method. Unknown: not public. Deviation: here "
        "less paper. "
    )
    if not same_data:
        caption += "This benchmark is NOT on the paper's data: numbers side by side only share a name. "
    caption += unscored(failed_datasets(summary), names.datasets) + model_notes(names, ours["model"])
    folded = "" if same_data else "The paper's public numbers beside those found here, which are of other data"
    return Table(tidy, _display(tidy, names), caption.strip(), folded=folded)


def _rows(paper: pd.DataFrame, ours: pd.DataFrame) -> Iterator[dict[str, Any]]:
    matched = set()
    for public in records(paper):
        given = [column for column in KEY if public[column]]
        found = ours[(ours[given] == [public[column] for column in given]).all(axis=1)]
        matched |= set(found.index)
        for own in records(found) or [{**public, **dict.fromkeys(NUMBERS, math.nan)}]:
            yield _row(own, public["place"], public["value"], public["note"])
    for own in records(ours.drop(index=list(matched))):
        yield _row(own, "", "unknown", "")


def _row(own: Mapping[str, Any], place: str, paper: str, note: str) -> dict[str, Any]:
    value, low, high = own["value"], own["low"], own["high"]
    deviation = math.nan
    if math.isnan(value):
        agreement = "not run"
    elif paper == "unknown":
        agreement = ""
    elif paper in (">0", "<0"):
        agreement = _agreement_of_sign(low, high, wanted=1 if paper == ">0" else -1)
    else:
        deviation = value - float(paper)
        inside = low <= float(paper) <= high
        agreement = "" if math.isnan(low) else "inside our interval" if inside else "outside our interval"
    numbers = {"paper": paper, "value": value, "low": low, "high": high, "deviation": deviation}
    note = "; ".join(part for part in (own.get("remark"), note) if part)
    return {"place": place, **{column: own[column] for column in KEY}, **numbers, "agreement": agreement, "note": note}


def _agreement_of_sign(low: float, high: float, wanted: int) -> str:
    if math.isnan(low) or low <= 0 <= high:
        return "inconclusive"
    return "same sign" if (low > 0) == (wanted > 0) else "opposite sign"


def _display(tidy: pd.DataFrame, names: DisplayNames) -> pd.DataFrame:
    quantities = tidy["quantity"]
    ours = [
        value_with_interval(value, low, high, _spec(quantity))
        for value, low, high, quantity in zip(tidy["value"], tidy["low"], tidy["high"], quantities, strict=True)
    ]
    deviation = [number(value, _spec(quantity)) for value, quantity in zip(tidy["deviation"], quantities, strict=True)]
    return pd.DataFrame({
        "Dataset": [names.datasets.get(dataset, dataset.upper()) for dataset in tidy["dataset"]],
        "Quantity": [_quantity(row, names) for row in records(tidy)],
        "Model": [_model(row, names) for row in records(tidy)],
        "Place": tidy["place"].replace("", MISSING),
        "Paper": [_paper(row["paper"], row["quantity"]) for row in records(tidy)],
        "Here": ours,
        "Deviation": deviation,
        "Agreement": tidy["agreement"].replace("", MISSING),
        "Note": tidy["note"].replace("", MISSING),
    })  # fmt: skip


def _model(row: Mapping[str, Any], names: DisplayNames) -> str:
    if row["quantity"] in POSITIVES:
        return MISSING  # they are counted before any model
    return {**PAPER_MODELS, **names.models}.get(row["model"], row["model"]) or "not stated"


def _paper(value: str, quantity: str) -> str:
    return value if value in ("unknown", ">0", "<0") else number(float(value), _spec(quantity))


def _quantity(row: Mapping[str, Any], names: DisplayNames) -> str:
    """Such as `AUPR, SSL` or `AUPR increase, SSL over SL, %`."""
    words = row["quantity"].split()
    text = " ".join([METRICS.get(words[0], words[0].capitalize()), *words[1:]])
    if row["method"]:
        text += f", {names.methods.get(row['method'], row['method'])}"
    if row["baseline"]:
        text += f" over {names.methods.get(row['baseline'], row['baseline'])}"
    return text + (", %" if row["quantity"].endswith("increase") else "")


def _spec(quantity: str) -> str:
    """The format of a quantity."""
    if quantity.endswith("positives"):
        return ",.0f"
    return ".1f" if quantity.endswith("increase") or quantity == "fold" else ".3f"

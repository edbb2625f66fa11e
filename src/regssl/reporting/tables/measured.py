"""The tables on measured labels: are the copied labels true, and is the species itself predicted?"""

from __future__ import annotations

import math
from itertools import product

import pandas as pd

from regssl.evaluation.summary import DisplayNames
from regssl.measured.columns import ALL, OWN_WINDOWS, STRATA
from regssl.reporting.format import MISSING, number, value_with_interval
from regssl.reporting.measured_evidence import APART, HELD_OUT, MOTIF, MeasuredTables, Place, Row, where_name
from regssl.reporting.tables.base import grouped

Columns = list[tuple[tuple[str, str], list[str]]]
STRATUM_NAMES = {
    ALL: "Aligned fraction",
    "cell_lines": "Peak files with the peak",
    "divergence": "Substitutions per base",
    "motif": "Motif in the homolog, bits",
}
SCORE_NAMES = {
    "motif": "Motif in the homolog", "human_motif": "Motif in the human window",
    "site_motif": "Motif in the lifted site", "site_human_motif": "Motif in the human site",
}  # fmt: skip
WINDOWS_NAMES = {ALL: "all", APART: "apart from training", "homologs_of_training": "homologs of training windows"}


def share_text(row: Row, prefix: str = "", value: str = "share_bound") -> str:
    """Format a share in percent with its interval, such as `28 (20 to 38)`, or `2.1 (1.7 to 2.7)` near 0 and 100."""
    numbers = [float(row.get(name, math.nan)) for name in (value, f"{prefix}low", f"{prefix}high")]
    share, low, high = (0.0 if abs(one) < 0.0005 else 100 * one for one in numbers)  # no minus sign before 0
    return value_with_interval(share, low, high, ".0f" if 10 <= share <= 90 else ".1f")


def overview_table(tables: MeasuredTables, names: DisplayNames) -> pd.DataFrame:
    """Make a row per dataset, genome and model: copies, the shares that are bound, and what scores and models do."""
    places, own = tables.places(names), tables.own_windows()
    models = [model for model in names.models if model in set(own["model"])] or [""]
    rows = [(place, model) for place in places for model in models]
    columns = _place_columns([place for place, _ in rows], names)
    if len(models) > 1:
        columns.append((("", "Model"), [names.models[model] for _, model in rows]))
    for label, name in ((1, "Copied positives"), (0, "Copied negatives")):
        found = [tables.share(place, label) for place, _ in rows]
        columns += [
            ((name, "Number"), [_count(row) for row in found]),
            ((name, "Bound, %"), [share_text(row) for row in found]),
        ]
    sites = [tables.share(place, 1, "peaks") for place, _ in rows]
    if any(sites):
        columns += [(("Sites of peaks", "Number"), [_count(row) for row in sites]),
                    (("Sites of peaks", "Bound, %"), [share_text(row) for row in sites])]  # fmt: skip
    motif = [_truth_text(tables.truth_of(place, MOTIF)) for place, _ in rows]
    if set(motif) != {MISSING}:
        columns.append((("AUROC, bound above unbound", "Motif"), motif))
    if "sl" in names.methods:
        found = [tables.truth_of(place, ("probability", model, "sl"), HELD_OUT) for place, model in rows]
        columns.append((("AUROC, bound above unbound", names.methods["sl"]), [_truth_text(row) for row in found]))
    of_aupr = own[own["metric"] == "aupr"].set_index(["dataset", "genome", "model", "method"])
    cells = {key: dict(of_aupr.loc[key]) for key in of_aupr.index}
    sizes = own.drop_duplicates(["dataset", "genome"]).set_index(["dataset", "genome"])["prevalence"].to_dict()
    group = "AUPR on its own windows, apart from training"
    columns.append(((group, "Prevalence"), [number(float(sizes.get(place, math.nan)), ".2g") for place, _ in rows]))
    for method in [name for name in ("sl", "ssl") if name in names.methods]:
        found = [cells.get((*place, model, method), {}) for place, model in rows]
        columns.append(((group, names.methods[method]), [_score(row) for row in found]))
    if {"sl", "ssl"} <= set(names.methods):
        found = [cells.get((*place, model, "ssl"), {}) for place, model in rows]
        columns.append(
            ((group, f"{names.methods['ssl']} − {names.methods['sl']}"), [_difference(row) for row in found])
        )
    return grouped(columns)


def strata_table(tables: MeasuredTables, names: DisplayNames) -> pd.DataFrame:
    """Make a row per dataset, genome, stratum and level: how many copies there are, and the share that is bound."""
    kinds = [("windows", 1, "Copied positives"), ("windows", 0, "Copied negatives"), ("peaks", 1, "Sites of peaks")]
    keys, cells = [], {}
    for place, stratum in product(tables.places(names), STRATA):
        for unit, label, _ in kinds:
            for row in tables.shares(place, label, unit, stratum):
                level = f"at least {row['min_match']:g}" if stratum == ALL else row["level"]
                keys.append((place, stratum, level))
                cells[place, stratum, level, unit, label] = row
    keys = list(dict.fromkeys(keys))
    columns = _place_columns([place for place, _, _ in keys], names)
    columns += [
        (("", "By"), [STRATUM_NAMES[stratum] for _, stratum, _ in keys]),
        (("", "Level"), [key[2] for key in keys]),
    ]
    for unit, label, name in kinds:
        found = [cells.get((*key, unit, label), {}) for key in keys]
        if any(found):
            columns += [((name, "Number"), [_count(row) for row in found]),
                        ((name, "Bound, %"), [share_text(row) for row in found])]  # fmt: skip
    return grouped(columns)


def scores_table(tables: MeasuredTables, names: DisplayNames) -> pd.DataFrame:
    """Make a row per dataset, genome and score: AUROC of bound above unbound copies, by label, all and held out."""
    truth = tables.truth
    scores = [(score, "", "") for score in SCORE_NAMES]
    scores += [("probability", model, method) for model, method in product(names.models, names.methods)]
    found = set(zip(truth["dataset"], truth["genome"], truth["score"], truth["model"], truth["method"], strict=True))
    keys = [(place, *score) for place in tables.places(names) for score in scores if (*place, *score) in found]
    several = len({model for _, _, model, _ in keys if model}) > 1
    labels = [SCORE_NAMES.get(score) or names.methods[method] + (f", {names.models[model]}" if several else "")
              for _, score, model, method in keys]  # fmt: skip
    columns = [*_place_columns([key[0] for key in keys], names), (("", "Score"), labels)]
    for label, name in ((1, "Copied positives"), (0, "Copied negatives")):
        for split, words in ((ALL, "all"), (HELD_OUT, "held out")):
            cells = [
                tables.truth_of(place, (score, model, method), split, label) for place, score, model, method in keys
            ]
            numbers = [f"{row['bound']:,}, {row['unbound']:,}" if row else MISSING for row in cells]
            group = f"{name}, {words}"
            columns += [((group, "Bound, not"), numbers), ((group, "AUROC"), [_truth_text(row) for row in cells])]
    return grouped(columns)


def own_table(tables: MeasuredTables, names: DisplayNames) -> pd.DataFrame:
    """Make a row per dataset, genome, model and method: AUPR and AUROC on the species' own windows, of all kinds."""
    rows = {
        windows: {
            (row["dataset"], row["genome"], row["model"], row["method"], row["metric"]): row
            for row in tables.own_windows(windows).to_dict("records")
        }
        for windows in OWN_WINDOWS
    }
    every = product(tables.places(names), names.models, names.methods)
    keys = [key for key in every if any((*key[0], *key[1:], "aupr") in rows[windows] for windows in OWN_WINDOWS)]
    columns = _place_columns([place for place, _, _ in keys], names)
    if len({model for _, model, _ in keys}) > 1:
        columns.append((("", "Model"), [names.models[model] for _, model, _ in keys]))
    columns.append((("", "Method"), [names.methods[method] for *_, method in keys]))
    for windows in (APART, *(name for name in OWN_WINDOWS if name != APART)):
        aupr = [rows[windows].get((*place, model, method, "aupr"), {}) for place, model, method in keys]
        if not any(aupr):
            continue
        group = f"Own windows, {WINDOWS_NAMES[windows]}"
        columns += [((group, "Prevalence"), [number(float(row.get("prevalence", math.nan)), ".2g") for row in aupr]),
                    ((group, "AUPR"), [_score(row) for row in aupr])]  # fmt: skip
        if windows == APART:
            auroc = [rows[windows].get((*place, model, method, "auroc"), {}) for place, model, method in keys]
            less = f"AUPR less that of {names.methods.get('sl', 'SL')}"
            columns += [
                ((group, less), [_difference(row) for row in aupr]),
                ((group, "AUROC"), [_score(row) for row in auroc]),
            ]
    return grouped(columns)


def filter_table(tables: MeasuredTables, names: DisplayNames) -> pd.DataFrame:
    """Make a row per dataset, genome, model and label: copies the filter keeps, and the shares that are true."""
    means = tables.mean_filter()
    found = {(row["dataset"], row["genome"], row["model"], row["label"]): row for row in means.to_dict("records")}
    keys = [(place, model, label) for place in tables.places(names) for model in names.models for label in (1, 0)
            if (*place, model, label) in found]  # fmt: skip
    rows = [found[(*place, model, label)] for place, model, label in keys]
    columns = _place_columns([place for place, _, _ in keys], names)
    if len({model for _, model, _ in keys}) > 1:
        columns.append((("", "Model"), [names.models[model] for _, model, _ in keys]))
    columns += [
        (("", "Training copies"), ["of positives" if label else "of negatives" for *_, label in keys]),
        (("Number", "all"), [f"{row['copies']:,.0f}" for row in rows]),
        (("Number", "kept"), [f"{row['kept']:,.0f}" for row in rows]),
        (("True, %", "all"), [share_text(row, "share_true_", "share_true") for row in rows]),
        (("True, %", "kept"), [share_text(row, "share_true_kept_", "share_true_kept") for row in rows]),
        (("True, %", "given up"), [share_text(row, "share_true_given_up_", "share_true_given_up") for row in rows]),
        (("True, %", "kept less given up"), [_points(row) for row in rows]),
    ]
    return grouped(columns)


def _place_columns(places: list[Place], names: DisplayNames) -> Columns:
    return [
        (("", "Dataset"), [names.datasets[dataset] for dataset, _ in places]),
        (("", "In"), [where_name(names, place) for place in places]),
    ]


def _count(row: Row) -> str:
    return f"{row['copies']:,}" if row else MISSING


def _score(row: Row) -> str:
    return _bounded(row, "value", "", ".3f")


def _difference(row: Row) -> str:
    return _bounded(row, "difference", "difference_", "+.3f", ".3f")


def _points(row: Row) -> str:
    value, low, high = (100 * float(row[f"kept_less_given_up{end}"]) for end in ("", "_low", "_high"))
    return value_with_interval(value, low, high, "+.0f", ".0f")


def _truth_text(row: Row) -> str:
    return _bounded(row, "auroc", "", ".2f")


def _bounded(row: Row, value: str, prefix: str, spec: str, bounds_spec: str = "") -> str:
    middle, low, high = (float(row.get(name, math.nan)) for name in (value, f"{prefix}low", f"{prefix}high"))
    return value_with_interval(middle, low, high, spec, bounds_spec)

"""What the numbers on measured labels allow to be said, in plain words: no verdict that an interval does not give."""

from __future__ import annotations

import math
from collections.abc import Sequence

from regssl.evaluation.significance import rank_correlation
from regssl.evaluation.summary import DisplayNames
from regssl.measured.columns import ALL
from regssl.reporting.format import interval, number, value_with_interval
from regssl.reporting.measured_evidence import (
    HELD_OUT,
    MOTIF,
    MeasuredTables,
    Place,
    Row,
    Score,
    asking_methods,
    where_name,
)
from regssl.reporting.tables.measured import share_text

FEW, SMALL = 10, 100
"""Fewer copies than FEW say nothing; below SMALL the counts are called small."""
FEW_OF_A_KIND = 5
"""Fewer bound, or fewer other, copies say nothing about a score."""
FEW_POINTS = 5
"""Fewer datasets and genomes say nothing about what SSL's gain depends on."""
TRENDS = {
    "cell_lines": "the number of peak files that have the peak",
    "divergence": "the divergence of the homolog",
    "motif": "the motif in the homolog",
}


def describe_place(tables: MeasuredTables, names: DisplayNames, place: Place) -> list[tuple[str, str]]:
    """Write what is known of one dataset in one genome: the subjects that something is known of, and the sentences."""
    found = {
        "The copies.": _truth(tables, place),
        "What it depends on.": _trends(tables, place),
        "What tells them apart.": _scores(tables, names, place),
        "The species itself.": _own_windows(tables, names, place),
        "Filtering.": _filter(tables, names, place),
    }
    return [(subject, " ".join(sentences)) for subject, sentences in found.items() if sentences]


def place_title(names: DisplayNames, place: Place) -> str:
    """Name a dataset and the genome in which it was measured."""
    return f"{names.datasets[place[0]]} in {where_name(names, place)}"


def describe_gains(tables: MeasuredTables, names: DisplayNames) -> str:
    """Write the sentence on SSL's gain as a function of the share of true copies; empty where nothing was trained."""
    gains = tables.gains()
    known = gains[gains[["share", "difference"]].notna().all(axis=1)]
    if known.empty:
        return ""
    points = known[["dataset", "genome"]].drop_duplicates()
    if len(points) < FEW_POINTS:
        return (
            f"Whether SSL gains more where more copies are true cannot be said of {len(points)} "
            f"{'dataset and genome' if len(points) == 1 else 'datasets and genomes'}."
        )
    said = []
    for (model, where), rows in known.groupby(["model", "where"], sort=False):
        if len(rows) < FEW_POINTS or rows["share"].nunique() < 2 or rows["difference"].nunique() < 2:
            continue
        rho, p = rank_correlation(rows["share"], rows["difference"])
        on = "human test windows" if where == "human" else "own windows"
        named = f"{names.models[str(model)]}, {on}" if known["model"].nunique() > 1 else on
        said.append(
            f"{named}: ρ = {number(rho, '.2f')} (n = {len(rows)}, p {'≤' if p.is_bound else '='} {p.value:.2g})"
        )
    return (
        "Does SSL gain more where more copies are true? Spearman's rank correlation of its gain in AUPR with the share "
        f"of copied positives that are bound: {'; '.join(said) or 'none can be computed'}. Datasets of one genome "
        "share its homologs, and genomes of one dataset its human gain, so p is too small."
    )


def _truth(tables: MeasuredTables, place: Place) -> list[str]:
    positives, negatives = tables.share(place, 1), tables.share(place, 0)
    if not positives or positives["copies"] < FEW:
        return [f"Only {_count(positives.get('copies', 0), 'copied positive')} can be judged: too few to say anything."]
    verdict = "Whether most copied positives are bound there cannot be said"
    if positives["low"] > 0.5:
        verdict = "Most copied positives are bound there"
    elif positives["high"] < 0.5:
        verdict = "Most copied positives are not bound there"
    said = f"{verdict}: {positives['bound']:,} of {positives['copies']:,} are, {_percent(positives)}"
    if negatives and negatives["copies"]:
        said += f"; of {negatives['copies']:,} copied negatives, {_percent(negatives)}"
        if negatives["bound"]:
            ratio = positives["share_bound"] / negatives["share_bound"]
            said += f", so that positives are bound {number(ratio, '.2g' if ratio < 99 else ',.0f')} times as often"
    sites = tables.share(place, 1, "peaks")
    about = [f"Of {sites['copies']:,} sites of peaks, {_percent(sites)} are bound."] if sites.get("copies") else []
    small = ["The counts are small."] if positives["copies"] < SMALL else []
    return [f"{said}.", *about, *small]


def _trends(tables: MeasuredTables, place: Place) -> list[str]:
    """How the share depends on what: where intervals of the first and the last level of FEW or more are apart."""
    clear, unclear = [], []
    for stratum, what in TRENDS.items():
        levels = [row for row in tables.shares(place, 1, stratum=stratum) if row["copies"] >= FEW]
        if len(levels) < 2:
            continue
        first, last = levels[0], levels[-1]
        if first["high"] < last["low"] or last["high"] < first["low"]:
            way = "rises" if first["share_bound"] < last["share_bound"] else "falls"
            clear.append(
                f"it {way} with {what}, from {_share(first)} % ({first['level']}) to {_share(last)} % ({last['level']})"
            )
        else:
            unclear.append(what)
    aligned = [f"{_share(row)} % at {row['min_match']:g}" for row in tables.shares(place, 1) if row["copies"]]
    said = (
        [f"Of copied positives with at least so much of the window aligned: {', '.join(aligned)}."]
        if aligned[1:]
        else []
    )
    if clear:
        said.append(f"The share is not the same for all: {'; '.join(clear)}.")
    if unclear:
        said.append(f"No clear change with {_listed(unclear)}.")
    return said


def _scores(tables: MeasuredTables, names: DisplayNames, place: Place) -> list[str]:
    """Which scores tell bound copied positives from others.

    Models are judged by held-out copies: SSL was trained on others with the copied label, SL on their human windows.
    """
    shown: list[tuple[str, Score]] = [("the motif in the homolog", MOTIF)]
    shown.append(("the motif in the lifted site (sites of peaks)", ("site_motif", "", "")))
    several = len(names.models) > 1
    for model, model_name in names.models.items():
        for method in asking_methods(names):
            name = names.methods[method] + (f", {model_name}" if several else "")
            shown.append((f"{name} (held-out copies)", ("probability", model, method)))
    tell: list[str] = []
    unclear: list[str] = []
    too_few: list[str] = []
    for name, score in shown:
        row = tables.truth_of(place, score, HELD_OUT if score[0] == "probability" else ALL)
        if not row:
            continue
        if min(row["bound"], row["unbound"]) < FEW_OF_A_KIND:
            too_few.append(f"{name} ({row['bound']:,} bound, {row['unbound']:,} not)")
        elif not math.isnan(row["auroc"]):  # no motif of the factor is known, or no run has a score
            said = f"{name}, {value_with_interval(row['auroc'], row['low'], row['high'], '.2f')}"
            (tell if row["low"] > 0.5 else unclear).append(said)
    sentences = []
    if tell:
        sentences.append(f"Bound copied positives are told from others (AUROC) by {_listed(tell)}.")
    if unclear:
        lead = "Not clearly" if tell else "Bound copied positives are not clearly told from others (AUROC)"
        sentences.append(f"{lead} by {_listed(unclear)}.")
    if too_few:
        sentences.append(f"Too few copies to say it of {_listed(too_few)}.")
    return sentences


def _own_windows(tables: MeasuredTables, names: DisplayNames, place: Place) -> list[str]:
    """Whether SSL predicts the species itself better than SL."""
    own = tables.own_windows()
    own = own[(own["dataset"] == place[0]) & (own["genome"] == place[1]) & (own["metric"] == "aupr")]
    rows = {(row["model"], row["method"]): row for row in own.to_dict("records")}
    said = []
    for model, model_name in names.models.items():
        sl, ssl = rows.get((model, "sl")), rows.get((model, "ssl"))
        if sl is None or ssl is None:
            continue
        low, high, less = ssl["difference_low"], ssl["difference_high"], number(ssl["difference"], "+.3f")
        verdict = "training on homologs helps in the species itself"
        if math.isnan(low):
            verdict = "without an interval, so nothing can be concluded"
        elif high < 0:
            verdict = "training on homologs hurts in the species itself"
        elif low <= 0:
            verdict = "whether training on homologs helps in the species itself cannot be said"
        who = f" ({model_name})" if len(names.models) > 1 else ""
        said.append(
            f"On the species' own windows{who}, {ssl['positives']:,} bound of {ssl['n']:,}, the AUPR of "
            f"{names.methods['ssl']} is {number(ssl['value'])}, of {names.methods['sl']} {number(sl['value'])}: "
            f"{f'{less} {interval(low, high)}'.rstrip()}, {verdict}."
        )
    return said


def _filter(tables: MeasuredTables, names: DisplayNames, place: Place) -> list[str]:
    """Whether the filter raises the share of true copied positives, and whether AUPR follows."""
    name, said = names.methods.get("ssl_filtered", "the filter"), []
    for row in tables.mean_filter().to_dict("records"):
        if (row["dataset"], row["genome"]) != place or row["label"] != 1 or row["model"] not in names.models:
            continue
        who = f" ({names.models[row['model']]})" if len(names.models) > 1 else ""
        kept = f"Of {row['copies']:,.0f} copied positives in training, {name}{who} keeps {row['kept']:,.0f}"
        if row["kept"] < FEW:
            said.append(f"{kept}: too few to say whether more of them are true.")
            continue
        if row["given_up"] < FEW:
            said.append(f"{kept}: too few are given up to say whether more of the kept are true.")
            continue
        kinds = ("share_true", "share_true_kept", "share_true_given_up")
        before, after, gone = (share_text(row, f"{one}_", one) for one in kinds)
        low, high = row["kept_less_given_up_low"], row["kept_less_given_up_high"]
        change = "whether filtering raises the share of true ones cannot be said"
        if low > 0:
            change = "filtering raises the share of true ones"
        elif high < 0:
            change = "filtering lowers the share of true ones"
        said.append(f"{kept}: {after} % of these are true, of those given up {gone} %, of all {before} %; {change}.")
    less = tables.differences
    less = less[(less["dataset"] == place[0]) & (less["method"] == "ssl") & (less["baseline"] == "ssl_filtered")]
    for row in less[less["metric"] == "aupr"].to_dict("records"):
        who = f" ({names.models[row['model']]})" if len(names.models) > 1 else ""
        gain = value_with_interval(-row["difference"], -row["ci_high"], -row["ci_low"], "+.3f", ".3f")
        label = f"the AUPR of {name} less that of {names.methods.get('ssl', 'SSL')}"
        said.append(f"On human test windows{who}, {label} is {gain}.")
    return said


def _share(row: Row) -> str:
    return share_text({"share_bound": row["share_bound"]})


def _percent(row: Row) -> str:
    share, _, bounds = share_text(row).partition(" ")
    return f"{share} % {bounds}".rstrip()


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _listed(words: Sequence[str]) -> str:
    """Join words, those with commas by semicolons."""
    comma = ";" if any("," in word for word in words) else ","
    before = f"{comma} ".join(words[:-1])
    return f"{before}{comma if comma == ';' else ''} and {words[-1]}" if before else words[-1]

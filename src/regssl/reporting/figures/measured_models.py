"""Parts of the figure on measured labels: which scores tell bound copies, own windows, and what SSL gains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle, product
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from regssl.evaluation.summary import DisplayNames
from regssl.measured.columns import ALL
from regssl.reporting.figures.style import COLOURS, DASHES, FAINT, RULE, SeriesStyle, wrap
from regssl.reporting.format import number
from regssl.reporting.measured_evidence import HELD_OUT, MOTIF, MeasuredTables, Place, Score, asking_methods

LEAST = 34.0
"""Least height of the panels, in mm."""
MODEL_MARKERS = ("o", "s", "D", "^", "v", "P", "X")
WHERE = {"human": ("black", "d: human test windows"), "own": ("white", "d: own windows")}
"""Filling of the marker, and name, of the windows on which SSL gains."""
Styles = dict[Score, SeriesStyle]


def shown_scores(tables: MeasuredTables, names: DisplayNames) -> Styles:
    """Choose the scores that b and c show, with a colour per method and a marker per model."""
    colours = dict(zip(asking_methods(names), cycle(COLOURS[:-1]), strict=False))
    markers = dict(zip(names.models, cycle(MODEL_MARKERS), strict=False))
    own = tables.own_windows()
    truth = tables.truth[tables.truth["auroc"].notna()]
    found = set(zip(truth["score"], truth["model"], truth["method"], strict=True))
    found |= {("probability", *pair) for pair in zip(own["model"], own["method"], strict=True)}
    styles = {MOTIF: SeriesStyle("black", "d", "motif in the homolog")} if MOTIF in found else {}
    for model, method in product(names.models, colours):
        if ("probability", model, method) in found:
            styles["probability", model, method] = SeriesStyle(colours[method], markers[model], names.methods[method])
    return styles


def legend_of_models(tables: MeasuredTables, names: DisplayNames) -> list[Line2D]:
    """Make the entries of the legend of b to d; empty where there is nothing to show there."""
    styles = shown_scores(tables, names)
    if not styles:
        return []
    shown = {style.name: (score, style) for score, style in styles.items()}
    markers = dict(zip(names.models, cycle(MODEL_MARKERS), strict=False))
    models = [model for model in names.models if any(model == own for _, own, _ in styles)]
    handles = []
    for name, (score, (colour, marker, _)) in shown.items():
        plain = score == MOTIF or len(models) < 2
        look: dict[str, Any] = {"marker": marker, "linewidth": 0} if plain else {"linewidth": 2.5}
        handles.append(Line2D([], [], color=colour, markersize=4, markeredgewidth=0, label=name, **look))
    if len(models) > 1:
        handles += [_grey(marker=markers[model], label=names.models[model]) for model in models]
    handles.append(_grey(linewidth=1.0, label="95 % interval"))
    handles.append(_grey(marker="o", markersize=3.0, markerfacecolor="white", label="b: held-out copies only"))
    gains = set(tables.gains()["where"])
    handles += [
        _grey(marker="o", color="black", markerfacecolor=face, label=name)
        for where, (face, name) in WHERE.items()
        if where in gains
    ]
    return [*handles, Line2D([], [], color="black", linewidth=0.8, linestyle=DASHES, label="chance")]


def _grey(**look: Any) -> Line2D:
    """An entry of the legend that is not of one method: only a marker, unless its line has a width."""
    return Line2D([], [], **{"color": FAINT, "linewidth": 0.0, "markersize": 4.0, **look})


def draw_discrimination(
    axis: Axes, tables: MeasuredTables, places: Sequence[Place], styles: Styles, line: float
) -> None:
    """Draw b: AUROC of bound above other copied positives, all filled and those of held-out windows hollow.

    `line` is the height of a row in mm; where scores are close, markers are smaller.
    """
    values, size = [0.5], min(3.4, 2.2 * line * _step(styles))
    for row, place in enumerate(places):
        for y, (score, style) in _lines(row, styles):
            for split, shift, face in ((ALL, -0.14, style.colour), (HELD_OUT, 0.22, "white")):
                found = tables.truth_of(place, score, split)
                if not found or math.isnan(found["auroc"]):
                    continue
                at = y + shift * _step(styles)
                width, own = (1.0, size) if split == ALL else (0.5, 0.75 * size)
                axis.hlines(at, found["low"], found["high"], color=style.colour, linewidth=width)
                axis.plot(found["auroc"], at, style.marker, color=style.colour, markerfacecolor=face, clip_on=False,
                          markersize=own, markeredgewidth=0.2 * size, zorder=4)  # fmt: skip
                values.append(found["low"])
    axis.axvline(0.5, color="black", linewidth=0.8, linestyle=DASHES, zorder=1)
    axis.set_xlim(max(0.0, min(0.35, min(values)) - 0.02), 1.0)
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.set_xlabel("AUROC, bound above not bound")


def draw_own_windows(axis: Axes, tables: MeasuredTables, places: Sequence[Place], names: DisplayNames) -> None:
    """Draw c: AUPR on the species' own windows, apart from training, with the prevalence."""
    styles, own, bounds = shown_scores(tables, names), tables.own_windows(), [0.01]
    rows = {
        (row["dataset"], row["genome"], row["model"], row["method"]): row
        for row in own[own["metric"] == "aupr"].to_dict("records")
    }
    for row, place in enumerate(places):
        for y, ((_, model, method), style) in _lines(row, styles):
            found = rows.get((*place, model, method))
            if found is None or math.isnan(found["value"]):
                continue
            axis.hlines(y, found["low"], found["high"], color=style.colour, linewidth=1.0)
            axis.plot(found["value"], y, style.marker, color=style.colour, markersize=3.4, markeredgewidth=0, zorder=4,
                      clip_on=False)  # fmt: skip
            bounds += [bound for bound in (found["value"], found["high"]) if math.isfinite(bound)]
        prevalence = [found["prevalence"] for key, found in rows.items() if key[:2] == place]
        if prevalence:
            axis.vlines(prevalence[0], row - 0.42, row + 0.42, color="black", linewidth=0.8, linestyle=DASHES)
    axis.set_xlim(0, min(1.06 * max(bounds), 1.0))
    axis.axvline(0, color=RULE, linewidth=0.8, zorder=1)
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.set_xlabel("AUPR, apart from training")


def draw_gains(axis: Axes, tables: MeasuredTables, places: Sequence[Place], names: DisplayNames) -> None:
    """Draw d: AUPR of SSL less that of SL against the share of bound copied positives; numbers are those of rows.

    Nothing, not even axes, where no gain is known.
    """
    gains = tables.gains()
    markers = dict(zip(names.models, cycle(MODEL_MARKERS), strict=False))
    for row in gains.to_dict("records"):
        place = (row["dataset"], row["genome"])
        if place not in places or row["model"] not in markers or math.isnan(row["difference"] + row["share"]):
            continue
        face, x, y = WHERE[row["where"]][0], 100 * row["share"], row["difference"]
        axis.hlines(y, 100 * row["share_low"], 100 * row["share_high"], color=FAINT, linewidth=0.4, zorder=2)
        if math.isfinite(row["low"]):
            axis.vlines(x, row["low"], row["high"], color=FAINT, linewidth=0.8, zorder=2)
        axis.plot(x, y, markers[row["model"]], color="black", markerfacecolor=face, markersize=6.5, markeredgewidth=0.8,
                  zorder=4)  # fmt: skip
        axis.text(x, y, str(places.index(place) + 1), color="white" if face == "black" else "black", fontsize=5,
                  ha="center", va="center_baseline", zorder=5)  # fmt: skip
    if not axis.lines:
        axis.set_axis_off()
        return
    axis.axhline(0, color=RULE, linewidth=0.8, zorder=1)
    axis.margins(0.12)
    axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axis.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y, "+g") if y else "0"))
    axis.tick_params(axis="both", labelsize=6.5, length=2, pad=1.5)
    axis.set_xlabel("Copied positives bound (%)")
    pair = [names.methods.get(method, method) for method in ("ssl", "sl")]
    axis.set_ylabel(wrap(f"AUPR of {pair[0]} less {pair[1]}", LEAST, 7), fontsize=7, labelpad=2)


def _step(styles: Styles) -> float:
    """The distance of two scores in a row of height 1."""
    return 0.86 / max(len(styles), 1)


def _lines(row: int, styles: Styles) -> list[tuple[float, tuple[Score, SeriesStyle]]]:
    """Where in a row each score is."""
    step = _step(styles)
    return [(row + (at - (len(styles) - 1) / 2) * step, item) for at, item in enumerate(styles.items())]

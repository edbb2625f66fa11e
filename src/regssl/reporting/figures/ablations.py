"""Figures of ablations: AUPR against the number of genomes, their divergence, training size and permuted labels.

Each function draws a table of the function of the same name in `evaluation.ablations`, without `plot_`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from regssl.evaluation.summary import DisplayNames
from regssl.methods import METHODS
from regssl.methods.subsets import GROUPS
from regssl.reporting.figures.style import (
    COLOURS,
    DASHES,
    FAINT,
    HEIGHT_MM,
    MARKERS,
    MM,
    WIDTH_MM,
    SeriesStyle,
    draw_legend,
    free_panels,
    legend_rows,
    paper_style,
    save_figure,
    wrap,
    wrap_titles,
)

N_COLUMNS = 4
"""Panels side by side."""
STYLES = {
    "sl": SeriesStyle(COLOURS[0], "o", "SL"),
    "ssl": SeriesStyle(COLOURS[1], "D", "SSL"),
    "nearest": SeriesStyle(COLOURS[1], "D", "nearest genomes"),
    "farthest": SeriesStyle(COLOURS[2], "s", "farthest genomes"),
    "primates": SeriesStyle(COLOURS[3], "^", "primates"),
    "placentals": SeriesStyle(COLOURS[3], "v", "other placentals"),
    "marsupials": SeriesStyle(COLOURS[3], "P", "marsupials"),
    "all": SeriesStyle(COLOURS[7], "*", "all genomes"),
}
SIDES = {"nearest": ("aupr_high", 2.5, "bottom"), "farthest": ("aupr_low", -2.5, "top")}
"""Series whose points have numbers, and on which side of them."""
SHIFT = 0.9
"""Points by which series at the same place are moved apart, so that their intervals can be distinguished."""
REFERENCE = STYLES["sl"].colour


@dataclass(frozen=True)
class _Plot:
    """What the panels of a figure have in common.

    Attributes:
        draw: fills a panel with the points of its dataset and model.
        label: of the axis across.
        legend: names of series.
        reference: the series that is a line with a band.
        extra: further entries of the legend.
        styles: of the series.
    """

    draw: Callable[[Axes, pd.DataFrame], None]
    label: str
    legend: Mapping[str, str]
    reference: str = ""
    extra: Sequence[Line2D] = ()
    styles: Mapping[str, SeriesStyle] = field(default_factory=lambda: STYLES)


def plot_genome_curve(curve: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """Draw AUPR against the number of genomes whose homologs are trained on."""

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        """Fill the panel of one dataset and model."""
        axis.set_xscale("function", functions=(lambda x: np.log2(x + 1), lambda y: 2**y - 1))
        ends = {0: "sl", here["x"].max(): "all"}
        for series, shift in (("farthest", SHIFT), ("nearest", -SHIFT)):
            of_series = here[here["series"] == series]
            axis.plot(of_series["x"], of_series["aupr"], color=STYLES[series].colour, linewidth=0.9, zorder=3)
            _draw_series(axis, of_series[~of_series["x"].isin(list(ends))], STYLES[series], line=False, shift=shift)
        for x, series in ends.items():
            _draw_series(axis, here[here["x"] == x].head(1), STYLES[series], line=False)
        ticks = sorted(here["x"].unique())
        axis.xaxis.set_major_locator(FixedLocator(ticks))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])

    legend = {
        **{series: STYLES[series].name for series in ("nearest", "farthest")},
        "all": "all: SSL",
        "sl": "none: SL",
    }
    _draw_panels(_Plot(draw, "Genomes whose homologs are trained on", legend), curve, names, svg_path, png_path)


def plot_divergence_curve(curve: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """Draw AUPR against the mean divergence of the genomes.

    Numbers at points are numbers of genomes. The line across is SL, with its interval.
    """

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        """Fill the panel of one dataset and model."""
        _draw_reference(axis, here[here["series"] == "sl"])
        known = here[here["x"].notna()]
        for series in ("farthest", "nearest", *GROUPS, "all"):
            of_series = known[known["series"] == series]
            _draw_series(axis, of_series, STYLES[series], line=series in SIDES)
            if series in SIDES:
                _draw_numbers(axis, of_series, series)
        axis.set_xlim(0, 1.15 * known["x"].max())
        axis.xaxis.set_major_locator(MaxNLocator(4))

    legend = {series: STYLES[series].name for series in ("nearest", "farthest", *GROUPS, "all")}
    legend = {series: text for series, text in legend.items() if series in set(curve["series"])}
    legend |= {"sl": "SL, no genomes"} if "sl" in set(curve["series"]) else {}
    label = "Substitutions per site from human, mean of the genomes whose homologs are trained on"
    _draw_panels(_Plot(draw, label, legend, reference="sl"), curve, names, svg_path, png_path)


def plot_train_size_curve(curve: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """Draw the learning curve of each method."""
    present = {method: METHODS[method].name for method in METHODS if method in {"sl", "ssl", *curve["series"]}}
    styles = {
        method: SeriesStyle(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)], name)
        for place, (method, name) in enumerate(present.items())
    }
    legend = {method: name for method, name in present.items() if method in set(curve["series"])}

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        """Fill the panel of one dataset and model."""
        axis.set_xscale("log")
        for place, series in enumerate(legend):
            shift = SHIFT * (2 * place - len(legend) + 1)
            _draw_series(axis, here[here["series"] == series], styles[series], shift=shift)
        ticks = sorted(here["x"].unique())
        axis.set_xlim(ticks[0] / 1.2, ticks[-1] * 1.2)
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])

    _draw_panels(_Plot(draw, "Human training positives", legend, styles=styles), curve, names, svg_path, png_path)


def plot_permuted_labels_curve(
    curve: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path
) -> None:
    """Draw AUPR against the percent of pseudo-labels permuted.

    The line across is SL, with its interval. The line down, for simulated data, marks the fraction of homologs that
    lost the site which their human window has.
    """

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        """Fill the panel of one dataset and model."""
        _draw_reference(axis, here[here["series"] == "sl"])
        _draw_series(axis, here[here["series"] == "ssl"], STYLES["ssl"])
        lost = here["lost_percent"].iloc[0]
        if np.isfinite(lost):
            axis.axvline(lost, color=COLOURS[4], linewidth=0.9, zorder=2)
            place = (lost, 0.98), (3, 0)
            axis.annotate(f"{lost:.0f} %", *place, axis.get_xaxis_transform(), "offset points", fontsize=6, va="top",
                          color=COLOURS[4])  # fmt: skip
        axis.set_xlim(-4, 104)
        axis.set_xticks([0, 25, 50, 75, 100])

    legend = {"ssl": "SSL, labels permuted", "sl": "SL, no homologs"}
    extra = [Line2D([], [], color=COLOURS[4], linewidth=0.9, label="sites lost in evolution, as simulated")]
    extra = extra if curve["lost_percent"].notna().any() else []
    label = "Pseudo-labels permuted within their genome (%)"
    _draw_panels(_Plot(draw, label, legend, reference="sl", extra=extra), curve, names, svg_path, png_path)


def _draw_series(axis: Axes, here: pd.DataFrame, style: SeriesStyle, line: bool = True, shift: float = 0.0) -> None:
    """Means with their intervals, and a line through them; shifted to the right by so many points."""
    colour, marker, _ = style
    here = here.sort_values("x")
    size = 6 if marker == "*" else 3.8
    scale = axis.figure.dpi_scale_trans
    place = axis.transData + ScaledTranslation(shift / 72, 0, scale)
    look: dict[str, Any] = {"color": colour, "transform": place}
    axis.plot(here["x"], here["aupr"], marker, markersize=size, markeredgewidth=0, zorder=5, clip_on=False, **look)
    if line:
        axis.plot(here["x"], here["aupr"], linewidth=0.9, zorder=3, **look)
    axis.vlines(here["x"], here["aupr_low"], here["aupr_high"], linewidth=0.9, zorder=4, **look)


def _draw_numbers(axis: Axes, here: pd.DataFrame, series: str) -> None:
    """The label of each point beyond one end of its interval."""
    end, offset, va = SIDES[series]
    style: dict[str, Any] = {"fontsize": 5.5, "color": STYLES[series].colour, "ha": "center", "va": va}
    for x, mean, bound, label in here[["x", "aupr", end, "label"]].itertuples(index=False):
        place = (x, bound if np.isfinite(bound) else mean)
        axis.annotate(label, place, (0, offset), textcoords="offset points", **style)


def _draw_reference(axis: Axes, here: pd.DataFrame) -> None:
    """A method without an x: its mean as a line across, its interval as a band."""
    for mean, low, high in here[["aupr", "aupr_low", "aupr_high"]].itertuples(index=False):
        axis.axhline(mean, color=REFERENCE, linewidth=0.9, zorder=2)
        if np.isfinite(low):
            axis.axhspan(low, high, color=REFERENCE, alpha=0.18, linewidth=0, zorder=1)


def plot_ablation(
    kind: str, curve: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path
) -> None:
    """Draw the curve of one kind of ablation, one of `methods.subsets.KINDS`."""
    plots = {
        "genomes": plot_genome_curve,
        "divergence": plot_divergence_curve,
        "train_size": plot_train_size_curve,
        "permuted_labels": plot_permuted_labels_curve,
    }
    plots[kind](curve, names, svg_path, png_path)


def _draw_panels(
    plot: _Plot, curve: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path
) -> None:
    """One panel for each dataset and model with points, each with its own scale of AUPR from 0; a note if none has."""
    found = set(zip(curve["dataset"], curve["model"], strict=True))
    pairs = [(dataset, model) for model in names.models for dataset in names.datasets if (dataset, model) in found]
    if not pairs:
        with paper_style():
            figure = Figure(figsize=(WIDTH_MM * MM / 2, 15 * MM))
            figure.text(0.02, 0.5, "No dataset with an ablation has a score.", va="center")
            save_figure(figure, svg_path, png_path)
        return
    handles = [
        _handle(series, plot.styles[series], text, series == plot.reference) for series, text in plot.legend.items()
    ]
    if curve["aupr_low"].notna().any():
        handles.append(Line2D([], [], color=FAINT, linewidth=0.9, label="95 % interval over seeds"))
    handles += [*plot.extra, Line2D([], [], color="black", linewidth=0.8, linestyle=DASHES, label="prevalence")]
    several = len({model for _, model in pairs}) > 1
    with paper_style():
        titles = [f"{names.datasets[dataset]}, {names.models[model]}" if several else names.datasets[dataset]
                  for dataset, model in pairs]  # fmt: skip
        figure, axes, titles = _panels(titles, plot.label, handles)
        for axis, (dataset, model), title in zip(axes, pairs, titles, strict=True):
            here = curve[(curve["dataset"] == dataset) & (curve["model"] == model)]
            plot.draw(axis, here)
            axis.axhline(here["prevalence"].iloc[0], color="black", linewidth=0.8, linestyle=DASHES, zorder=2)
            top = float(np.nanmax(here[["aupr", "aupr_high"]].to_numpy()))
            axis.set_ylim(0, min(1.0, 1.12 * top) if top > 0 else 1.0)
            axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            axis.set_title(title, loc="left", fontweight="bold", pad=4)
        draw_legend(figure, handles)
        save_figure(figure, svg_path, png_path)


def _handle(series: str, style: SeriesStyle, text: str, band: bool) -> Line2D | Patch:
    colour, marker, _ = style
    if band:
        return Line2D([], [], color=colour, linewidth=0.9, label=text)
    line = 0 if series in (*GROUPS, "all") else 0.9
    return Line2D([], [], color=colour, marker=marker, markersize=4.5, markeredgewidth=0, linewidth=line, label=text)


def _panels(titles: Sequence[str], label: str, handles: list[Line2D | Patch]) -> tuple[Figure, list[Axes], list[str]]:
    """At most N_COLUMNS panels side by side, the axis of AUPR named at each row's first; and the titles, wrapped."""
    panels = len(titles)
    columns, rows = min(N_COLUMNS, panels), math.ceil(panels / N_COLUMNS)
    left, right, bottom, gap = 13.0, 4.0, 13.5, 11.5
    wide = min(80.0, (WIDTH_MM - left - right - gap * (columns - 1)) / columns)
    width = left + right + wide * columns + gap * (columns - 1)
    wrapped, extra = wrap_titles(titles, wide + right, 8, "bold")
    top, between = 8.0 + 4.2 * legend_rows(handles, width) + extra, 13.0 + extra
    tall = min(36.0, (HEIGHT_MM - top - bottom - between * (rows - 1)) / rows)
    height = top + bottom + rows * tall + between * (rows - 1)
    places = [divmod(panel, columns) for panel in range(panels)]
    boxes = [
        (left + column * (wide + gap), height - top - tall - row * (tall + between), wide, tall)
        for row, column in places
    ]
    figure, axes = free_panels((width, height), boxes)
    for axis, (_, column) in zip(axes, places, strict=True):
        axis.tick_params(axis="y", labelsize=7, width=0.6, length=2.5)
        if not column:
            axis.set_ylabel("AUPR, test windows")
    figure.supxlabel(wrap(label, width - 4, 7.5), fontsize=7.5, y=1.5 / height)
    return figure, axes, wrapped

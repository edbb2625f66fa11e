"""Figures of doses: AUPR against the number of genomes, their divergence, human positives, and wrong labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
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
from regssl.methods.subsets import GROUPS
from regssl.reporting.figures.style import (
    COLOURS,
    DASHES,
    FAINT,
    HEIGHT_MM,
    MM,
    WIDTH_MM,
    draw_legend,
    legend_rows,
    paper_style,
    save_figure,
)

ACROSS = 4
"""Panels side by side."""

LOOKS = {
    "sl": (COLOURS[0], "o", "SL"),
    "ssl": (COLOURS[1], "D", "SSL"),
    "nearest": (COLOURS[1], "D", "nearest genomes"),
    "farthest": (COLOURS[2], "s", "farthest genomes"),
    "primates": (COLOURS[3], "^", "primates"),
    "placentals": (COLOURS[3], "v", "other placentals"),
    "marsupials": (COLOURS[3], "P", "marsupials"),
    "all": (COLOURS[7], "*", "all genomes"),
}
"""Colour, marker and name of each series."""
SIDES = {"nearest": ("aupr_high", 2.5, "bottom"), "farthest": ("aupr_low", -2.5, "top")}
"""Series whose points have numbers, and on which side of them."""
SHIFT = 0.9
"""Points by which series at the same place are moved apart, so that their intervals can be told from one another."""
REFERENCE = LOOKS["sl"][0]

Draw = Callable[[Axes, pd.DataFrame], None]


def genome_figure(points: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """AUPR against the number of genomes whose homologs are trained on; `points` from `dose_tables.genome_points`."""

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        axis.set_xscale("function", functions=(lambda x: np.log2(x + 1), lambda y: 2**y - 1))
        ends = {0: "sl", here["x"].max(): "all"}
        for series, shift in (("farthest", SHIFT), ("nearest", -SHIFT)):
            of_series, (colour, marker, _) = here[here["series"] == series], LOOKS[series]
            axis.plot(of_series["x"], of_series["aupr"], color=colour, linewidth=0.9, zorder=3)
            _draw_series(axis, of_series[~of_series["x"].isin(list(ends))], colour, marker, line=False, shift=shift)
        for x, series in ends.items():
            _draw_series(axis, here[here["x"] == x].head(1), *LOOKS[series][:2], line=False)
        ticks = sorted(here["x"].unique())
        axis.xaxis.set_major_locator(FixedLocator(ticks))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])

    legend = {**{series: LOOKS[series][2] for series in ("nearest", "farthest")}, "all": "all: SSL", "sl": "none: SL"}
    _panels(points, names, draw, "Genomes whose homologs are trained on", legend, svg_path, png_path)


def divergence_figure(points: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """AUPR against the mean divergence of the genomes; `points` from `dose_tables.divergence_points`.

    Numbers at points say of how many genomes. The line across is SL, with its interval.
    """

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        _draw_reference(axis, here[here["series"] == "sl"])
        known = here[here["x"].notna()]
        for series in ("farthest", "nearest", *GROUPS, "all"):
            of_series, (colour, marker, _) = known[known["series"] == series], LOOKS[series]
            _draw_series(axis, of_series, colour, marker, line=series in SIDES)
            if series in SIDES:
                _draw_numbers(axis, of_series, colour, *SIDES[series])
        axis.set_xlim(0, 1.15 * known["x"].max())
        axis.xaxis.set_major_locator(MaxNLocator(4))

    legend = {series: LOOKS[series][2] for series in ("nearest", "farthest", *GROUPS, "all")} | {"sl": "SL, no genomes"}
    label = "Substitutions per site from human, mean of the genomes whose homologs are trained on"
    _panels(points, names, draw, label, _occurring(legend, points), svg_path, png_path, reference="sl")


def learning_figure(points: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """The learning curve, with homologs and without; `points` from `dose_tables.human_points`."""

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        axis.set_xscale("log")
        for series, shift in (("sl", -SHIFT), ("ssl", SHIFT)):
            _draw_series(axis, here[here["series"] == series], *LOOKS[series][:2], shift=shift)
        ticks = sorted(here["x"].unique())
        axis.set_xlim(ticks[0] / 1.2, ticks[-1] * 1.2)
        axis.xaxis.set_minor_locator(NullLocator())
        axis.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])

    legend = {"sl": "SL, without homologs", "ssl": "SSL, with homologs"}
    _panels(points, names, draw, "Human training positives", legend, svg_path, png_path)


def turnover_figure(points: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """AUPR against the percent of pseudo-labels permuted; `points` from `dose_tables.turnover_points`.

    The line across is SL, with its interval. The line down, on the embedded world, marks the share of homologs that
    lost the site which their human window has.
    """

    def draw(axis: Axes, here: pd.DataFrame) -> None:
        _draw_reference(axis, here[here["series"] == "sl"])
        _draw_series(axis, here[here["series"] == "ssl"], *LOOKS["ssl"][:2])
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
    extra = extra if points["lost_percent"].notna().any() else []
    label = "Pseudo-labels permuted within their genome (%)"
    _panels(points, names, draw, label, legend, svg_path, png_path, reference="sl", extra=extra)


def _occurring(legend: dict[str, str], points: pd.DataFrame) -> dict[str, str]:
    return {series: label for series, label in legend.items() if series in set(points["series"])}


def _draw_series(
    axis: Axes, here: pd.DataFrame, colour: str, marker: str, line: bool = True, shift: float = 0.0
) -> None:
    """Means with their intervals, and a line through them; shifted to the right by so many points."""
    here = here.sort_values("x")
    size = 6 if marker == "*" else 3.8
    scale = axis.figure.dpi_scale_trans
    place = axis.transData + ScaledTranslation(shift / 72, 0, scale)
    look: dict[str, Any] = {"color": colour, "transform": place}
    axis.plot(here["x"], here["aupr"], marker, markersize=size, markeredgewidth=0, zorder=5, clip_on=False, **look)
    if line:
        axis.plot(here["x"], here["aupr"], linewidth=0.9, zorder=3, **look)
    axis.vlines(here["x"], here["aupr_low"], here["aupr_high"], linewidth=0.9, zorder=4, **look)


def _draw_numbers(axis: Axes, here: pd.DataFrame, colour: str, end: str, offset: float, va: str) -> None:
    """The label of each point beyond one end of its interval."""
    for x, mean, bound, label in here[["x", "aupr", end, "label"]].itertuples(index=False):
        place = (x, bound if np.isfinite(bound) else mean)
        axis.annotate(
            label, place, (0, offset), textcoords="offset points", fontsize=5.5, color=colour, ha="center", va=va
        )


def _draw_reference(axis: Axes, here: pd.DataFrame) -> None:
    """A method without an x: its mean as a line across, its interval as a band."""
    for mean, low, high in here[["aupr", "aupr_low", "aupr_high"]].itertuples(index=False):
        axis.axhline(mean, color=REFERENCE, linewidth=0.9, zorder=2)
        if np.isfinite(low):
            axis.axhspan(low, high, color=REFERENCE, alpha=0.18, linewidth=0, zorder=1)


def _panels(
    points: pd.DataFrame,
    names: DisplayNames,
    draw: Draw,
    label: str,
    legend: dict[str, str],
    svg_path: str | Path,
    png_path: str | Path,
    reference: str = "",
    extra: list[Line2D] | None = None,
) -> None:
    """One panel for each dataset and model that has points, each with its own scale of AUPR from 0; a note if none has.

    Args:
        points: from `dose_tables`.
        names: what to show, in which order.
        draw: fills a panel.
        label: of the axis across.
        legend: names of series.
        svg_path, png_path: where to save.
        reference: the series that is a line with a band.
        extra: further entries of the legend.
    """
    found = set(zip(points["dataset"], points["model"], strict=True))
    shown = [(dataset, model) for model in names.models for dataset in names.datasets if (dataset, model) in found]
    if not shown:
        with paper_style():
            figure = Figure(figsize=(WIDTH_MM * MM / 2, 15 * MM))
            figure.text(0.02, 0.5, "No dataset with doses has a score.", va="center")
            save_figure(figure, svg_path, png_path)
        return
    handles = [_handle(series, text, series == reference) for series, text in legend.items()]
    if points["aupr_low"].notna().any():
        handles.append(Line2D([], [], color=FAINT, linewidth=0.9, label="95 % interval over seeds"))
    handles += [*(extra or []), Line2D([], [], color="black", linewidth=0.8, linestyle=DASHES, label="prevalence")]
    several = len({model for _, model in shown}) > 1
    with paper_style():
        figure, axes = _grid(len(shown), label, handles)
        for axis, (dataset, model) in zip(axes, shown, strict=True):
            here = points[(points["dataset"] == dataset) & (points["model"] == model)]
            draw(axis, here)
            axis.axhline(here["prevalence"].iloc[0], color="black", linewidth=0.8, linestyle=DASHES, zorder=2)
            top = float(np.nanmax(here[["aupr", "aupr_high"]].to_numpy()))
            axis.set_ylim(0, min(1.0, 1.12 * top) if top > 0 else 1.0)
            axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
            title = f"{names.datasets[dataset]}, {names.models[model]}" if several else names.datasets[dataset]
            axis.set_title(fill(title, 28), loc="left", fontweight="bold", pad=4)
        draw_legend(figure, handles)
        save_figure(figure, svg_path, png_path)


def _handle(series: str, text: str, band: bool) -> Line2D | Patch:
    colour, marker, _ = LOOKS[series]
    if band:
        return Line2D([], [], color=colour, linewidth=0.9, label=text)
    line = 0 if series in (*GROUPS, "all") else 0.9
    return Line2D([], [], color=colour, marker=marker, markersize=4.5, markeredgewidth=0, linewidth=line, label=text)


def _grid(panels: int, label: str, handles: list[Line2D | Patch]) -> tuple[Figure, list[Axes]]:
    """Panels in millimetres, at most ACROSS side by side, the axis of AUPR named at each row's first."""
    across, down = min(ACROSS, panels), math.ceil(panels / ACROSS)
    left, right, bottom, gap, between = 13.0, 4.0, 13.5, 11.5, 13.0
    wide = min(80.0, (WIDTH_MM - left - right - gap * (across - 1)) / across)
    width = left + right + wide * across + gap * (across - 1)
    top = 8.0 + 4.2 * legend_rows(handles, width)
    tall = min(36.0, (HEIGHT_MM - top - bottom - between * (down - 1)) / down)
    height = top + bottom + down * tall + between * (down - 1)
    figure = Figure(figsize=(width * MM, height * MM))
    axes = []
    for panel in range(panels):
        row, column = divmod(panel, across)
        x, y = left + column * (wide + gap), height - top - tall - row * (tall + between)
        axis = figure.add_axes((x / width, y / height, wide / width, tall / height))
        axis.spines["left"].set_visible(True)
        axis.tick_params(axis="y", labelsize=7, width=0.6, length=2.5)
        if not column:
            axis.set_ylabel("AUPR, test chromosomes")
        axes.append(axis)
    figure.supxlabel(fill(label, int(width / 1.75)), fontsize=7.5, y=1.5 / height)
    return figure, axes

"""The figure of the page "Is it the homologs?": SSL less every other method, per dataset."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.methods import resolve
from regssl.reporting.figures.style import (
    COLOURS,
    FAINT,
    HEIGHT_MM,
    RULE,
    WIDTH_MM,
    Margins,
    SeriesStyle,
    draw_legend,
    legend_rows,
    panel_grid,
    paper_style,
    row_axis,
    save_figure,
    wrap_titles,
)
from regssl.reporting.format import number, percent

KINDS = {
    "paper": SeriesStyle(COLOURS[0], "o", "method of the paper"),
    "extension": SeriesStyle(COLOURS[3], "^", "extension of SSL"),
    "control": SeriesStyle(COLOURS[1], "D", "control"),
    "baseline": SeriesStyle(COLOURS[5], "s", "baseline"),
}
"""The kinds of methods that SSL is compared with."""
NUMBERS = ["difference", "ci_low", "ci_high", "bootstrap_ci_low", "bootstrap_ci_high", "p"]
N_COLUMNS = 4


def forest_plot(
    differences: pd.DataFrame, names: DisplayNames, level: float, svg_path: str | Path, png_path: str | Path
) -> None:
    """Draw SSL's AUPR less that of each other method: a panel per dataset and model, a line per method.

    Right of 0 SSL is better. The thin bar is the interval of seeds and test blocks together, the thick one that of
    the blocks alone; filled markers: found in this dataset alone, without correction. Each panel has its own scale; a
    bar that leaves it ends in an arrowhead.

    Args:
        differences: of `comparison.differences_table`, all datasets.
        names: what to display, in which order.
        level: of confidence.

    Raises:
        DataError: SSL is compared with nothing.
    """
    rows = differences[(differences["method"] == "ssl") & (differences["metric"] == "aupr")]
    rows = rows[rows["baseline"].isin(list(names.methods))]
    others = [method for method in names.methods if method in set(rows["baseline"])]
    found = set(zip(rows["dataset"], rows["model"], strict=True))
    panels = [(model, dataset) for model in names.models for dataset in names.datasets if (dataset, model) in found]
    if not panels:
        raise DataError("the figure of differences has nothing to display", "run `ssl` and another method")
    with paper_style():
        handles = _handles({resolve(other).kind for other in others}, level)
        titles = [names.datasets[dataset] + (f", {names.models[model]}" if len(names.models) > 1 else "")
                  for model, dataset in panels]  # fmt: skip
        figure, axes, titles = _grid(titles, [names.methods[other] for other in others], handles)
        for axis, (model, dataset), title in zip(axes.flat, panels, titles, strict=False):
            here = rows[(rows["dataset"] == dataset) & (rows["model"] == model)]
            cells = {str(row["baseline"]): {name: float(row[name]) for name in NUMBERS} for _, row in here.iterrows()}
            _draw(axis, cells, others, level)
            axis.set_title(title, pad=3)
        for axis in axes.flat[len(panels) :]:
            axis.set_visible(False)
        draw_legend(figure, handles)
        figure.supxlabel("AUPR of SSL less that of the method (right of 0: SSL is better)", fontsize=7.5, y=0.008)
        save_figure(figure, svg_path, png_path)


def _grid(
    titles: Sequence[str], others: Sequence[str], handles: Sequence[Line2D]
) -> tuple[Figure, np.ndarray, list[str]]:
    """Panels in millimetres, as many as fit across, with the names of methods at the left; and the titles, wrapped."""
    columns = min(N_COLUMNS, len(titles))
    rows, gap = math.ceil(len(titles) / columns), 0.14
    left, right, bottom = 5 + 1.35 * max(map(len, others)), 3.0, 11.0
    width = min(WIDTH_MM, left + right + 42 * max(columns, 2))
    across = (width - left - right) / (columns + gap * (columns - 1))
    wrapped, extra = wrap_titles(titles, across * (1 + 0.8 * gap), 8)
    top, between = 8.0 + 4.2 * legend_rows(handles, width) + extra, 11.0 + extra
    line = min(4.6, (HEIGHT_MM - top - bottom - between * (rows - 1)) / (rows * len(others)))
    margins, panel = Margins(left, right, bottom, top), max(line * len(others), 10.0)
    figure, axes = panel_grid((rows, columns), width, panel, margins, (gap, between), sharey=True)
    for axis in axes.flat:
        row_axis(axis, others)
    return figure, axes, wrapped


def _draw(axis: Axes, here: Mapping[str, Mapping[str, float]], others: Sequence[str], level: float) -> None:
    axis.axvline(0, color=RULE, linewidth=0.8, zorder=1)
    values = [0.0, *(cell["difference"] for cell in here.values())]
    low, high = min(values), max(values)
    room = 0.75 * max(high - low, 1e-4)
    low = max(low - room, float(np.nanmin([low, *(cell["ci_low"] for cell in here.values())])))
    high = min(high + room, float(np.nanmax([high, *(cell["ci_high"] for cell in here.values())])))
    margin = 0.06 * (high - low)
    axis.set_xlim(low - margin, high + margin)
    for row, other in enumerate(others):
        if other not in here:
            axis.text(0.5, row, "not compared", color=FAINT, fontsize=5.5, transform=axis.get_yaxis_transform(),
                      ha="center", va="center")  # fmt: skip
            continue
        cell = here[other]
        colour, marker, _ = KINDS[resolve(other).kind]
        for name, width in (("ci", 0.9), ("bootstrap_ci", 2.4)):
            if np.isfinite(cell[f"{name}_low"]):
                axis.hlines(row, cell[f"{name}_low"], cell[f"{name}_high"], color=colour, linewidth=width, zorder=2,
                            alpha=1 if name == "ci" else 0.45)  # fmt: skip
        _draw_arrowheads(axis, row, cell["ci_low"], cell["ci_high"], colour)
        found = cell["p"] < 1 - level
        axis.plot(cell["difference"], row, marker, color=colour, markersize=3.6, markeredgewidth=0.8, zorder=4,
                  markerfacecolor=colour if found else "white", clip_on=False)  # fmt: skip
    axis.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, "+g") if x else "0"))


def _draw_arrowheads(axis: Axes, row: int, low: float, high: float, colour: str) -> None:
    left, right = axis.get_xlim()
    for beyond, end, head in ((low < left, left, "<"), (high > right, right, ">")):
        if beyond:
            axis.plot(end, row, head, color=colour, markersize=3, markeredgewidth=0, zorder=3, clip_on=False)


def _handles(kinds: Collection[str], level: float) -> list[Line2D]:
    handles = [
        Line2D([], [], color=colour, marker=marker, markersize=4, linewidth=0, label=f"SSL − {name}")
        for kind, (colour, marker, name) in KINDS.items()
        if kind in kinds
    ]
    both = Line2D([], [], color=FAINT, linewidth=0.9, label=f"{percent(level)} interval, seeds and blocks")
    blocks = Line2D([], [], color=FAINT, linewidth=2.4, alpha=0.45, label="blocks alone")
    hollow = Line2D([], [], color=FAINT, marker="o", markersize=4, linewidth=0, markerfacecolor="white")
    hollow.set_label("cannot be told from SSL")
    return [*handles, both, blocks, hollow]

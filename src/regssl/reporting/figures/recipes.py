"""The figure of the gain of SSL against the strength of the baseline."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from regssl.evaluation.significance import rank_correlation
from regssl.evaluation.summary import DisplayNames, present_names
from regssl.reporting.figures.style import (
    COLOURS,
    FAINT,
    MM,
    RULE,
    WIDTH_MM,
    Margins,
    draw_legend,
    panel_grid,
    paper_style,
    save_figure,
    wrap_titles,
)
from regssl.reporting.format import number

COLUMNS = 4
"""Panels side by side."""
MIN_RECIPES = 10
"""Of fewer no correlation is shown."""


def gain_figure(
    gains: pd.DataFrame, names: DisplayNames, marked: Mapping[str, str], svg_path: str | Path, png_path: str | Path
) -> None:
    """Draw the gain of SSL over SL against the AUPR of SL, a point per recipe, a panel per dataset.

    Args:
        gains: columns of `recipes.gain.GAINS`.
        names: display names of datasets.
        marked: recipes with a colour of their own, by id: what the legend calls them.
        svg_path, png_path: files to write.
    """
    present = present_names(names.datasets, gains["dataset"])
    columns = min(COLUMNS, len(present))
    rows = math.ceil(len(present) / columns)
    with paper_style():
        margins, gap = Margins(14, 4, 12, 14), 0.3
        across = (WIDTH_MM - margins.left - margins.right) / (columns + gap * (columns - 1))
        titles, extra = wrap_titles(list(present.values()), across, 8)
        margins = margins._replace(top=margins.top + extra)
        figure, axes = panel_grid((rows, columns), WIDTH_MM, 38, margins, (gap, 16 + extra))
        for axis, dataset, title in zip(axes.flat, present, titles, strict=False):
            _draw(axis, gains[gains["dataset"] == dataset], list(marked))
            axis.set_title(title, pad=11)
        for axis in axes.flat[len(present) :]:
            axis.set_visible(False)
        high = figure.get_figheight() / MM
        figure.supxlabel("AUPR of SL, first seed, validation", fontsize=7.5, y=2 / high)
        figure.supylabel("Gain of SSL over SL, other seeds (%)", fontsize=7.5, x=2 / WIDTH_MM)
        points = {**marked, "": "other recipes"}
        handles = [
            Line2D([], [], marker="o", linestyle="", markersize=3.5, color=_colour(model, list(marked)), label=label)
            for model, label in points.items()
        ]
        draw_legend(figure, handles)
        save_figure(figure, svg_path, png_path)


def _draw(axis: Axes, gains: pd.DataFrame, marked: Collection[str]) -> None:
    axis.spines["left"].set_visible(True)
    axis.axhline(0, color=RULE, linewidth=0.5, zorder=1)
    for model, aupr, gain in zip(gains["model"], gains["sl_aupr"], gains["gain_percent"], strict=True):
        size = 4.5 if model in marked else 2.8
        axis.plot(aupr, gain, "o", color=_colour(model, list(marked)), markersize=size, markeredgewidth=0,
                  alpha=1 if model in marked else 0.75, zorder=3 if model in marked else 2)  # fmt: skip
    axis.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axis.yaxis.set_major_locator(MaxNLocator(5))
    if len(gains) >= MIN_RECIPES:
        correlation, _ = rank_correlation(gains["sl_aupr"], gains["gain_percent"])
        text = f"Spearman {number(correlation, '+.2f')}, n {len(gains)}"
        axis.text(0.5, 1.02, text, transform=axis.transAxes, ha="center", va="bottom", fontsize=6, color=FAINT)


def _colour(model: str, marked: list[str]) -> str:
    return COLOURS[2 + marked.index(model)] if model in marked else COLOURS[1]

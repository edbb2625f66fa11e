"""The figure of small networks on DNABERT-2's own tasks: MCC of runs with intervals, what is published as lines."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.lines import Line2D

from regssl.evaluation.summary import DisplayNames
from regssl.methods import resolve
from regssl.reporting.figures.style import (
    COLOURS,
    MARKERS,
    WIDTH_MM,
    Margins,
    SeriesStyle,
    draw_legend,
    legend_rows,
    panel_grid,
    paper_style,
    row_axis,
    save_figure,
    text_width,
)
from regssl.reporting.tables.published import MEAN, NUMBERS, published_means

PUBLISHED = "#000000"
SERIES_MM, ROW_MM = 2.6, 7.0
"""Height of a series, and the least height of a row."""


def published_figure(runs: pd.DataFrame, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """Draw a row per task and one of their mean; in each the MCC of every kind of run, and a line per published model.

    Windows are called bound from a logit of 0, as in the published scores.

    Args:
        runs: of `tables.published.runs_on_tasks`.
        names: display names.
        svg_path, png_path: files to write.
    """
    own = runs[runs["metric"] == "mcc"]
    tasks = list(dict.fromkeys(own["task"]))
    datasets = dict(zip(own["task"], own["dataset"], strict=True))
    labels = [names.datasets.get(datasets[task], "Mean") for task in tasks]
    public = published_means([task for task in tasks if task != MEAN])
    series = list(dict.fromkeys(zip(own["model"], own["method"], strict=True)))
    styles = {run: _style(place, *run, names) for place, run in enumerate(series)}
    with paper_style():
        handles = [Line2D([], [], color=PUBLISHED, linewidth=1.4, label=f"{model}, published") for model in public]
        handles += [
            Line2D([], [], color=style.colour, marker=style.marker, markersize=4, linewidth=0.9, label=style.name)
            for style in styles.values()
        ]
        left = 5 + max(text_width(label, 7.5) for label in labels)
        margins = Margins(left, 4, 11, 3 + 4.2 * legend_rows(handles))
        height = len(tasks) * max(ROW_MM, SERIES_MM * (len(series) + 1))
        figure, axes = panel_grid((1, 1), WIDTH_MM, height, margins, (0, 0))
        axis = axes[0, 0]
        row_axis(axis, labels)
        for row, task in enumerate(tasks):
            for scores in public.values():
                axis.vlines(scores[task], row - 0.45, row + 0.45, color=PUBLISHED, linewidth=1.4, zorder=2)
            here = own[own["task"] == task].set_index(["model", "method"])
            for place, (run, style) in enumerate(styles.items()):
                value, low, high = (float(here.loc[run, name]) for name in NUMBERS)
                y = row + 0.8 * ((place + 0.5) / len(series) - 0.5)
                axis.hlines(y, low, high, color=style.colour, linewidth=0.9, zorder=3)
                axis.plot(value, y, style.marker, color=style.colour, markersize=3.6, markeredgewidth=0, zorder=4)
        axis.set_xlabel("Matthews' correlation coefficient (MCC), test set")
        draw_legend(figure, handles)
        save_figure(figure, svg_path, png_path)


def _style(place: int, model: str, method: str, names: DisplayNames) -> SeriesStyle:
    is_baseline = resolve(method).kind == "baseline"
    name = names.methods[method] if is_baseline else f"{names.models[model]}, {names.methods[method]}"
    return SeriesStyle(COLOURS[:-1][(place + 1) % (len(COLOURS) - 1)], MARKERS[place % len(MARKERS)], name)

"""Figure 2: SSL against SL, per dataset."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.evaluation.summary import (
    METRICS,
    DisplayNames,
    estimates,
    failed_datasets,
    present_names,
    select_runs,
    unscored,
)
from regssl.reporting.figures.style import (
    COLOURS,
    DASHES,
    FAINT,
    HEIGHT_MM,
    MARKERS,
    MM,
    RULE,
    WIDTH_MM,
    Margins,
    SeriesStyle,
    draw_legend,
    legend_rows,
    name_rows,
    panel_grid,
    paper_style,
    row_axis,
    save_figure,
    wrap,
    wrap_rows,
    wrap_titles,
)
from regssl.reporting.format import number
from regssl.reporting.marks import MARKS, marks, model_notes

ROW_WIDTHS = (24, 36, 48)
"""Widths of the names of datasets, in mm: the least that does."""
LINEAR_PERCENT = 10.0  # within ± this many percent, a wide-ranging axis of increases is linear


@dataclass(frozen=True)
class _Column:
    """What a column of panels plots: its label; mean, low, high of each group; value of each seed."""

    label: str
    means: pd.DataFrame
    seeds: pd.DataFrame
    is_score: bool = False


def figure2(
    increase: pd.DataFrame,
    summary: pd.DataFrame,
    names: DisplayNames,
    svg_path: str | Path,
    png_path: str | Path,
    split: str = "test",
) -> None:
    """Draw Figure 2: (a) percent increase over the baseline, AUPR and AUROC; (b) AUPR of every method.

    One row of panels per model, one line per dataset. Large markers are means with 95 % intervals, small dots are seeds
    (in a: a seed of the treated method over the same seed of the baseline). Axes are scaled to means and seeds; an
    arrowhead marks an interval that leaves the axis. The short dashed line in b is the prevalence, the AUPR of a random
    ranking. Where increases exceed 100 % and differ more than tenfold, their axis is linear within ±10 % and
    logarithmic beyond, as its label states. `marks` tell of runs that collapsed or have not converged. A dataset
    without a score is a dash; a note at the bottom gives the reason, and what must be known of a model.

    Args:
        increase: from `summary.increase_table`.
        summary: one row per run; see `evaluation.summary`.
        names: what to display, in which order; datasets, models and methods without runs are left out.
        svg_path, png_path: where to save.
        split: which rows of `summary`.

    Raises:
        DataError: no named dataset, model and method has a run.
    """
    runs, scores = select_runs(summary, split), estimates(summary, split)
    failures = failed_datasets(summary)
    present = DisplayNames(
        present_names(names.datasets, [*runs["dataset"].unique(), *failures]),
        present_names(names.models, runs["model"]),
        present_names(names.methods, runs["method"]),
    )
    if not (set(present.datasets) - set(failures) and present.models and present.methods):
        raise DataError("Figure 2 has no run to display", "name the datasets, models and methods of the summary")
    runs, scores, increase = (_select(frame, present) for frame in (runs, scores, increase))
    columns = _increase_columns(increase, runs, names)
    columns.append(_score_column(scores, runs, f"AUPR, {split} windows"))
    with paper_style():
        cycled = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
        styles = {method: SeriesStyle(*style) for method, style in zip(names.methods, cycled, strict=False)}
        marked = [name for name in MARKS if scores[name].any()]
        handles = _legend_handles(present, styles, scores["n"].max() > 1, marked)
        note = unscored(failures, names.datasets) + model_notes(names, scores["model"])
        note = wrap(note.strip(), WIDTH_MM - 4, 6.5)
        figure, axes = _panels(present, len(columns), legend_rows(handles), len(note.splitlines()))
        for panels, column in zip(axes.T, columns, strict=True):
            _scale(panels, column)
            for axis, model in zip(panels, present.models, strict=True):
                _draw(axis, column, model, present, styles)
                if column.is_score:
                    _draw_prevalence(axis, scores, present)
        draw_legend(figure, handles)
        figure.text(0.01, 1 / (figure.get_figheight() / MM), note, fontsize=6.5, va="bottom")
        save_figure(figure, svg_path, png_path)


def _select(frame: pd.DataFrame, names: DisplayNames) -> pd.DataFrame:
    keep = frame["dataset"].isin(names.datasets) & frame["model"].isin(names.models)
    return frame[keep & frame["method"].isin(names.methods)]


def _increase_columns(increase: pd.DataFrame, runs: pd.DataFrame, names: DisplayNames) -> list[_Column]:
    """A column for each metric that has increases."""
    columns = []
    for metric in METRICS:
        of_metric = increase[increase["metric"] == metric].rename(columns={"percent": "mean"})
        if len(of_metric):
            over = " and ".join(names.methods.get(b, b) for b in of_metric["baseline"].unique())
            label = f"Increase of {METRICS[metric]} over {over} (%)"
            columns.append(_Column(label, of_metric, _seed_increases(runs, of_metric)))
    return columns


def _score_column(scores: pd.DataFrame, runs: pd.DataFrame, label: str) -> _Column:
    means = scores.rename(columns={"aupr": "mean", "aupr_low": "low", "aupr_high": "high"})
    return _Column(label, means, runs.rename(columns={"aupr": "value"}), is_score=True)


def _seed_increases(runs: pd.DataFrame, increase: pd.DataFrame) -> pd.DataFrame:
    """Percent increase of each run over the baseline's run of the same seed: dataset model method seed value."""
    metric, baseline = increase["metric"].iloc[0], increase["baseline"].iloc[0]
    cell = ["dataset", "model", "seed"]
    control = runs.loc[runs["method"] == baseline, [*cell, metric]]
    treated = runs.loc[runs["method"].isin(set(increase["method"])), [*cell, "method", metric]]
    pairs = treated.merge(control, on=cell, suffixes=("", "_control"))
    pairs = pairs[pairs[f"{metric}_control"] > 0]
    return pairs.assign(value=100 * (pairs[metric] / pairs[f"{metric}_control"] - 1))


def _panels(
    names: DisplayNames, columns: int, legend_rows: int, note_rows: int = 0
) -> tuple[Figure, NDArray[np.object_]]:
    """Models down, `columns` across, dataset names at the left, room for legend and labels."""
    rows, widest = len(names.models), ROW_WIDTHS[-1]
    models, extra = wrap_titles(
        list(names.models.values()), (WIDTH_MM - 10 - widest) * (columns - 1 or 1) / columns, 8, "bold"
    )
    top, bottom, between = 9.0 + 4.2 * legend_rows + extra, 13.0 + 3.2 * note_rows, 7.0 + extra
    line = max(6.5, 2.0 * len(names.methods) + 1.5, 14 / len(names.datasets))
    line = min(line, (HEIGHT_MM - top - bottom - between * (rows - 1)) / (rows * len(names.datasets)))
    datasets, sizes, wide = wrap_rows(list(names.datasets.values()), line, ROW_WIDTHS)
    margins = Margins(max(6 + wide, 10), 4, bottom, top)
    shape, panel = (rows, columns), line * len(datasets)
    figure, axes = panel_grid(shape, WIDTH_MM, panel, margins, (0.1, between), sharex="col", sharey=True)
    for axis in axes.flat:
        row_axis(axis, len(datasets))
    for axis in axes[:, 0]:
        name_rows(axis, datasets, sizes)
    for axis, name in zip(axes[:, 0], models, strict=True):
        axis.set_title(name, loc="left", fontweight="bold", pad=4)
    height = figure.get_figheight() / MM
    letters = zip("ab", (axes[0, 0], axes[0, -1]), (1.5 / WIDTH_MM, None), strict=True) if columns > 1 else ()
    for letter, axis, x in letters:
        box = axis.get_position()
        figure.text(box.x0 if x is None else x, box.y1 + 1.5 / height, letter, fontsize=10, fontweight="bold")
    return figure, axes


def _scale(axes: NDArray[np.object_], column: _Column) -> None:
    """Limits, ticks and label of one column of panels: all means and seeds inside, intervals where they fit."""
    label, means, is_score = column.label, column.means, column.is_score
    points = np.concatenate([means["mean"], column.seeds["value"], [0.0]])
    points = points[np.isfinite(points)]
    size = means["mean"].abs()
    wide = not is_score and size.max() > 100 and size.max() > 10 * max(size.min(), LINEAR_PERCENT)
    if wide:
        for axis in axes:
            axis.set_xscale("symlog", linthresh=LINEAR_PERCENT)
        label += f"\nlinear within ±{LINEAR_PERCENT:.0f} %, logarithmic beyond"
    scale = axes[0].xaxis.get_transform()
    low, high = scale.transform(np.array([points.min(), points.max()]))
    room = 0.3 * max(high - low, 1e-3)
    lowest, highest = (scale.transform(means[bound].dropna().to_numpy(float)) for bound in ("low", "high"))
    low = max(low - room, min([low, *lowest])) if not is_score else 0.0
    high = min([high + room, max([high, *highest]), *([1.0] if is_score else [])])
    margin = 0.04 * (high - low) or 1.0
    limits = scale.inverted().transform(np.array([low - margin, high + margin]))
    for axis in axes:
        axis.set_xlim(*limits)
        if wide:
            decades = [sign * 10.0**power for power in range(1, 7) for sign in (-1, 1)]
            visible = [decade for decade in decades if limits[0] <= decade <= limits[1]]
            labelled = visible if len(visible) < 5 else [d for d in visible if round(math.log10(abs(d))) % 2]
            axis.xaxis.set_major_locator(FixedLocator([0.0, *labelled]))
            axis.xaxis.set_minor_locator(FixedLocator([digit * decade for decade in decades for digit in range(1, 10)]))
        else:
            axis.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        if not is_score:
            axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, "+,g") if x else "0"))
        axis.axvline(0, color=RULE, linewidth=0.8, zorder=1)
    axes[-1].set_xlabel(label)


def _draw(axis: Axes, column: _Column, model: str, names: DisplayNames, styles: Mapping[str, SeriesStyle]) -> None:
    """Mean, interval and seeds of each dataset (line) and method (side by side in the line)."""
    means, seeds = (frame[frame["model"] == model] for frame in (column.means, column.seeds))
    methods = [method for method in names.methods if method in set(means["method"])]
    step = 0.72 / max(len(methods), 1)
    left, right = axis.get_xlim()
    for row, dataset in enumerate(names.datasets):
        of_dataset = means[means["dataset"] == dataset].set_index("method")
        if of_dataset.empty:
            axis.text(
                0.5, row, "–", color=FAINT, fontsize=9, transform=axis.get_yaxis_transform(), ha="center", va="center"
            )
        for place, method in enumerate(methods):
            if method not in of_dataset.index:
                continue
            colour, marker, _ = styles[method]
            y = row + (place - (len(methods) - 1) / 2) * step
            cell = of_dataset.loc[method]
            axis.plot(cell["mean"], y, marker, color=colour, markersize=3.8, markeredgewidth=0, zorder=4, clip_on=False)
            if mark := marks({name: cell[name] for name in MARKS}):
                axis.annotate(
                    mark, (cell["mean"], y), (2, 1), textcoords="offset points", fontsize=5.5, va="bottom", zorder=5
                )
            if np.isfinite(cell["low"]):
                axis.hlines(y, cell["low"], cell["high"], color=colour, linewidth=1.0, zorder=3)
                for bound, end, head in ((cell["low"], left, "<"), (cell["high"], right, ">")):
                    if (bound < end) == (head == "<") and bound != end:
                        axis.plot(end, y, head, color=colour, markersize=3, markeredgewidth=0, zorder=3, clip_on=False)
            values = seeds.loc[(seeds["dataset"] == dataset) & (seeds["method"] == method), "value"]
            if len(values) > 1:
                below = np.full(len(values), y + min(0.36 * step, 0.16))
                axis.plot(values, below, "o", color=colour, markersize=1.7, markeredgewidth=0, alpha=0.75, zorder=2)


def _draw_prevalence(axis: Axes, scores: pd.DataFrame, names: DisplayNames) -> None:
    prevalence = scores.groupby("dataset")["prevalence"].first()
    for row, dataset in enumerate(names.datasets):
        if dataset in prevalence:
            axis.vlines(prevalence[dataset], row - 0.38, row + 0.38, color="black", linewidth=0.8, linestyle=DASHES)


def _legend_handles(
    names: DisplayNames, styles: Mapping[str, SeriesStyle], several_seeds: bool, marked: Sequence[str]
) -> list[Line2D]:
    handles = [
        Line2D([], [], color=styles[method].colour, marker=styles[method].marker, markersize=4, markeredgewidth=0,
               linewidth=1.2 if several_seeds else 0, label=name)
        for method, name in names.methods.items()
    ]  # fmt: skip
    if several_seeds:
        handles.append(Line2D([], [], color=FAINT, linewidth=1.2, label="95 % interval"))
        handles.append(Line2D([], [], color=FAINT, marker="o", markersize=1.9, linestyle="", label="one seed"))
    handles.append(Line2D([], [], color="black", linewidth=0.8, linestyle=DASHES, label="prevalence"))
    explained = [f"{MARKS[name].sign}n: {MARKS[name].label}" for name in marked]
    return [*handles, *(Line2D([], [], linestyle="", label=text) for text in explained)]

"""Figure 2: SSL against SL, per dataset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.evaluation.summary import METRICS, DisplayNames, estimates, failed_datasets, select_runs, unscored
from regssl.reporting.figures.style import (
    BAND,
    COLOURS,
    DASHES,
    FAINT,
    HEIGHT_MM,
    MARKERS,
    MM,
    RULE,
    WIDTH_MM,
    draw_legend,
    legend_rows,
    paper_style,
    save_figure,
)
from regssl.reporting.format import number
from regssl.reporting.tables.base import collapsed_mark

Looks = Mapping[str, tuple[str, str]]  # colour and marker of each method
LINEAR_PERCENT = 10.0  # within ± this many percent, a wide-ranging axis of increases is linear


def figure2(
    increase: pd.DataFrame,
    summary: pd.DataFrame,
    names: DisplayNames,
    svg_path: str | Path,
    png_path: str | Path,
    split: str = "test",
) -> None:
    """Figure 2: (a) percent increase over the baseline, AUPR and AUROC; (b) AUPR of every method.

    One row of panels per model, one line per dataset. Large markers are means with 95 % intervals, small dots are seeds
    (in a: a seed of the treated method over the same seed of the baseline). Axes are scaled to means and seeds; an
    arrowhead marks an interval that leaves the axis. The short dashed line in b is the prevalence, the AUPR of a random
    ranking. Where increases exceed 100 % and differ more than tenfold, their axis is linear within ±10 % and
    logarithmic beyond, and its label says so. †n marks a mean that n collapsed runs are in. A dataset without a score
    is a dash, and a note at the bottom says why.

    Args:
        increase: from `tables.increase_table`.
        summary: one row per run; see `tables`.
        names: what to show, in which order; datasets, models and methods without runs are left out.
        svg_path, png_path: where to save.
        split: which rows of `summary`.

    Raises:
        DataError: no named dataset, model and method has a run.
    """
    runs, cells = select_runs(summary, split), estimates(summary, split)
    failures = failed_datasets(summary)
    listed = pd.Series([*runs["dataset"].unique(), *failures], dtype=object)
    shown = DisplayNames(_present(names.datasets, listed), _present(names.models, runs["model"]),
                  _present(names.methods, runs["method"]))  # fmt: skip
    if not (set(shown.datasets) - set(failures) and shown.models and shown.methods):
        raise DataError("Figure 2 has no run to show", "name the datasets, models and methods of the summary")

    runs, cells, increase = (_only(frame, shown) for frame in (runs, cells, increase))
    columns = []
    for metric in METRICS:
        of_metric = increase[increase["metric"] == metric].rename(columns={"percent": "mean"})
        if len(of_metric):
            over = " and ".join(names.methods.get(b, b) for b in of_metric["baseline"].unique())
            columns.append(
                (f"Increase of {METRICS[metric]} over {over} (%)", of_metric, _seed_increases(runs, of_metric))
            )
    bounded = cells.rename(columns={"aupr": "mean", "aupr_low": "low", "aupr_high": "high"})
    columns.append((f"AUPR, {split} chromosomes", bounded, runs.rename(columns={"aupr": "value"})))

    with paper_style():
        looks = dict(zip(names.methods, zip(cycle(COLOURS), cycle(MARKERS), strict=False), strict=False))
        handles = _legend_handles(shown, looks, cells["n"].max() > 1, bool(cells["collapsed"].any()))
        note = fill(unscored(failures, names.datasets), 130)
        rows_of_legend = legend_rows(handles)
        figure, axes = _grid(shown, len(columns), rows_of_legend, len(note.splitlines()))
        for column, (label, means, seeds) in enumerate(columns):
            is_score = column == len(columns) - 1
            _scale(axes[:, column], label, means, seeds, is_score)
            for row, model in enumerate(shown.models):
                _draw(axes[row, column], means[means["model"] == model], seeds[seeds["model"] == model], shown, looks)
                if is_score:
                    _draw_prevalence(axes[row, column], cells, shown)
        draw_legend(figure, handles)
        figure.text(0.01, 1 / (figure.get_figheight() / MM), note, fontsize=6.5, va="bottom")
        save_figure(figure, svg_path, png_path)


def _present(names: Mapping[str, str], ids: pd.Series) -> dict[str, str]:
    return {key: name for key, name in names.items() if key in set(ids)}


def _only(frame: pd.DataFrame, shown: DisplayNames) -> pd.DataFrame:
    keep = frame["dataset"].isin(shown.datasets) & frame["model"].isin(shown.models)
    return frame[keep & frame["method"].isin(shown.methods)]


def _seed_increases(runs: pd.DataFrame, increase: pd.DataFrame) -> pd.DataFrame:
    """Percent increase of each run over the baseline's run of the same seed: dataset model method seed value."""
    metric, baseline = increase["metric"].iloc[0], increase["baseline"].iloc[0]
    cell = ["dataset", "model", "seed"]
    control = runs.loc[runs["method"] == baseline, [*cell, metric]]
    treated = runs.loc[runs["method"].isin(set(increase["method"])), [*cell, "method", metric]]
    pairs = treated.merge(control, on=cell, suffixes=("", "_control"))
    pairs = pairs[pairs[f"{metric}_control"] > 0]
    return pairs.assign(value=100 * (pairs[metric] / pairs[f"{metric}_control"] - 1))


def _grid(
    shown: DisplayNames, columns: int, legend_rows: int, note_rows: int = 0
) -> tuple[Figure, NDArray[np.object_]]:
    """Panels in millimetres: models down, `columns` across, dataset names at the left, room for legend and labels."""
    datasets, rows = [fill(name, 16) for name in shown.datasets.values()], len(shown.models)
    top, bottom, between = 9.0 + 4.2 * legend_rows, 13.0 + 3.2 * note_rows, 7.0
    line = max(6.5, 2.0 * len(shown.methods) + 1.5, 14 / len(datasets))
    line = min(line, (HEIGHT_MM - top - bottom - between * (rows - 1)) / (rows * len(datasets)))
    panel = line * len(datasets)
    height = top + bottom + rows * panel + between * (rows - 1)
    left = 6 + 1.6 * max(len(part) for name in datasets for part in name.split("\n"))

    figure = Figure(figsize=(WIDTH_MM * MM, height * MM))
    axes = figure.subplots(rows, columns, squeeze=False, sharex="col", sharey=True)
    figure.subplots_adjust(
        left / WIDTH_MM, bottom / height, 1 - 4 / WIDTH_MM, 1 - top / height, wspace=0.1, hspace=between / panel
    )
    for axis in axes.flat:
        axis.set_ylim(len(datasets) - 0.5, -0.5)
        axis.set_yticks(range(len(datasets)), datasets)
        axis.tick_params(axis="y", length=0)
        for row in range(0, len(datasets), 2):
            axis.axhspan(row - 0.5, row + 0.5, color=BAND, linewidth=0, zorder=0)
    for axis, name in zip(axes[:, 0], shown.models.values(), strict=True):
        axis.set_title(name, loc="left", fontweight="bold", pad=4)
    letters = zip("ab", (axes[0, 0], axes[0, -1]), (1.5 / WIDTH_MM, None), strict=True) if columns > 1 else ()
    for letter, axis, x in letters:
        box = axis.get_position()
        figure.text(box.x0 if x is None else x, box.y1 + 1.5 / height, letter, fontsize=10, fontweight="bold")
    return figure, axes


def _scale(axes: NDArray[np.object_], label: str, means: pd.DataFrame, seeds: pd.DataFrame, is_score: bool) -> None:
    """Limits, ticks and label of one column of panels: all means and seeds inside, intervals where they fit."""
    points = np.concatenate([means["mean"], seeds["value"], [0.0]])
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


def _draw(axis: Axes, means: pd.DataFrame, seeds: pd.DataFrame, shown: DisplayNames, looks: Looks) -> None:
    """Mean, interval and seeds of each dataset (line) and method (side by side in the line)."""
    methods = [method for method in shown.methods if method in set(means["method"])]
    step = 0.72 / max(len(methods), 1)
    left, right = axis.get_xlim()
    for row, dataset in enumerate(shown.datasets):
        of_dataset = means[means["dataset"] == dataset].set_index("method")
        if of_dataset.empty:
            axis.text(
                0.5, row, "–", color=FAINT, fontsize=9, transform=axis.get_yaxis_transform(), ha="center", va="center"
            )
        for place, method in enumerate(methods):
            if method not in of_dataset.index:
                continue
            colour, marker = looks[method]
            y = row + (place - (len(methods) - 1) / 2) * step
            cell = of_dataset.loc[method]
            axis.plot(cell["mean"], y, marker, color=colour, markersize=3.8, markeredgewidth=0, zorder=4, clip_on=False)
            if mark := collapsed_mark(of_dataset["collapsed"].astype(int)[method]):
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


def _draw_prevalence(axis: Axes, cells: pd.DataFrame, shown: DisplayNames) -> None:
    prevalence = cells.groupby("dataset")["prevalence"].first()
    for row, dataset in enumerate(shown.datasets):
        if dataset in prevalence:
            axis.vlines(prevalence[dataset], row - 0.38, row + 0.38, color="black", linewidth=0.8, linestyle=DASHES)


def _legend_handles(shown: DisplayNames, looks: Looks, several_seeds: bool, collapsed: bool) -> list[Line2D]:
    handles = [
        Line2D([], [], color=looks[method][0], marker=looks[method][1], markersize=4, markeredgewidth=0,
               linewidth=1.2 if several_seeds else 0, label=name)
        for method, name in shown.methods.items()
    ]  # fmt: skip
    if several_seeds:
        handles.append(Line2D([], [], color=FAINT, linewidth=1.2, label="95 % interval"))
        handles.append(Line2D([], [], color=FAINT, marker="o", markersize=1.9, linestyle="", label="one seed"))
    handles.append(Line2D([], [], color="black", linewidth=0.8, linestyle=DASHES, label="prevalence"))
    mark = Line2D([], [], color="black", marker="$†$", markersize=4.5, linestyle="", label="n: runs that collapsed")
    return [*handles, mark] if collapsed else handles

"""Figure 3: predicted against observed effects of variants, and their correlation per method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.figures.style import (
    COLOURS,
    FAINT,
    HEIGHT_MM,
    MM,
    RULE,
    WIDTH_MM,
    free_panels,
    paper_style,
    save_figure,
    wrap_titles,
)
from regssl.reporting.format import number
from regssl.reporting.tables.variant_means import across_seeds
from regssl.variants.dataset import BALANCED
from regssl.variants.effects import ALL_SEEDS, CORRELATIONS, MIN_N

SCATTERS = 3
"""So many methods, in the order of their names, have a scatter of their own; all have bars."""
MANY = 1_000
"""With more points than this, a scatter is kept as an image in the SVG."""
SYMBOLS = {"pearson": "r", "spearman": "ρ"}
HEADINGS = {"pearson": "Pearson", "spearman": "Spearman"}


def figure3(
    effects: pd.DataFrame,
    scores: pd.DataFrame,
    names: DisplayNames,
    sets: Mapping[str, str],
    svg_path: str | Path,
    png_path: str | Path,
) -> None:
    """Draw Figure 3: one row per set of variants and model; (a) a scatter per method, (b) bars of both correlations.

    A point is a variant of the test split: its observed effect across; its score, the mean over seeds, up. A bar is the
    mean over seeds of the correlation, with the 95 % bootstrap interval over variants; dots are single seeds. The
    coefficients written above a scatter are those of its bars; of fewer than MIN_N variants there are none. Balanced
    variants are left out.

    Args:
        effects: from `effects.correlation_table`, of one or more datasets.
        scores: from `effects.mean_scores`, of the same.
        names: what to display, in which order.
        sets: display names of the sets of variants.
        svg_path, png_path: where to save.

    Raises:
        DataError: no named dataset, set, model and method has variants of the test split.
    """
    tested = effects[effects["split"] == "test"]
    tested = tested[tested["method"].isin(list(names.methods))]
    means = across_seeds(tested, "test") if len(tested) else tested
    found = set(zip(means["dataset"], means["variant_set"], means["model"], strict=True))
    rows = [
        (dataset, variant_set, model)
        for dataset in names.datasets
        for variant_set in sets
        for model in names.models
        if (dataset, variant_set, model) in found
    ]
    if not rows:
        raise DataError("Figure 3 has no variant of the test split to display", "are there variants in the test split?")
    methods = [method for method in names.methods if method in set(means["method"])]
    colours = dict(zip(names.methods, cycle(COLOURS), strict=False))
    several = len(names.models) > 1
    with paper_style():
        headings = [
            " · ".join([names.datasets[dataset], sets[variant_set], *([names.models[model]] if several else [])])
            + _count(int(_of(tested, dataset, variant_set, model)["n"].iloc[0]))
            for dataset, variant_set, model in rows
        ]
        figure, axes, headings = _grid(headings, min(len(methods), SCATTERS))
        for line, (dataset, variant_set, model), heading in zip(axes, rows, headings, strict=True):
            here = _of(tested, dataset, variant_set, model)
            points = _of(scores[(scores["split"] == "test") & ~scores[BALANCED]], dataset, variant_set, model)
            by_method = here[here["seed"].astype(str) == ALL_SEEDS].set_index(["method", "measure"])["value"]
            for method, axis in zip(methods, line[:-1], strict=False):
                if method not in set(here["method"]):
                    axis.set_axis_off()
                    continue
                _draw_scatter(axis, points[points["method"] == method], colours[method])
                found_here = [float(by_method.get((method, measure), np.nan)) for measure in CORRELATIONS]
                coefficients = [
                    f"{SYMBOLS[m]} = {number(r, '.2f')}" for m, r in zip(CORRELATIONS, found_here, strict=True)
                ]
                axis.set_title(f"{names.methods[method]}\n{', '.join(coefficients)}", fontsize=7)
            _draw_bars(line[-1], here, methods, colours)
            _name_row(figure, line[0], heading)
        _share_scale([line[-1] for line in axes])
        _label(figure, axes)
        _draw_legend(figure, names, methods, colours, several=tested["seed"].nunique() > 2)
        save_figure(figure, svg_path, png_path)


def _count(n: int) -> str:
    return f", {n:,} variants" + ("" if n >= MIN_N else ": too few for a correlation")


def _of(table: pd.DataFrame, dataset: str, variant_set: str, model: str) -> pd.DataFrame:
    return table[(table["dataset"] == dataset) & (table["variant_set"] == variant_set) & (table["model"] == model)]


def _grid(headings: Sequence[str], scatters: int) -> tuple[Figure, np.ndarray, list[str]]:
    """Panels in mm: a row per set of variants, scatters and then the bars across; and the headings, wrapped."""
    bottom, left, right, gap, bars = 10.0, 17.0, 3.0, 8.0, 40.0
    rows, width = len(headings), min(WIDTH_MM, left + scatters * (38 + gap) + gap + bars + right)
    wrapped, extra = wrap_titles(headings, width - left - right - bars - gap, 8, "bold")
    top, between = 17.0 + extra, 18.0 + extra
    panel = (width - left - right - bars - (scatters + 0.6) * gap) / scatters
    tall = max(14.0, min(0.85 * panel, (HEIGHT_MM - top - bottom - between * (rows - 1)) / rows))
    height = top + bottom + rows * tall + between * (rows - 1)
    boxes = [
        (left + column * (panel + gap) + (0.6 * gap if column == scatters else 0),
         height - top - tall - row * (tall + between), bars if column == scatters else panel, tall)
        for row in range(rows)
        for column in range(scatters + 1)
    ]  # fmt: skip
    figure, axes = free_panels((width, height), boxes)
    grid = np.empty(len(axes), object)
    grid[:] = axes
    return figure, grid.reshape(rows, scatters + 1), wrapped


def _draw_scatter(axis: Axes, points: pd.DataFrame, colour: str) -> None:
    size, alpha = (5.0, 0.6) if len(points) <= MANY else (2.0, max(0.08, 0.6 * MANY / len(points)))
    axis.axhline(0, color=RULE, linewidth=0.6, zorder=1)
    axis.axvline(0, color=RULE, linewidth=0.6, zorder=1)
    axis.scatter(
        points["effect"], points["score"], s=size, color=colour, alpha=alpha, linewidth=0, zorder=2, clip_on=False,
        rasterized=len(points) > MANY,
    )  # fmt: skip
    for limit, scale, column in ((axis.set_xlim, axis.xaxis, "effect"), (axis.set_ylim, axis.yaxis, "score")):
        low, high = min(0.0, points[column].min()), max(0.0, points[column].max())
        margin = 0.06 * (high - low) or 1.0
        limit(low - margin, high + margin)
        scale.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axis.tick_params(axis="both", labelsize=6.5, length=2, pad=1.5)


def _draw_bars(axis: Axes, here: pd.DataFrame, methods: list[str], colours: Mapping[str, str]) -> None:
    """A group of bars for each measure: mean over seeds, interval over variants, dots for seeds."""
    width = 0.8 / len(methods)
    all_seeds = here["seed"].astype(str) == ALL_SEEDS
    for group, measure in enumerate(CORRELATIONS):
        of_measure = here["measure"] == measure
        for place, method in enumerate(methods):
            own = of_measure & (here["method"] == method)
            x = group + (place - (len(methods) - 1) / 2) * width
            mean, seeds = here[own & all_seeds], here.loc[own & ~all_seeds, "value"].to_numpy()
            if mean.empty or not np.isfinite(value := float(mean["value"].iloc[0])):
                axis.text(x, 0, "–", color=FAINT, ha="center", va="bottom")
                continue
            axis.bar(x, value, 0.86 * width, color=colours[method], alpha=0.55, linewidth=0, zorder=2)
            low, high = float(mean["low"].iloc[0]), float(mean["high"].iloc[0])
            if np.isfinite(low):
                axis.vlines(x, low, high, color=colours[method], linewidth=1.1, zorder=4)
            if len(seeds) > 1:
                beside = np.full(len(seeds), x + 0.24 * width)
                axis.plot(beside, seeds, "o", color=colours[method], markersize=1.9, markeredgewidth=0, zorder=3)
    axis.axhline(0, color="black", linewidth=0.6, zorder=5)
    axis.set_xlim(-0.55, len(CORRELATIONS) - 0.45)
    axis.set_xticks(range(len(CORRELATIONS)), [HEADINGS[measure] for measure in CORRELATIONS])
    axis.tick_params(axis="x", length=0)
    axis.tick_params(axis="y", labelsize=6.5, length=2, pad=1.5)
    axis.spines["bottom"].set_visible(False)
    axis.set_title("Correlation")


def _share_scale(axes: list[Axes]) -> None:
    """One scale for the bars of all rows, so that they can be compared."""
    low = min(0.0, *(axis.get_ylim()[0] for axis in axes))
    high = max(0.0, *(axis.get_ylim()[1] for axis in axes))
    for axis in axes:
        axis.set_ylim(max(low, -1.02), min(high, 1.02))
        axis.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def _name_row(figure: Figure, axis: Axes, text: str) -> None:
    box = axis.get_position()
    height = figure.get_size_inches()[1] / MM
    figure.text(box.x0, box.y1 + 9 / height, text, fontsize=8, fontweight="bold")


def _label(figure: Figure, axes: np.ndarray) -> None:
    """What the axes of the scatters are, and the letters of the two parts."""
    width, height = figure.get_size_inches() / MM
    first, last, bars = axes[-1, 0].get_position(), axes[-1, -2].get_position(), axes[0, -1].get_position()
    middle = (axes[0, 0].get_position().y1 + axes[-1, 0].get_position().y0) / 2
    across, up = "Observed allelic imbalance (positive: alternative preferred)", "Predicted:\nlogit(alt) − logit(ref)"
    figure.text((first.x0 + last.x1) / 2, 1.8 / height, across, ha="center", fontsize=7.5)
    figure.text(1.5 / width, middle, up, rotation=90, va="center", ha="left", multialignment="center", fontsize=7.5)
    for letter, x in (("a", 1.5 / width), ("b", bars.x0 - 6 / width)):
        figure.text(x, bars.y1 + 9 / height, letter, fontsize=10, fontweight="bold")


def _draw_legend(
    figure: Figure, names: DisplayNames, methods: list[str], colours: Mapping[str, str], several: bool
) -> None:
    handles: list[Patch | Line2D] = [
        Patch(color=colours[method], alpha=0.55, linewidth=0, label=names.methods[method]) for method in methods
    ]
    handles.append(Line2D([], [], color=FAINT, linewidth=1.1, label="95 % interval over variants"))
    if several:
        handles.append(Line2D([], [], color=FAINT, marker="o", markersize=1.9, linestyle="", label="one seed"))
    figure.legend(handles=handles, loc="upper right", ncols=len(handles), borderaxespad=0.2, handlelength=1.2,
                  columnspacing=1.4)  # fmt: skip

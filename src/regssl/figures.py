"""Figure 2 (SSL against SL) and the figure of homologs found, as SVG with real text and PNG, the same bytes every time.

Figures are built without pyplot, so importing or using this module changes no backend and no global setting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from regssl.errors import DataError
from regssl.evaluation.summary import METRICS, Names, estimates, problems, runs_of, without_score
from regssl.io.atomic import atomic_path
from regssl.lift_tables import check_lift
from regssl.tables import dagger

WIDTH_MM = 180  # two columns of a journal page
HEIGHT_MM = 240  # a page
MM = 1 / 25.4

# Okabe and Ito's colours, told apart by colour-blind readers; the first method (the baseline) is grey.
COLOURS = ("#666666", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "D", "s", "^", "v", "P", "X", "p", "h", "*")
BAND, RULE, FAINT = "#F3F4F6", "#B8B8B8", "#8A8A8A"
DASHES = (0, (2.5, 1.5))
FILLED: dict[str, Any] = {"color": COLOURS[1], "markersize": 3.0}
HOLLOW: dict[str, Any] = {"color": "#444444", "markersize": 4.2, "markerfacecolor": "none", "markeredgewidth": 0.7}

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that every machine draws the same
    "font.size": 7,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "regssl",
    "figure.dpi": 100,
    "savefig.dpi": 300,
}

Looks = Mapping[str, tuple[str, str]]  # colour and marker of each method

LINEAR_PERCENT = 10.0  # within ± this many percent, a wide-ranging axis of increases is linear


@contextmanager
def paper_style() -> Iterator[None]:
    """Matplotlib's defaults plus `STYLE`, whatever the reader's own settings; restored on leaving."""
    with matplotlib.style.context(STYLE, after_reset=True):
        yield


def save_figure(figure: Figure, svg_path: str | Path, png_path: str | Path) -> None:
    """Save as SVG (text stays text) and PNG (300 dpi) without dates, so that the same data give the same bytes."""
    for path, metadata in ((svg_path, {"Date": None}), (png_path, {"Software": None})):
        with atomic_path(path) as aside:
            figure.savefig(aside, format=Path(path).suffix.removeprefix("."), metadata=metadata, facecolor="white")


def figure2(
    increase: pd.DataFrame,
    summary: pd.DataFrame,
    names: Names,
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
    runs, cells = runs_of(summary, split), estimates(summary, split)
    unscored = problems(summary)
    listed = pd.Series([*runs["dataset"].unique(), *unscored], dtype=object)
    shown = Names(_present(names.datasets, listed), _present(names.models, runs["model"]),
                  _present(names.methods, runs["method"]))  # fmt: skip
    if not (set(shown.datasets) - set(unscored) and shown.models and shown.methods):
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
        note = fill(without_score(unscored, names.datasets), 130)
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


def _only(frame: pd.DataFrame, shown: Names) -> pd.DataFrame:
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


def _grid(shown: Names, columns: int, legend_rows: int, note_rows: int = 0) -> tuple[Figure, NDArray[np.object_]]:
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
            axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+,g}".replace("-", "−") if x else "0"))
        axis.axvline(0, color=RULE, linewidth=0.8, zorder=1)
    axes[-1].set_xlabel(label)


def _draw(axis: Axes, means: pd.DataFrame, seeds: pd.DataFrame, shown: Names, looks: Looks) -> None:
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
            if mark := dagger(of_dataset["collapsed"].astype(int)[method]):
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


def _draw_prevalence(axis: Axes, cells: pd.DataFrame, shown: Names) -> None:
    prevalence = cells.groupby("dataset")["prevalence"].first()
    for row, dataset in enumerate(shown.datasets):
        if dataset in prevalence:
            axis.vlines(prevalence[dataset], row - 0.38, row + 0.38, color="black", linewidth=0.8, linestyle=DASHES)


def _legend_handles(shown: Names, looks: Looks, several_seeds: bool, collapsed: bool) -> list[Line2D]:
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


def legend_rows(handles: Sequence[Line2D | Patch], width: float = WIDTH_MM) -> int:
    """How many rows `draw_legend` needs on a figure of so many mm."""
    return math.ceil(len(handles) / _legend_columns(handles, width))


def _legend_columns(handles: Sequence[Line2D | Patch], width: float) -> int:
    """As many columns as the figure is wide, at most six; a handle takes about 12 mm and 1.45 mm per letter."""
    widths = [12 + 1.45 * len(str(handle.get_label())) for handle in handles]
    for rows in range(math.ceil(len(handles) / 6), len(handles)):
        columns = math.ceil(len(handles) / rows)
        if sum(max(widths[start::columns]) for start in range(columns)) < width:
            return columns
    return 1


def draw_legend(figure: Figure, handles: Sequence[Line2D | Patch]) -> None:
    """Draw a legend at the top of a figure, row by row."""
    columns = _legend_columns(handles, figure.get_figwidth() / MM)
    by_rows = [handle for start in range(columns) for handle in handles[start::columns]]  # matplotlib fills columns
    figure.legend(
        handles=by_rows, loc="upper center", ncols=columns, borderaxespad=0.2, handlelength=1.6, columnspacing=1.6
    )


def lift_figure(lift: pd.DataFrame, datasets: Mapping[str, str], svg_path: str | Path, png_path: str | Path) -> None:
    """Share of human training windows with a kept homolog, per genome: positives filled, negatives hollow.

    One panel per dataset (six across), genomes down in the order in which `lift` names them.

    Raises:
        DataError: lift counts that do not add up (`lift_tables.check_lift`), or no row of a named dataset.
    """
    check_lift(lift)
    shown = _present(datasets, lift["dataset"])
    if not shown:
        raise DataError("the lift-over figure has no dataset to show", "name the datasets of the lift-over table")
    genomes = dict(zip(lift["genome"], lift["name"], strict=True))
    across = min(6, len(shown))
    down = math.ceil(len(shown) / across)
    left, top, between, bottom = 6 + 1.45 * max(map(len, genomes.values())), 10.0, 9.0, 11.0
    line = min(4.2, (HEIGHT_MM - top - bottom - between * (down - 1)) / (down * len(genomes)))
    panel = max(line * len(genomes), 12.0)
    height = top + bottom + down * panel + between * (down - 1)
    width = min(WIDTH_MM, left + 5 + 70 * across)
    with paper_style():
        figure = Figure(figsize=(width * MM, height * MM))
        axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
        figure.subplots_adjust(
            left / width, bottom / height, 1 - 5 / width, 1 - top / height, wspace=0.28, hspace=between / panel
        )
        for axis, (dataset, name) in zip(axes.flat, shown.items(), strict=False):
            _draw_lift(axis, lift[lift["dataset"] == dataset], list(genomes))
            axis.set_title(fill(name, 16), pad=3)
        for axis in axes.flat[len(shown) :]:
            axis.set_visible(False)
        for axis in axes.flat[max(len(shown) - across, 0) : len(shown)]:
            axis.tick_params(axis="x", labelbottom=True)
        axes[0, 0].set_yticks(range(len(genomes)), list(genomes.values()))
        figure.supxlabel("Human training windows with a homolog kept (%)", fontsize=7.5, y=2 / height)
        handles = [
            Line2D([], [], marker="o", linestyle="", label="positives", **FILLED),
            Line2D([], [], marker="o", linestyle="", label="negatives", **HOLLOW),
        ]
        draw_legend(figure, handles)
        save_figure(figure, svg_path, png_path)


def _draw_lift(axis: Axes, lift: pd.DataFrame, genomes: list[str]) -> None:
    for row in range(0, len(genomes), 2):
        axis.axhspan(row - 0.5, row + 0.5, color=BAND, linewidth=0, zorder=0)
    axis.axvline(50, color=RULE, linewidth=0.4, zorder=1)
    known = lift[lift["windows"] > 0]
    for label, look in ((1, FILLED), (0, HOLLOW)):
        of_label = known[known["label"].astype(int) == label]
        rows = [genomes.index(genome) for genome in of_label["genome"]]
        axis.plot(100 * of_label["kept"] / of_label["windows"], rows, "o", clip_on=False, zorder=3 - label, **look)
    axis.set_xlim(0, 100)
    axis.set_xticks([0, 50, 100])
    axis.set_ylim(len(genomes) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)

"""The figure *Are the copied labels true?*: shares of bound copies, and what scores, models and SSL make of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.measured.columns import ALL, STRATA
from regssl.reporting.figures.measured_models import (
    LEAST,
    draw_discrimination,
    draw_gains,
    draw_own_windows,
    legend_of_models,
    shown_scores,
)
from regssl.reporting.figures.style import (
    COLOURS,
    FAINT,
    MM,
    RULE,
    WIDTH_MM,
    draw_legend,
    free_panels,
    legend_rows,
    name_rows,
    paper_style,
    row_axis,
    save_figure,
    text_width,
    wrap,
    wrap_rows,
    wrap_titles,
)
from regssl.reporting.measured_evidence import MeasuredTables, Place, Row, where_name
from regssl.reporting.tables.measured import STRATUM_NAMES

MORE = " and more"
LABELS = {1: (COLOURS[1], "copied positives"), 0: (COLOURS[0], "copied negatives")}
"""Colour and name of copies by label; negatives are hollow."""
NAME_WIDTHS = (18, 24, 30)
"""Widths of the names of rows, in mm: the least that does."""
PAGE, HEAD, TICKS, AXIS, LEGEND = 238.0, 5.0, 6.5, 10.5, 4.2
"""In mm: height of a page, of a part's heading, of ticks beneath a panel of a, of an axis, of a legend's row."""
HEADINGS = (
    "Which scores tell bound copied positives?",
    "How well are the species’ own windows predicted?",
    "Gain of SSL, and true copies",
)
"""What b, c and d show."""
GAIN_WIDTH, GAP, BETWEEN = 42.0, 5.0, 8.0


class _Layout(NamedTuple):
    """Places in mm. `a` and `b` are the distances of the first panels of a, and of those of b to d, from the top."""

    height: float
    left: float
    a: float
    tall: float
    b: float
    line: float

    def boxes(self, rows: int, strata: int, lower: bool) -> list[tuple[float, float, float, float]]:
        """Return the boxes of all panels: those of a row by row, then b, c and d."""
        left, width = self.left + 7, self.panel_width(strata)
        boxes = [
            (left + at * (width + GAP), self.height - self.a - row * (self.tall + TICKS) - self.tall, width, self.tall)
            for row in range(rows)
            for at in range(strata)
        ]
        if lower:
            high, tall = rows * self.line, min(max(rows * self.line, LEAST), 70.0)
            half = (WIDTH_MM - self.left - GAIN_WIDTH - 18 - BETWEEN - 3) / 2
            bottom, edge = self.height - self.b - high, WIDTH_MM - GAIN_WIDTH - 3
            boxes += [(self.left, bottom, half, high), (self.left + half + BETWEEN, bottom, half, high),
                      (edge, self.height - self.b - tall, GAIN_WIDTH, tall)]  # fmt: skip
        return boxes

    def panel_width(self, strata: int) -> float:
        """Return the width of a panel of a."""
        return (WIDTH_MM - self.left - 7 - 3 - GAP * (strata - 1)) / strata


def measured_figure(tables: MeasuredTables, names: DisplayNames, svg_path: str | Path, png_path: str | Path) -> None:
    """Draw the shares of bound copies by stratum (a), AUROC (b), AUPR on own windows (c) and what SSL gains (d).

    a: a row per dataset and genome, a panel per stratum; copied positives filled, negatives hollow, with Wilson's 95 %
    intervals; beneath each level the number of copied positives. b: how well scores tell bound copied positives from
    others; filled: all copies, hollow: those of held-out windows. c: methods on the species' own windows, apart from
    training. d: AUPR of SSL less that of SL, against the share of bound copied positives; numbers are those of rows.

    Args:
        tables: of one or more datasets.
        names: what to display, in which order; controls, baselines and ablations are in the tables only.
        svg_path, png_path: where to save.

    Raises:
        DataError: no named dataset and genome has measured labels.
    """
    places = tables.places(names)
    if not places:
        raise DataError("the figure of measured labels has nothing to display", "name its datasets and genomes")
    texts = [f"{at} {names.datasets[one[0]]}, {where_name(names, one)}" for at, one in enumerate(places, start=1)]
    strata = [name for name in STRATA if any(tables.shares(place, 1, stratum=name) for place in places)]
    with paper_style():
        scores, upper, lower = shown_scores(tables, names), _handles(), legend_of_models(tables, names)
        layout, labels, sizes = _lay_out(texts, lower, len(scores))
        titles, extra = wrap_titles([STRATUM_NAMES[name] for name in strata], layout.panel_width(len(strata)), 7.5)
        layout = layout._replace(height=layout.height + extra, a=layout.a + extra, b=layout.b + extra)
        figure, axes = free_panels((WIDTH_MM, layout.height), layout.boxes(len(places), len(strata), bool(lower)))
        most = _highest(tables, places, strata)
        for at, axis in enumerate(axes[: len(places) * len(strata)]):
            row, column = divmod(at, len(strata))
            shares = {label: tables.shares(places[row], label, stratum=strata[column]) for label in LABELS}
            _draw_shares(axis, shares, layout.panel_width(len(strata)), most)
            axis.tick_params(axis="y", labelleft=not column)
            if not row:
                axis.set_title(titles[column], fontsize=7.5, pad=3)
            if not column:
                box = axis.get_position()
                figure.text(1.5 / WIDTH_MM, (box.y0 + box.y1) / 2, labels[row], fontsize=sizes[row], va="center")
        draw_legend(figure, upper)
        _head(
            figure, "a", "Bound in the other species, of all copies (%)", (1.5, layout.a - extra - HEAD - 4.5), WIDTH_MM
        )
        if lower:
            b, c, d = axes[-3:]
            for axis in (b, c):
                row_axis(axis, len(places))
            name_rows(b, labels, sizes)
            c.set_yticks([])
            draw_discrimination(b, tables, places, scores, layout.line)
            draw_own_windows(c, tables, places, names)
            draw_gains(d, tables, places, names)
            draw_legend(figure, lower, layout.b - 2 * HEAD - 2 - LEGEND * legend_rows(lower))
            for letter, axis, text in zip("bcd", (b, c, d), HEADINGS, strict=True):
                if not axis.axison:
                    continue
                left = axis.get_position().x0 * WIDTH_MM - (14 if axis is d else 0)
                width = (axis.get_position().x1 * WIDTH_MM) - left - 5
                _head(figure, letter, text, (1.5 if axis is b else left, layout.b - HEAD - 3.2), width)
        save_figure(figure, svg_path, png_path)


def _lay_out(texts: Sequence[str], lower: Sequence[Line2D], scores: int) -> tuple[_Layout, list[str], list[float]]:
    """Heights for the number of rows; and the names of rows, wrapped, with their sizes."""
    n, a = len(texts), LEGEND + 1 + HEAD + 6.0
    line = max(6.5, 0.85 * scores + 2.0, min(1.9 * scores + 2.0, 70 / n), min(20.0, LEAST / n))
    between = LEGEND * legend_rows(lower) + 2 * HEAD + 5 if lower else 0.0
    below = between + max(n * line, LEAST) + AXIS if lower else 0.0
    tall = min(max((PAGE - a - below) / n - TICKS, 9.5), 24.0)
    labels, sizes, widest = wrap_rows(texts, min(tall, line), NAME_WIDTHS)
    b = a + n * (tall + TICKS) + between
    return _Layout(a + n * (tall + TICKS) + below, widest + 4, a, tall, b, line), labels, sizes


def _highest(tables: MeasuredTables, places: Sequence[Place], strata: Sequence[str]) -> float:
    """The highest bound of an interval among copied positives, in percent: all panels share the scale."""
    bounds = [row["high"] for place in places for name in strata for row in tables.shares(place, 1, stratum=name)]
    return 100.0 * float(max([0.05, *(bound for bound in bounds if math.isfinite(bound))]))


def _draw_shares(axis: Axes, shares: Mapping[int, Sequence[Row]], width: float, most: float) -> None:
    levels = {_level(row): row["copies"] for row in shares[1]}
    levels = levels or dict.fromkeys(map(_level, shares[0]), 0)
    places = {level: at for at, level in enumerate(levels)}
    for label, (colour, _) in LABELS.items():
        rows = [row for row in shares[label] if _level(row) in places and row["copies"]]
        x = [places[_level(row)] + (0.09 if label == 0 else -0.09) for row in rows]
        y = [100 * row["share_bound"] for row in rows]
        axis.vlines(x, [100 * row["low"] for row in rows], [100 * row["high"] for row in rows], color=colour,
                    linewidth=1.0, zorder=2)  # fmt: skip
        axis.plot(x, y, "o-", color=colour, linewidth=0.5, markersize=3.6, markeredgewidth=0.8, zorder=4 - label,
                  markerfacecolor=colour if label else "white", clip_on=False)  # fmt: skip
    axis.set_xlim(-0.5, max(len(levels), 1) - 0.5)
    axis.set_ylim(0, 1.04 * most)
    axis.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axis.grid(axis="y", color=RULE, linewidth=0.3)
    axis.set_axisbelow(True)
    ticks = [f"{level}\n{_short(copies)}" for level, copies in levels.items()]
    axis.set_xticks(range(len(levels)), ticks)
    needed = max([text_width(line, 6) for tick in ticks for line in tick.split("\n")] or [0.0])
    size = 6 * min(1.0, 0.94 * width / max(len(levels), 1) / max(needed, 0.1))
    axis.tick_params(axis="x", labelsize=size, length=0, pad=1.5)
    axis.tick_params(axis="y", labelsize=6.5, length=2, pad=1.5)


def _level(row: Row) -> str:
    """Name a level shortly: `5 to 10` is `5–10`, `below 5` is `<5`, `10 and more` is `≥10`."""
    if row["stratum"] == ALL:
        return f"≥{row['min_match']:g}"
    level = str(row["level"]).replace(" to ", "–").replace("below ", "<")
    return f"≥{level.removesuffix(MORE)}" if level.endswith(MORE) else level


def _short(count: int) -> str:
    """A count of at most five letters."""
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if count >= size:
            return f"{count / (1_000_000 if unit == 'M' else 1_000):.0f}{unit}"
    return f"{count:,}"


def _head(figure: Figure, letter: str, text: str, place: tuple[float, float], width: float) -> None:
    """Write the letter and the heading of a part; `place` is in mm from the left and the top."""
    height = figure.get_figheight() / MM
    x, y = place[0] / WIDTH_MM, 1 - place[1] / height
    figure.text(x, y, letter, fontsize=10, fontweight="bold", va="top")
    figure.text(x + 4.5 / WIDTH_MM, y - 0.4 / height, wrap(text, width, 7.5), fontsize=7.5, va="top")


def _handles() -> list[Line2D]:
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=3.6, markerfacecolor=colour if label else "white",
               linewidth=0.5, label=name)
        for label, (colour, name) in LABELS.items()
    ]  # fmt: skip
    interval = Line2D([], [], color=FAINT, linewidth=1.0, label="95 % interval")
    return [*handles, interval, Line2D([], [], linestyle="", label="beneath: number of copied positives")]

"""What all figures share: style, colours, grids of panels in millimetres, legends, and saving as SVG and PNG.

SVG has real text, and the same data give the same bytes. Figures are built without pyplot, so importing or using this
module changes no backend and no global setting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.textpath import text_to_path

from regssl.io.digests import digested_path

WIDTH_MM = 180  # two columns of a journal page
HEIGHT_MM = 240  # a page
MM = 1 / 25.4
# Okabe and Ito's colours, distinct for colour-blind readers; the first method (the baseline) is grey.
COLOURS = ("#666666", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "D", "s", "^", "v", "P", "X", "p", "h", "*")
BAND, RULE, FAINT = "#F3F4F6", "#B8B8B8", "#8A8A8A"
DASHES = (0, (2.5, 1.5))
STYLE: dict[str, Any] = {
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
    "text.parse_math": False,  # a name with dollar signs is text
    "svg.fonttype": "none",
    "svg.hashsalt": "regssl",
    "figure.dpi": 100,
    "savefig.dpi": 300,
}


@contextmanager
def paper_style() -> Iterator[None]:
    """Apply Matplotlib's defaults plus `STYLE`, whatever the user's own settings; restored on leaving."""
    with matplotlib.style.context(STYLE, after_reset=True):
        yield


class SeriesStyle(NamedTuple):
    """Colour and marker of a series, and its name in the legend."""

    colour: str
    marker: str
    name: str = ""


class Margins(NamedTuple):
    """Space around the panels of a figure, in mm."""

    left: float
    right: float
    bottom: float
    top: float


def panel_grid(
    shape: tuple[int, int], width: float, panel_height: float, margins: Margins, gaps: tuple[float, float], **share: Any
) -> tuple[Figure, np.ndarray]:
    """Make a figure with a grid of equal panels.

    Args:
        shape: rows and columns.
        width: of the figure, in mm.
        panel_height: in mm.
        margins: around the panels.
        gaps: between columns, as a fraction of a panel's width, and between rows, in mm.
        **share: `sharex`, `sharey` of `Figure.subplots`.

    Returns:
        The figure and its axes, (rows, columns).
    """
    rows, columns = shape
    height = margins.top + margins.bottom + rows * panel_height + gaps[1] * (rows - 1)
    figure = Figure(figsize=(width * MM, height * MM))
    axes = figure.subplots(rows, columns, squeeze=False, **share)
    figure.subplots_adjust(
        margins.left / width, margins.bottom / height, 1 - margins.right / width, 1 - margins.top / height,
        wspace=gaps[0], hspace=gaps[1] / panel_height,
    )  # fmt: skip
    return figure, axes


def free_panels(
    size: tuple[float, float], boxes: Sequence[tuple[float, float, float, float]]
) -> tuple[Figure, list[Axes]]:
    """Make a figure with panels anywhere, each with a vertical axis.

    Args:
        size: width and height of the figure, in mm.
        boxes: left, bottom, width and height of each panel, in mm.
    """
    width, height = size
    figure = Figure(figsize=(width * MM, height * MM))
    axes = [figure.add_axes((x / width, y / height, wide / width, tall / height)) for x, y, wide, tall in boxes]
    for axis in axes:
        axis.spines["left"].set_visible(True)
    return figure, axes


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Measure one line of text in mm; `size` is in points."""
    font = FontProperties(family=STYLE["font.family"], size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) / 72 / MM


def line_height(size: float) -> float:
    """Return the distance of two lines of text in mm; `size` is in points."""
    return 1.2 * size / 72 / MM


def wrap(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Break a text into lines of at most `width` mm, between words where they are short enough."""
    most = int(width / (0.25 * size / 72 / MM))  # of the narrowest letters
    for letters in range(min(len(text), most), 1, -1):
        lines = fill(text, letters)
        if max(text_width(line, size, weight) for line in lines.split("\n")) <= width:
            return lines
    return text


def wrap_titles(titles: Sequence[str], width: float, size: float, weight: str = "normal") -> tuple[list[str], float]:
    """Wrap the titles of panels.

    Returns:
        The titles, and how many mm the longest is higher than one line.
    """
    wrapped = [wrap(title, width, size, weight) for title in titles]
    return wrapped, line_height(size) * max(title.count("\n") for title in wrapped)


def wrap_rows(names: Sequence[str], height: float, widths: Sequence[float]) -> tuple[list[str], list[float], float]:
    """Wrap the names of rows of `height` mm at the least of some widths (mm) that does; what is too high gets smaller.

    Returns:
        The names, the size of each in points, and the width of the widest in mm.
    """
    size: float = STYLE["ytick.labelsize"]
    for width in widths:
        labels = [wrap(name, width, size) for name in names]
        needed = [line_height(size) * (label.count("\n") + 1) for label in labels]
        if max(needed) <= height:
            break
    sizes = [size * min(1.0, height / high) for high in needed]
    widest = max(text_width(line, own) for label, own in zip(labels, sizes, strict=True) for line in label.split("\n"))
    return labels, sizes, widest


def name_rows(axis: Axes, names: Sequence[str], sizes: Sequence[float]) -> None:
    """Write the names of rows at a vertical axis, each in its size in points."""
    axis.set_yticks(range(len(names)), names)
    for label, size in zip(axis.get_yticklabels(), sizes, strict=True):
        label.set_fontsize(size)


def row_axis(axis: Axes, labels: Sequence[str] | int) -> None:
    """Set up a vertical axis of named rows, from the top down, every other one on a grey band.

    Args:
        axis: the panel.
        labels: names of the rows, or only their number.
    """
    n = labels if isinstance(labels, int) else len(labels)
    axis.set_ylim(n - 0.5, -0.5)
    if not isinstance(labels, int):
        axis.set_yticks(range(n), labels)
    axis.tick_params(axis="y", length=0)
    for row in range(0, n, 2):
        axis.axhspan(row - 0.5, row + 0.5, color=BAND, linewidth=0, zorder=0)


def save_figure(figure: Figure, svg_path: str | Path, png_path: str | Path) -> None:
    """Save as SVG (text stays text) and PNG (300 dpi) without dates, so that the same data give the same bytes."""
    for path, metadata in ((svg_path, {"Date": None}), (png_path, {"Software": None})):
        with digested_path(path) as aside:
            figure.savefig(aside, format=Path(path).suffix.removeprefix("."), metadata=metadata, facecolor="white")


def legend_rows(handles: Sequence[Line2D | Patch], width: float = WIDTH_MM) -> int:
    """Count the rows that `draw_legend` needs on a figure `width` mm wide."""
    return math.ceil(len(handles) / _legend_columns(handles, width))


def _legend_columns(handles: Sequence[Line2D | Patch], width: float) -> int:
    """As many columns as fit into the width, at most six; a handle takes about 12 mm and 1.45 mm per letter."""
    widths = [12 + 1.45 * len(str(handle.get_label())) for handle in handles]
    for rows in range(math.ceil(len(handles) / 6), len(handles)):
        columns = math.ceil(len(handles) / rows)
        if sum(max(widths[start::columns]) for start in range(columns)) < width:
            return columns
    return 1


def draw_legend(figure: Figure, handles: Sequence[Line2D | Patch], below: float = 0.0) -> None:
    """Draw a legend, row by row, at the top of a figure or some mm below."""
    columns = _legend_columns(handles, figure.get_figwidth() / MM)
    by_rows = [handle for start in range(columns) for handle in handles[start::columns]]  # matplotlib fills columns
    figure.legend(
        handles=by_rows, loc="upper center", ncols=columns, borderaxespad=0.2, handlelength=1.6, columnspacing=1.6,
        bbox_to_anchor=(0.5, 1 - below * MM / figure.get_figheight()),
    )  # fmt: skip

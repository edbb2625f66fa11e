"""Figure 2 (SSL against SL) and the figure of homologs found, as SVG with real text and PNG, the same bytes every time.

Figures are built without pyplot, so importing or using this module changes no backend and no global setting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib.style
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from regssl.io.atomic import atomic_path

WIDTH_MM = 180  # two columns of a journal page
HEIGHT_MM = 240  # a page
MM = 1 / 25.4
# Okabe and Ito's colours, told apart by colour-blind readers; the first method (the baseline) is grey.
COLOURS = ("#666666", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "D", "s", "^", "v", "P", "X", "p", "h", "*")
BAND, RULE, FAINT = "#F3F4F6", "#B8B8B8", "#8A8A8A"
DASHES = (0, (2.5, 1.5))
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

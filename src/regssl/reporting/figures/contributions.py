"""What each base of a sequence counts: letters scaled by their contributions above a map of all changes."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from regssl.io.atomic import digest_path
from regssl.reporting.figures.letters import draw_letters
from regssl.reporting.figures.style import FAINT, MM, RULE, WIDTH_MM, paper_style, save_figure, wrap
from regssl.reporting.format import number
from regssl.sequences.encoding import LETTERS

if TYPE_CHECKING:
    from regssl.interpretation.sequences import Explained

BASES_PER_ROW = 100
MOST_BASES = 5_000
"""Of a picture: a longer one takes minutes, is many metres high, and no PNG holds it."""
LETTERS_MM, MAP_MM, ROW_GAP_MM, TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 17, 10, 9, 10, 13, 13, 4
COLOUR_MAP = "RdBu_r"
_PICTURE = re.compile(r"sequence([0-9]+)\.(?:svg|png)")


def contribution_figure(explained: Explained, title: str, svg_path: str | Path, png_path: str | Path) -> None:
    """Draw a sequence, BASES_PER_ROW bases a row, as letters and as a map of changes.

    Above: each base, scaled by its contribution: the logit less its mean over the four bases at that position. A letter
    below the line is a base that lowers the logit. Beneath: by how much the logit rises (red) or falls (blue) with each
    change; dots mark the bases that are there. All rows have one scale.

    Args:
        explained: the sequence, of MOST_BASES at most.
        title: what it is, and by which networks.
        svg_path, png_path: where to save.
    """
    length = len(explained.place.codes)
    rows = -(-length // BASES_PER_ROW)
    per_row = min(length, BASES_PER_ROW)
    height = TOP_MM + rows * (LETTERS_MM + MAP_MM) + (rows - 1) * ROW_GAP_MM + BOTTOM_MM
    contributions = explained.contribution
    low, high = min(contributions.min(), 0.0), max(contributions.max(), 0.0)
    margin = 0.05 * max(high - low, 1e-6)
    most = max(float(np.abs(explained.change).max()), 1e-6)
    norm = TwoSlopeNorm(0, -most, most)
    with paper_style():
        figure = Figure(figsize=(WIDTH_MM * MM, height * MM))
        wide = WIDTH_MM - LEFT_MM - RIGHT_MM
        for row in range(rows):
            first = row * BASES_PER_ROW
            last = min(first + BASES_PER_ROW, length)
            top = height - TOP_MM - row * (LETTERS_MM + MAP_MM + ROW_GAP_MM)
            box = (LEFT_MM / WIDTH_MM, (top - LETTERS_MM) / height, wide / WIDTH_MM, LETTERS_MM / height)
            letters = figure.add_axes(box)
            _draw_row(letters, explained, contributions, first, last)
            letters.set_ylim(low - margin, high + margin)
            below = figure.add_axes((box[0], (top - LETTERS_MM - MAP_MM) / height, box[2], MAP_MM / height))
            below.imshow(explained.change[:, first:last], cmap=COLOUR_MAP, norm=norm, aspect="auto",
                         extent=(first - 0.5, last - 0.5, 3.5, -0.5), interpolation="nearest")  # fmt: skip
            _finish_map(below, explained, first, last)
            for axis in (letters, below):
                axis.set_xlim(first - 0.5, first + per_row - 0.5)
        scale = figure.add_axes(((WIDTH_MM - 52) / WIDTH_MM, 3.6 / height, 40 / WIDTH_MM, 1.8 / height))
        bar = figure.colorbar(ScalarMappable(norm, COLOUR_MAP), cax=scale, orientation="horizontal")
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=6, length=1.5, pad=1)
        bar.ax.set_xticks([-most, 0, most], [number(-most, ".2g"), "0", number(most, ".2g")])
        figure.text((WIDTH_MM - 54) / WIDTH_MM, 4.5 / height, "logit with the change, less logit", fontsize=6.5,
                    ha="right", va="center")  # fmt: skip
        figure.text(LEFT_MM / WIDTH_MM, 1 - 3 / height, wrap(title, wide, 8), fontsize=8, va="top")
        save_figure(figure, svg_path, png_path)


def remove_pictures(folder: str | Path, kept: Collection[int]) -> None:
    """Remove the pictures of an earlier run, `sequence<number>.svg` and `.png`, that this one did not draw.

    Args:
        folder: of the pictures.
        kept: numbers of those to keep.
    """
    for path in Path(folder).iterdir():
        number = _PICTURE.fullmatch(path.name)
        if number and int(number[1]) not in kept and digest_path(path).exists():  # written by this program
            path.unlink()
            digest_path(path).unlink()


def _draw_row(axis: Axes, explained: Explained, contributions: np.ndarray, first: int, last: int) -> None:
    codes = explained.place.codes[first:last]
    heights = np.zeros((len(codes), 4))
    known = np.flatnonzero(codes < 4)
    heights[known, codes[known]] = contributions[first:last][known]
    draw_letters(axis, heights, first)
    axis.axhline(0, color=FAINT, linewidth=0.4)
    axis.set_xticks([])
    axis.spines["left"].set_visible(True)
    axis.spines["left"].set_linewidth(0.6)
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(axis="y", width=0.6, labelsize=6, length=2, pad=1.5)
    axis.set_ylabel("contribution", fontsize=6.5)


def _finish_map(axis: Axes, explained: Explained, first: int, last: int) -> None:
    codes = explained.place.codes[first:last]
    known = np.flatnonzero(codes < 4)
    axis.plot(first + known, codes[known], ".", color=RULE, markersize=1.6, markeredgewidth=0)
    axis.set_yticks(range(4), list(LETTERS[:4]))
    axis.tick_params(axis="y", length=0, labelsize=5.5, pad=1.5)
    step = 10
    begin = explained.place.start
    ticks = [at for at in range(first, last) if (begin + at + 1) % step == 0]
    every = ticks[::2] if begin + last >= 100_000 else ticks
    axis.set_xticks(every, [f"{begin + at + 1:,}" for at in every])
    axis.tick_params(axis="x", labelsize=5.5, length=1.5, pad=1)
    axis.spines["bottom"].set_visible(False)

"""Letters of bases scaled by numbers: logos of motifs, and sequences by what their bases count."""

from __future__ import annotations

import logomaker
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from regssl.reporting.figures.style import RULE
from regssl.sequences.encoding import LETTERS

BASE_COLOURS = {"A": "#109648", "C": "#255C99", "G": "#F7B32B", "T": "#D62839"}
"""Green, blue, yellow, red, as in most logos."""
FONT = "DejaVu Sans"
BITS = 2.0
"""Of a position that is always the same base."""


def draw_letters(axis: Axes, heights: np.ndarray, start: float = 0, alpha: float = 1.0) -> None:
    """Draw letters one above another at each position, negative ones below the axis.

    Args:
        axis: the panel; its limits are set by the caller.
        heights: of A, C, G and T, (positions, 4).
        start: where the first position is.
        alpha: opacity.
    """
    frame = pd.DataFrame(heights, index=np.arange(len(heights)) + start, columns=list(LETTERS[:4]))
    logomaker.Logo(frame, ax=axis, color_scheme=BASE_COLOURS, font_name=FONT, font_weight="bold", alpha=alpha,
                   flip_below=False, vpad=0.02, width=0.94, show_spines=False)  # fmt: skip


def draw_logo(axis: Axes, frequencies: np.ndarray, start: int, span: tuple[int, int], alpha: float = 1.0) -> None:
    """Draw the logo of a motif: the height of a position is its bits over a uniform background.

    Args:
        axis: the panel.
        frequencies: (width, 4), columns A C G T.
        start: position of the panel at which the motif begins.
        span: first and last position of the panel, so that logos beneath one another are aligned.
        alpha: opacity.
    """
    logs = np.log2(frequencies, out=np.zeros_like(frequencies), where=frequencies > 0)
    draw_letters(axis, frequencies * (BITS + (frequencies * logs).sum(1, keepdims=True)), start, alpha)
    axis.set_xlim(span[0] - 0.5, span[1] + 0.5)
    axis.set_ylim(0, BITS)
    axis.set_xticks([])
    axis.set_yticks([])
    for side in ("left", "right", "top"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_visible(True)
    axis.spines["bottom"].set_color(RULE)
    axis.spines["bottom"].set_linewidth(0.4)


def oriented(frequencies: np.ndarray, reverse: bool) -> np.ndarray:
    """Return a motif, or its reverse complement."""
    return frequencies[::-1, ::-1] if reverse else frequencies

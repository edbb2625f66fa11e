"""The motifs of one network's filters, each above the known motif that it is most like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from regssl.interpretation.known import display_name
from regssl.reporting.figures.letters import draw_logo, oriented
from regssl.reporting.figures.style import FAINT, MM, WIDTH_MM, paper_style, save_figure, text_width
from regssl.reporting.format import p_value, percent
from regssl.sequences.motifs import Motif

COLUMNS, MOST = 3, 12
LOGO_MM, HEAD_MM, GAP_MM, TOP_MM, SIDE_MM = 9.0, 7.5, 6.0, 11.0, 4.0


def filters_figure(
    filters: pd.DataFrame,
    motifs: Mapping[str, Motif],
    known: Mapping[str, Motif],
    max_q: float,
    svg_path: str | Path,
    png_path: str | Path,
) -> None:
    """Draw one filter of each cluster, at most MOST, those first through which most of the logit's difference comes.

    Args:
        filters: table of filters, `interpretation.columns.COLUMNS`.
        motifs: of filters, by id.
        known: known motifs, by id.
        max_q: a filter whose best match has a larger q-value has no known motif beneath it.
        svg_path, png_path: where to save.
    """
    active = filters[filters["information"].notna()].sort_values("contribution", ascending=False, kind="stable")
    alike = active["cluster"].value_counts()
    shown = active.drop_duplicates("cluster").head(MOST)
    rows = max(-(-len(shown) // COLUMNS), 1)
    height = TOP_MM + rows * (HEAD_MM + 2 * LOGO_MM + GAP_MM)
    wide = (WIDTH_MM - SIDE_MM * (COLUMNS + 1)) / COLUMNS
    with paper_style():
        figure = Figure(figsize=(WIDTH_MM * MM, height * MM))
        caption = f"{len(active)} of {len(filters)} filters fire, in {len(alike)} clusters"
        figure.text(SIDE_MM / WIDTH_MM, 1 - 3 / height, caption, fontsize=8, va="top")
        for place, (_, row) in enumerate(shown.iterrows()):
            x = SIDE_MM + place % COLUMNS * (wide + SIDE_MM)
            y = height - TOP_MM - place // COLUMNS * (HEAD_MM + 2 * LOGO_MM + GAP_MM)
            is_match = row["best_q"] <= max_q
            motif = motifs[f"filter{row['filter']}"].frequencies
            target = known[row["best_id"]] if is_match else None
            start = int(row["best_offset"]) if is_match else 0
            ends = [0, len(motif) - 1, *([start, start + target.width - 1] if target else [])]
            span = min(ends), max(ends)
            more = int(alike[row["cluster"]]) - 1
            head = f"filter {row['filter']}" + (f" and {more} alike" if more else "")
            bound, others = (percent(row[label], ".2g") for label in ("positive", "negative"))
            share = f"fires in {bound} of bound, {others} of other windows"
            figure.text(x / WIDTH_MM, y / height, head, fontsize=7, fontweight="bold", va="top")
            figure.text(x / WIDTH_MM, (y - 3.3) / height, share, fontsize=6, va="top", color="#444444")
            for line, frequencies, first in (
                (0, motif, 0),
                (1, oriented(target.frequencies, row["best_reverse"]) if target else None, start),
            ):
                low = y - HEAD_MM - (line + 1) * LOGO_MM
                if frequencies is not None:
                    axis = figure.add_axes((x / WIDTH_MM, low / height, wide / WIDTH_MM, 0.94 * LOGO_MM / height))
                    draw_logo(axis, frequencies, first, span, alpha=1.0 if line == 0 else 0.55)
            name = f"{display_name(target)}, q = {p_value(row['best_q'])}" if target else "like no known motif"
            figure.text(x / WIDTH_MM, (y - HEAD_MM - (2 if is_match else 1) * LOGO_MM - 0.8) / height, _fit(name, wide),
                        fontsize=6, va="top", color="black" if is_match else FAINT)  # fmt: skip
        save_figure(figure, svg_path, png_path)


def _fit(text: str, width: float) -> str:
    """Shorten a line to some mm."""
    while text_width(text, 6) > width:
        text = text[:-2].rstrip(",.… ") + "…"
    return text

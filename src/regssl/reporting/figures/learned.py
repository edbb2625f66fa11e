"""Logos of what networks have learned beneath the known motif of the factor: the best and the median of the seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from regssl.evaluation.summary import DisplayNames
from regssl.interpretation.known import display_name
from regssl.interpretation.tomtom import tomtom
from regssl.reporting.figures.letters import draw_logo, oriented
from regssl.reporting.figures.style import FAINT, MM, WIDTH_MM, paper_style, save_figure
from regssl.reporting.format import p_value, percent
from regssl.sequences.motifs import Motif

LOGO_MM, HEAD_MM, GAP_MM, TOP_MM, MODEL_MM, NAME_MM, SIDE_MM = 11.0, 6.6, 2.0, 11.0, 4.0, 20.0, 5.0
CHOICES = {"is_best": "best seed", "is_median": "median seed"}


class _Shown(NamedTuple):
    """A logo: frequencies, where it begins, and whether it is like the known motif."""

    frequencies: np.ndarray
    start: int
    is_match: bool
    text: str


def learned_figure(
    runs: pd.DataFrame,
    motifs: Mapping[tuple[str, str, int], Mapping[str, Motif]],
    known: Sequence[Motif],
    names: DisplayNames,
    max_q: float,
    paths: tuple[str | Path, str | Path],
) -> None:
    """Draw, for each network, the known motif and beneath it the filter of each method that is most like it.

    All logos of a network are aligned with the known one, which is the factor's matrix that any of them is most like.
    A filter that is not like it (q above `max_q`) is faint. Without a matrix of the factor each method's filter stands
    alone, as it is.

    Args:
        runs: the tidy table of `tables.learned`.
        motifs: by model, method and seed the motifs of the run's filters by id.
        known: known motifs.
        names: display names.
        max_q: q-value of a match.
        paths: SVG and PNG to write.
    """
    shown = runs[runs["shown"].notna() & (runs["is_best"] | runs["is_median"])]
    blocks = [(model, group) for model, group in shown.groupby("model", sort=False)]
    has_own = bool(runs["own_share"].notna().any())
    lines = [group["method"].nunique() + has_own for _, group in blocks]
    height = TOP_MM + sum(MODEL_MM + n * (HEAD_MM + LOGO_MM + GAP_MM) for n in lines)
    with paper_style():
        figure = Figure(figsize=(WIDTH_MM * MM, height * MM))
        title = f"{names.datasets[str(runs['dataset'].iloc[0])]}: the filter most like the factor's known motif"
        if not has_own:
            title = f"{names.datasets[str(runs['dataset'].iloc[0])]}: the filter that tells bound windows apart best"
        figure.text(SIDE_MM / WIDTH_MM, 1 - 2.5 / height, title, fontsize=8.5, fontweight="bold", va="top")
        top = height - TOP_MM
        for (model, group), n in zip(blocks, lines, strict=True):
            _draw_block(figure, top, names.models[str(model)], group, motifs, known if has_own else [], names, max_q)
            top -= MODEL_MM + n * (HEAD_MM + LOGO_MM + GAP_MM)
        save_figure(figure, *paths)


def _draw_block(  # noqa: PLR0913
    figure: Figure,
    top: float,
    model: str,
    group: pd.DataFrame,
    motifs: Mapping[tuple[str, str, int], Mapping[str, Motif]],
    known: Sequence[Motif],
    names: DisplayNames,
    max_q: float,
) -> None:
    """Draw the logos of one network, from `top` mm down."""
    height = figure.get_figheight() / MM
    wide = (WIDTH_MM - NAME_MM - 3 * SIDE_MM) / 2
    columns = [_column(group[group[choice]], motifs, known, names, max_q) for choice in CHOICES]
    ends = [(one.start, one.start + len(one.frequencies) - 1) for column in columns for one in column.values()]
    span = min(start for start, _ in ends), max(end for _, end in ends)
    figure.text(SIDE_MM / WIDTH_MM, top / height, model, fontsize=7.5, va="top", color="#444444")
    for number, (head, column) in enumerate(zip(CHOICES.values(), columns, strict=True)):
        x = NAME_MM + SIDE_MM + number * (wide + SIDE_MM)
        figure.text((x + wide) / WIDTH_MM, top / height, head, fontsize=7.5, va="top", ha="right", color="#444444")
        for line, (name, one) in enumerate(column.items()):
            low = top - MODEL_MM - (line + 1) * (HEAD_MM + LOGO_MM) - line * GAP_MM
            axis = figure.add_axes((x / WIDTH_MM, low / height, wide / WIDTH_MM, LOGO_MM / height))
            draw_logo(axis, one.frequencies, one.start, span, 1.0 if one.is_match else 0.4)
            figure.text(x / WIDTH_MM, (low + LOGO_MM + 0.9) / height, one.text, fontsize=6, va="bottom",
                        color="#333333" if one.is_match else FAINT)  # fmt: skip
            if number == 0:
                figure.text(SIDE_MM / WIDTH_MM, (low + LOGO_MM / 2) / height, name, fontsize=8, fontweight="bold",
                            va="center")  # fmt: skip


def _column(
    chosen: pd.DataFrame,
    motifs: Mapping[tuple[str, str, int], Mapping[str, Motif]],
    known: Sequence[Motif],
    names: DisplayNames,
    max_q: float,
) -> dict[str, _Shown]:
    """Line up the known motif and the filters of one run of each method, by the name of the row."""
    by_id = {motif.id: number for number, motif in enumerate(known)}
    of_runs = {
        str(row["method"]): motifs[str(row["model"]), str(row["method"]), int(row["seed"])][f"filter{row['shown']}"]
        for _, row in chosen.iterrows()
    }
    if not known:
        return {
            names.methods[method]: _Shown(motif.frequencies, 0, True, _text(row, max_q))
            for (method, motif), (_, row) in zip(of_runs.items(), chosen.iterrows(), strict=True)
        }
    target = by_id[chosen.sort_values("shown_q", kind="stable")["shown_id"].iloc[0]]
    matches = tomtom([motif.frequencies for motif in of_runs.values()], [motif.frequencies for motif in known])
    own = known[target]
    column = {"known": _Shown(own.frequencies, 0, True, display_name(own))}
    for number, ((method, motif), (_, row)) in enumerate(zip(of_runs.items(), chosen.iterrows(), strict=True)):
        offset, reverse = int(matches.offset[number, target]), bool(matches.reverse[number, target])
        start = own.width - len(motif.frequencies) + offset if reverse else -offset
        is_match = bool(row["shown_q"] <= max_q)
        column[names.methods[method]] = _Shown(oriented(motif.frequencies, reverse), start, is_match, _text(row, max_q))
    return column


def _text(row: pd.Series, max_q: float) -> str:
    """Tell of a filter, in two lines."""
    found = f"q = {p_value(row['shown_q'])}" + ("" if row["shown_q"] <= max_q else ", no match")
    has_own = not np.isnan(row["own_share"])
    alike = f"{row['own']} of {row['active']} filters are like it" if has_own else f"most like {row['shown_id']}"
    bound, others = (percent(row[f"shown_{label}"], ".2g") for label in ("positive", "negative"))
    head = f"seed {row['seed']}, filter {row['shown']}: {found}; {alike}"
    return f"{head}\nfires in {bound} of bound windows, in {others} of others"

"""The figures in docs/figures that are drawn from tables in docs/results, each with a note of what it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from helpers.doses_tables import curve, dosed
from helpers.page_cells import factor_names
from helpers.paths import ROOT
from helpers.results_tables import read
from regssl.evaluation.summary import DisplayNames
from regssl.methods import METHODS
from regssl.methods.subsets import KINDS
from regssl.reporting.figures.ablations import plot_ablation
from regssl.reporting.figures.forest import forest_plot

FOLDER = ROOT / "docs/figures"
GAINING = ["ctcf", "atf3", "ep300", "creb1"]
"""Factors whose SSL is better than SL by itself, so that there is a gain to explain."""
NOTE = "Table"
"""The text of a PNG that tells which table is drawn."""


class Drawn(NamedTuple):
    """A figure: what it shows, and how that is drawn, given the factors, as SVG and PNG."""

    factors: list[str]
    table: Callable[[], pd.DataFrame]
    plot: Callable[[pd.DataFrame, DisplayNames, Path, Path], None]


def differences() -> pd.DataFrame:
    """AUPR of SSL less that of each other method but random scores, of the present network."""
    table = pd.concat([read(run)[1] for run in GAINING], ignore_index=True)
    shown = (table["model"] == "deepbind") & (table["metric"] == "aupr") & (table["baseline"] != "random")
    return table[shown & (table["method"] == "ssl")]


def _plot_differences(table: pd.DataFrame, names: DisplayNames, svg: Path, png: Path) -> None:
    forest_plot(table, names, 0.95, svg, png)


def _doses(kind: str) -> Drawn:
    """The figure of one kind of ablation."""
    return Drawn(dosed(), partial(curve, kind), partial(plot_ablation, kind))


FIGURES = {
    "controls_regions_comparison": Drawn(GAINING, differences, _plot_differences),
    **{f"controls_regions_{kind}": _doses(kind) for kind in KINDS},
}


def digest(table: pd.DataFrame) -> str:
    """Tell whether a table is that of a figure, to six digits."""
    return hashlib.sha256(table.to_csv(index=False, float_format="%.6g").encode()).hexdigest()


def draw(figure: Drawn, path: Path, aside: Path) -> None:
    """Draw a figure, with the digest of its table as its note.

    Args:
        figure: which.
        path: of the PNG.
        aside: a folder for what is left over, the SVG.
    """
    table, names = figure.table(), factor_names()
    methods = {method: known.name for method, known in METHODS.items() if method != "random"}
    display = DisplayNames({run: names[run] for run in figure.factors}, {"deepbind": "CNN-27K"}, methods)
    figure.plot(table, display, aside / "figure.svg", aside / "figure.png")
    note = PngInfo()
    note.add_text(NOTE, digest(table))
    with Image.open(aside / "figure.png") as image:
        image.save(path, pnginfo=note, dpi=image.info["dpi"], optimize=True)


def drawn(path: Path) -> str:
    """The digest of the table that a figure shows."""
    with Image.open(path) as image:
        return str(image.text[NOTE])

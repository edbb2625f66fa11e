"""The figure of several factors in docs/figures that is made of docs/results/controls: SSL less every other method."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from helpers.page_cells import factor_names
from helpers.paths import ROOT
from helpers.results_tables import read
from regssl.evaluation.summary import DisplayNames
from regssl.methods import METHODS
from regssl.reporting.figures.forest import forest_plot

FIGURE = ROOT / "docs/figures/controls_regions_comparison.png"
FACTORS = ["ctcf", "atf3", "ep300", "creb1", "rest"]
"""Those with controls."""
NOTE = "Differences"
"""The text of the PNG that tells which differences are drawn."""


def differences() -> pd.DataFrame:
    """What the figure shows: AUPR of SSL less that of each other method but random scores, of the present network."""
    table = pd.concat([read(run)[1] for run in FACTORS], ignore_index=True)
    shown = (table["model"] == "deepbind") & (table["metric"] == "aupr") & (table["baseline"] != "random")
    return table[shown & (table["method"] == "ssl")]


def digest(table: pd.DataFrame) -> str:
    """Tell whether differences are those of a figure, to six digits."""
    return hashlib.sha256(table.to_csv(index=False, float_format="%.6g").encode()).hexdigest()


def draw(path: Path, aside: Path) -> None:
    """Draw the figure, with the digest of what it shows as its note.

    Args:
        path: of the PNG.
        aside: a folder for what is left over, the SVG.
    """
    table, names = differences(), factor_names()
    methods = {method: known.name for method, known in METHODS.items() if method != "random"}
    display = DisplayNames({run: names[run] for run in FACTORS}, {"deepbind": ""}, methods)
    forest_plot(table, display, 0.95, aside / "figure.svg", aside / "figure.png")
    note = PngInfo()
    note.add_text(NOTE, digest(table))
    with Image.open(aside / "figure.png") as image:
        image.save(path, pnginfo=note, dpi=image.info["dpi"], optimize=True)


def drawn(path: Path) -> str:
    """The digest of the differences that a figure shows."""
    with Image.open(path) as image:
        return str(image.text[NOTE])

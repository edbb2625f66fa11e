"""What the figures show: texts of the pages that hold them, and of Snakemake's report."""

from __future__ import annotations

from importlib.resources import files


def caption(figure: str) -> str:
    """Return the caption of a figure, whose first sentence is its title: `resources/captions/<figure>.rst`."""
    return " ".join((files("regssl") / "resources" / "captions" / f"{figure}.rst").read_text(encoding="utf-8").split())

"""The table of divergences: nearest first, and rates that come back as they were written."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest

from regssl.data.divergence import Divergence, read_divergence
from regssl.errors import DataError
from regssl.reporting.tables.base import write_table
from regssl.reporting.tables.divergence import divergence_table

MOUSE = Divergence(100, 15_000, 0.3, 0.4, 0.6, 0.01, 5.0, 0.02, 5.5)
CHIMP = replace(MOUSE, differences=0.01, substitutions_per_site=0.0101)
FAR = replace(MOUSE, differences=0.7, substitutions_per_site=math.inf)
NONE = Divergence(0, 0, *[math.nan] * 7)
RATES = pd.DataFrame(
    [{"genome": name, **asdict(rates)} for name, rates in
     {"none": NONE, "far": FAR, "mm10": MOUSE, "panTro6": CHIMP}.items()]
)  # fmt: skip
GENOMES = {
    "none": {"name": "Nothing", "clade": "", "tree": None},
    "mm10": {"name": "Mouse", "clade": "glire", "tree": 0.5},
    "far": {"name": "Far", "clade": "fish", "tree": 0.0},
    "panTro6": {"name": "Chimpanzee", "clade": "primate", "tree": 0.0134},
}


def test_the_nearest_comes_first_and_saturated_ones_last() -> None:
    tidy = divergence_table(RATES, GENOMES).tidy
    assert tidy["genome"].tolist() == ["panTro6", "mm10", "far", "none"]
    assert tidy["rank"].tolist() == [1, 2, 3, 4]
    assert tidy["tree_substitutions_per_site"].tolist()[:2] == [0.0134, 0.5]
    assert tidy["tree_substitutions_per_site"][2] == 0 and math.isnan(tidy["tree_substitutions_per_site"][3])


def test_rates_come_back_from_the_file(tmp_path: Path) -> None:
    write_table(divergence_table(RATES, GENOMES), tmp_path / "d")
    assert read_divergence(str(tmp_path / "d.tsv"), "mm10") == MOUSE
    assert read_divergence(str(tmp_path / "d.tsv"), "far") == FAR
    assert math.isnan(read_divergence(str(tmp_path / "d.tsv"), "none").differences)
    assert "Chimpanzee" in (tmp_path / "d.html").read_text()
    with pytest.raises(DataError, match="0 rows of genome 'rn7'"):
        read_divergence(str(tmp_path / "d.tsv"), "rn7")

"""The figure of homologs found, from made-up counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.display import DATASETS, first
from regssl.data.homologs import LOSSES
from regssl.errors import DataError
from regssl.reporting.figures.lift import lift_figure

GENOMES = {
    "rheMac10": "Rhesus macaque", "calJac3": "Marmoset", "panTro6": "Chimpanzee", "panPan2": "Bonobo",
    "ponAbe3": "Orangutan", "gorGor6": "Gorilla", "papAnu4": "Baboon", "macFas5": "Crab-eating macaque",
    "saiBol1": "Squirrel monkey", "nomLeu3": "Gibbon", "micMur2": "Mouse lemur", "otoGar3": "Bushbaby", "mm10": "Mouse",
    "rn7": "Rat", "musFur1": "Ferret", "oryCun2": "Rabbit", "susScr11": "Pig", "felCat9": "Cat", "canFam3": "Dog",
    "equCab3": "Horse", "bosTau9": "Cow", "monDom5": "Opossum",
}  # fmt: skip


def made_up_lift(datasets: dict[str, str], genomes: dict[str, str]) -> pd.DataFrame:
    rows = []
    for d, dataset in enumerate(datasets):
        for g, (genome, name) in enumerate(genomes.items()):
            for label, windows in ((1, 1_000), (0, 50_000)):
                kept = int(windows * max(0.95 - 0.03 * g - 0.01 * d - 0.12 * (1 - label) * (g > 3), 0.05))
                lost = dict.fromkeys(LOSSES, 0) | {"deleted": windows - kept}
                rows.append({
                    "dataset": dataset, "genome": genome, "name": name, "label": label, "windows": windows,
                    "mapped": kept, **lost, "kept": kept,
                })  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("datasets", "genomes"), [(11, 22), (5, 22), (1, 1)])
def test_lift_figure_of_many_shapes(tmp_path, datasets, genomes):
    svg, png = tmp_path / "lift.svg", tmp_path / "lift.png"
    datasets_here = first(DATASETS, datasets)
    lift_figure(made_up_lift(datasets_here, first(GENOMES, genomes)), datasets_here, svg, png)
    for name in (*datasets_here.values(), *first(GENOMES, genomes).values(), "positives", "negatives"):
        assert f">{name}</text>" in svg.read_text()
    width, height = np.frombuffer(png.read_bytes()[16:24], ">u4") / 300 * 25.4
    assert width <= 180.2 and height <= 240.5


def test_lift_figure_refuses_counts_that_do_not_add_up(tmp_path):
    lift = made_up_lift(first(DATASETS, 1), first(GENOMES, 2))
    lift.loc[1, "kept"] += 1
    with pytest.raises(DataError, match="dataset atf3, genome rheMac10, label 0"):
        lift_figure(lift, DATASETS, tmp_path / "lift.svg", tmp_path / "lift.png")
    with pytest.raises(DataError, match="no dataset to display"):
        lift_figure(made_up_lift({"a": "A"}, first(GENOMES, 1)), DATASETS, tmp_path / "l.svg", tmp_path / "l.png")
    assert not list(tmp_path.iterdir())

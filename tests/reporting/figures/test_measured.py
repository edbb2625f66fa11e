"""The figure on measured labels, from made-up numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers.display import DATASETS, HOSTILE, MODELS, first
from helpers.measured_tables import CTCF_MOUSE, NAMES, measured_tables
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.figures.measured import measured_figure
from regssl.reporting.measured_evidence import MeasuredTables


def plot(folder: Path, tables: MeasuredTables, names: DisplayNames) -> tuple[str, tuple[float, float]]:
    svg, png = folder / "f.svg", folder / "f.png"
    measured_figure(tables, names, svg, png)
    width, height = np.frombuffer(png.read_bytes()[16:24], ">u4") / 300 * 25.4
    return svg.read_text(), (width, height)


@pytest.mark.parametrize(("datasets", "models"), [(1, 1), (3, 2)])
def test_figure_of_many_shapes(tmp_path: Path, datasets: int, models: int) -> None:
    names = replace(NAMES, datasets=first(DATASETS, datasets), models=first(MODELS, models))
    svg, (width, height) = plot(tmp_path, measured_tables([(name, "mm10") for name in names.datasets], names), names)
    for text in ("SSL-NS", "Peak files with the peak", "motif in the homolog", "d: own windows"):
        assert f">{text}</text>" in svg
    assert "SL, mutated" not in svg and "GC and CpG" not in svg, "they are in the tables"
    assert (">DeepSEA</text>" in svg) == (models == 2), "one model needs no marker"
    assert width == pytest.approx(180, abs=0.2) and height <= 240.5


def test_the_same_numbers_give_the_same_bytes_and_names_are_text(tmp_path: Path) -> None:
    names = DisplayNames({"ctcf": HOSTILE[-1]}, {"deepbind": HOSTILE[1], "other": HOSTILE[2]},
                         {"sl": HOSTILE[3], "ssl": HOSTILE[4]}, {}, {"hg38": "H", "mm10": HOSTILE[5]})  # fmt: skip
    tables = measured_tables([CTCF_MOUSE], names)
    svg, (width, _) = plot(tmp_path, tables, names)
    assert plot(tmp_path, tables, names)[0] == svg and width <= 180.2
    assert "&lt;/script&gt;" in svg and "<script" not in svg


def test_what_is_not_there_is_not_drawn(tmp_path: Path) -> None:
    tables = measured_tables()
    rates = replace(
        tables, **{name: getattr(tables, name).iloc[:0] for name in ("discrimination", "own", "own_summary")}
    )
    svg, (_, height) = plot(tmp_path, rates, NAMES)
    assert "AUROC" not in svg and height < 60, "shares alone"
    unmeasured = tables.discrimination.assign(auroc=np.nan)
    svg, _ = plot(tmp_path, replace(tables, discrimination=unmeasured), NAMES)
    assert "AUPR, apart from training" in svg and "Gain of SSL" in svg
    own = tables.own_summary[tables.own_summary["method"] == "sl"]
    alone = replace(NAMES, methods={"sl": "SL"})
    svg, _ = plot(tmp_path, replace(tables, own_summary=own, differences=tables.differences.iloc[:0]), alone)
    assert "AUPR, apart from training" in svg and "Gain of SSL" not in svg, "no axes of what was not trained"
    with pytest.raises(DataError, match="nothing to display"):
        measured_figure(tables, replace(NAMES, datasets={"max": "MAX"}), tmp_path / "g.svg", tmp_path / "g.png")

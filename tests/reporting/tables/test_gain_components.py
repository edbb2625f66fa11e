"""Tables of what SSL's gain depends on, and the command that makes them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from helpers.nested_design import DESIGN, differences, summary
from regssl.cli import main
from regssl.evaluation.gain_components import components_table, replicates_table
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import write_tsv
from regssl.reporting.tables.gain_components import components_gain_table, replicates_gain_table

REPLICATES = {"redrawn": "CTCF, redrawn", "swapped": "CTCF, swapped", "both": "CTCF, both"}
NAMES = DisplayNames({"ctcf": "CTCF"}, {"cnn": "CNN-27K"}, {"sl": "SL", "ssl": "SSL"}, replicates=REPLICATES)


def test_each_replicate_has_a_row() -> None:
    table = replicates_gain_table(replicates_table(summary(), DESIGN), NAMES)
    assert table.display["", "Dataset"].tolist() == ["CTCF", *REPLICATES.values()]
    assert table.display["", "Splits"].tolist() == ["default", "default", "swapped", "swapped"]
    assert table.display["SSL − SL", "AUPR"].tolist() == ["+0.060", "+0.050", "+0.040", "+0.050"]
    assert table.display["SSL − SL", "%"].tolist() == ["+55", "+45", "+57", "+62"]


def test_sources_stand_side_by_side_and_in_words() -> None:
    components = components_table(summary(), differences(), DESIGN)
    table = components_gain_table(components, NAMES, 0.95)
    cells = table.display.iloc[0]
    assert cells["Rows"].tolist() == ["4", "2"] and cells["SSL − SL", "AUPR"].startswith("+0.060 (")
    assert cells["Standard deviation, %", "test blocks"] == "10"
    shown = components[(components["metric"] == "aupr") & (components["scale"] == "relative")].iloc[0]
    assert f"seeds {100 * shown['sd_seeds']:.0f} %" in table.caption
    training = shown["sd_region"] ** 2 + shown["sd_draws"] ** 2
    share = training / (training + shown["sd_seeds"] ** 2 + shown["sd_blocks"] ** 2)
    assert cells["", "Training regions and negatives, of the variance"] == f"{100 * share:.0f} %"


def test_what_cannot_be_told_is_a_dash() -> None:
    cells = components_gain_table(components_table(summary(seeds=1), differences(), DESIGN[:2]), NAMES, 0.95).display
    assert cells.iloc[0]["SSL − SL", "AUPR"] == "+0.050"
    for source in ("training regions", "drawn negatives", "seeds"):
        assert cells.iloc[0]["Standard deviation, %", source] == "–"


def test_the_command_takes_one_summary_for_each_row_of_the_design(tmp_path: Path) -> None:
    runs = summary()
    for row in DESIGN:
        write_tsv(runs[runs["dataset"] == row.replicate], tmp_path / f"{row.replicate}.tsv")
    write_tsv(differences(), tmp_path / "differences.tsv")
    names = {"datasets": NAMES.datasets, "models": NAMES.models, "methods": NAMES.methods, "replicates": REPLICATES}
    (tmp_path / "names.json").write_text(json.dumps(names))
    arguments = [
        *("--summary", *(str(tmp_path / f"{row.replicate}.tsv") for row in DESIGN)),
        *("--differences", str(tmp_path / "differences.tsv"), "--names", str(tmp_path / "names.json")),
        *("--replicates", *(row.replicate for row in DESIGN), "--datasets", *(row.dataset for row in DESIGN)),
        *("--splits", *(row.splits for row in DESIGN), "--out", str(tmp_path / "out")),
    ]
    assert main(["report", "gain-components", *arguments]) == 0
    written = pd.read_csv(tmp_path / "out.tsv", sep="\t")
    expected = components_table(runs, differences(), DESIGN)
    pd.testing.assert_frame_equal(written, expected, check_dtype=False, rtol=1e-4)
    assert "CTCF, swapped" in (tmp_path / "out_replicates.html").read_text()

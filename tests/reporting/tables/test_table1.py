"""Table 1 and the tables of the lift-over, from counts that can be checked by eye."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from regssl.data.homologs import LOSSES
from regssl.data.peaks import COUNT_COLUMNS
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.reporting.tables.table1 import check_lift_counts, lift_status_table, table1, table1_genomes

DATASETS = {"atf3": "ATF3", "ctcf": "CTCF"}
NAMES = DisplayNames(DATASETS, models={}, methods={})


def lift_row(dataset: str, genome: str, label: int, windows: int, kept: int, **lost: int) -> dict:
    return {
        "dataset": dataset, "genome": genome, "name": {"panTro6": "Chimpanzee", "mm10": "Mouse"}[genome],
        "label": label, "windows": windows, "mapped": kept, **dict.fromkeys(LOSSES, 0), **lost, "kept": kept,
    }  # fmt: skip


LIFT = pd.DataFrame([
    lift_row("atf3", "panTro6", 1, 100, 95, deleted=3, leakage=2),
    lift_row("atf3", "panTro6", 0, 1_000, 900, deleted=60, n_content=40),
    lift_row("atf3", "mm10", 1, 100, 60, deleted=30, duplicate_target=10),
    lift_row("atf3", "mm10", 0, 1_000, 333, deleted=667),
    lift_row("ctcf", "panTro6", 1, 0, 0),
])  # fmt: skip

HUMAN = pd.DataFrame(
    [("atf3", "train", 1_100, 100), ("atf3", "validation", 500, 20), ("atf3", "test", 500, 30),
     ("ctcf", "train", 50, 0), ("ctcf", "test", 60, 6)],
    columns=["dataset", "split", "windows", "positives"],
)  # fmt: skip


PEAKS = pd.DataFrame(
    [("atf3", "a.bed", "hg19", 50, 20, 4, 1, 0, 0, 0, 0, 0, 45),
     ("atf3", "b.bed", "hg19", 10, 0, 0, 0, 0, 0, 0, 0, 0, 10),
     ("ctcf", "c.bed", None, 6, 0, 0, 0, 0, 0, 0, 0, 0, 6)],
    columns=["dataset", *COUNT_COLUMNS],
)  # fmt: skip


def test_table1_counts_positives_before_and_after():
    table = table1(LIFT, HUMAN, PEAKS, NAMES)
    assert table.tidy.iloc[0].to_dict() == {
        "dataset": "atf3", "peaks": 55, "human_positives": 150, "training_positives": 100,
        "pseudo_labelled_positives": 155, "total_positives": 255, "fold": 2.55,
    }  # fmt: skip
    assert table.display.iloc[0].tolist() == ["ATF3", "55", "150", "100", "155", "255", "2.5"]
    assert table.display.iloc[1].tolist() == ["CTCF", "6", "6", "0", "0", "0", "–"], "no positive to multiply"
    assert "2 other genomes" in table.caption
    assert table.caption.endswith(
        "positives. ATF3: 60 peaks, 20 of them trimmed to their centre, lifted from hg19: 55 kept; "
        "4 deleted, 1 partially deleted."
    ), "what was lost between assemblies is reported"


def test_table1_reports_what_too_few_files_have_and_what_is_ambiguous():
    peaks = PEAKS.assign(in_few_files=[0, 0, 2], kept=[45, 10, 4])
    human = HUMAN.assign(ambiguous=[0, 0, 0, 7, 1_200])
    assert table1(LIFT, human, peaks, NAMES).caption.endswith(
        "4 deleted, 1 partially deleted. CTCF: 6 peaks: 4 kept; 2 in few files. CTCF: bins that share a base with a "
        "peak but are not positive are left out: 7 train, 1,200 test."
    )


def test_table1_has_a_dash_with_the_reason_for_what_sequences_lack():
    names = dataclasses.replace(NAMES, without_peaks={"ctcf": "CTCF"}, without_homologs={"ctcf": "CTCF"})
    table = table1(LIFT[LIFT["dataset"] == "atf3"], HUMAN, PEAKS[PEAKS["dataset"] == "atf3"], names)
    assert table.display.iloc[1].tolist() == ["CTCF", "–", "6", "0", "–", "0", "–"]
    assert table.tidy["peaks"].tolist() == [55, pd.NA]
    assert "CTCF: labelled sequences instead of peaks. CTCF: no homologs" in table.caption
    nothing = LIFT.head(0)
    alone = table1(nothing, HUMAN, PEAKS.head(0), dataclasses.replace(names, datasets={"ctcf": "CTCF"}))
    assert len(alone.display) == 1 and len(table1_genomes(nothing, {}).display) == 0


def test_table1_needs_one_training_split():
    with pytest.raises(DataError, match="dataset ctcf: 0 rows of split train"):
        table1(LIFT, HUMAN.drop(index=3), PEAKS, NAMES)


def test_lift_rates_have_genomes_down_and_datasets_across():
    table = table1_genomes(LIFT, DATASETS)
    assert table.display.columns.tolist() == [
        ("", "Genome"), ("", "Assembly"),
        ("ATF3", "positives"), ("ATF3", "negatives"), ("CTCF", "positives"), ("CTCF", "negatives"),
    ]  # fmt: skip
    assert table.display.to_numpy().tolist() == [
        ["Chimpanzee", "panTro6", "95.0", "90.0", "–", "–"],
        ["Mouse", "mm10", "60.0", "33.3", "–", "–"],
    ]
    assert table.tidy["percent"].tolist()[:4] == pytest.approx([95, 90, 60, 33.3])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            LIFT.assign(deleted=[3, 60, 29, 667, 0]),
            r"atf3, genome mm10, label 1: kept \+ lost = 99, .* were 100 windows",
        ),
        (LIFT.drop(columns="too_long"), "no column 'too_long'"),
        (pd.concat([LIFT, LIFT.head(1)]), "two rows of dataset atf3, genome panTro6, label 1"),
    ],
)
def test_lift_counts_must_add_up(frame, message):
    with pytest.raises(DataError, match=message):
        check_lift_counts(frame)


def test_lift_status_counts_every_window_once():
    table = lift_status_table(LIFT, "atf3", "ATF3", "60 peaks: 55 kept.")
    assert len(table.display) == 4
    first = table.display.iloc[0].tolist()
    assert first[:5] == ["Chimpanzee", "positives", "100", "95", "3"]
    assert sum(int(cell) for cell in first[3:]) == 100
    assert table.caption.startswith("ATF3: homologs of the human training windows")

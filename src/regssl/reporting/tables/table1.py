"""Table 1 and the tables of the lift-over, from tidy tables.

- `lift`: one row per dataset, genome and label; dataset genome name label windows mapped, the losses (`LOSSES`), kept.
  `windows` are the human training windows of that label, and each is either kept or lost for exactly one reason;
- `human`: one row per dataset and split; dataset split windows positives, and if known ambiguous: bins left out, and
  failure: what the split lacks, if any.

`peaks` beside them: one row per dataset and peak file, as `regssl.data.peaks.load_peaks` counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from regssl.data.homologs import LOSSES
from regssl.data.peaks import COUNT_COLUMNS, IN_FEW_FILES, summarize_losses
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames, failed_datasets, unscored
from regssl.io.tsv import require_columns, require_unique
from regssl.reporting.format import MISSING, number
from regssl.reporting.tables.base import Table, grouped

LIFT_COLUMNS = dict.fromkeys(["dataset", "genome", "name"], "str") | dict.fromkeys(
    ["label", "windows", *LOSSES, "kept"], "int64"
)
HUMAN_COLUMNS = {"dataset": "str", "split": "str", "windows": "int64", "positives": "int64"}
HUMAN_OPTIONAL_COLUMNS = {"ambiguous": "int64", "failure": "str"}
PEAK_COLUMNS = {"dataset": "str", **dict.fromkeys(COUNT_COLUMNS, "int64"), "file": "str", "assembly": "str"}
"""Columns of the three tables, and their types."""


def table1(lift: pd.DataFrame, human: pd.DataFrame, peaks: pd.DataFrame, names: DisplayNames) -> Table:
    """Make Table 1: how many positives each dataset has, and how many its homologs add to training.

    Tidy columns: dataset, peaks (kept, of all files, before overlapping ones are merged; missing where there are none,
    but sequences), human_positives (all splits),
    training_positives, pseudo_labelled_positives (kept, over all genomes), total_positives (the two before), fold
    (total / training).

    Datasets whose peaks were lifted from another assembly or must be in several files are named in the caption, with
    what was lost, and so are those with ambiguous bins, and those that cannot be trained or scored, with the reason.

    Raises:
        DataError: a missing column, a dataset without a training split, or lift counts that do not add up.
    """
    require_columns(peaks, list(PEAK_COLUMNS), "the table of peaks")
    require_columns(human, list(HUMAN_COLUMNS), "the table of human windows")
    check_lift_counts(lift)
    rows, datasets = [], names.datasets
    for dataset in datasets:
        of_dataset = human[human["dataset"] == dataset]
        training = of_dataset.loc[of_dataset["split"] == "train", "positives"]
        if len(training) != 1:
            raise DataError(
                f"dataset {dataset}: {len(training)} rows of split train among human windows", "one row per split"
            )
        own = int(training.iloc[0])
        added = int(lift.loc[(lift["dataset"] == dataset) & (lift["label"] == 1), "kept"].sum())
        fold = (own + added) / own if own and dataset in names.with_homologs else math.nan
        kept = int(peaks.loc[peaks["dataset"] == dataset, "kept"].sum()) if dataset in names.of_peaks else pd.NA
        rows.append((dataset, kept, int(of_dataset["positives"].sum()), own, added, own + added, fold))
    tidy = pd.DataFrame(
        rows,
        columns=[
            "dataset", "peaks", "human_positives", "training_positives", "pseudo_labelled_positives", "total_positives",
            "fold",
        ],
    ).astype({"peaks": "Int64"})  # fmt: skip
    with_homologs = [dataset in names.with_homologs for dataset in tidy["dataset"]]
    pseudo_labelled = zip(tidy["pseudo_labelled_positives"], with_homologs, strict=True)
    display = grouped(
        [
            (("", "Dataset"), [datasets[dataset] for dataset in tidy["dataset"]]),
            (("", "Peaks"), [MISSING if pd.isna(count) else f"{count:,}" for count in tidy["peaks"]]),
            (("Human positives", "all"), [f"{count:,}" for count in tidy["human_positives"]]),
            (("Human positives", "training"), [f"{count:,}" for count in tidy["training_positives"]]),
            (
                ("Training positives", "pseudo-labelled"),
                [f"{count:,}" if has else MISSING for count, has in pseudo_labelled],
            ),
            (("Training positives", "total"), [f"{count:,}" for count in tidy["total_positives"]]),
            (("Training positives", "fold"), [number(fold, ".1f") for fold in tidy["fold"]]),
        ]
    )
    genomes = lift["genome"].nunique()
    notes = [
        *(_lost_peaks(peaks, datasets), _ambiguous_bins(human, datasets), _without(names)),
        unscored(failed_datasets(human), datasets),
    ]
    caption = (
        "Table 1. Positive windows before and after pseudo-labelling. Homologs of human training positives in "
        f"{genomes} other genome{'s' if genomes != 1 else ''} take the human label; fold: total over human training "
        "positives. " + " ".join(filter(None, notes))
    ).rstrip()
    return Table(tidy, display, caption)


def _without(names: DisplayNames) -> str:
    """Name the datasets that have sequences instead of peaks, and those that have no homologs: a sentence each."""
    sentences = []
    for without, text in (
        (names.without_peaks, "labelled sequences instead of peaks"),
        (names.without_homologs, "no homologs, since sequences have no places in the human genome, and none are given"),
    ):
        if without:
            sentences.append(f"{', '.join(without.values())}: {text}.")
    return " ".join(sentences)


def _lost_peaks(peaks: pd.DataFrame, datasets: Mapping[str, str]) -> str:
    """The losses of peaks of datasets on another assembly, or with peaks in too few files: a sentence each."""
    told = (peaks["assembly"].astype(object).fillna("") != "") | (peaks[IN_FEW_FILES] > 0)
    return " ".join(
        f"{name}: {summarize_losses(peaks[peaks['dataset'] == dataset])}"
        for dataset, name in datasets.items()
        if told[peaks["dataset"] == dataset].any()
    )


def _ambiguous_bins(human: pd.DataFrame, datasets: Mapping[str, str]) -> str:
    """The ambiguous bins that were left out: a sentence for each dataset that has some."""
    if "ambiguous" not in human:
        return ""
    sentences = []
    for dataset, name in datasets.items():
        rows = human[(human["dataset"] == dataset) & (human["ambiguous"] > 0)]
        counts = [f"{n:,} {split}" for split, n in zip(rows["split"], rows["ambiguous"].astype(int), strict=True)]
        if counts:
            sentences.append(
                f"{name}: bins that share a base with a peak but are not positive are left out: {', '.join(counts)}."
            )
    return " ".join(sentences)


def table1_genomes(lift: pd.DataFrame, datasets: Mapping[str, str]) -> Table:
    """Make the table of the percent of human training windows whose homolog is kept, by genome, dataset and label.

    Tidy columns: dataset, genome, name, label, windows, kept, percent. Displayed: genomes down, datasets across.
    Genomes keep their order in `lift`.
    """
    check_lift_counts(lift)
    columns = ["dataset", "genome", "name", "label", "windows", "kept"]
    tidy = lift.loc[lift["dataset"].isin(list(datasets)), columns].reset_index(drop=True)
    tidy["label"] = tidy["label"].astype(int)
    tidy["percent"] = 100 * tidy["kept"] / tidy["windows"].where(tidy["windows"] > 0)
    names = tidy.drop_duplicates("genome").set_index("genome")["name"]
    percent = tidy.set_index(["dataset", "genome", "label"])["percent"].to_dict()

    display = [(("", "Genome"), list(names)), (("", "Assembly"), list(names.index))]
    for dataset, name in datasets.items():
        for label, heading in ((1, "positives"), (0, "negatives")):
            cells = [percent.get((dataset, genome, label), math.nan) for genome in names.index]
            display.append(((name, heading), [number(cell, ".1f") for cell in cells]))
    caption = (
        "Homologs found. Percent of human training windows whose homolog in each genome is kept: in one place there, "
        "or given; of similar length, with few N, and not a homolog of a validation or test window."
    )
    return Table(tidy, grouped(display), caption)


def check_lift_counts(lift: pd.DataFrame) -> None:
    """Check that every human training window is kept or lost for exactly one reason.

    Raises:
        DataError: naming the first dataset, genome and label where kept + losses differs from windows.
    """
    require_columns(lift, list(LIFT_COLUMNS), "the lift-over table")
    require_unique(lift, ["dataset", "genome", "label"], "the lift-over table")
    accounted = lift["kept"] + lift[list(LOSSES)].sum(axis=1)
    wrong = lift[accounted != lift["windows"]]
    if len(wrong):
        row = wrong.iloc[0]
        raise DataError(
            f"dataset {row['dataset']}, genome {row['genome']}, label {int(row['label'])}: kept + lost = "
            f"{int(accounted[wrong.index[0]]):,}, but there were {int(row['windows']):,} windows",
            "each window is kept or lost for exactly one reason: lift again",
        )


def lift_status_table(lift: pd.DataFrame, dataset: str, name: str, peaks: str) -> Table:
    """Make the table of the training windows of one dataset by genome, label and status: kept, or why lost.

    Tidy: the rows of `lift` of this dataset. Displayed: the same as counts, positives and negatives in turn. The
    caption ends with `peaks`, the sentence of `regssl.data.peaks.summarize_losses`; empty where there are no peaks.
    """
    check_lift_counts(lift)
    tidy = lift[lift["dataset"] == dataset].reset_index(drop=True)
    labels = tidy["label"].astype(int).map({1: "positives", 0: "negatives"})
    display = [(("", "Genome"), list(tidy["name"])), (("", "Windows"), list(labels))]
    display.append((("", "All"), [f"{count:,}" for count in tidy["windows"]]))
    display.append((("", "Kept"), [f"{count:,}" for count in tidy["kept"]]))
    for reason in LOSSES:
        heading = reason.replace("_", " ").capitalize()
        display.append((("Lost, first reason", heading), [f"{count:,}" for count in tidy[reason]]))
    caption = (
        f"{name}: homologs of the human training windows. Each window is kept or lost for one reason. Deleted, "
        "partially deleted, split, duplicated: as in UCSC liftOver. Too long: the homolog is much longer. Elsewhere: "
        "on a chromosome that the genome's file lacks. Out of bounds, N content: it leaves its chromosome, or has too "
        "many N. Leakage: it shares a base with a homolog of a validation or test window. Duplicate target: an earlier "
        "window has the same homolog."
    ) + (f" Peaks: {peaks}" if peaks else " Of homologs that are given as sequences, deleted: none is given.")
    return Table(tidy, grouped(display), caption)

"""What is in the files of datasets of sequences, before any job starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regssl.config.project import Project
from regssl.data.sequence_settings import SequenceFile, SequenceSettings
from regssl.data.settings import SPLITS
from regssl.download.sources import is_url
from regssl.errors import DataError
from regssl.evaluation.metrics import missing_class

if TYPE_CHECKING:
    from regssl.data.given_homologs import GivenHomologs
    from regssl.data.sequence_splits import SplitSequences
    from regssl.data.sequences import LabelledSequences

LEFT_AS_READ = ("read", "used")
"""Counts of `data.sequence_splits` that are no remarks."""


@dataclass(frozen=True)
class LocalSequences:
    """The sequences of a dataset; their splits are not known before they are located.

    Attributes:
        read, split: as files have them, and split.
        homologs: those that are given; None where there are none.
    """

    read: LabelledSequences
    split: SplitSequences | None
    homologs: GivenHomologs | None = None

    @property
    def width(self) -> int:
        """Their length in bp."""
        return int(self.read.codes.shape[1])

    def describe(self) -> str:
        """Tell how many there are by split and label, which columns were read, what is changed, left out or lacking."""
        columns = ", ".join(f"{role} {name}" for role, name in self.read.columns.items())
        if self.split is None:
            return f"{len(self.read.table):,} sequences of {self.width} bp, to be located; columns: {columns}"
        labels, counts = self.split.labels, self.split.counts
        in_split = {split: (self.split.table["split"] == split).to_numpy() for split in SPLITS}
        by_split = ", ".join(
            f"{split} {int(own.sum()):,} ({int(labels[own].sum()):,} positive)" for split, own in in_split.items()
        )
        remarks = counts[~counts["what"].isin(LEFT_AS_READ)].groupby("what", sort=False)["sequences"].sum()
        told = "".join(f"; {str(what).replace('_', ' ')}: {n:,}" for what, n in remarks.items())
        told += "".join(
            f"; {lacking}" for split, own in in_split.items() if (lacking := missing_class(labels[own], split))
        )
        return f"{by_split}, {self.width} bp; columns: {columns}{told}{self._describe_homologs()}"

    def _describe_homologs(self) -> str:
        if self.homologs is None:
            return ""
        counts = self.homologs.counts[self.homologs.counts["sequences"] > 0]
        used = counts[counts["what"] == "used"]
        others = counts[counts["what"] != "used"].groupby("what", sort=False)["sequences"].sum()
        told = "".join(f", {str(what).replace('_', ' ')}: {n:,}" for what, n in others.items())
        return f"; {used['sequences'].sum():,} homologs of {len(used)} species{told}"


def read_local_sequences(project: Project) -> dict[str, LocalSequences]:
    """Read the datasets of sequences whose files are the user's own: those that are downloaded are left to their jobs.

    Raises:
        DataError: as `sequences.read_sequences` and `sequence_splits.split_sequences`, a test set that is not the
            published one, and of homologs as `given_homologs.judge_homologs`.
    """
    found = {}
    for name in project.sequence_datasets:
        row = project.datasets[name]
        if not any(is_url(file.place) for file in (*row.sequence_files, *row.homolog_files)):
            found[name] = _read(project, name)
    return found


def _read(project: Project, dataset: str) -> LocalSequences:
    from regssl.data.given_homologs import judge_homologs, read_homologs  # imports pandas
    from regssl.data.sequence_splits import split_sequences
    from regssl.data.sequences import read_sequences

    def local(files: Sequence[SequenceFile]) -> list[SequenceFile]:
        return [file._replace(place=project.local_path(file.place)) for file in files]

    row, human = project.datasets[dataset], project.human.genome
    settings = SequenceSettings(columns=row.sequence_columns, folds=row.sequence_folds, width=row.sequence_width)
    read = read_sequences(local(row.sequence_files), settings, human)
    if row.locate:
        return LocalSequences(read, None)
    try:
        found = split_sequences(read, project.splits_of(dataset))
        if dataset in project.published:
            found.check_published(project.published[dataset])
    except DataError as error:
        raise DataError(f"{project.config.datasets}, row '{dataset}': {error.problem}", error.hint) from None
    if row.homologs:
        rows = read_homologs(local(row.homolog_files), settings, human)
        homologs = judge_homologs(rows, list(project.genomes), found.table, project.config.homologs)
        return LocalSequences(read, found, homologs)
    return LocalSequences(read, found)

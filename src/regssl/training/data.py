"""What a training job takes: its settings and the windows it trains on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from regssl.data.dataset import WindowDataset
from regssl.data.folds import COLUMNS, Folds, make_folds
from regssl.data.training_windows import read_n_training_windows
from regssl.errors import DataError
from regssl.evaluation.metrics import missing_class
from regssl.io.parquet import load_table
from regssl.methods import Method
from regssl.methods.settings import RunSettings
from regssl.sequences.motifs import Motif
from regssl.training.sampling import select_windows, selection_stream


@dataclass(frozen=True)
class TrainingJob:
    """A training job: one network per seed, by one method.

    Attributes:
        settings: architecture, its parameters, and how it is trained.
        method: how and on what it is trained.
        seeds: of the initial weights, the order of the windows, strands, dropout and noise; one network each.
        teachers: model files, for methods with a teacher: those of the first seed, one per fold, then of the next.
        motif: of the factor, for `motif_scan`.
        threads: CPU threads.
        stacked: train all seeds at once, as an ensemble, or one after the other, which is faster on a CPU and gives the
            same up to rounding. None: at once where there is a GPU. Networks that are `one_by_one` never are.
    """

    settings: RunSettings
    method: Method
    seeds: Sequence[int]
    teachers: Sequence[str | Path] = ()
    motif: Motif | None = None
    threads: int = 1
    stacked: bool | None = None


def with_pretrained(settings: RunSettings, files: Sequence[str | Path]) -> RunSettings:
    """Return settings whose network starts from files: their folder becomes its parameter `pretrained`.

    Args:
        settings: of the run.
        files: all in one folder; none: the settings are returned as they are.

    Raises:
        DataError: files in several folders.
    """
    folders = list(dict.fromkeys(str(Path(file).parent) for file in files))
    if not folders:
        return settings
    if len(folders) > 1:
        raise DataError(
            f"pre-trained files in several folders: {folders[0]} and {folders[1]}", "put them into one folder"
        )
    return settings.model_copy(update={"params": settings.params | {"pretrained": folders[0]}})


@dataclass(frozen=True)
class TrainingFiles:
    """Window sets on disk, `X.npy` with `X.parquet`.

    Attributes:
        human, validation: human windows.
        homologs: one set per genome: homologs, or what the method has in their place (`methods.Windows`).
        genomes: ids of the genomes of `homologs`, in this order; what needs their divergence needs them.
        divergence, clades: table of `data.divergence` and clade of each of these genomes; only subsets of genomes, and
            weights that fall with distance, need them.
        counts: table of `data.training_windows`, of the dataset; None: the windows of the run are all there are.
    """

    human: str | Path
    validation: str | Path
    homologs: Sequence[str | Path] = ()
    genomes: Sequence[str] = ()
    divergence: Sequence[str | Path] = ()
    clades: Sequence[str] = ()
    counts: str | Path | None = None

    def homologs_of(self, method: Method) -> list[str | Path]:
        """Select the sets of the genomes that a method uses, in the order of its subset.

        Raises:
            DataError: the method needs sets, ids or divergence that are not given.
        """
        if not method.extra_windows:
            return []
        if not self.homologs:
            raise DataError(
                f"method '{method.id}' needs {method.extra_windows} windows, and there are none", "give --homologs"
            )
        if method.subset is None or not method.subset.selects_genomes:
            return list(self.homologs)
        of_genomes = dict(zip(self.genomes, self.homologs, strict=False))
        return [of_genomes[genome] for genome in method.subset.select_genomes(self._distances(method))]

    def distances_of(self, method: Method) -> list[float]:
        """List the substitutions per site of the genomes of `homologs_of`; NaN where a genome has no homologs.

        Raises:
            DataError: ids or divergence are not given.
        """
        table, subset = self._distances(method), method.subset
        genomes = subset.select_genomes(table) if subset and subset.selects_genomes else self.genomes
        of_genomes = dict(zip(table["genome"], table["substitutions_per_site"], strict=True))
        return [of_genomes[genome] for genome in genomes]

    def _distances(self, method: Method) -> pd.DataFrame:
        """Read clade and divergence of all genomes: genome, clade, substitutions_per_site."""
        from regssl.data.divergence import read_divergence  # brings numba

        for name in ("genomes", "divergence", "clades"):
            if len(values := getattr(self, name)) != len(self.homologs):
                raise DataError(
                    f"method '{method.id}' needs the divergence of its genomes: {len(self.homologs)} sets, "
                    f"{len(values)} {name}",
                    f"give --{name}, in the order of --homologs",
                )
        rates = [read_divergence(*each) for each in zip(self.divergence, self.genomes, strict=True)]
        columns = {
            "genome": list(self.genomes),
            "clade": list(self.clades),
            "substitutions_per_site": [rate.substitutions_per_site for rate in rates],
        }
        return pd.DataFrame(columns)


@dataclass(frozen=True)
class TrainingData:
    """The windows of a training job, in memory.

    Attributes:
        human: human training windows.
        homologs: their homologs, or other windows in their place; None where the method uses none.
        validation: human validation windows.
        n_genomes: number of sets in `homologs`, one genome each, some of which may be empty.
        folds: of the human windows, by which teachers judge; None where there is one teacher, or none.
        usable: bool (human,), the human windows to train on, where the method leaves out a fold; None: all.
        of_dataset: number of windows that the dataset has to train on, by any method: what a pass of the budget is.
        distances: substitutions per site of each genome, where weights fall with them.
    """

    human: WindowDataset
    homologs: WindowDataset | None
    validation: WindowDataset
    n_genomes: int = 0
    folds: Folds | None = None
    usable: Tensor | None = None
    of_dataset: int = 0
    distances: Sequence[float] = ()

    @classmethod
    def read(cls, files: TrainingFiles, method: Method, settings: RunSettings) -> TrainingData:
        """Read the sets that a method uses, and make the folds that it needs.

        Raises:
            DataError: a set is missing or damaged, or there are no such folds.
        """
        cross_fitting = settings.cross_fitting
        sets = files.homologs_of(method)
        fold = None if method.subset is None else method.subset.fold
        if fold is not None and fold > cross_fitting.folds:
            raise DataError(f"method '{method.id}': there are {cross_fitting.folds} folds", "see `cross_fitting.folds`")
        folds = None
        if fold is not None or len(method.teachers(cross_fitting.folds)) > 1:
            folds = make_folds(load_table(Path(files.human).with_suffix(".parquet"), COLUMNS), cross_fitting)
        usable = None if fold is None or folds is None else torch.from_numpy(folds.trains[fold - 1])
        human = WindowDataset.load([files.human], origins=True)
        homologs = WindowDataset.load(sets, origins=True) if sets else None
        own = len(human) + (0 if homologs is None else len(homologs))
        of_dataset = own if files.counts is None else read_n_training_windows(files.counts)
        validation = WindowDataset.load([files.validation])
        distances = files.distances_of(method) if method.needs_distances(settings.noisy_student) else []
        return cls(human, homologs, validation, len(sets), folds, usable, of_dataset, distances)

    @property
    def width(self) -> int:
        """Width of the windows in bp."""
        return self.human.codes.shape[1]

    @property
    def sizes(self) -> dict[str, int]:
        """Number of windows of each set."""
        homologs = 0 if self.homologs is None else len(self.homologs)
        return {"human": len(self.human), "homologs": homologs, "validation": len(self.validation)}

    def select(self, percent: int | None, stream: torch.Generator) -> Tensor:
        """Select the human windows to train on, bool (human,): of each label a percentage, outside a fold left out."""
        selected = select_windows(self.human.labels, percent, stream)
        return selected if self.usable is None else selected & self.usable

    def missing_class(self, percent: int | None, seeds: Sequence[int]) -> str:
        """Report a class that no training or no validation window has; empty if both have both.

        Args:
            percent: of the human windows that each seed selects; None: all.
            seeds: of which none may select windows of one class.
        """
        train = missing_class(self.human.labels, "train")
        if self.usable is not None and not train:
            chosen = (self.human.labels[self.select(percent, selection_stream(seed))] for seed in seeds)
            outside = next(filter(None, (missing_class(labels, "train") for labels in chosen)), "")
            train = outside and f"{outside} outside the fold that is left out"
        return train or missing_class(self.validation.labels, "validation")

    def sha256(self) -> dict[str, str]:
        """Return the SHA-256 of sequences and labels of each set."""
        sets = {"human": self.human, "homologs": self.homologs, "validation": self.validation}
        return {name: windows.sha256() for name, windows in sets.items() if windows is not None}

"""The splits of a configuration's datasets, and the files that follow them: bins, homologs, divergence.

Datasets with the same splits share these files. Splits assign chromosomes, so genomes, chains and peaks follow none. A
dataset of sequences has bins of its own, which are its sequences.
"""

from __future__ import annotations

from regssl.config.inputs import ProjectInputs
from regssl.data.settings import Sampling, Splits


class ProjectSplits(ProjectInputs):
    """Splits and sampling of each dataset, and the files of each set of splits."""

    def splits_of(self, dataset: str) -> Splits:
        """Return the splits of a dataset."""
        return self.config.all_splits[self.all_datasets[dataset].splits]

    def splits_id(self, dataset: str) -> str:
        """Return the id of a dataset's bins: that of its splits, or its own where they are its sequences."""
        row = self.all_datasets[dataset]
        return dataset if row.sequences else row.splits

    @property
    def lifted_splits(self) -> list[str]:
        """Ids of the bins whose homologs are found by lift-over."""
        return [*self.splits, *self.located_datasets]

    def sampling_of(self, dataset: str) -> Sampling:
        """Return how a dataset's negatives are sampled: what its row says, and of the rest the configuration.

        Of sequences all are taken, unless the row says otherwise.
        """
        row, sampling = self.all_datasets[dataset], self.config.sampling
        if row.sequences:
            every = dict.fromkeys(["negatives_per_positive", "max_negatives", "validation_negatives_per_positive"])
            sampling = sampling.model_copy(update=every)
        own = {"seed": row.sampling_seed, "negatives_per_positive": row.negatives_per_positive}
        return sampling.model_copy(update={key: value for key, value in own.items() if value is not None})

    def bins(self, splits: str = "{splits}") -> str:
        """Return the path of the human bins with their splits."""
        return f"{self.config.results_dir}/bins/{splits}.parquet"

    def homologs(self, suffix: str = "parquet", genome: str = "{genome}", splits: str = "{splits}") -> str:
        """Return the path of a file about the homologs of all bins in one genome."""
        return f"{self.config.results_dir}/homologs/{splits}/{genome}.{suffix}"

    def divergence(self, splits: str = "{splits}") -> str:
        """Return the path of the table of the divergence of all genomes."""
        return f"{self.config.results_dir}/divergence/{splits}.tsv"

    def bins_of(self, dataset: str) -> str:
        """Return the path of the bins with a dataset's splits."""
        return self.bins(self.splits_id(dataset))

    def homologs_of(self, dataset: str, genome: str, suffix: str = "parquet") -> str:
        """Return the path of a file about the homologs of a dataset's bins in one genome."""
        return self.homologs(suffix, genome, self.splits_id(dataset))

    def divergence_of(self, dataset: str) -> str:
        """Return the path of the table of the genomes' divergence on a dataset's training bins."""
        return self.divergence(self.splits_id(dataset))

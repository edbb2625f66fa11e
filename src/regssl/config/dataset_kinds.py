"""What kinds of datasets a configuration has: of peaks or sequences, with homologs that are lifted, given, or none."""

from __future__ import annotations

from regssl.config.tables import DatasetRow, GenomeRow


class DatasetKinds:
    """The datasets of a configuration by kind.

    Attributes:
        datasets, replicates: rows of the datasets table by id.
        genomes: rows of the genomes table by id, without the human one.
    """

    datasets: dict[str, DatasetRow]
    replicates: dict[str, DatasetRow]
    genomes: dict[str, GenomeRow]

    @property
    def all_datasets(self) -> dict[str, DatasetRow]:
        """Datasets and replicates by id."""
        return self.datasets | self.replicates

    @property
    def peak_datasets(self) -> list[str]:
        """Ids of the datasets of peaks, without replicates."""
        return [name for name, row in self.datasets.items() if row.peaks]

    @property
    def sequence_datasets(self) -> list[str]:
        """Ids of the datasets of sequences."""
        return [name for name, row in self.datasets.items() if row.sequences]

    @property
    def located_datasets(self) -> list[str]:
        """Ids of the datasets of sequences that are looked up in the human genome."""
        return [name for name, row in self.datasets.items() if row.locate]

    @property
    def lifted_datasets(self) -> list[str]:
        """Ids of the datasets, and replicates, whose homologs are found by lift-over: those with places."""
        return [name for name, row in self.all_datasets.items() if row.peaks or row.locate]

    @property
    def given_datasets(self) -> list[str]:
        """Ids of the datasets whose homologs are given as sequences."""
        return [name for name, row in self.datasets.items() if row.homologs]

    @property
    def homolog_datasets(self) -> list[str]:
        """Ids of the datasets, and replicates, that have homologs."""
        return [*self.lifted_datasets, *self.given_datasets]

    def genomes_for(self, dataset: str) -> list[str]:
        """List the genomes that a dataset has homologs of: all or none."""
        return list(self.genomes) if dataset in self.homolog_datasets else []

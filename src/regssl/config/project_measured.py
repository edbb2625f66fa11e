"""The files of peaks that were measured in other genomes, and of what is held against them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regssl.config.project_variants import ProjectVariants


class ProjectMeasured(ProjectVariants):
    """The measured peaks of a configuration's datasets."""

    def measured_datasets(self) -> list[str]:
        """List the datasets whose copied labels are held against measured peaks of another genome."""
        return [dataset for dataset in self.datasets if self.measured_genomes(dataset)]

    def measured_genomes(self, dataset: str) -> list[str]:
        """List the genomes in which peaks of a dataset were measured, in the order of the genomes table."""
        return [genome for genome in self.genomes if (dataset, genome) in self.measured_rows]

    def measured_peaks(self, dataset: str, genome: str) -> list[str]:
        """List the files of the peaks of a dataset that were measured in another genome."""
        return [self.local_path(place) for place in self.measured_rows[dataset, genome].peaks]

    def measured_regions(self, dataset: str, genome: str) -> list[str]:
        """List the BED of the regions of another genome in which the peaks were measured; everywhere without one."""
        regions = self.measured_rows[dataset, genome].regions
        return [self.local_path(regions)] if regions else []

    def measured_files(self, dataset: str, genome: str) -> list[str]:
        """List the files of the user that tell which copies are true: peaks of both species, regions, motifs."""
        measured = [*self.measured_peaks(dataset, genome), *self.measured_regions(dataset, genome)]
        return [*self.peaks(dataset), *measured, *self.motif_files("motif_scan")]

    def measured_predictions(
        self, kind: str, dataset: str, genome: str, runs: Sequence[tuple[str, str, int]]
    ) -> list[str]:
        """List the predictions of runs, each a model, method and seed, for a species' `copies` or `own` windows."""
        file = f"measured/{genome}.{kind}.parquet"
        return [self.run_file(file, model, seed, dataset, method) for model, method, seed in runs]

    def measured_results(self, dataset: str) -> list[str]:
        """List the tables on measured labels of a dataset; that of the filter where `ssl_filtered` is trained."""
        results, scores = self.config.results_dir, ["discrimination", "own", "own_summary"]
        scores += ["filter"] if "ssl_filtered" in self.methods[dataset] else []
        return [
            path
            for genome in self.measured_genomes(dataset)
            for path in (
                f"{results}/datasets/{dataset}/measured/{genome}/rates.tsv",
                *(f"{results}/runs/{dataset}/measured/{genome}/{name}.tsv" for name in scores),
            )
        ]

    def measured_tables(self, name: str) -> list[str]:
        """List one of the tables of `measured_results` of every dataset and genome."""
        paths = [path for dataset in self.measured_datasets() for path in self.measured_results(dataset)]
        return [path for path in paths if Path(path).stem == name]

    def measured_peak_settings(self, dataset: str) -> dict[str, Any]:
        """Return the fields of PeakSettings with which measured peaks are read: trimmed as those of the dataset."""
        return {key: value for key, value in self.peak_settings(dataset).items() if key in ("width", "centre")}

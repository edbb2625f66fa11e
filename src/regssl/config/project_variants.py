"""The files of variants, and of what networks say of them."""

from __future__ import annotations

from regssl.config.project_data import ProjectData
from regssl.methods import Windows, resolve
from regssl.variants.formats import CONTEXT_FORMATS


class ProjectVariants(ProjectData):
    """The sets of variants of a configuration's datasets."""

    def variant_datasets(self) -> list[str]:
        """List the datasets that have sets of variants."""
        named = {row.dataset for row in self.variant_rows.values()}
        return [dataset for dataset in self.datasets if dataset in named]

    def variant_sets(self, dataset: str) -> list[str]:
        """List the sets of variants of a dataset."""
        return [name for name, row in self.variant_rows.items() if row.dataset == dataset]

    def variant_scores(self, dataset: str) -> list[str]:
        """List the scores of every set of variants of a dataset by every run except those of `ablations`."""
        return [
            path.replace("{variants}", name)
            for path in self.run_files("variants/{variants}.parquet", dataset, self.config.run_methods)
            for name in self.variant_sets(dataset)
        ]

    def variant_options(self, variants: str) -> list[str]:
        """Return the options with which the table of a set of variants is read."""
        row = self.variant_rows[variants]
        keys = ["format", "factor", "effect", "max_fdr", "balanced", "balanced_fdr"]
        values = {key: value for key in keys if (value := getattr(row, key)) is not None}
        options = [f"--{key.replace('_', '-')}={value}" for key, value in values.items()]
        options += [f"--member={name}" for name in row.member]
        return [*options, *(f"--element={name}" for name in row.elements)]

    def variant_table(self, variants: str) -> str:
        """Return the table of a set of variants."""
        return self.local_path(self.variant_rows[variants].file)

    def variant_regions(self, variants: str) -> list[str]:
        """List the table of regions of a set of variants that is on another assembly."""
        regions = self.variant_rows[variants].regions
        return [self.local_path(regions)] if regions else []

    def variant_training(self, variants: str) -> list[str]:
        """List the training and validation windows of the dataset, for variants that come with their own sequence."""
        row = self.variant_rows[variants]
        return self.seen_windows(row.dataset) if row.format in CONTEXT_FORMATS else []

    def seen_windows(self, dataset: str) -> list[str]:
        """List all windows that a dataset's networks are trained or validated with, the human training ones first."""
        human = [f"{self.config.results_dir}/datasets/{dataset}/human/{split}.npy" for split in ("train", "validation")]
        used = {resolve(method).extra_windows for method in self.methods[dataset]}
        kinds: list[Windows] = ["homologs"] if used & {"homologs", "mutated"} else []
        kinds += ["negatives"] if "negatives" in used else []
        return human + [
            self.windows(kind, genome, "npy", dataset) for kind in kinds for genome in self.genomes_of(kind, dataset)
        ]

    # Saturation mutagenesis

    def mpra_datasets(self) -> list[str]:
        """List the datasets whose networks are held against saturation mutagenesis."""
        return list(self.datasets) if self.config.mpra else []

    def mpra_tables(self) -> list[str]:
        """List the table of saturation mutagenesis."""
        return [self.mpra_table] if self.mpra_table else []

    def mpra_scores(self, dataset: str) -> list[str]:
        """List the scores of every run of a dataset except those of `ablations`."""
        return self.run_files("mpra.parquet", dataset, self.config.run_methods)

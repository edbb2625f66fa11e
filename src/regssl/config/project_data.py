"""The files of data that a configuration's steps read and make."""

from __future__ import annotations

from functools import cached_property

from regssl.config.project_runs import ProjectRuns
from regssl.methods import Windows, resolve


class ProjectData(ProjectRuns):
    """Genomes, chains, peaks, sequences and windows of a configuration."""

    def genomes_of(self, kind: Windows, dataset: str) -> list[str]:
        """List the genomes that have windows of one kind: the human one of its negatives, the others of the rest."""
        return [self.human.genome] if kind == "negatives" else self.genomes_for(dataset)

    def windows(self, kind: Windows, genome: str, suffix: str, dataset: str = "{dataset}") -> str:
        """Return the path of a file of the windows of one kind and genome."""
        return f"{self.config.results_dir}/datasets/{dataset}/{kind}/{genome}.{suffix}"

    def motif_files(self, method: str) -> list[str]:
        """List the MEME file of the configuration, for the method that scans for motifs."""
        return [self.motifs] if resolve(method).base == "motif_scan" and self.motifs else []

    def sequence(self, genome: str) -> str:
        """Return the local path of a genome's sequence file."""
        row = self.human if genome == self.human.genome else self.genomes[genome]
        return self.local_path(row.sequence)

    def aligned_genomes(self) -> list[str]:
        """List the genomes whose chains are made by aligning them."""
        return [name for name, row in self.genomes.items() if row.is_aligned] if self.lifted_datasets else []

    def aligned_chain(self, genome: str = "{genome}") -> str:
        """Return the path of the chain file that is made by aligning a genome."""
        return f"{self.config.results_dir}/chains/{genome}.over.chain.gz"

    def chains(self) -> dict[str, str]:
        """Return the chain files by the name of their index: a genome, or an assembly whose peaks are lifted."""
        chains = {
            name: self.aligned_chain(name) if row.is_aligned else self.local_path(row.chain)
            for name, row in (self.genomes.items() if self.lifted_datasets else ())
        }
        return chains | {f"{assembly}_to_{self.config.human}": path for assembly, path in self.assembly_chains.items()}

    def made_chain(self, name: str) -> list[str]:
        """List the chain file of a name in `chains` if it is made by aligning."""
        return [self.aligned_chain(name)] if name in self.aligned_genomes() else []

    def given_chain(self, name: str) -> list[str]:
        """List the chain file of a name in `chains` if it is the user's, or downloaded."""
        return [] if self.made_chain(name) else [self.chains()[name]]

    def chain_index(self, name: str) -> str:
        """Return the path of the index of a chain file, given the name in `chains`."""
        return f"{self.config.results_dir}/chains/{name}.index"

    def assembly_chain(self, dataset: str) -> list[str]:
        """List the index of the chains that lift a dataset's peaks, where they are on another assembly."""
        assembly = self.assembly(self.all_datasets[dataset])
        return [self.chain_index(f"{assembly}_to_{self.config.human}")] if assembly in self.assembly_chains else []

    def blacklist(self) -> list[str]:
        """List the file of regions to leave out."""
        return [self.local_path(self.config.blacklist)] if self.config.blacklist else []

    def sequences(self, dataset: str) -> list[str]:
        """List the files of sequences of a dataset."""
        return [self.local_path(file.place) for file in self.all_datasets[dataset].sequence_files]

    def located(self, dataset: str = "{dataset}") -> str:
        """Return the path of the table of where the sequences of a dataset lie in the human genome."""
        return f"{self.config.results_dir}/datasets/{dataset}/located.tsv"

    def located_tables(self, dataset: str) -> list[str]:
        """List that table if the sequences of a dataset are looked up."""
        return [self.located(dataset)] if dataset in self.located_datasets else []

    def given_homologs(self, dataset: str) -> list[str]:
        """List the files of homologs of a dataset that come as sequences."""
        return [self.local_path(file.place) for file in self.all_datasets[dataset].homolog_files]

    def sequence_options(self, dataset: str) -> list[str]:
        """Return the options with which the sequences of a dataset, and their homologs, are read."""
        row = self.all_datasets[dataset]
        width = [] if row.sequence_width is None else ["--width", str(row.sequence_width)]
        columns = ["--columns", *row.sequence_columns] if row.sequence_columns else []
        return [*columns, *(["--folds", *row.sequence_folds] if row.sequence_folds else []), *width]

    def sequence_file_options(self, dataset: str) -> list[str]:
        """Return the options that tell the split and label of each file of sequences, where files have one."""
        words = []
        for option in ("split", "label"):
            values = [getattr(file, option) for file in self.all_datasets[dataset].sequence_files]
            words += [f"--file-{option}s", *values] if any(values) else []
        return words

    def published_options(self, dataset: str) -> list[str]:
        """Return the option with the published task that the test sequences of a dataset must be those of, if any."""
        return ["--published", self.published[dataset]] if dataset in self.published else []

    def peaks(self, dataset: str) -> list[str]:
        """List the peak files of a dataset."""
        return [self.local_path(place) for place in self.all_datasets[dataset].peaks]

    def simulated_files(self) -> list[str]:
        """List every file of the tables, all of which the simulation writes."""
        genomes = [self.human, *self.genomes.values()]
        places = [
            *[row.sequence for row in genomes],
            *[row.chain for row in genomes if row.chain and not row.is_aligned],
            *[peaks for row in self.datasets.values() for peaks in row.peaks],
            *([self.config.blacklist] if self.config.blacklist else []),
            *dict.fromkeys(row.file for row in self.variant_rows.values()),
            *[place for row in self.measured_rows.values() for place in (*row.peaks, *filter(None, [row.regions]))],
        ]
        return [self.local_path(place) for place in places]

    def is_made(self, path: str) -> bool:
        """Whether the workflow makes a file that the tables name: by simulation, or from published files."""
        return path in self._made_files

    @cached_property
    def _made_files(self) -> set[str]:
        if self.config.simulation is not None:
            return set(self.simulated_files())
        return set(map(self.made.path, self.made_places()))

    def training_genomes(self, dataset: str, kind: Windows) -> list[str]:
        """List the genomes whose windows of one kind a dataset trains on: all or none."""
        used = {resolve(method).extra_windows for method in self.methods[dataset]}
        return self.genomes_of(kind, dataset) if kind in used else []

    def lifted_training_genomes(self, dataset: str) -> list[str]:
        """List the genomes whose homologs, found by lift-over, a dataset trains on."""
        return self.training_genomes(dataset, "homologs") if dataset in self.lifted_datasets else []

    def training_windows(self, dataset: str, kind: Windows, suffix: str) -> list[str]:
        """List a file of each genome's windows of one kind that a dataset trains on."""
        return [self.windows(kind, genome, suffix, dataset) for genome in self.training_genomes(dataset, kind)]

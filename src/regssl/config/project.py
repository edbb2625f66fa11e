"""What one configuration plans: which files of which runs each step of the workflow reads and makes.

The rules of the workflow ask `Project`, so that their plan is tested without Snakemake. A path in which the rule
keeps a wildcard, such as `{dataset}`, is returned with the braces in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from regssl.config.pretrained import is_generated
from regssl.config.project_runs import ProjectRuns, SeedJob
from regssl.download.sources import is_url
from regssl.evaluation.design import DesignRow
from regssl.methods import Windows, resolve, subset_kinds
from regssl.models import WITH_FILTERS
from regssl.variants.formats import CONTEXT_FORMATS

RESOURCES: Any = {"gpus_per_job": True, "mirror": True, "models": {"__all__": {"resources"}}}
"""Keys of the configuration on which no result depends."""


class Project(ProjectRuns):
    """The files of a configuration's runs, and what each of them needs.

    `ProjectInputs` has its datasets, genomes and downloads, `ProjectSplits` their splits, `ProjectRuns` its runs.
    """

    def dataset_results(self, dataset: str) -> list[str]:
        """List the files that the target of a dataset, or of a replicate, makes."""
        results = self.config.results_dir
        if dataset in self.replicates:
            return [
                f"{results}/runs/{dataset}/summary.tsv",
                f"{results}/datasets/{dataset}/leakage/counts.tsv",
            ]
        files = ["summary.tsv", *(["comparison/differences.tsv"] if self.has_comparison else [])]
        files += ["variant_effects.tsv"] if dataset in self.variant_datasets() else []
        return [
            *[f"{results}/runs/{dataset}/{file}" for file in [*files, "leakage_strata.tsv"]],
            *([f"{results}/datasets/{dataset}/lift_status.tsv"] if dataset in self.homolog_datasets else []),
            *self.measured_results(dataset),
            *([f"{results}/runs/{dataset}/learned.tsv"] if dataset in self.explained_datasets() else []),
            *([f"{results}/runs/{dataset}/mpra.tsv"] if dataset in self.mpra_datasets() else []),
        ]

    # What a run needs

    def extra_windows(self, dataset: str, method: str) -> list[str]:
        """List the sets a run trains on besides the human ones: homologs, or others in their place."""
        kind = resolve(method).extra_windows
        return [self.windows(kind, genome, "npy", dataset) for genome in self.genomes_of(kind, dataset)] if kind else []

    def genomes_of(self, kind: Windows, dataset: str) -> list[str]:
        """List the genomes that have windows of one kind: the human one of its negatives, the others of the rest."""
        return [self.human.genome] if kind == "negatives" else self.genomes_for(dataset)

    def windows(self, kind: Windows, genome: str, suffix: str, dataset: str = "{dataset}") -> str:
        """Return the path of a file of the windows of one kind and genome."""
        return f"{self.config.results_dir}/datasets/{dataset}/{kind}/{genome}.{suffix}"

    def training_counts(self, model: str, method: str, dataset: str = "{dataset}") -> list[str]:
        """List the table of a dataset's training windows, for runs whose budget is counted in passes over them."""
        counted = self.config.settings(model, method).training.min_passes is not None
        path = f"{self.config.results_dir}/datasets/{dataset}/training_windows.tsv"
        return [path] if counted and resolve(method).kind != "baseline" else []

    def teachers(self, dataset: str, method: str, job: SeedJob) -> list[str]:
        """List the models that teach the runs of a job, seed by seed, for methods with teachers."""
        return [
            self.run_file("model.safetensors", job.model, seed, dataset, teacher)
            for seed in job.seeds
            for teacher in resolve(method).teachers(self.config.cross_fitting.folds)
        ]

    def filter_teachers(self) -> list[tuple[str, str, int]]:
        """List model, method and seed of the runs that judge homologs for `ssl_filtered`."""
        return [
            (model, teacher, seed)
            for model in self.config.run_models
            if "ssl_filtered" in self.config.methods_of(model)
            for teacher in resolve("ssl_filtered").teachers(self.config.cross_fitting.folds)
            for seed in self.config.seeds_of(model)
        ]

    def divergence_tables(self, dataset: str, method: str) -> list[str]:
        """List the tables of divergence of the genomes, for methods that select or weight them by it."""
        resolved = resolve(method)
        selects = resolved.subset is not None and resolved.subset.selects_genomes
        needed = selects or resolved.needs_distances(self.config.noisy_student)
        genomes = self.genomes_for(dataset) if needed else []
        return [self.homologs_of(dataset, genome, "divergence.tsv") for genome in genomes]

    def motif_files(self, method: str) -> list[str]:
        """List the MEME file of the configuration, for the method that scans for motifs."""
        return [self.motifs] if resolve(method).base == "motif_scan" and self.motifs else []

    def motif_names(self, dataset: str, method: str) -> list[str]:
        """List the motif of a dataset's factor, for the method that scans for motifs."""
        return [self.factor(dataset)] if resolve(method).base == "motif_scan" else []

    def training_files(self, model: str, method: str) -> list[str]:
        """List the files of the user that a run starts from: weights and their settings, motifs."""
        return [*([] if model in self.generated_models() else self.pretrained[model]), *self.motif_files(method)]

    def generated_models(self) -> list[str]:
        """List the models whose files the workflow generates, with random weights."""
        return [model for model in self.config.run_models if is_generated(self.config.models[model])]

    # Data

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

    # Variants

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

    # Measured peaks of other genomes

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

    # What the filters of networks have learned

    def explained_runs(self, dataset: str) -> list[tuple[str, str, int]]:
        """List model, method and seed of the runs of a dataset whose filters are explained."""
        methods = self.config.explain.methods if self.config.explain else []
        runs = self.runs(dataset, [method for method in self.config.methods if method in methods])
        return [run for run in runs if self.config.models[run[0]].architecture in WITH_FILTERS]

    def explained_files(self, file: str, dataset: str) -> list[str]:
        """List a file of each of these runs."""
        runs = self.explained_runs(dataset)
        return [self.run_file(f"learned/{file}", model, seed, dataset, method) for model, method, seed in runs]

    def explained_datasets(self) -> list[str]:
        """List the datasets that have such runs."""
        return [dataset for dataset in self.datasets if self.explained_runs(dataset)]

    def known_files(self) -> list[str]:
        """List the MEME file of known motifs, besides those of the package."""
        return [self.known_motifs] if self.known_motifs else []

    def factor(self, dataset: str) -> str:
        """Return the name of a dataset's factor, or the id of one of its matrices."""
        row = self.all_datasets[dataset]
        return row.motif or row.name

    # Reports

    def lift_tables(self) -> list[str]:
        """List the tables of homologs by status of the datasets that have homologs."""
        of_datasets = [dataset for dataset in self.datasets if dataset in self.homolog_datasets]
        return [f"{self.config.results_dir}/datasets/{dataset}/lift_status.tsv" for dataset in of_datasets]

    def peak_counts(self, dataset: str) -> list[str]:
        """List the table of the peaks of a dataset that has some."""
        path = f"{self.config.results_dir}/datasets/{dataset}/peaks.tsv"
        return [path] if self.all_datasets[dataset].peaks else []

    @property
    def has_comparison(self) -> bool:
        """Whether methods are compared: a model runs SL and SSL."""
        return any({"sl", "ssl"} <= set(self.config.methods_of(model)) for model in self.config.run_models)

    def provenance(self) -> dict[str, Any]:
        """Return what results come from: the configuration, its files of data, and where their checksums are.

        Of the configuration all that results depend on; of each file that is not made here, by its path, the URL, and
        of those of the user an empty text. Test chromosomes are those of datasets of peaks.
        """
        places = [file.place for file in self.named_files()]
        places += [place for place in (self.config.blacklist, self.config.motifs) if place]
        own = [path for place in places if not is_url(place) and not self.is_made(path := self.local_path(place))]
        inputs = dict.fromkeys(own, "") | {path: source.url for path, source in self.downloads.items()}
        return {
            "config": self.config.model_dump(mode="json", exclude=RESOURCES),
            "inputs": inputs,
            "lockfile": self.config.lockfile_path,
            "test_chromosomes": self.config.splits.test if self.peak_datasets else [],
        }

    def nested_design(self) -> list[DesignRow]:
        """List each dataset that has replicates, and these: how much the gain depends on what they vary."""
        varied = {row.replicate_of for row in self.replicates.values()}
        design = [DesignRow(name, name, row.splits) for name, row in self.datasets.items() if name in varied]
        return design + [DesignRow(name, row.replicate_of, row.splits) for name, row in self.replicates.items()]

    def ablation_kinds(self) -> list[str]:
        """List what the ablations vary: there is a figure for each."""
        return subset_kinds(method for methods in self.methods.values() for method in methods)

    def display_names(self) -> dict[str, dict[str, str]]:
        """Return display names by id, as `evaluation.summary.DisplayNames` reads them, in the order of display.

        Where no method of the paper is run, `paper_methods` are all.
        """
        methods = {name: resolve(name) for name in self.config.run_methods}
        names = {name: method.name for name, method in methods.items()}
        notes = {name: self.config.models[name].note for name in self.config.run_models}
        paper = {name: names[name] for name, method in methods.items() if method.is_paper}
        fewer = {
            f"{model}/{name}": names[name]
            for model in self.config.run_models
            if (own := self.config.methods_of(model)) != list(names)
            for name in own
        }
        without = {
            "without_peaks": {name: row.name for name, row in self.datasets.items() if not row.peaks},
            "without_homologs": {
                name: row.name for name, row in self.datasets.items() if name not in self.homolog_datasets
            },
        }
        return {
            **{kind: of_kind for kind, of_kind in without.items() if of_kind},
            "datasets": {name: row.name for name, row in self.datasets.items()},
            "replicates": {name: row.name for name, row in self.replicates.items()},
            "models": {name: self.config.models[name].display_name for name in self.config.run_models},
            "model_notes": {name: note for name, note in notes.items() if note},
            "methods": names,
            "model_methods": fewer,
            "paper_methods": paper or names,
            "genomes": {row.genome: row.name for row in (self.human, *self.genomes.values())},
            "variant_sets": {name: row.name for name, row in self.variant_rows.items()},
            "measured": {
                f"{dataset}/{genome}": row.name or self.genomes[genome].name
                for (dataset, genome), row in self.measured_rows.items()
            },
        }

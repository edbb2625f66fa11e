"""What one configuration plans: which files of which runs each step of the workflow reads and makes.

The rules of the workflow ask `Project`, so that their plan is tested without Snakemake. A path in which the rule
keeps a wildcard, such as `{dataset}`, is returned with the braces in it.
"""

from __future__ import annotations

from typing import Any

from regssl.config.pretrained import is_generated
from regssl.config.project_measured import ProjectMeasured
from regssl.config.project_runs import SeedJob
from regssl.download.sources import is_url
from regssl.evaluation.design import DesignRow
from regssl.evaluation.paper_numbers import paper_numbers
from regssl.methods import resolve, subset_kinds
from regssl.models import WITH_FILTERS

RESOURCES: Any = {"gpus_per_job": True, "mirror": True, "models": {"__all__": {"resources"}}}
"""Keys of the configuration on which no result depends."""


class Project(ProjectMeasured):
    """The files of a configuration's runs, and what each of them needs.

    What it is built on has one subject each: `ProjectInputs` datasets, genomes and downloads, `ProjectSplits` their
    splits, `ProjectRuns` runs, `ProjectData` files of data, `ProjectVariants` and `ProjectMeasured` what networks are
    held against.
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

    def motif_names(self, dataset: str, method: str) -> list[str]:
        """List the motif of a dataset's factor, for the method that scans for motifs."""
        return [self.factor(dataset)] if resolve(method).base == "motif_scan" else []

    def training_files(self, model: str, method: str) -> list[str]:
        """List the files of the user that a run starts from: weights and their settings, motifs."""
        return [*([] if model in self.generated_models() else self.pretrained[model]), *self.motif_files(method)]

    def generated_models(self) -> list[str]:
        """List the models whose files the workflow generates, with random weights."""
        return [model for model in self.config.run_models if is_generated(self.config.models[model])]

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

    @property
    def has_paper_numbers(self) -> bool:
        """Whether results are set beside the paper's: they are of its data, or of a dataset of the same name."""
        return self.config.paper_data or not set(self.datasets).isdisjoint(paper_numbers()["dataset"])

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

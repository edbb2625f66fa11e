"""The runs of a configuration, their files, and the jobs in which they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from regssl.config.project_splits import ProjectSplits
from regssl.methods import resolve
from regssl.recipes.space import recipe_names


class SeedJob(NamedTuple):
    """The seeds of a model that are trained in one job, and scored in another: at most `seeds_per_job`."""

    model: str
    number: int
    seeds: list[int]

    def rule(self, step: str) -> str:
        """Return the name of the job's rule for one step: `train_deepbind`, of further jobs `train_deepbind_2` …"""
        return f"{step}_{self.model}" if self.number == 1 else f"{step}_{self.model}_{self.number}"


class ProjectRuns(ProjectSplits):
    """The files of a configuration's runs: models, methods and seeds of each dataset."""

    def run_file(self, file: str, model: str, seed: int, dataset: str = "{dataset}", method: str = "{method}") -> str:
        """Return the path of a file of one run."""
        return f"{self.config.results_dir}/runs/{dataset}/{model}/{method}/seed{seed}/{file}"

    def run_files(self, file: str, dataset: str, methods: Sequence[str] | None = None) -> list[str]:
        """List a file of every run of a dataset.

        Args:
            file: its name in the folder of the run.
            dataset: id of the dataset.
            methods: runs of these methods only, by the models that have them; None: of all that the dataset has.
        """
        return [
            self.run_file(file, model, seed, dataset, method) for model, method, seed in self.runs(dataset, methods)
        ]

    def runs(self, dataset: str, methods: Sequence[str] | None = None) -> list[tuple[str, str, int]]:
        """List model, method and seed of each run, in the order of `run_files`."""
        return [
            (model, method, seed)
            for model in self.config.run_models
            for method in self.config.models[model].select_methods(
                self.methods[dataset] if methods is None else methods
            )
            for seed in self.config.seeds_of(model)
        ]

    def drawn_recipes(self) -> list[str]:
        """List the models that a search for a recipe has drawn."""
        return recipe_names(self.config.recipes.draws) if self.config.recipes else []

    def recipe_settings(self) -> dict[str, dict[str, Any]]:
        """Return what the models of a search are: `params` and `training` by id, as `recipes.space.Recipe` has them."""
        return {
            model: {
                "params": self.config.models[model].params,
                "training": self.config.training.model_dump() | self.config.models[model].training,
            }
            for model in self.config.run_models
        }

    def round_runs(self, number: int, models: Sequence[str]) -> list[tuple[str, str, str, int]]:
        """List dataset, model, method and seed of the runs of a round of the search for a recipe, counted from 1."""
        assert self.config.recipes is not None
        own = self.config.recipes.rounds[number - 1]
        return [
            (dataset, model, method, seed)
            for dataset in own.datasets
            for model in models
            for method in self.config.methods
            for seed in own.seeds
        ]

    def all_run_files(self, file: str) -> list[str]:
        """List a file of every run of every dataset."""
        return [path for dataset in self.datasets for path in self.run_files(file, dataset)]

    def full_methods(self, dataset: str) -> list[str]:
        """List the methods of a dataset that are not ablations."""
        return [method for method in self.methods[dataset] if resolve(method).subset is None]

    def full_runs(self, dataset: str) -> list[tuple[str, str, int]]:
        """List model, method and seed of each run of a dataset that is no ablation."""
        return self.runs(dataset, self.full_methods(dataset))

    def seed_jobs(self) -> list[SeedJob]:
        """List the jobs of seeds of all models, in the order of `models`."""
        return [
            SeedJob(model, number, seeds)
            for model in self.config.run_models
            for number, seeds in enumerate(self.config.jobs(model), start=1)
        ]

    def job_files(self, job: SeedJob, file: str) -> list[str]:
        """List a file of each run of one job; dataset and method stay wildcards."""
        return [self.run_file(file, job.model, seed) for seed in job.seeds]

"""The configuration: every key, its type, its default and what it means.

`workflow/schemas/config.schema.json` (`regssl schema`) and the tables of `docs/configuration` are made from these
classes. `load` reads the files, `table_files` the tables; `project` plans the runs, `checks` checks the data files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, field_validator, model_validator

from regssl.alignment.settings import AlignmentSettings
from regssl.config.ablations import AblationSettings, ablation_methods
from regssl.config.models import Model
from regssl.config.searched_models import searched_models
from regssl.config.simulation import SimulationSettings
from regssl.config.validators import IDENTIFIER, check_methods, check_path, did_you_mean
from regssl.data.settings import (
    DEFAULT_SPLITS,
    Bins,
    DivergenceSettings,
    HomologSettings,
    PeakLiftover,
    Sampling,
    Splits,
)
from regssl.download.sources import check_url, is_url
from regssl.evaluation.settings import ComparisonSettings, FurtherMetric
from regssl.interpretation.settings import ExplainSettings
from regssl.leakage.settings import LeakageSettings
from regssl.measured.settings import MeasuredSettings
from regssl.methods import METHODS, resolve
from regssl.methods.settings import (
    Augmentation,
    CrossFitting,
    Filtering,
    Finetuning,
    NoisyStudent,
    RunSettings,
    Training,
)
from regssl.recipes.settings import RecipeSearch
from regssl.sequences.settings import LocateSettings
from regssl.settings import LAB, OURS, PAPER, Distinct, Seed, Settings, without_repeats
from regssl.variants.settings import MpraSettings, VariantSettings


class Config(Settings):
    """One benchmark: data, splits, models, methods, seeds."""

    results_dir: str = Field("results", description="Where everything made by the workflow goes.")
    data_dir: str | None = Field(
        None,
        description="Folder in which relative paths of the tables, and `blacklist`, start; null: the working "
        "directory, or the folder of what `sources` makes.",
    )
    downloads_dir: str = Field(
        "downloads",
        description="Where URLs of the tables are kept, as `<host>/<path>`; a file put there by hand is used as it is.",
    )
    mirror: str | None = Field(
        None,
        description="Folder or base URL that is asked first for every URL, as `<mirror>/<host>/<path>`; null: none.",
    )
    lockfile: str | None = Field(
        None, description="Lock file: what each URL gave first, and must give again; null: `<downloads_dir>/lock.tsv`."
    )
    keep_sequences: bool = Field(
        True,
        description="Keep the sequences of windows; false: delete each set once every job that reads it is done, "
        "which bounds the disk, but a later run of more seeds, models or methods of a dataset extracts them and "
        "trains its others again.",
    )
    datasets: str = Field(description="Table of datasets.", json_schema_extra=PAPER)
    genomes: str = Field(description="Table of genomes and chains.", json_schema_extra=LAB)
    snps: str | None = Field(
        None,
        description="Table of sets of variants with observed effects on binding; null: none, and no Figure 3.",
    )
    measured: str | None = Field(
        None,
        description="Table of peaks measured in other genomes, to hold copied labels against; null: none.",
    )
    sources: str | None = Field(
        None,
        description="Table of published files, from which the workflow makes the data where `data_dir` is null; "
        "null: none.",
    )
    regions: str | None = Field(
        None, description="Table of the places of the regions that `sources` makes data of; null: none."
    )
    select_datasets: Distinct[str] | None = Field(
        None, description="Use only these rows of the datasets table; null: all."
    )
    select_genomes: Distinct[str] | None = Field(
        None, description="Use only these genomes beside the human; null: all."
    )
    human: str = Field(description="The row of the genomes table that carries the peaks.", json_schema_extra=LAB)
    blacklist: str | None = Field(
        None, description="BED of human regions to leave out: path or URL; null: none.", json_schema_extra=OURS
    )
    paper_data: bool = Field(
        False, description="Whether the data are the paper's; if not, the comparison with its numbers warns."
    )
    simulation: SimulationSettings | None = Field(
        None, description="Make the data by simulation into `data_dir`; null: they are there."
    )
    bins: Bins = Bins()
    splits: Splits
    further_splits: dict[str, Splits] = Field(
        {}, description="Other splits by id, for the datasets that name one in the column `splits` of their table."
    )
    sampling: Sampling = Sampling()
    align: AlignmentSettings = AlignmentSettings()
    locate: LocateSettings = LocateSettings()
    homologs: HomologSettings = HomologSettings()
    divergence: DivergenceSettings = DivergenceSettings()
    peak_liftover: PeakLiftover = PeakLiftover()
    run_models: Distinct[str] = Field(min_length=1, description="Ids of `models` to train.", json_schema_extra=PAPER)
    methods: Distinct[str] = Field(
        min_length=1,
        description=f"Any of {', '.join(f'`{method}`' for method in METHODS)}; or one with less data, such as "
        "`ssl-nearest4`.",
    )
    recipes: RecipeSearch | None = Field(
        None, description="Search for a recipe of the first of `run_models`, instead of a benchmark; null: none."
    )
    ablations: AblationSettings | None = Field(None, description="Further methods, with less data; null: none.")
    motifs: str | None = Field(
        None,
        description="MEME file for the method `motif_scan`; null: the JASPAR 2024 matrices that come with the package.",
    )
    explain: ExplainSettings | None = Field(
        None,
        description="What the filters of networks have learned: their motifs, and the known ones that they are like; "
        "null: not asked.",
        json_schema_extra=OURS,
    )
    mpra: MpraSettings | None = Field(
        None,
        description="Saturation mutagenesis of regulatory elements, whose effects on expression are held against the "
        "scores of every network; null: none.",
        json_schema_extra=OURS,
    )
    seeds: Distinct[Seed] = Field(
        min_length=1, description="One run of each dataset, model and method per seed.", json_schema_extra=OURS
    )
    gpus_per_job: int = Field(
        0,
        ge=0,
        le=1,
        description="GPUs that a training or prediction job asks the scheduler for; one that is there is used anyway.",
    )
    models: dict[str, Model] = Field(description="The models that `run_models` may name.")
    budget: float = Field(
        1.0,
        gt=0,
        description="Factor of the optimizer steps of every phase: 2 trains again, and twice as long.",
        json_schema_extra=OURS,
    )
    training: Training = Training()
    finetuning: Finetuning = Finetuning()
    cross_fitting: CrossFitting = CrossFitting()
    noisy_student: NoisyStudent = NoisyStudent()
    filtering: Filtering = Filtering()
    augmentation: Augmentation = Augmentation()
    leakage: LeakageSettings = LeakageSettings()
    comparison: ComparisonSettings = ComparisonSettings()
    further_metrics: Distinct[FurtherMetric] = Field(
        [],
        description="Scores to compare besides AUPR, AUROC and precision: `mcc`, Matthews' correlation coefficient "
        "of windows called bound from a logit of 0; `mcc_tuned`, from the threshold that is best on the validation "
        "windows. Both are in `summary.tsv` in any case.",
    )
    measured_labels: MeasuredSettings = MeasuredSettings()
    variants: VariantSettings = VariantSettings()

    @model_validator(mode="before")
    @classmethod
    def _with_recipes(cls, values: Any) -> Any:
        """Draw the recipes: each is a model like any other. What is wrong with the values, their own fields report."""
        try:
            search = RecipeSearch.model_validate(values["recipes"])
            known = {
                name: Model.model_validate(values["models"][name]) for name in without_repeats(values["run_models"])
            }
        except (ValueError, KeyError, TypeError):
            return values
        if not known:
            return values
        models = searched_models(search, known, set(values["models"]))
        return {**values, "models": {**values["models"], **models}, "run_models": list(models)}

    @field_validator(
        *("results_dir", "data_dir", "downloads_dir", "lockfile"),
        *("datasets", "genomes", "snps", "measured", "sources", "regions", "motifs"),
    )
    @classmethod
    def _is_path(cls, value: str | None) -> str | None:
        return None if value is None else check_path(value)

    @field_validator("models", mode="before")
    @classmethod
    def _not_a_list(cls, value: Any) -> Any:
        if isinstance(value, list):
            raise ValueError("models are defined here, by id; `run_models` lists those to train")
        return value

    @field_validator("further_splits")
    @classmethod
    def _splits_ids(cls, value: dict[str, Splits]) -> dict[str, Splits]:
        for name in value:
            if not re.fullmatch(IDENTIFIER, name) or name == DEFAULT_SPLITS:
                problem = "is the id of the key `splits`" if name == DEFAULT_SPLITS else "cannot be an id of splits"
                raise ValueError(f"'{name}' {problem}: ids are lower snake case, being used in paths")
        return value

    @field_validator("models")
    @classmethod
    def _model_ids(cls, value: dict[str, Model]) -> dict[str, Model]:
        for name in value:
            if not re.fullmatch(IDENTIFIER, name):
                raise ValueError(f"'{name}' cannot be the id of a model: ids are lower snake case, being used in paths")
        return value

    @field_validator("mirror")
    @classmethod
    def _is_mirror(cls, value: str | None) -> str | None:
        if value is not None and "://" in value:
            if not is_url(value):
                raise ValueError("a mirror is a folder, or a base URL that begins with https://, http:// or file://")
            check_url(f"{value.rstrip('/')}/file")
        return value

    @field_validator("methods")
    @classmethod
    def _known_methods(cls, value: list[str]) -> list[str]:
        return check_methods(value)

    @model_validator(mode="after")
    def _known_models(self) -> Config:
        for model in self.run_models:
            if model not in self.models:
                known = ", ".join(self.models)
                raise ValueError(
                    f"run_models: unknown model '{model}'; known: {known}{did_you_mean(model, self.models)}"
                )
        return self

    @model_validator(mode="after")
    def _every_model_runs(self) -> Config:
        for model in self.run_models:
            if not self.methods_of(model):
                own = ", ".join(self.models[model].methods or [])
                raise ValueError(f"methods: `models.{model}.methods` has none of them, but {own}; null there: all")
        return self

    @model_validator(mode="after")
    def _variants_stay_inside(self) -> Config:
        largest = max(self.variants.shifts, default=0)
        if 2 * largest >= self.bins.width:
            raise ValueError(
                f"variants.shifts: moved by {largest} bp, a window of {self.bins.width} bp does not hold its variant"
            )
        return self

    @model_validator(mode="after")
    def _ranked_by_both(self) -> Config:
        if self.recipes is None:
            return self
        if any(set(methods) != {"sl", "ssl"} for methods in (self.methods, *map(self.methods_of, self.run_models))):
            raise ValueError("methods: recipes are ranked by sl and ssl, which are the methods of a search")
        return self

    @model_validator(mode="after")
    def _jobs_differ(self) -> Config:
        """Reject a model `a_2` beside a model `a` of two jobs: their rules would have one name."""
        named = [f"{model}_{number}" for model in self.run_models for number in range(2, len(self.jobs(model)) + 1)]
        if both := [model for model in self.run_models if model in named]:
            raise ValueError(
                f"run_models: '{both[0]}' is also what a further job of another model is called; rename it"
            )
        return self

    @property
    def lockfile_path(self) -> str:
        """Path of the lock file of downloads."""
        return self.lockfile or f"{self.downloads_dir}/lock.tsv"

    @property
    def all_splits(self) -> dict[str, Splits]:
        """All splits by id, first those of the key `splits`."""
        return {DEFAULT_SPLITS: self.splits, **self.further_splits}

    @property
    def run_methods(self) -> list[str]:
        """Methods that any of the models to train runs, in the order of `methods`."""
        return self._run_by_any(self.methods)

    def methods_of(self, model: str) -> list[str]:
        """List the methods of a model, in the order of `methods`."""
        return self.models[model].select_methods(self.methods)

    def methods_on(self, dataset: str, clades: Mapping[str, str]) -> list[str]:
        """List the methods of a dataset, ablations included; `clades` are those of the genomes by id."""
        less = self.ablations
        if less is None or (less.datasets is not None and dataset not in less.datasets):
            return self.run_methods
        further = ablation_methods(less, clades)
        return self._run_by_any(list(dict.fromkeys([*self.methods, *further])))

    def _run_by_any(self, methods: Sequence[str]) -> list[str]:
        run = {method for model in self.run_models for method in self.models[model].select_methods(methods)}
        return [method for method in methods if method in run]

    def seeds_of(self, model: str) -> list[int]:
        """Return the seeds of a model: its own, or those of the configuration."""
        return self.models[model].seeds or self.seeds

    def jobs(self, model: str) -> list[list[int]]:
        """Split the seeds of a model into training jobs of `seeds_per_job`, in the order of `seeds_of`."""
        size, seeds = self.models[model].seeds_per_job, self.seeds_of(model)
        return [seeds[at : at + size] for at in range(0, len(seeds), size)]

    def gpus_of(self, model: str, method: str) -> int:
        """Return the number of GPUs that a job of a model and method requests; baselines need none."""
        if resolve(method).kind == "baseline":
            return 0
        own = self.models[model].resources.gpus
        return self.gpus_per_job if own is None else own

    def settings(self, model: str, method: str) -> RunSettings:
        """Return the settings of a model's runs by a method; only the fields that the method uses are set."""
        entry = self.models[model]
        training = Training.model_validate(self.training.model_dump() | entry.training)
        groups = {group: getattr(self, group) for group in resolve(method).settings}
        given = {"architecture": entry.architecture, "params": entry.params, "budget": self.budget}
        return RunSettings(**given, training=training, **groups)

    def settings_json(self, model: str, method: str) -> str:
        """Return `settings` as `regssl train` reads them, without what the method does not use.

        So changing that reruns nothing. The model's own keys of `training` are written as in the configuration.
        """
        settings = self.settings(model, method)
        values = settings.model_dump(include=settings.model_fields_set)
        values["training"] |= self.models[model].training
        return json.dumps(values, sort_keys=True)

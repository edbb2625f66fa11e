"""Models of a configuration: architecture, settings, resources."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, field_validator, model_validator

from regssl.config.validators import check_methods, check_path
from regssl.io.text import check_name
from regssl.methods.settings import Training
from regssl.models import ARCHITECTURES, NOTES, PRETRAINED, RANDOMLY_INITIALIZED
from regssl.settings import Distinct, Seed, Settings, without_repeats


class Resources(Settings):
    """What a training or prediction job of a model asks the scheduler for."""

    mem_mb: PositiveInt = Field(8000, description="Memory of a job, in MB.")
    runtime: PositiveInt = Field(720, description="Longest time of a training job, in minutes.")
    threads: PositiveInt = Field(
        1, description="CPU threads of a training job. With another number DeepSEA and language models round otherwise."
    )
    gpus: int | None = Field(None, ge=0, le=1, description="GPUs of a job; null: the key `gpus_per_job`.")


def _is_plain(value: Any) -> Any:
    parts = value if isinstance(value, list) else [value]
    plain = (isinstance(part, int) or (isinstance(part, float) and math.isfinite(part)) for part in parts)
    if not isinstance(value, str) and not all(plain):
        raise ValueError("is no finite number, flag, text, or list of numbers")
    return value


Plain = Annotated[bool | int | float | str | list[int | float], BeforeValidator(_is_plain)]


class Model(Settings):
    """An architecture with its parameters; the key is the id used in paths."""

    architecture: str = Field(
        description="`deepbind`, `deepsea`, `dnabert2`, `dnabert2_tiny`, `huggingface` (a network of transformers), or "
        "an import path `package.module:Class` of a network of your own."
    )
    name: Annotated[str, AfterValidator(check_name)] = Field(description="Display name in tables and figures.")
    params: dict[str, Plain] = Field({}, description="Arguments of the architecture.")
    training: dict[str, int | float | bool | str | None] = Field(
        {}, description="Keys of `training` that differ for this model."
    )
    pretrained: str | list[str] | None = Field(
        None, description="Files it starts from: a folder, or paths and URLs of its config, tokenizer and weights."
    )
    methods: Distinct[str] | None = Field(
        None, min_length=1, description="Those of the key `methods` that this model runs; null: all."
    )
    seeds: Distinct[Seed] | None = Field(None, min_length=1, description="Seeds of this model; null: the key `seeds`.")
    seeds_per_job: PositiveInt = Field(
        5,
        description="Seeds trained in one job: one after the other on a CPU, all at once on a GPU; with 1, a new "
        "seed trains no other again.",
    )
    resources: Resources = Resources()

    @field_validator("architecture")
    @classmethod
    def _exists(cls, value: str) -> str:
        if value in ARCHITECTURES:
            return value
        module, colon, name = value.partition(":")
        try:
            found = bool(colon and name) and importlib.util.find_spec(module) is not None
        except (ImportError, ValueError):
            found = False
        if not found:
            raise ValueError(f"unknown architecture '{value}'; known: {', '.join(ARCHITECTURES)}, or 'module:Class'")
        return value

    @field_validator("methods")
    @classmethod
    def _known_methods(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else check_methods(value)

    @field_validator("pretrained")
    @classmethod
    def _no_folder_by_url(cls, value: str | list[str] | None) -> str | list[str] | None:
        if isinstance(value, str) and "://" in value:
            raise ValueError("a folder cannot be a URL; list the URLs of its files")
        return check_path(value) if isinstance(value, str) else without_repeats(value)

    @model_validator(mode="after")
    def _starts_from_files(self) -> Model:
        if self.pretrained and self.architecture in set(ARCHITECTURES) - PRETRAINED:
            raise ValueError(f"architecture '{self.architecture}' starts from no files: `pretrained` is of no use")
        return self

    def select_methods(self, methods: Sequence[str]) -> list[str]:
        """Select those of some methods that this model runs, in their order."""
        return [method for method in methods if self.methods is None or method in self.methods]

    @property
    def display_name(self) -> str:
        """Return the display name; that of an architecture with random weights names them."""
        label = RANDOMLY_INITIALIZED.get(self.architecture)
        return self.name if label is None or label in self.name else f"{self.name} ({label})"

    @property
    def note(self) -> str:
        """Return what must be said where its numbers stand; empty where there is nothing."""
        return NOTES.get(self.architecture, "")

    @property
    def own_architecture(self) -> list[str]:
        """List the import path of an architecture of the user's own: model files of it name it."""
        return [self.architecture] if self.architecture not in ARCHITECTURES else []

    @field_validator("training")
    @classmethod
    def _known(cls, value: dict[str, int | float | bool | str | None]) -> dict[str, int | float | bool | str | None]:
        Training(**value)
        return value

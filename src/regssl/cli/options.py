"""What the commands share: adding a command, and options that carry a config block as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from regssl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from pydantic import BaseModel

    from regssl.evaluation.summary import DisplayNames

    Settings = TypeVar("Settings", bound=BaseModel)


def from_json(text: str) -> dict[str, Any]:
    """The JSON object an option holds."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"not JSON: {text!r}: {error}") from None
    if not isinstance(value, dict):
        raise ConfigError(f"not a JSON object: {text!r}")
    return value


def block_from_json(text: str, block: type[Settings]) -> Settings:
    """A config block from JSON, checked as in a config file."""
    from pydantic import ValidationError

    try:
        return block.model_validate(from_json(text))
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(f"option of {block.__name__}: key `{key}`: {problem['msg']}") from None


def names_from_json(text: str) -> DisplayNames:
    """Display names of datasets, models and methods."""
    from regssl.evaluation.summary import DisplayNames

    return DisplayNames(**from_json(text))


def one_each(option: str, inputs: list[str], values: list[Any]) -> list[Any]:
    """The values of an option that needs one for each input.

    Raises:
        ConfigError: there are more or fewer.
    """
    if len(inputs) != len(values):
        raise ConfigError(f"--{option}: {len(values)} given for {len(inputs)} inputs", "give one for each, in order")
    return values


def read_tsv(paths: list[str]) -> pd.DataFrame:
    """Tables of the same columns, one below the other."""
    import pandas as pd

    return pd.concat([pd.read_csv(path, sep="\t") for path in paths], ignore_index=True)


def write_tsv(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table, whole or not at all."""
    from regssl.io.atomic import atomic_path

    with atomic_path(path) as aside:
        table.to_csv(aside, sep="\t", index=False)

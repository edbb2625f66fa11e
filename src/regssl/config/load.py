"""Reading config files, and one clear line for each thing that is wrong in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from regssl.config.schema import Config
from regssl.config.validators import did_you_mean
from regssl.errors import ConfigError


def validate_config(values: Mapping[str, Any], files: Sequence[str | Path] = ()) -> Config:
    """Check the merged values of the config files.

    Args:
        values: what YAML gave.
        files: the files they were merged from, in this order, to name the one with the error.

    Raises:
        ConfigError: one line per problem, with file, key, value and a hint.
    """
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        lines = [_describe(problem, files) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def load_config(paths: Sequence[str | Path], overrides: Mapping[str, Any] | None = None) -> Config:
    """Read YAML files, later ones over earlier ones (mappings are merged, lists replaced), as Snakemake does."""
    merged: dict[str, Any] = {}
    for path in paths:
        _merge(merged, read_yaml(path))
    return validate_config({**merged, **(overrides or {})}, paths)


def json_schema() -> str:
    """Return the JSON schema of the configuration, as kept in `workflow/schemas/config.schema.json`."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read the mapping in a YAML file.

    Raises:
        ConfigError: no such file, not YAML, or not a mapping.
    """
    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", "check the path of the config file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not YAML: {truncate(' '.join(str(error).split()), 300)}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: has no keys", "see config/README.md for the keys")
    return values


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _describe(problem: Any, files: Sequence[str | Path]) -> str:
    """Describe one pydantic error in one line."""
    location = list(problem["loc"])
    key = ".".join(str(part) for part in location)
    where = f"{_file_of(location, files)}{f'key `{key}`' if key else 'the configuration'}"
    if problem["type"] == "extra_forbidden":
        return f"{where}: no such key{did_you_mean(str(location[-1]), _keys_beside(location))}"
    if problem["type"] == "missing":
        return f"{where}: is missing (see config/README.md)"
    message = problem["msg"].removeprefix("Value error, ")
    value = problem["input"]
    text = "" if isinstance(value, dict) or not key else f" (value: {_written(value)})"
    return f"{where}: {truncate(' '.join(f'{message[0].lower()}{message[1:]}'.split()), 300)}{text}"


def _written(value: Any) -> str:
    """Write a value as Python does, truncated to a line; of integers too long to be written, the type."""
    try:
        return truncate(repr(value), 120)
    except (ValueError, RecursionError):
        return f"a too long {type(value).__name__}"


def truncate(text: str, most: int) -> str:
    """Cut a text after `most` characters."""
    return text if len(text) <= most else f"{text[:most]} …"


def _file_of(location: Sequence[Any], files: Sequence[str | Path]) -> str:
    """Name the last file that sets the key, as `file: `; empty if none does: it came from the command line."""
    for path in reversed(files):
        node: Any = read_yaml(path)
        for depth, part in enumerate(location):
            if isinstance(node, dict) and part in node:
                node = node[part]
            elif isinstance(node, list) or depth == len(location) - 1 > 0:
                return f"{path}: "
            else:
                break
        else:
            return f"{path}: "
    return f"{files[-1]}: " if files else ""


def _keys_beside(location: Sequence[Any]) -> list[str]:
    """List the keys that exist beside the one at `location`."""
    block: type[BaseModel] | None = Config
    for part in location[:-1]:
        if block is None:
            return []
        if part not in block.model_fields:
            continue  # an id, such as a model's
        annotation = block.model_fields[part].annotation
        candidates = [annotation, *get_args(annotation)]
        block = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
    return list(block.model_fields) if block else []

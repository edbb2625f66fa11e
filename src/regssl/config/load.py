"""Config files to a checked configuration, and one clear line for each thing that is wrong in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from regssl.config.layers import Layer, Layers, read_layers
from regssl.config.schema import Config
from regssl.config.validators import did_you_mean, one_line
from regssl.errors import ConfigError

DEFAULTS = "config/config.yaml"
"""The workflow's defaults, below its folder."""
TABLES = ("datasets", "genomes", "snps", "measured", "sources", "regions")
RENAMED = {
    "model_settings": "models", "simulate": "simulation", "turnover": "site_turnover", "lift": "homologs",
    "max_growth": "max_length_ratio", "assembly_lift": "peak_liftover", "chain_archives": "fallback_chains",
    "doses": "ablations", "nearest": "nearest_genomes", "farthest": "farthest_genomes", "groups": "genome_groups",
    "human_percent": "train_percent", "turnover_percent": "permuted_label_percent", "audit": "leakage",
    "near": "min_similarity", "fail": "fail_on_leak", "sample": "kmer_sampling_fraction", "statistics": "comparison",
    "recall": "recall_for_precision", "level": "confidence_level", "equivalent_percent": "equivalence_margin_percent",
    "gradient_clip": "gradient_clip_norm", "gpus": "gpus_per_job", "downloads_lock": "lockfile",
}  # fmt: skip
"""Keys by the names they had before 0.2.0."""


def validate_config(values: Mapping[str, Any], layers: Layers | None = None) -> Config:
    """Check the merged values of the config files.

    Args:
        values: what YAML gave.
        layers: what they come from, to name the file with the error.

    Raises:
        ConfigError: one line per problem, with file, key, value and a hint.
    """
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        lines = [_describe(problem, layers or Layers([])) for problem in error.errors()]
        raise ConfigError("\n".join(dict.fromkeys(lines))) from None


def load_config(paths: Sequence[str | Path], overrides: Mapping[str, Any] | None = None) -> Config:
    """Read YAML files, later ones over earlier ones (mappings are merged, lists replaced), as Snakemake does."""
    layers = Layers([*read_layers(paths), *([Layer("the command line", overrides)] if overrides else [])])
    return validate_config(layers.values, layers)


def load_as_workflow(paths: Sequence[str | Path], overrides: Mapping[str, Any]) -> tuple[Config, Layers, list[str]]:
    """Read YAML files over the workflow's defaults, as the workflow does.

    The workflow is that of the working directory, else that of one of the files, else the package's own checkout.

    Returns:
        The configuration; what its values come from; notes (see `find_tables`).

    Raises:
        ConfigError: as `validate_config`; a key is missing and no workflow is there.
    """
    folders = [Path(), *[Path(path).absolute().parent.parent for path in paths], Path(__file__).parents[3]]
    found = [each for each in folders if (each / DEFAULTS).is_file() and (each / "Snakefile").is_file()][:1]
    given = [Layer(f"--{key.replace('_', '-')}", {key: value}) for key, value in overrides.items()]
    above = read_layers(paths)
    above[:0] = read_layers(folder / DEFAULTS for folder in found if not (folder / DEFAULTS).samefile(paths[0]))
    layers = Layers([*above, *given])
    missing = [key for key, field in Config.model_fields.items() if field.is_required() and key not in layers.values]
    if missing and not found:
        problem = f"key `{missing[0]}`: is missing, and no workflow is here, whose {DEFAULTS} may have it"
        raise ConfigError(f"{paths[-1]}: {problem}", f"name that file first: PATH/{DEFAULTS} {paths[-1]}")
    with layers.named():
        config, notes = find_tables(validate_config(layers.values, layers), lambda path: str(Path(*found, path)))
    return config, layers, notes


def find_tables(config: Config, beside: Callable[[str], str]) -> tuple[Config, list[str]]:
    """Look for tables that are not in the working directory beside the workflow, whose defaults name them.

    Args:
        config: the configuration.
        beside: from the relative path of a file of the workflow to its path.

    Returns:
        The configuration with the paths found, and a note on each.

    Raises:
        ConfigError: a table is nowhere.
    """
    found: dict[str, str] = {}
    for key in TABLES:
        path = getattr(config, key)
        if path and Path(path).is_dir():
            raise ConfigError(f"key `{key}`: {path} is a folder, not a table", "check the path")
        if path and not Path(path).exists():
            if Path(path).is_absolute() or not Path(beside(path)).is_file():
                raise ConfigError(f"key `{key}`: no file {path}", f"relative paths start at {Path.cwd()}")
            found[key] = beside(path)
    notes = [f"key `{key}`: {getattr(config, key)} is not in {Path.cwd()}; reading {found[key]}" for key in found]
    return config.model_copy(update=found), notes


def json_schema() -> str:
    """Return the JSON schema of the configuration, as kept in `workflow/schemas/config.schema.json`."""
    return json.dumps(Config.model_json_schema(), indent=2) + "\n"


def _describe(problem: Any, layers: Layers) -> str:
    """Describe one pydantic error in one line."""
    location, message = list(problem["loc"]), problem["msg"].removeprefix("Value error, ")
    named = message.partition(": ")[0].split(".")
    if not location and named[0] in Config.model_fields:
        location, message = named, message.partition(": ")[2]
    key = one_line(".".join(str(part) for part in location), 120)
    holder = layers.holder(location)
    where = f"{holder}{': ' if holder else ''}{f'key `{key}`' if key else 'the configuration'}"
    if problem["type"] == "extra_forbidden":
        known, last = _keys_beside(location), str(location[-1])
        now = RENAMED.get(last)
        return f"{where}: no such key" + (f"; it is `{now}` now" if now in known else did_you_mean(last, known))
    if problem["type"] == "missing":
        return f"{where}: is missing (see docs/configuration)"
    value = problem["input"]
    quote = "; text that looks like something else to YAML is put in quotes" if problem["type"] == "string_type" else ""
    if problem["type"] == "list_type" and isinstance(value, str | int | float):
        quote = f"; a list of one is written [{_written(value)}]"
    text = "" if isinstance(value, dict) or not key else f" (value: {_written(value)}{quote})"
    return f"{where}: {one_line(f'{message[0].lower()}{message[1:]}', 300)}{text}"


def _written(value: Any) -> str:
    """Write a value as Python does, truncated to a line; of integers too long to be written, the type."""
    try:
        return one_line(repr(value), 120)
    except (ValueError, RecursionError):
        return f"a too long {type(value).__name__}"


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

"""The layers of a configuration, weakest first: the workflow's defaults, the user's files, the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from regssl.config.yaml_file import read_yaml
from regssl.errors import ConfigError

NAMED_KEY = re.compile(r"key `([^`]+)`")


class Layer(NamedTuple):
    """Values, and what they come from: a file, `--config`."""

    name: str
    values: Mapping[str, Any]


class Layers:
    """The values of a configuration, and the layer that each comes from.

    Attributes:
        values: the merged values: mappings are merged, lists are replaced, as Snakemake does.
    """

    def __init__(self, layers: Iterable[Layer], values: Mapping[str, Any] | None = None, rest: str = "") -> None:
        """Merge layers.

        Args:
            layers: weakest first.
            values: the merged values, where something else has merged them.
            rest: what holds a value that no layer holds; empty: the strongest layer.
        """
        self._layers: list[Layer] = list(layers)
        self._rest = rest
        self.values: dict[str, Any] = {}
        for given in [layer.values for layer in self._layers] if values is None else [values]:
            merge(self.values, given)

    def holder(self, location: Sequence[Any]) -> str:
        """Name the strongest layer that holds the value of a key (or the block where the key is missing).

        Returns:
            Its name; empty if there are no layers.
        """
        for layer in self._layers[::-1]:
            if self._holds(layer.values, location):
                return layer.name
        for layer in self._layers[::-1]:  # of a module, whose config may be a block of it: `config: config["regssl"]`
            if any(self._holds(block, location) for block in layer.values.values()):
                return layer.name
        return self._rest or "".join(layer.name for layer in self._layers[-1:])

    def _holds(self, values: Any, location: Sequence[Any]) -> bool:
        here: Any = values
        there: Any = self.values
        for depth, part in enumerate(location):
            if isinstance(here, list):
                break
            if not isinstance(here, Mapping) or part not in here:
                return isinstance(here, Mapping) and depth == len(location) - 1 > 0 and not _has(there, part)
            here, there = here[part], there[part] if _has(there, part) else None
        return bool(location and (isinstance(here, Mapping) or here == there))

    @contextmanager
    def named(self) -> Iterator[None]:
        """Put the file before an error whose message begins with a key."""
        try:
            yield
        except ConfigError as error:
            key = NAMED_KEY.match(error.problem)
            name = self.holder(key[1].split(".")) if key else ""
            if not name:
                raise
            raise ConfigError(f"{name}: {error.problem}", error.hint) from None


def read_layers(paths: Iterable[str | Path]) -> list[Layer]:
    """Read config files, weakest first."""
    return [Layer(str(path), read_yaml(path)) for path in paths]


def workflow_layers(
    config: Mapping[str, Any],
    base: str | Path,
    files: Sequence[str | Path],
    strongest: Sequence[str | Path],
    given: Mapping[str, Any],
) -> Layers:
    """Put Snakemake's configuration on top of the workflow's defaults.

    Args:
        config: what Snakemake has merged; of a module, what its `config` was given.
        base: the workflow's own `config/config.yaml`.
        files: every config file that Snakemake has read.
        strongest: those of the command line, which come after those of a Snakefile whatever their place in `files`.
        given: values of `--config`, where Snakemake leaves `null` a text.

    Raises:
        ConfigError: as `read_yaml`, of any of the files.
    """
    named = {str(path) for path in strongest}
    ordered = [path for path in files if str(path) not in named] + list(strongest)
    defaults = Layer(str(base), read_yaml(base))
    own = read_layers(path for path in ordered if Path(path).is_file())  # not a pipe, which has been read
    values: dict[str, Any] = {}
    merge(values, defaults.values)
    merge(values, config)
    nulls = {key: None for key, value in given.items() if value == "null" == config.get(key)}
    return Layers(
        [defaults, *own, Layer("--config", {**given, **nulls})],
        {**values, **nulls},
        "the config that the Snakefile gives",
    )


def merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Put values over those that are there: mappings are merged, all else is replaced."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            block = into[key] if isinstance(into.get(key), dict) else {}
            into[key] = block
            merge(block, value)
        else:
            into[key] = value


def _has(node: Any, part: Any) -> bool:
    return isinstance(node, Mapping) and part in node

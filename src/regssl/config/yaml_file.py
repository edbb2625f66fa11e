"""One config file, read strictly: UTF-8, YAML or JSON, no key twice, within limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from regssl.config.validators import one_line
from regssl.errors import ConfigError
from regssl.io.files import open_input

MOST_BYTES = 2**20
"""A config file is a few kilobytes."""
MOST_NODES = 100_000
"""Values in a file, each alias counted as all that it stands for."""
MOST_LEVELS = 50
"""Levels of nesting; the configuration has five."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which refuses repeated keys (YAML 1.2, 3.2.1.3), and what grows or nests without bounds."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.level = self.nodes = 0
        self.sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a value; count it, an alias as all that it stands for, and refuse too many and too deep ones."""
        mark, before = self.peek_event().start_mark, self.nodes  # type: ignore[no-untyped-call]
        is_alias = self.check_event(yaml.AliasEvent)
        self.level += 1
        if self.level > MOST_LEVELS:
            raise yaml.MarkedYAMLError(problem=f"more than {MOST_LEVELS} levels of nesting", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.level -= 1
        if is_alias and id(node) not in self.sizes:
            raise yaml.MarkedYAMLError(problem="an alias inside what it stands for", problem_mark=mark)
        self.nodes += self.sizes[id(node)] if is_alias else 1
        if self.nodes > MOST_NODES:
            raise yaml.MarkedYAMLError(problem=f"more than {MOST_NODES:,} values", problem_mark=mark)
        self.sizes.setdefault(id(node), self.nodes - before)
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Compose a mapping; refuse a key that is there twice, with both lines."""
        node = super().compose_mapping_node(anchor)
        found: dict[Any, int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                if (same := (key.tag, key.value)) in found:
                    raise _Repeated(f"line {line}: key `{one_line(key.value, 80)}` is also in line {found[same]}")
                found[same] = line
        return node


class _Repeated(Exception):
    """A key of a mapping is there twice."""


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read the mapping in a YAML file, or a JSON file, which Snakemake takes too.

    Raises:
        ConfigError: no such file, not UTF-8, not YAML, not a mapping, a key twice in one mapping, or beyond the limits.
    """
    try:
        with open_input(path, ConfigError) as file:
            data = file.read(MOST_BYTES + 1)
        if file.compressed:
            raise ConfigError(f"{path}: compressed with gzip, which Snakemake does not read", "decompress it")
        if len(data) > MOST_BYTES:
            raise ConfigError(f"{path}: larger than {MOST_BYTES:,} bytes", "is this a config file?")
        values = _parse(data.decode())
    except UnicodeDecodeError as error:
        line, byte = data.count(b"\n", 0, error.start) + 1, data[error.start]
        raise ConfigError(f"{path}: line {line}: byte 0x{byte:02x} is not UTF-8", "save it as UTF-8") from None
    except _Repeated as error:
        raise ConfigError(f"{path}: {error}", "keys are unique: delete one of the two") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = one_line(error.problem or error, 300)
        hint = "YAML is indented by blanks" if "'\\t'" in problem else ""
        raise ConfigError(f"{path}: not YAML: {where}{problem}", hint) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not YAML: {one_line(error, 300)}") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: has no keys", "docs/configuration has the keys")
    return values


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return _Loader(text).get_single_data()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make the object of its pairs; where a key is repeated, YAML, of which JSON is a part, names the line."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError
    return found

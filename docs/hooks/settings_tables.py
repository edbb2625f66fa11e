"""Tables of the keys of the configuration and of the columns of its tables, from the classes that check them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from regssl.config.made_data import SourceRow
from regssl.config.schema import Config
from regssl.config.tables import DatasetRow, GenomeRow, MeasuredRow, VariantSetRow

Schema = dict[str, Any]

DEFAULTS = Path(__file__).parents[2] / "config/config.yaml"
"""Read first by every run, so that its values are the defaults."""
TABLES = {
    "datasets": DatasetRow,
    "genomes": GenomeRow,
    "snps": VariantSetRow,
    "measured": MeasuredRow,
    "sources": SourceRow,
}
LONGEST_DEFAULT = 60
BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


@cache
def all_keys() -> dict[str, Schema]:
    """The JSON schema of every key by its path, such as `training.batch_size` and `models.<id>.architecture`."""
    schema = Config.model_json_schema()
    return dict(_keys(schema, schema["$defs"]))


def _keys(group: Schema, definitions: Mapping[str, Schema], above: str = "") -> Iterator[tuple[str, Schema]]:
    required = group.get("required", [])
    for name, key in group["properties"].items():
        path = f"{above}{name}"
        if "$ref" not in key:
            yield path, {**key, "required": name in required}
        for below, inner in _groups_in(key, definitions):
            yield from _keys(inner, definitions, f"{path}{below}.")


def _groups_in(key: Schema, definitions: Mapping[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """Groups of keys that a key holds, each after the part of the path between the two."""
    if "$ref" in key:
        yield "", definitions[key["$ref"].rpartition("/")[2]]
    for choice in key.get("anyOf", []):
        yield from _groups_in(choice, definitions)
    if isinstance(inner := key.get("additionalProperties"), dict):
        yield from ((f".<id>{below}", group) for below, group in _groups_in(inner, definitions))
    if isinstance(inner := key.get("items"), dict):
        yield from ((f"[]{below}", group) for below, group in _groups_in(inner, definitions))


def keys_under(path: str) -> list[str]:
    """The key of this path and those of the group that it is, in the order of the classes.

    Raises:
        KeyError: there are none.
    """
    found = [key for key in all_keys() if key == path or re.match(rf"{re.escape(path)}(\[\])?\.", key)]
    if not found:
        raise KeyError(f"no key {path}")
    return found


def key_table(paths: list[str]) -> str:
    """The Markdown table of the keys under some paths; a column of grades if any of them has one."""
    keys = {key: all_keys()[key] for path in paths for key in keys_under(path)}
    graded = any("grade" in schema for schema in keys.values())
    rows = [
        [
            f'<a id="{_anchor(key)}"></a>`{key}`',
            _type(schema),
            _default(key, schema),
            _text(schema["description"]),
            *([schema.get("grade", "")] if graded else []),
        ]
        for key, schema in keys.items()
    ]
    return _table("keys", ["key", "type", "default", "meaning", *(["grade"] if graded else [])], rows)


def column_table(name: str) -> str:
    """The Markdown table of the columns of one of the tables."""
    schema = TABLES[name].model_json_schema()
    rows = []
    for column, cell in schema["properties"].items():
        default = cell.get("default")
        value = "required" if column in schema["required"] else "" if default in ("", [], None) else _code(default)
        rows.append([f'<a id="{name}-{column}"></a>`{column}`', value, _text(cell["description"])])
    return _table("columns", ["column", "if empty", "meaning"], rows)


def _default(key: str, schema: Schema) -> str:
    value = _value_of(key, schema)
    if value is Ellipsis:
        return "required" if schema["required"] else ""
    text = _code(value)
    return text if len(text) <= LONGEST_DEFAULT else "as `config.yaml` has it"


def _value_of(key: str, schema: Schema) -> Any:
    """The value in the file of defaults, else that of the class, else an ellipsis."""
    values = yaml.safe_load(DEFAULTS.read_text())
    for part in key.split("."):
        if not isinstance(values, dict) or part not in values:
            return schema.get("default", ...)
        values = values[part]
    return values


def _type(schema: Schema) -> str:
    return _escape(" or ".join(dict.fromkeys(_types(schema))))


def _types(schema: Schema) -> Iterator[str]:
    if "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from _types(choice)
    elif "enum" in schema:
        yield from (_code(value) for value in schema["enum"])
    elif "$ref" in schema:
        yield "keys below"
    elif schema.get("type") == "array":
        yield f"list of {' or '.join(dict.fromkeys(_types(schema['items'])))}"
    elif schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        yield f"by id, {' or '.join(_types(inner))}" if isinstance(inner, dict) else "keys"
    else:
        name = {"boolean": "flag", "string": "text", "null": "`null`"}.get(schema["type"], schema["type"])
        bounds = [f"{sign} {schema[bound]:,}" for bound, sign in BOUNDS.items() if bound in schema]
        yield " ".join([name, ", ".join(bounds)]).strip()


def _code(value: Any) -> str:
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def _text(description: str) -> str:
    """Escape what Markdown would take for HTML, but for what is code."""
    parts = description.split("`")
    return _escape("`".join(part if at % 2 else part.replace("<", "&lt;") for at, part in enumerate(parts)))


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|")


def _anchor(key: str) -> str:
    return re.sub(r"[<>\[\]]", "", key)


def _table(name: str, head: list[str], rows: list[list[str]]) -> str:
    """Write a table, in a division of that class."""
    lines = "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])
    return f'<div class="{name}" markdown="1">\n\n{lines}\n\n</div>\n'

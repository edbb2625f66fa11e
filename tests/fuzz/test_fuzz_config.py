"""Configurations and tables with something wrong in them: a valid plan, or one clear line for each problem."""

from __future__ import annotations

import copy
import csv
import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from helpers.fuzzing import damaged, fuzz, parsed_or_refused
from helpers.paths import ROOT
from regssl.config.checks import check_files
from regssl.config.load import load_config
from regssl.config.project import Project
from regssl.config.schema import Config
from regssl.config.table_files import read_table
from regssl.config.tables import DatasetRow, GenomeRow, MeasuredRow, VariantSetRow
from regssl.config.yaml_file import read_yaml

DEMO = {
    **yaml.safe_load((ROOT / "config/config.yaml").read_text()),
    **yaml.safe_load((ROOT / "config/demo.yaml").read_text()),
    **{key: str(ROOT / f"config/demo/{key}.tsv") for key in ("datasets", "genomes", "snps", "measured")},
}
PAPER = {key: (ROOT / f"config/{key}.tsv").read_text() for key in ("datasets", "genomes", "snps", "measured")}
ROWS = {"datasets": DatasetRow, "genomes": GenomeRow, "snps": VariantSetRow, "measured": MeasuredRow}

text = st.text(max_size=12) | st.sampled_from(
    ["../x", "a b;rm", "$(id)", "-x", "{x}", "a/b", "ctcf", "deepbind", "sl", "null", "https://", "https://[", "file://",
     "ftp://x/y", "https://h/x#md5=0", "https://h:x/y", "a\0b", "a\nb", "\ud800", "'", '"', "*", "[", "os:",
     ":x", "a.b:c", "..:a"]
)  # fmt: skip
scalar = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | text | st.dates()
junk = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text | st.integers() | st.none(), inner, max_size=3),
    max_leaves=5,
)


def places(node: Any, path: tuple = ()) -> list[tuple]:
    """The path of every key and item below a node."""
    items = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    return [place for key, value in items for place in [(*path, key), *places(value, (*path, key))]]


@st.composite
def changed(draw: st.DrawFn) -> dict:
    """The demo's configuration with one to three things changed: values, types, keys, nesting."""
    values = copy.deepcopy(DEMO)
    for _ in range(draw(st.integers(1, 3))):
        if not (found := places(values)):
            break
        *above, key = draw(st.sampled_from(found))
        node: Any = values
        for step in above:
            node = node[step]
        match draw(st.sampled_from(["value", "value", "drop", "rename", "wrap", "add", "unwrap"])):
            case "value":
                node[key] = draw(junk)
            case "drop":
                del node[key]
            case "rename" if isinstance(node, dict):
                node[draw(text | st.integers() | st.none() | st.booleans())] = node.pop(key)
            case "wrap":
                node[key] = draw(st.sampled_from([[node[key]], {"x": node[key]}, {key: node[key]}]))
            case "add" if isinstance(node, dict):
                node[draw(text | st.sampled_from(list(Config.model_fields)))] = draw(junk)
            case "unwrap" if isinstance(node[key], dict) and isinstance(node, dict):
                node.update(node.pop(key))
    return values


def plan(path: Path) -> Project:
    """All that is done before the first job."""
    config = load_config([path])
    project = Project(config)
    check_files(config, project)
    for model in config.run_models:
        assert config.jobs(model)
        for method in config.methods:
            config.settings_json(model, method)
    return project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@fuzz
@given(values=changed())
def test_a_changed_configuration_is_planned_or_refused(folder: Path, values: dict) -> None:
    try:
        written = yaml.safe_dump(values)
    except (yaml.YAMLError, TypeError):
        return
    (folder / "config.yaml").write_text(written, errors="surrogatepass")
    parsed_or_refused(lambda: plan(folder / "config.yaml"))


@fuzz
@given(data=damaged(yaml.safe_dump(DEMO).encode()))
@example(b"\xff\xfe")
@example(b"datasets: &a [*a]")
@example(b"? [a]\n: b")
@example(b"seeds: 0x" + b"f" * 5000)
def test_a_damaged_config_file_is_planned_or_refused(folder: Path, data: bytes) -> None:
    (folder / "config.yaml").write_bytes(data)
    parsed_or_refused(lambda: plan(folder / "config.yaml"))


@fuzz
@given(data=damaged((ROOT / "config/demo.yaml").read_bytes()))
@example(b"a: {b: 1}\n? a\n: 2")
def test_a_damaged_config_file_is_read_as_pyyaml_reads_it_or_refused(folder: Path, data: bytes) -> None:
    (folder / "read.yaml").write_bytes(data)
    values = parsed_or_refused(lambda: read_yaml(folder / "read.yaml"))
    if isinstance(values, dict):
        assert repr(values) == repr(yaml.safe_load(data.decode("utf-8-sig")))


@st.composite
def changed_table(draw: st.DrawFn, written: str) -> bytes:
    """A table with cells, columns, rows, separators or encoding changed."""
    rows = list(csv.reader(io.StringIO(written), delimiter="\t"))
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.integers(0, len(rows) - 1))
        column = draw(st.integers(0, max(len(rows[row]) - 1, 0)))
        match draw(st.sampled_from(["cell", "cell", "cell", "row", "column", "swap", "long", "short"])):
            case "cell" if rows[row]:
                rows[row][column] = draw(text | scalar.map(str))
            case "row":
                rows.insert(row, list(draw(st.sampled_from(rows))))
            case "column":
                rows = [cells[:column] + cells[column + 1 :] for cells in rows]
            case "swap":
                rows[0], rows[row] = rows[row], rows[0]
            case "long":
                rows[row].append(draw(text))
            case "short":
                rows[row] = rows[row][:column]
    separator = draw(st.sampled_from(["\t"] * 12 + [",", " ", ";", "\t\t"]))
    end = draw(st.sampled_from(["\n"] * 8 + ["\r\n", "\r", "\n\n"]))
    encoding = draw(st.sampled_from(["utf-8"] * 8 + ["utf-8-sig", "utf-16", "latin-1"]))
    return "".join(separator.join(cells) + end for cells in rows).encode(encoding, "replace")


@pytest.mark.parametrize("table", ROWS)
@fuzz
@given(data=st.data())
def test_a_changed_table_is_planned_or_refused(folder: Path, table: str, data: st.DataObject) -> None:
    written = data.draw(changed_table(PAPER[table]) | damaged(PAPER[table].encode()))
    path = folder / f"{table}.tsv"
    path.write_bytes(written)
    rows = parsed_or_refused(lambda: read_table(path, ROWS[table]))
    if isinstance(rows, list):
        ids = [tuple(row.model_dump()[column] for column in ROWS[table].identity) for row in rows]
        names = [name for each in ids for name in each]
        assert len(set(ids)) == len(ids) and all(name.replace("_", "").isalnum() and name.isascii() for name in names)
    tables = {"datasets": ROOT / "config/datasets.tsv", "genomes": ROOT / "config/genomes.tsv", table: path}
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    further = {key: str(ROOT / f"config/{key}.tsv") for key in ("snps", "measured")}
    values = {**config, **further, **{key: str(value) for key, value in tables.items()}}
    (folder / "tables.yaml").write_text(yaml.safe_dump(values))
    parsed_or_refused(lambda: plan(folder / "tables.yaml"))

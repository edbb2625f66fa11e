"""Config files are read strictly: the good ones as PyYAML reads them, the others give one line."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helpers.paths import ROOT
from regssl.config.yaml_file import read_yaml
from regssl.errors import ConfigError

key = st.text("abcxyz_", min_size=1, max_size=6)
value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(key, inner, max_size=4),
    max_leaves=12,
)


@given(values=st.dictionaries(key, value, min_size=1), as_json=st.booleans())
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any], as_json: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(json.dumps(values) if as_json else yaml.safe_dump(values), encoding="utf-8")
    assert read_yaml(path) == values


@pytest.mark.parametrize("path", sorted(ROOT.glob("config/*.yaml")), ids=lambda path: path.name)
def test_the_files_of_the_repository_are_read_as_pyyaml_reads_them(path: Path) -> None:
    assert read_yaml(path) == yaml.safe_load(path.read_text(encoding="utf-8"))


def bomb(node: str, levels: int) -> str:
    """Each level has two aliases of the one before."""
    lines = [f"a0: &a0 {node}"]
    lines += [f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]" for level in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no keys"),
        ("# nothing", "has no keys"),
        ("- a\n- b\n", "has no keys"),
        ("a: [\n", "not YAML: line 2"),
        ("a:\n\tb: 1\n", "cannot start any token (YAML is indented by blanks)"),
        ("seeds: [0]\nseeds: [0, 1]\n", "line 2: key `seeds` is also in line 1"),
        ("seeds: [0]\n'seeds': [0, 1]\n", "line 2: key `seeds` is also in line 1"),
        ("a: {b: {c: 1,\n   c: 2}}\n", "line 2: key `c` is also in line 1"),
        ("a: {b: 1, b: 2}\n", "line 1: key `b` is also in line 1"),
        ('{"seeds": [0],\n "seeds": [1]}', "line 2: key `seeds` is also in line 1"),
        ('{\n\t"a": 1,\n\t"a": 2\n}', "not YAML"),
        ("a: " + "[" * 20_000 + "]" * 20_000, "more than 50 levels"),
        ('{"a": ' + "[" * 20_000 + "]" * 20_000 + "}", "more than 50 levels"),
        ("a: " + "{b: " * 20_000 + "}" * 20_000, "more than 50 levels"),
        ("- " * 20_000, "more than 50 levels"),
        (bomb("[x, x]", 40), "more than 100,000 values"),
        (bomb("{p: 1}", 40), "more than 100,000 values"),
        ("a: &a [*a]", "an alias inside what it stands for"),
        ("a: &a {b: *a}", "an alias inside what it stands for"),
        ("a: !!python/object/apply:os.system [true]", "could not determine a constructor"),
        ("a: 0x" + "f" * 5000, ""),
        ("a: " + "9" * 5000, "not YAML"),
        ("a: \0", "not YAML"),
        ("a: " + "x" * 2_000_000, "larger than 1,048,576 bytes"),
    ],
)
def test_what_is_no_config_file_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    if not problem:
        read_yaml(path)
        return
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 500


def test_other_encodings_and_places(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é\n".encode("utf-8-sig"))
    assert read_yaml(path) == {"a": "é"}
    text = "a: é\n"
    for content, problem in (
        (text.encode("utf-16"), "is UTF-16"),
        (text.encode("latin-1"), r"line 1: byte 0xe9 is not UTF-8 \(save it as UTF-8\)"),
        (gzip.compress(text.encode()), "compressed with gzip, which Snakemake does not read"),
        (bz2.compress(text.encode()), "is bzip2"),
    ):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=problem):
            read_yaml(path)
    for wrong in (tmp_path, tmp_path / "missing.yaml"):
        with pytest.raises(ConfigError, match="check the path"):
            read_yaml(wrong)


def test_aliases_and_merges_of_a_reasonable_size_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a, *a]\n"
    path.write_text(text)
    assert read_yaml(path) == yaml.safe_load(text)

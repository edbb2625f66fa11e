"""Reading configuration files: which file and key an error names."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.minimal import MINIMAL
from helpers.paths import ROOT
from regssl.config.load import json_schema, load_config, validate_config
from regssl.errors import ConfigError


def test_every_problem_gets_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        validate_config({**MINIMAL, "seeds": ["a"], "methods": ["x"]})
    assert len(str(caught.value).splitlines()) == 2


def test_one_value_in_place_of_a_list_is_told_how_it_is_written() -> None:
    with pytest.raises(ConfigError, match=r"key `seeds`: .*list \(value: 5; a list of one is written \[5\]\)"):
        validate_config({**MINIMAL, "seeds": 5})
    with pytest.raises(ConfigError, match=r"a list of one is written \[a too long int\]"):
        validate_config({**MINIMAL, "seeds": 16**5000})


def test_a_missing_key_is_named() -> None:
    values = {key: value for key, value in MINIMAL.items() if key != "splits"}
    with pytest.raises(ConfigError, match="key `splits`: is missing"):
        validate_config(values)


def test_the_file_that_holds_the_mistake_is_named(tmp_path: Path) -> None:
    first, second = tmp_path / "base.yaml", tmp_path / "mine.yaml"
    first.write_text("human: hg38\ntraining: {patience: 3}\n")
    second.write_text("training: {patience: never}\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml: key `training\.patience`"):
        load_config([first, second])


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [\n"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"bad\.yaml"):
        load_config([path])


@pytest.mark.parametrize("name", ["demo.yaml", "encode_regions.yaml"])
def test_the_configs_of_the_repository_are_valid(name: str) -> None:
    config = load_config([ROOT / "config/config.yaml", ROOT / "config" / name])
    assert config.bins.width == 200
    assert set(config.methods) == {"sl", "ssl"}


def test_the_schema_file_is_up_to_date() -> None:
    written = (ROOT / "workflow/schemas/config.schema.json").read_text()
    assert written == json_schema(), "run `regssl schema > workflow/schemas/config.schema.json`"

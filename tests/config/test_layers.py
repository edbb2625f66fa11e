"""The file that an error names is the strongest one that holds the key, however Snakemake came to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.minimal import MINIMAL
from regssl.config import load
from regssl.config.layers import Layer, Layers, workflow_layers
from regssl.config.load import RENAMED, load_as_workflow, validate_config
from regssl.config.schema import Config
from regssl.errors import ConfigError, DataError

BASE = {**MINIMAL, "homologs": {"min_match": 0.2}}


def write(folder: Path, **files: dict[str, Any]) -> list[Path]:
    """Config files of the given names."""
    paths = [folder / f"{name}.yaml" for name in files]
    for path, values in zip(paths, files.values(), strict=True):
        path.write_text(yaml.safe_dump(values))
    return paths


def message(layers: Layers) -> str:
    with pytest.raises(ConfigError) as caught:
        validate_config(layers.values, layers)
    return str(caught.value)


WRONG = {"homologs": {"min_match": 7}}
OTHER = {"homologs": {"max_length_ratio": 3}}
HALF = {"models": {"x": {"name": "X"}}}


@pytest.mark.parametrize(
    ("statement", "line", "given", "config", "blamed"),
    [
        # what Snakemake has merged is the last column but one: base and statement below, command line above
        ({}, WRONG, {}, WRONG, "line.yaml"),
        (WRONG, OTHER, {}, {"homologs": {"min_match": 7, "max_length_ratio": 3}}, "statement.yaml"),
        ({"homologs": {"min_match": 0.3}}, WRONG, {}, WRONG, "line.yaml"),
        (WRONG, {"homologs": {"min_match": 0.3}}, WRONG, WRONG, "--config"),
        ({"regssl": WRONG}, {}, {}, WRONG, "statement.yaml"),  # a module with `config: config["regssl"]`
        ({}, {}, {}, WRONG, "the config that the Snakefile gives"),  # changed by its code
        ({}, {"homologs": {"minmatch": 1}}, {}, {"homologs": {"minmatch": 1}}, "line.yaml"),
        (HALF, {}, {}, HALF, "statement.yaml"),  # a key is missing
    ],
)  # fmt: skip
def test_the_file_that_holds_the_key_is_blamed(
    tmp_path: Path, statement: dict, line: dict, given: dict, config: dict, blamed: str
) -> None:
    base, first, second = write(tmp_path, base=BASE, statement=statement or {"seeds": [0]}, line=line or {"seeds": [0]})
    # Snakemake lists the files of the command line first, though they are the strongest
    layers = workflow_layers(config, base, [second, first], [second], given)
    assert message(layers).startswith(blamed if blamed[0] in "-t" else f"{tmp_path / blamed}: key `")


def test_defaults_are_below_and_mappings_are_merged(tmp_path: Path) -> None:
    base, mine = write(tmp_path, base=BASE, mine={"homologs": {"max_length_ratio": 3}})
    layers = workflow_layers({"homologs": {"max_length_ratio": 3}}, base, [mine], [mine], {})
    config = validate_config(layers.values, layers)
    assert (config.homologs.min_match, config.homologs.max_length_ratio) == (0.2, 3)


def test_null_of_the_command_line_is_no_text(tmp_path: Path) -> None:
    """Snakemake's `--config` gives text where it finds neither number nor flag."""
    given = {"snps": "null", "human": "hg38"}
    (base,) = write(tmp_path, base={**BASE, "snps": "snps.tsv"})
    layers = workflow_layers(given, base, [], [], given)
    assert validate_config(layers.values, layers).snps is None
    given = {"human": "null"}
    assert message(workflow_layers(given, base, [], [], given)).startswith("--config: key `human`")
    layers = workflow_layers({"human": "null"}, base, [], [], {"human": "hg38"})
    assert validate_config(layers.values, layers).human == "null", "a module's own config says it"


def test_each_file_is_read_strictly_but_a_pipe_is_not_read_again(tmp_path: Path) -> None:
    base, mine = write(tmp_path, base=BASE, mine={"seeds": [0]})
    mine.write_text("seeds: [0]\nseeds: [1]\n")
    with pytest.raises(ConfigError, match="line 2: key `seeds`"):
        workflow_layers({"seeds": [1]}, base, [mine], [mine], {})
    assert workflow_layers({"seeds": [1]}, base, ["/dev/stdin"], ["/dev/stdin"], {}).values["seeds"] == [1]


def test_errors_found_later_name_the_file_too(tmp_path: Path) -> None:
    layers = Layers([Layer("a.yaml", {"human": "hg38"}), Layer("b.yaml", {"human": "hg19"})])
    with pytest.raises(ConfigError, match=r"^b\.yaml: key `human`: is odd \(mend it\)$"), layers.named():
        raise ConfigError("key `human`: is odd", "mend it")
    for other in (ConfigError("t.tsv, row 2: key `human`"), DataError("key `human`: x")):
        with pytest.raises(type(other)) as caught, layers.named():
            raise other
        assert caught.value is other


def test_old_names_of_keys_are_known() -> None:
    with pytest.raises(ConfigError) as caught:
        validate_config({**MINIMAL, "audit": {"sample": 1}, "homologs": {"max_growth": 2}, "gpus": 1})
    assert "key `audit`: no such key; it is `leakage` now" in str(caught.value)
    assert "key `homologs.max_growth`: no such key; it is `max_length_ratio` now" in str(caught.value)
    assert not set(RENAMED) & set(Config.model_fields), "a name that is in use"


def checkout(folder: Path, **values: Any) -> Path:
    """A folder that looks like the workflow's, with defaults."""
    (folder / "config").mkdir(parents=True)
    (folder / "Snakefile").touch()
    (folder / "config/config.yaml").write_text(yaml.safe_dump({**MINIMAL, **values}))
    for table in ("datasets", "genomes"):
        (folder / f"config/{table}.tsv").touch()
    return folder


def test_defaults_and_tables_are_found_beside_the_workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = checkout(tmp_path / "there", datasets="config/datasets.tsv", genomes="config/genomes.tsv")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (short,) = write(there / "config", short={"seeds": [7]})
    config, _, notes = load_as_workflow([short], {"human": "mm10"})
    assert (config.seeds, config.human, config.datasets) == ([7], "mm10", f"{there}/config/datasets.tsv")
    assert len(notes) == 2 and f"is not in {here}; reading {there}/config/datasets.tsv" in notes[0]
    (here / "config").mkdir()
    (here / "config/datasets.tsv").touch()
    config, _, notes = load_as_workflow([short], {})
    assert (config.datasets, len(notes)) == ("config/datasets.tsv", 1), "the working directory comes first"
    (wrong,) = write(here, wrong={"genomes": "config/nowhere.tsv"})
    with pytest.raises(ConfigError, match=rf"wrong\.yaml: key `genomes`: no file config/nowhere.*start at {here}"):
        load_as_workflow([short, wrong], {})
    (wrong,) = write(here, wrong={"seeds": ["x"]})
    with pytest.raises(ConfigError, match=r"wrong\.yaml: key `seeds\.0`"):
        load_as_workflow([there / "config/config.yaml", wrong], {})
    with pytest.raises(ConfigError, match=r"^--data-dir: key `data_dir`"):
        load_as_workflow([short], {"data_dir": "-x"})


def test_where_no_workflow_is_the_message_says_what_to_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of an installed package, in a folder that holds a `config/config.yaml` of something else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(load, "__file__", str(tmp_path / "lib/site/regssl/config/load.py"))
    (tmp_path / "config").mkdir()
    short, _ = write(tmp_path, **{"short": {"seeds": [7]}, "config/config": BASE})
    with pytest.raises(ConfigError, match=r"short\.yaml: key `datasets`: is missing, and no workflow is here"):
        load_as_workflow([short], {})

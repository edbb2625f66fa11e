"""Files that hold code are never run, and what a configuration names never reaches a shell as anything but a name."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

import regssl
from helpers.paths import ROOT
from regssl.config.load import load_config, validate_config
from regssl.config.project import Project
from regssl.config.schema import METHODS, Config
from regssl.config.table_files import read_table
from regssl.config.tables import DatasetRow, GenomeRow, VariantSetRow
from regssl.data.dataset import WindowDataset
from regssl.data.packed import load_codes
from regssl.errors import ConfigError, RegsslError
from regssl.models.dnabert2.checkpoint import read_weights
from regssl.training.checkpoints import read_checkpoint

SOURCES = sorted((ROOT / "src/regssl").rglob("*.py"))


class Malicious:
    """Its pickle, when it is loaded, makes a file."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Callable, tuple]:
        return Path.touch, (self.proof,)


def test_the_malicious_pickle_would_run(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Malicious(tmp_path / "proof")))
    assert (tmp_path / "proof").exists()


def as_pickle(path: Path, code: Malicious) -> None:
    path.write_bytes(pickle.dumps(code))


def as_torch(path: Path, code: Malicious) -> None:
    torch.save({"state_dict": code, "weight": torch.zeros(1)}, path)


def as_old_torch(path: Path, code: Malicious) -> None:
    torch.save({"state_dict": code}, path, _use_new_zipfile_serialization=False)


def as_npy(path: Path, code: Malicious) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([[code]], dtype=object), allow_pickle=True)


def read_pretrained(path: Path) -> Any:
    network: Any = torch.nn.Linear(1, 1)
    return read_weights(path.parent, network)


READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "a model": ("model.safetensors", regssl.load),
    "a packed set": ("set.npy", load_codes),
    "windows": ("set.npy", lambda path: WindowDataset.load([path])),
    "pre-trained weights": ("pytorch_model.bin", read_pretrained),
    "pre-trained safetensors": ("model.safetensors", read_pretrained),
    "a config": ("config.yaml", lambda path: load_config([path])),
}


@pytest.mark.filterwarnings("ignore:Detected pickle protocol 4:UserWarning")  # torch, of a pickle not its own
@pytest.mark.parametrize("write", [as_pickle, as_torch, as_old_torch, as_npy])
@pytest.mark.parametrize("what", READERS)
def test_code_in_a_file_does_not_run(tmp_path: Path, what: str, write: Callable[[Path, Malicious], None]) -> None:
    name, read = READERS[what]
    write(tmp_path / name, Malicious(tmp_path / "proof"))
    with pytest.raises(RegsslError, match=re.escape(str(tmp_path / name))):
        read(tmp_path / name)
    assert not (tmp_path / "proof").exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol 4:UserWarning")  # torch, of a pickle not its own
@pytest.mark.parametrize("write", [as_pickle, as_torch, as_old_torch])
def test_code_in_a_checkpoint_does_not_run(
    tmp_path: Path, write: Callable[[Path, Malicious], None], caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "train.ckpt", Malicious(tmp_path / "proof"))
    assert read_checkpoint(tmp_path / "train.ckpt") is None
    assert "train.ckpt: damaged, training starts again" in caplog.text
    assert not (tmp_path / "proof").exists() and not (tmp_path / "train.ckpt").exists()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!!python/module:os"])
def test_yaml_that_asks_for_python_is_refused(tmp_path: Path, tag: str) -> None:
    (tmp_path / "c.yaml").write_text(f"human: {tag} ['touch {tmp_path}/proof']\n")
    with pytest.raises(ConfigError, match=r"c\.yaml: not YAML"):
        load_config([tmp_path / "c.yaml"])
    assert not (tmp_path / "proof").exists()


UNSAFE = {
    r"\bpickle\.loads?\(": "pickle.loads(machine_code)",  # numba's cache, which is code
    r"\byaml\.(unsafe_|full_)?load(_all)?\(": None,
    r"(?<![.\w])(eval|exec)\(": None,
    r"\bos\.(system|popen)\(|shell=True": None,
    r"read_pickle|joblib|marshal|shelve|dill": None,
    r"\btorch\.load\(": "weights_only=True",
    r"\bnp\.load\(": "allow_pickle=False",
    r"trainer\.fit\(": "weights_only=True",
}
"""Calls that can run code from a file, and what makes them safe, if anything does."""


@pytest.mark.parametrize("call", UNSAFE)
def test_no_source_loads_unsafely(call: str) -> None:
    safe = UNSAFE[call]
    for source in SOURCES:
        text = source.read_text()
        for found in re.finditer(call, text):
            line = text[found.start() : text.index(")\n", found.start()) + 1]
            where = f"{source.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}"
            assert safe and safe in line, f"{where}: {line}"


BAD_IDS = [
    "../x",
    "a b;rm",
    "$(id)",
    "`id`",
    "a/b",
    "-x",
    "A",
    "",
    "é",
    "x'",
    'x"',
    "{x}",
    "x\ty",
    "x.",
    "1x",
    "x" * 81,
]


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(
    ("row_type", "others"),
    [(DatasetRow, {"name": "X"}), (GenomeRow, {"name": "X", "sequence": "x"}),
     (VariantSetRow, {"dataset": "x", "name": "X", "format": "table", "file": "x"})],
)  # fmt: skip
def test_ids_of_tables_that_are_no_ids_are_refused(tmp_path: Path, row_type: Any, others: dict, bad: str) -> None:
    if (row_type is GenomeRow and bad == "A") or "\t" in bad:
        return
    columns = [next(iter(row_type.model_fields)), *others]
    (tmp_path / "t.tsv").write_text("\t".join(columns) + "\n" + "\t".join([bad, *others.values()]) + "\n")
    with pytest.raises(ConfigError) as error:
        read_table(tmp_path / "t.tsv", row_type)
    assert f"t.tsv, row 2, column {columns[0]}: " in str(error.value) and "\n" not in str(error.value)


DEMO = yaml.safe_load((ROOT / "config/config.yaml").read_text()) | yaml.safe_load(
    (ROOT / "config/demo.yaml").read_text()
)


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("key", ["run_models", "methods", "models", "human", "select_datasets", "seeds"])
def test_ids_of_the_configuration_that_are_no_ids_are_refused(key: str, bad: str) -> None:
    value: Any = bad if key == "human" else [bad]
    if key == "models":
        value = {**DEMO["models"], bad: DEMO["models"]["deepbind"]}
    with pytest.raises(ConfigError) as error:
        Project(validate_config({**DEMO, key: value}))
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("key", ["results_dir", "data_dir", "downloads_dir", "lockfile"])
@pytest.mark.parametrize("bad", ["{x}", "", " ", "-rf", "a\nb", "a\0b"])
def test_paths_that_would_be_something_else_in_a_rule_are_refused(key: str, bad: str) -> None:
    with pytest.raises(ConfigError, match=f"key `{key}`: a path cannot"):
        validate_config({**DEMO, key: bad})


PLAIN = {
    "threads", "wildcards.dataset", "wildcards.genome", "wildcards.method", "wildcards.variants", "params.human",
    "params.model", "params.seed", "params.seeds", "params.size", "params.width", "params.min_overlap",
    "params.same_data", "params.edges",
}  # fmt: skip
"""Fields of shell commands that need no quotes: numbers, words, ids (letters, digits, `_`; `-` before a subset)."""


def test_what_reaches_a_shell_is_quoted() -> None:
    for rules in (ROOT / "workflow/rules").glob("*.smk"):
        for command in re.findall(r"shell:\n((?: +\"[^\n]*\n)+)", rules.read_text()):
            for field in re.findall(r"\{([^{}]+)\}", command):
                assert field.endswith(":q") or field in PLAIN, f"{rules.name}: {{{field}}} is not quoted"


def test_the_plain_fields_are_those_documented() -> None:
    fields = Config.model_fields
    assert fields["methods"] and all(re.fullmatch("[a-z_]+", method) for method in METHODS)
    assert DatasetRow.model_fields["dataset"].metadata[0].pattern == r"^[a-z][a-z0-9_]{0,79}$"
    assert GenomeRow.model_fields["genome"].metadata[0].pattern == r"^[A-Za-z][A-Za-z0-9_]{0,79}$"

"""An edit changes the hash of the commands that run the edited code, and of no others."""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

import regssl
from helpers.paths import ROOT
from regssl.cli import main
from regssl.code_version import NOT_FOLLOWED, code_version, definitions

RULES = [file.read_text() for file in (ROOT / "workflow/rules").glob("*.smk")]
NETWORKS = ("train", "predict", "score-snps")
"""Commands that build networks."""
HASHED = sorted(set(re.findall(r"code=code\(\"([\w-]+)\"", "".join(RULES))))


class Library:
    """A copy of the package to edit; its own `code_version` looks at the copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "regssl"
        shutil.copytree(ROOT / "src/regssl", self.folder, ignore=shutil.ignore_patterns("__pycache__"))

    def edit(self, module: str, old: str, new: str) -> None:
        path = self.folder / module
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def hashes(self) -> dict[str, str]:
        spec = importlib.util.spec_from_file_location("edited", self.folder / "code_version.py")
        assert spec and spec.loader
        module: ModuleType = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        commands = [(command, None) for command in HASHED if command not in NETWORKS]
        commands += [(command, model) for command in NETWORKS for model in ("deepbind", "deepsea")]
        return {f"{command} {model or ''}".strip(): module.code_version(command, model) for command, model in commands}


TRAINING = {"train deepbind", "train deepsea"}


@pytest.mark.parametrize(
    ("module", "old", "new", "changed"),
    [
        (
            "models/deepsea.py",
            "super().__init__()",
            "super().__init__(1)",
            {f"{command} deepsea" for command in NETWORKS},
        ),
        ("liftover.py", "def lift(", "def lift(first, ", {"find-homologs", "peaks"}),
        ("training.py", "set_num_threads(threads)", "set_num_threads(1)", TRAINING),
        ("tables.py", "def table2(", "def table2(first, ", {"table2"}),
        ("cli/data.py", "save_table(homologs, ", "save_table(homologs[1:], ", {"find-homologs"}),
        ("homologs.py", "def find_homologs(", "# a comment\ndef unused(): ...\n\n\ndef find_homologs(", set()),
        ("homologs.py", '"""', '"""Another docstring. ', set()),
        ("errors.py", "class DataError(RegsslError):", "class DataError(RegsslError):\n    more = 1\n", set()),
    ],
)
def test_an_edit_changes_what_runs_it(tmp_path: Path, module: str, old: str, new: str, changed: set[str]) -> None:
    library = Library(tmp_path)
    library.edit(module, old, new)
    after = library.hashes()
    before = {command: code_version(*command.split()) for command in after}
    assert {command for command in before if before[command] != after[command]} == changed


def test_a_network_from_elsewhere_is_code_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    network = tmp_path / "elsewhere.py"
    network.write_text("WIDTH = 3\n\n\nclass Network:\n    width = WIDTH\n")
    found = definitions("train", "elsewhere:Network")
    assert {name for module, name in found if module == "elsewhere"} == {"Network", "WIDTH", ""}
    assert code_version("train", "elsewhere:Network") != code_version("train", "deepbind")


def test_every_rule_that_runs_a_command_names_its_code() -> None:
    """But for downloads: a file that was fetched is what it is."""
    for text in RULES:
        for rule in re.split(r"(?m)^ *rule\b", text)[1:]:
            for command in re.findall(r'"regssl ([\w-]+)', rule):
                model = ", model" if command in NETWORKS else ""
                assert command == "download" or f'code=code("{command}"{model})' in rule


def test_every_function_that_runs_is_counted(tmp_path: Path) -> None:
    """The witness is Python itself: it reports each function of the package that it enters while a command runs."""
    for module in pkgutil.walk_packages(regssl.__path__, "regssl."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)  # so that nothing is entered by an import
    entered = defaultdict(set)
    command = ""

    def report(frame: FrameType, event: str, _: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("regssl") and module not in NOT_FOLLOWED:
            entered[command].add((module, frame.f_code.co_qualname.partition(".")[0]))

    def run(*arguments: object) -> None:
        nonlocal command
        command = str(arguments[0])
        sys.setprofile(report)
        try:
            assert main([str(argument) for argument in arguments]) == 0
        finally:
            sys.setprofile(None)

    world, human, dog = tmp_path / "world", tmp_path / "simHuman.2bit", tmp_path / "simDog.2bit"
    bins, homologs = tmp_path / "bins.parquet", tmp_path / "simDog.parquet"
    splits = json.dumps({"train": ["chr1"], "validation": ["chr2"], "test": ["chr3"]})
    params = {"architecture": "deepbind", "params": {"filters": 8}}
    settings = json.dumps({**params, "training": {"steps_per_epoch": 2, "max_epochs": 1}})
    run("simulate", world, "--size", "small", "--seed", 3)
    run("index-genome", world / "genomes/simHuman.fa.gz", human)
    run("index-genome", world / "genomes/simDog.fa.gz", dog)
    run("bins", human, bins, "--splits", splits, "--blacklist", world / "blacklist.bed")
    chain = world / "chains/simHumanToSimDog.over.chain.gz"
    run("find-homologs", bins, chain, human, dog, homologs, tmp_path / "counts.tsv")
    peaks = (tmp_path / "peaks.bed", tmp_path / "peaks.tsv")
    run("peaks", human, *peaks, *sorted((world / "peaks").glob("ctcf*")), "--dataset", "ctcf")
    run("label", bins, tmp_path / "peaks.bed", human, tmp_path, "--dataset", "ctcf", "--genome-id", "simHuman")
    train, validation = tmp_path / "train.npy", tmp_path / "validation.npy"
    run("copy-labels", train.with_suffix(".parquet"), homologs, dog, tmp_path / "dog.npy", "--genome-id", "simDog")
    rates, of_dog = tmp_path / "simDog.tsv", ("--genome-id", "simDog")
    run("divergence", bins, homologs, chain, human, dog, rates, *of_dog, "--settings", '{"bins": 100}')
    own = (train.with_suffix(".parquet"), tmp_path / "dog.parquet", human, rates)
    run("mutate", *own, tmp_path / "mutated.npy", "--dataset", "ctcf", *of_dog)
    run("divergence-table", rates, "--genomes", '{"simDog": {"name": "Dog", "clade": ""}}', "--out", tmp_path / "far")
    truth = (world / "truth/sites.tsv.gz", own[0], own[1], "--dataset", "ctcf")
    run("wrong-labels", *truth, "--out", tmp_path / "wrong")
    lift = ("--dataset", "ctcf", "--genomes", '{"simDog": "Dog"}', "--peaks", peaks[1], "--out", tmp_path / "lift")
    run("lift-table", train.with_suffix(".parquet"), homologs, *lift)
    data = ("--human", train, "--validation", validation, "--homologs", tmp_path / "dog.npy")
    run("train", tmp_path, "--settings", settings, "--method", "ssl", "--seeds", 0, *data)
    run("predict", validation, tmp_path / "seed0/model.safetensors", "--out", tmp_path / "scores.parquet")
    run("evaluate", tmp_path / "scores.parquet", "--out", tmp_path / "metrics.json")
    for command, functions in entered.items():
        known = set(definitions(command, "deepbind" if command in NETWORKS else None))
        missed = {
            (module, name)
            for module, name in functions - known
            if not name.startswith(("<", "__")) and not module.startswith("regssl.cli")
        }
        assert functions & known and not missed, command
    assert entered.keys() >= {"simulate", "find-homologs", "train"}

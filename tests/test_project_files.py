"""What the files around the code say of each other: versions, Pythons, targets of make, paths, dependencies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.paths import ROOT
from regssl import __version__
from regssl.config.yaml_file import read_yaml

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()
PYTHONS = [
    name.rsplit(" ", 1)[1] for name in PROJECT["classifiers"] if name.startswith("Programming Language :: Python :: 3.")
]


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def pinned(name: str) -> dict[str, str]:
    """Versions of a constraints file by package."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
    return {str(canonicalize_name(line.split("==")[0])): line.split("==")[1] for line in lines if line}


def required(*extras: str) -> list[Requirement]:
    groups = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(text) for group in groups for text in group]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_least_rights_and_call_what_exists(workflow: Path) -> None:
    text = workflow.read_text()
    parsed = yaml.safe_load(text)
    assert parsed["permissions"] == {"contents": "read"} and "pull_request_target" not in text
    assert all(job["timeout-minutes"] and job["runs-on"] for job in parsed["jobs"].values())
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step), step
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]), "from the platform itself, at a major version"
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", ""), "what is not ours reaches a shell as a variable"
        for target in re.findall(r"\bmake ([a-z-]+)", step.get("run", "")):
            assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE), target


def test_the_tests_run_on_every_python_and_with_the_oldest_and_newest_dependencies() -> None:
    matrix = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["test"]["strategy"]["matrix"][
        "include"
    ]
    runs = [(run["python"], run["constraints"]) for run in matrix]
    assert [python for python, constraints in runs if constraints == "constraints.txt"] == PYTHONS
    assert (PYTHONS[0], "constraints/oldest.txt") in runs and (PYTHONS[-1], "constraints/newest.txt") in runs
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    used = re.search(r"^ARG PYTHON=(.*)$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    assert used and used[1] in PYTHONS


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("constraints.txt", ["docs", "lint", "lm", "test", "slurm"]),
        ("constraints/oldest.txt", ["test"]),
        ("constraints/newest.txt", ["lm", "test"]),
    ],
)
def test_constraints_pin_every_dependency_within_its_bounds(name: str, extras: list[str]) -> None:
    versions = pinned(name)
    for requirement in required(*extras):
        version = versions[str(canonicalize_name(requirement.name))]
        assert requirement.specifier.contains(version), f"{name}: {requirement} but {version}"


def test_one_version_in_every_file() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__ and citation["license"] == PROJECT["license"]
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]
    sections = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    tagged = [section.split()[0] for section in sections[1:] if "not yet tagged" not in section]
    assert sections[0] == "Unreleased" and tagged[:1] in ([], [__version__])


def test_the_image_is_given_what_it_copies() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    names = {name for names in copied for name in names.split()}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert names == allowed and all((ROOT / name).exists() for name in names)


def test_hooks_run_the_programs_of_make_lint() -> None:
    hooks = [
        hook
        for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
        for hook in repo["hooks"]
    ]
    assert all(hook["language"] == "system" for hook in hooks), "of the versions that the environment has"
    linters = set(re.findall(r"\$\(BIN\)/(\S+)", MAKEFILE[MAKEFILE.index("\nlint:") : MAKEFILE.index("\nbench:")]))
    assert {hook["entry"].split()[0] for hook in hooks} == linters


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github").rglob("*.y*ml")) + sorted(ROOT.glob(".*.y*ml")), ids=lambda path: path.name
)
def test_yaml_files_have_no_key_twice(path: Path) -> None:
    assert read_yaml(path)

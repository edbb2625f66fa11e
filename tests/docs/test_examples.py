"""What the pages tell people to type and to write: commands that are understood, configurations that are valid."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from helpers.paths import ROOT
from regssl.cli import build_parser
from regssl.config.layers import Layer, Layers
from regssl.config.load import validate_config

PAGES = [ROOT / "README.md", ROOT / "config/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEFAULTS = yaml.safe_load((ROOT / "config/config.yaml").read_text())


def blocks(page: Path, language: str) -> list[str]:
    """Blocks of code in a language."""
    return re.findall(rf"^```{language}\b[^\n]*\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


COMMANDS = [
    line.split(" # ")[0].strip()
    for page in PAGES
    for block in blocks(page, "sh")
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("regssl ")
]
CONFIGURATIONS = [(page, block) for page in PAGES for block in blocks(page, "yaml")]


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_understood(line: str) -> None:
    build_parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("page, block", CONFIGURATIONS, ids=[page.stem for page, _ in CONFIGURATIONS])
def test_configurations_are_valid(page: Path, block: str) -> None:
    own = block.replace("my_package.my_module:MyNet", "helpers.networks:Own")
    validate_config(Layers([Layer("defaults", DEFAULTS), Layer(page.name, yaml.safe_load(own))]).values)


def test_the_tutorial_is_kept_without_outputs() -> None:
    cells = [
        cell for cell in json.loads((ROOT / "docs/tutorial.ipynb").read_text())["cells"] if cell["cell_type"] == "code"
    ]
    assert len(cells) >= 8 and not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    for cell in cells:
        compile("".join(cell["source"]), "tutorial", "exec")


def test_the_pages_have_examples() -> None:
    assert len(COMMANDS) >= 6 and len(CONFIGURATIONS) >= 4


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "config/README.md", "results/README.md"]
)
def test_links_outside_the_site_lead_to_files(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().split()) <= 700

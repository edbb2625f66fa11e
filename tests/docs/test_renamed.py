"""The page of new names: what is called otherwise now exists under that name."""

from __future__ import annotations

import importlib.util
import re

import pytest

from helpers.paths import ROOT
from regssl.cli import build_parser

PAGE = (ROOT / "docs/renamed.md").read_text()


def new_names(heading: str) -> list[str]:
    """Names in the last column of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = [line.rstrip(" |").rsplit("|", 1)[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall("`([^`]+)`", cell)]


@pytest.mark.parametrize("name", new_names("Modules"))
def test_modules_are_there(name: str) -> None:
    assert importlib.util.find_spec(f"regssl.{name}")


@pytest.mark.parametrize("name", [name for name in new_names("Commands") if name not in ("step", "report")])
def test_commands_are_there(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        build_parser().parse_args([*name.split(), "--help"])
    assert stop.value.code == 0 and capsys.readouterr().out

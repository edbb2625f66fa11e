"""The scripts for shell completion, in a real shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from regssl.cli import main

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "regssl.bash"
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("builtins.print", lambda *words, **_: lines.extend(map(str, words)))
        assert main(["completion", "bash"]) == 0
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("regssl sco", {"score-variants"}),
        ("regssl step find", {"find-homologs"}),
        ("regssl lift --min", {"--min-match"}),
        ("regssl simulate world --size ", {"default", "small"}),
        ("regssl lift pea", {"peaks.bed"}),
        ("regssl score-variants x.vcf --genome hg", {"hg38.2bit"}),
    ],
)
def test_bash_completes_commands_options_choices_and_paths(
    script: Path, tmp_path: Path, typed: str, offered: set[str]
) -> None:
    for name in ("peaks.bed", "hg38.2bit"):
        (tmp_path / name).touch()
    words = typed.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    program = f"""
    source '{script}'
    COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; COMP_LINE='{typed}'; COMP_POINT={len(typed)}
    _shtab_regssl regssl '{words[-1]}' '{words[-2]}'
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    answer = subprocess.run(["bash", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(answer.stdout.split()) == offered

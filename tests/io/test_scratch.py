"""Temporary folders go away: those of killed processes too, those of living ones not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from helpers.paths import names_in
from regssl.io.atomic import atomic_path, write_text
from regssl.io.scratch import LOCK, scratch_folder

KILLED = """
import os, signal, sys
from regssl.io.atomic import atomic_path
with atomic_path(sys.argv[1]) as aside:
    aside.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_leaves_goes_when_the_file_is_written_again(tmp_path: Path) -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "x.tsv")], check=False)
        (left,) = tmp_path.iterdir()
        assert left.name.startswith(".x.tsv.") and (left / "x.tsv").read_text() == "half"
    write_text(tmp_path / "y.tsv", "another")
    assert left.exists()
    write_text(tmp_path / "x.tsv", "whole")
    assert names_in(tmp_path) == ["x.tsv", "y.tsv"]


def test_two_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Also two of one process, of which one ends first."""
    slow = "import sys; from regssl.io.atomic import atomic_path\nwith atomic_path(sys.argv[1]) as aside:\n"
    slow += "    aside.write_text('slow'); print(flush=True); input()"
    command = [sys.executable, "-c", slow, str(tmp_path / "x")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin and other.stdout
        other.stdout.readline()
        with atomic_path(tmp_path / "x") as outer:
            outer.write_text("outer")
            write_text(tmp_path / "x", "quick")
            assert (tmp_path / "x").read_text() == "quick"
        assert (tmp_path / "x").read_text() == "outer"
        other.communicate(b"\n")
    assert other.returncode == 0 and (tmp_path / "x").read_text() == "slow"
    assert names_in(tmp_path) == ["x"]


def test_folders_that_are_not_ours_stay(tmp_path: Path) -> None:
    (tmp_path / ".x.original").mkdir()
    (tmp_path / ".x.original/x").write_text("a user's")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / LOCK).write_text("")
    (tmp_path / ".x.link").symlink_to("elsewhere")
    write_text(tmp_path / "x", "")
    assert names_in(tmp_path) == [".x.link", ".x.original", "elsewhere", "x"]
    assert names_in(tmp_path / ".x.original") == ["x"] and names_in(tmp_path / "elsewhere") == [LOCK]


def test_a_scratch_folder_is_where_temporary_files_belong_and_goes(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        assert folder.parent == tmp_path and folder.name.startswith("regssl-")
        (folder / "deep/er").mkdir(parents=True)
    assert not list(tmp_path.iterdir())

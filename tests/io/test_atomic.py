"""A final name always holds a whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from regssl.io.atomic import atomic_path, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "table.tsv"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_path(target) as aside:
        aside.write_text("half")
        raise RuntimeError("killed")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["table.tsv"]


def test_folders_are_made_and_suffixes_kept(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a/b/x.fa.gz") as aside:
        assert aside.name == "x.fa.gz"
        aside.write_text("whole")
    assert (tmp_path / "a/b/x.fa.gz").read_text() == "whole"

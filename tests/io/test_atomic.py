"""A final name always holds a whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from regssl.errors import ConfigError
from regssl.io.atomic import atomic_path, check_outputs, write_text


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


def test_an_output_that_is_an_input_by_any_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").write_text("a")
    Path("link").symlink_to("a")
    Path("hard").hardlink_to("a")
    Path("nowhere").symlink_to("b")
    check_outputs(["b", "c", tmp_path / "d"], ["a", "absent"])
    for output in ("a", "./a", tmp_path / "a", f"../{tmp_path.name}/a", "link", "hard"):
        with pytest.raises(ConfigError, match="both input and output"):
            check_outputs(["b", output], ["c", "a"])
    for output in ("b", "./b", "nowhere", tmp_path / "b"):
        with pytest.raises(ConfigError, match="the same output twice"):
            check_outputs(["b", output], ["a"])

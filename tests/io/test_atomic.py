"""A final name always holds a whole file, and what is no file is never replaced by one."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from helpers.paths import names_in
from regssl.errors import ConfigError, DataError
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


def test_the_longest_name_that_a_file_may_have(tmp_path: Path) -> None:
    name = "ä" * 126 + ".x"
    write_text(tmp_path / name, "whole")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_permissions_stay_and_hard_links_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    write_text(target, "old")
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~_umask()
    target.chmod(0o600)
    (tmp_path / "other").hardlink_to(target)
    write_text(target, "new")
    assert (target.read_text(), (tmp_path / "other").read_text()) == ("new", "old")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_of_new_files_whatever_the_library(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with atomic_path(tmp_path / "m.safetensors") as aside:
            aside.write_text("weights")
            aside.chmod(0o600)
    finally:
        os.umask(before)
    assert (tmp_path / "m.safetensors").stat().st_mode & 0o777 == 0o666 & ~umask


def test_symbolic_links_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("elsewhere").mkdir()
    write_text("elsewhere/target", "old")
    Path("link").symlink_to("elsewhere/target")
    Path("chain").symlink_to(tmp_path / "link")
    Path("dangling").symlink_to("new/target")
    Path("folder").symlink_to("elsewhere")
    for name in ("link", "chain", "dangling", "folder/target"):
        write_text(name, name)
        assert Path(name).read_text() == name
    assert all(Path(name).is_symlink() for name in ("link", "chain", "dangling", "folder"))
    assert Path("elsewhere/target").read_text() == "folder/target" and Path("new/target").read_text() == "dangling"
    assert names_in() == ["chain", "dangling", "elsewhere", "folder", "link", "new"]
    assert names_in("elsewhere") == names_in("new") == ["target"]


def test_what_no_file_can_be_written_to_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dd").mkdir()
    Path("file").write_text("")
    Path("circle").symlink_to("round")
    Path("round").symlink_to("circle")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        for name, reason in {
            "dd": "Is a directory (give the name of a file)",
            "": "Is a directory",
            "dd/..": "Is a directory",
            "file/x/y": "Not a directory",
            "circle": "Too many levels of symbolic links",
            "socket": "Invalid argument",
            "/dev/fd/987": "Bad file descriptor",
        }.items():
            for refused in (lambda name=name: write_text(name, ""), lambda name=name: check_outputs([name])):
                with pytest.raises(DataError) as error:
                    refused()
                assert f"{name or '.'}: cannot be written: {reason}" in f"{error.value}" or not name
        with pytest.raises(DataError, match="new/: cannot be written: Is a directory"):
            check_outputs(["new/"])
        assert names_in() == ["circle", "dd", "file", "round", "socket"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_what_is_write_protected_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    (tmp_path / "file").chmod(0o444)
    with pytest.raises(DataError, match="Permission denied"):
        write_text(tmp_path / "file", "")


def test_a_pipe_gets_the_whole_content_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for name in ("pipe", "link"):
        found: list[str] = []
        reader = threading.Thread(target=lambda found=found: found.append(pipe.read_text()))
        reader.start()
        write_text(tmp_path / name, "x" * 300_000)
        reader.join()
        assert found == ["x" * 300_000] and pipe.is_fifo() and names_in(tmp_path) == ["link", "pipe"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_device_stays_a_device(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(tmp_path / "full", stat.S_IFCHR | 0o666, os.makedev(1, 7))
        os.mknod(tmp_path / "disk", stat.S_IFBLK | 0o666, os.makedev(1, 0))
        (tmp_path / "null").write_text("")
    except PermissionError:
        pytest.skip("devices cannot be made or opened here")
    write_text(tmp_path / "null", "nothing")
    with pytest.raises(DataError, match=r"full: cannot be written: No space left on device \(free some space"):
        write_text(tmp_path / "full", "something")
    with pytest.raises(DataError, match="disk: cannot be written: Invalid argument"):
        write_text(tmp_path / "disk", "something")
    for name in ("null", "full"):
        assert stat.S_ISCHR((tmp_path / name).stat().st_mode)
    assert names_in(tmp_path) == ["disk", "full", "null"]


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_goes_on_where_it_was(tmp_path: Path, name: str) -> None:
    """Into a file that a shell has opened, after what was printed before."""
    code = "import sys; from regssl.io.atomic import write_text; print('first'); write_text(sys.argv[1], 'second\\n')"
    code += "; print('third')"
    with (tmp_path / "out").open("wb") as out:
        out.write(b"zeroth\n")
        out.flush()
        subprocess.run([sys.executable, "-c", code, name], stdout=out, check=True)
    assert (tmp_path / "out").read_text() == "zeroth\nfirst\nsecond\nthird\n"
    assert subprocess.check_output([sys.executable, "-c", code, name]) == b"first\nsecond\nthird\n"


def test_file_and_folder_are_on_the_disk_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def fsync(descriptor: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').readlink().name}")

    def replace(self: Path, target: Path) -> None:
        done.append("rename")
        self.rename(target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    (tmp_path / "folder").mkdir()
    write_text(tmp_path / "folder/file", "whole")
    assert done == ["sync file", "rename", "sync folder"]


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
    check_outputs(["/dev/null", "/dev/null", "b"], ["/dev/null"])

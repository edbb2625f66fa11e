"""Whatever is being written when a process is killed or a disk is full: final names hold whole files or nothing."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import writers
from helpers.paths import ROOT
from regssl.errors import DataError

SOURCES = ROOT / "src/regssl"


def write(kind: str, folder: Path, how: str, limit: int) -> subprocess.CompletedProcess[str]:
    writers.WRITERS[kind](folder.with_name("compiled"))  # so that what is written first is no machine code of a kernel
    command = [sys.executable, writers.__file__, kind, str(folder), how, str(limit)]
    return subprocess.run(command, capture_output=True, text=True)


def whole_files(folder: Path) -> set[str]:
    """Files under final names: those not in a hidden folder."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


@pytest.mark.parametrize("kind", writers.WRITERS)
def test_killed_in_the_middle_of_writing(tmp_path: Path, kind: str) -> None:
    """The kernel kills the process when its file reaches 10,000 bytes."""
    out = tmp_path / "a/out"
    done = write(kind, out, "killed", 10_000)
    assert done.returncode == -signal.SIGXFSZ, done.stderr
    assert whole_files(out) == set()
    assert [path for path in out.rglob("*") if path.is_file()], "something was being written"

    writers.WRITERS[kind](out)
    assert whole_files(out), "a second try is not in the way of the first"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here (needs root): {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("kind", writers.WRITERS)
def test_a_full_disk(small_disk: Path, kind: str) -> None:
    with pytest.raises(DataError, match=r": cannot be written: No space left on device \(free some space") as error:
        writers.WRITERS[kind](small_disk / "out")
    assert str(small_disk / "out") in str(error.value) and "\n" not in str(error.value)
    assert [path for path in (small_disk / "out").rglob("*") if path.stat().st_size == 0 and path.is_file()] == []
    assert not list((small_disk / "out").rglob(".*")), "what was half written is removed"


@pytest.mark.parametrize("kind", ["genome", "text"])
def test_a_quota_is_as_good_as_a_full_disk(tmp_path: Path, kind: str) -> None:
    """For machines where nothing can be mounted: a limit on the size of a file."""
    done = write(kind, tmp_path / "out", "refused", 10_000)
    assert done.returncode == 1 and whole_files(tmp_path / "out") == set()
    assert re.fullmatch(r"\S+: cannot be written: File too large \(free some space and run it again\)\n", done.stderr)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(
        DataError, match=r"out/run.json: cannot be written: (Not a directory|File exists) \(check the path"
    ):
        writers.text(tmp_path / "out")


def test_no_module_writes_a_final_name_itself() -> None:
    """Whatever writes a file does it within `atomic_path`."""
    writing = re.compile(
        r'\.to_csv\(|\.to_parquet\(|savefig\(|save_file\(|np\.save\(|open\("[wax]|write_bytes\(|torch\.save'
    )
    for source in SOURCES.rglob("*.py"):
        text = source.read_text()
        if writing.search(text) and source.name not in ("copying.py", "fasta.py"):
            assert "atomic_path" in text or "digested_path" in text or source.name == "__init__.py", source

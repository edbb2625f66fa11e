"""Kernels with a cache that is whole, damaged, of other code, or impossible."""

from __future__ import annotations

import errno
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from helpers.paths import ROOT

KERNELS = """
from typing import NamedTuple
import numpy as np
from regssl.compilation import njit

class Pair(NamedTuple):
    low: int
    high: int

@njit(nogil=True)
def extremes(values: np.ndarray) -> Pair:
    low = high = values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
    return Pair(low, high)
"""


def load(path: Path) -> ModuleType:
    """Import a file as if in a new process."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def run(path: Path) -> tuple[int, int]:
    """The answer of the kernel, and how many times it was compiled for it."""
    kernel = load(path).extremes
    assert tuple(kernel(np.array([3, 1, 2]))) == (1, 3)
    return len(kernel.signatures), sum(kernel.stats.cache_misses.values())


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    path = tmp_path / "kernels_of_a_test.py"
    path.write_text(KERNELS)
    return path


def cached(source: Path) -> list[Path]:
    return sorted((source.parent / "__pycache__").glob("*.nbc"))


def test_the_second_process_compiles_nothing_until_the_source_changes(source: Path) -> None:
    assert run(source) == (1, 1)
    assert run(source) == (1, 0)
    assert len(cached(source)) == 1
    source.write_text(KERNELS.replace("max(high, value)", "max(value, high)"))
    assert run(source) == (1, 1)
    assert len(cached(source)) == 1, "written over"


def test_kernels_of_one_factory_are_told_apart(source: Path) -> None:
    source.write_text(
        "from regssl.compilation import njit\n\n\ndef make(added):\n    @njit()\n"
        "    def add(value: int) -> int:\n        return value + added\n    return add\n"
    )
    for _ in range(2):
        assert [load(source).make(added)(1) for added in (1, 22, 333)] == [2, 23, 334]
    assert len(cached(source)) == 3


def test_a_kernel_made_with_another_one_is_compiled_once(source: Path) -> None:
    """The other one is an object, which prints as its address in memory."""
    source.write_text(
        "from regssl.compilation import njit\n\n\ndef make(added):\n    @njit()\n    def add(value):\n"
        "        return value + added\n\n    @njit()\n    def twice(value):\n        return add(add(value))\n"
        "    return twice\n"
    )
    missed = []
    for added in (1, 22, 1, 22):
        twice = load(source).make(added)
        assert twice(1) == 1 + 2 * added
        missed.append(sum(twice.stats.cache_misses.values()))
    assert missed == [1, 1, 0, 0]


def test_a_constant_of_another_module_that_has_changed_is_compiled_in(source: Path) -> None:
    constants = source.with_name("constants_of_a_test.py")
    source.write_text(
        "import numpy as np\nfrom constants_of_a_test import ADDED\nfrom regssl.compilation import njit\n\n\n"
        "@njit()\ndef add(value: int) -> int:\n    return value + ADDED\n"
    )
    for added in (1, 22, 333):
        constants.write_text(f"ADDED = {added}\n")
        load(constants)
        assert load(source).add(1) == 1 + added


@pytest.mark.parametrize("at", [0, 40, 0.5, -1])
def test_a_bit_flipped_in_the_cache_costs_a_compilation(source: Path, at: float) -> None:
    run(source)
    for path in cached(source):
        data = bytearray(path.read_bytes())
        data[int(at * len(data)) if isinstance(at, float) else at] ^= 1 << 2
        path.write_bytes(data)
    assert run(source) == (1, 1)
    assert run(source) == (1, 0), "mended"


@pytest.mark.parametrize("length", [0, 33, 500])
def test_a_cache_cut_short_costs_a_compilation(source: Path, length: int) -> None:
    run(source)
    for path in cached(source):
        path.write_bytes(path.read_bytes()[:length])
    assert run(source) == (1, 1)


def test_files_of_two_signatures_exchanged_are_noticed(source: Path) -> None:
    run(source)
    sys.modules[source.stem].extremes(np.array([0.5, 2]))
    one, other = (path.read_bytes() for path in cached(source))
    for path, data in zip(cached(source), (other, one), strict=True):
        path.write_bytes(data)
    assert run(source) == (1, 1)


def test_a_full_disk_is_passed_over(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("regssl.compilation.atomic_path", full)
    assert run(source) == (1, 1)
    assert cached(source) == []


def test_no_place_for_a_cache_but_a_temporary_folder_of_ones_own(source: Path, tmp_path: Path) -> None:
    """Neither beside the source nor in the home folder, nor without one; not where others may write."""
    (tmp_path / "__pycache__").write_text("not a folder")
    script = (
        "import sys, numpy as np; sys.path.insert(0, sys.argv[1]); from kernels_of_a_test import extremes; "
        "print(*extremes(np.array([3, 1, 2])), *extremes.stats.cache_hits.values())"
    )
    own = tmp_path / "tmp" / f"regssl-{os.geteuid()}"
    own.parent.mkdir()
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(own.parent)}
    for home, mode, printed in ((str(source), 0o700, "1 3\n"), ("~", 0o700, "1 3 1\n"), ("~", 0o777, "1 3\n")):
        if own.exists():
            own.chmod(mode)
        done = subprocess.run(
            [sys.executable, "-B", "-c", script, str(tmp_path)],
            env=base | {"HOME": home},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (printed, "")
        assert own.stat().st_mode & 0o777 == mode
    assert sorted(path.name for path in tmp_path.iterdir()) == ["__pycache__", "kernels_of_a_test.py", "tmp"]

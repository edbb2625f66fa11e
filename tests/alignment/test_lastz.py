"""lastz is run and read; where it is missing, fails, is killed or prints nonsense, one line says so."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from regssl.alignment.lastz import LastzJob, parse, run_lastz
from regssl.errors import ConfigError, DataError

LINE = b"5047\t1\t10\t21\t0\t-\t5\t14\t4M3D2M1I2M\n"


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, jobs: int = 1) -> None:
    """Run a program of that name on files that it does not read."""
    (folder / "bin").mkdir()
    program = folder / "bin/lastz"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}/bin:/usr/bin:/bin")
    each = [LastzJob(folder / "target.fa", folder / f"query{i}.fa", False) for i in range(jobs)]
    run_lastz(each, ["step=10"], (2, 1), 2)


def test_lines_become_alignments_of_pieces() -> None:
    two = parse(LINE + b"7\t0\t0\t3\t0\t+\t0\t3\tM2M\n", (2, 1))
    assert two.score.tolist() == [5047, 7] and two.target.tolist() == [1, 0] and two.query.tolist() == [0, 0]
    assert two.minus.tolist() == [True, False] and two.offsets.tolist() == [0, 3, 5]
    assert two.target_start.tolist() == [10, 17, 19, 0, 1]
    assert two.query_start.tolist() == [5, 9, 12, 0, 1]
    assert two.size.tolist() == [4, 2, 2, 1, 2]
    assert not len(parse(b"", (1, 1)).score)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"Segmentation fault\n", "line 2 of its output is no alignment: 'Segmentation fault'"),
        (LINE.replace(b"\t21\t", b"\t22\t"), "line 2"),
        (LINE.replace(b"\t14\t", b"\t13\t"), "line 2"),
        (LINE.replace(b"-", b"="), "line 2"),
        (LINE.replace(b"3D", b"3X"), "line 2"),
        (LINE.replace(b"\t1\t10", b"\t2\t10"), "line 2"),
        (LINE.replace(b"5047\t", b""), "line 2"),
        (LINE.replace(b"\t4M3D2M1I2M", b""), "line 2"),
        (LINE.replace(b"5047", b"9" * 30), "line 2"),
        (b"\n", "line 2"),
        (LINE[:-1], "its output ends within a line"),
    ],
)
def test_lines_that_are_no_alignments(line: bytes, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        parse(LINE + line, (2, 1))


def test_a_program_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"the program lastz is not installed.* \(apt-get install lastz, or conda"):
        run_lastz([], [], (1, 1), 1)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo FAILURE: no such option >&2; exit 3", "lastz failed with exit code 3: FAILURE: no such option (see `al"),
        ("exit 1", "lastz failed with exit code 1: it said nothing"),
        ("kill -9 $$", "lastz was killed by SIGKILL (was memory short?"),
        ("echo nonsense", "line 1 of its output is no alignment: 'nonsense' (which lastz is it?)"),
    ],
)
def test_a_program_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        run(tmp_path, monkeypatch, script)


def test_where_one_fails_or_a_signal_comes_the_others_are_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = time.monotonic()
    with pytest.raises(DataError, match="exit code 1"):
        run(tmp_path, monkeypatch, f"mkdir {tmp_path}/first && exit 1; exec sleep 60", jobs=3)
    (tmp_path / "again").mkdir()
    threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "again", monkeypatch, "exec sleep 60", jobs=3)
    assert time.monotonic() - begun < 30


def test_folders_of_any_name_and_a_file_of_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets and colons are part of lastz's language for files."""
    folder = tmp_path / "a [1] x::y"
    folder.mkdir()
    bases = "".join(np.random.default_rng(0).choice(list("ACGT"), 300))
    for name, some in (("t.fa", bases), ("q.fa", bases[:-5])):
        (folder / name).write_text(f">0\n{some}\n")
    rows = "".join(f"{base} {' '.join('50' if base == other else '-90' for other in 'ACGT')}\n" for base in "ACGT")
    (tmp_path / "low.q").write_text(f"A C G T\n{rows}")
    monkeypatch.chdir(tmp_path)
    job = LastzJob(folder / "t.fa", folder / "q.fa", False)
    assert run_lastz([job], [], (1, 1), 1).size.tolist() == [295]
    assert run_lastz([job], ["scores=low.q"], (1, 1), 1).score.tolist() == [295 * 50]


def test_a_program_of_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lastz").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "lastz").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match=r"lastz: cannot be run: Exec format error"):
        run_lastz([LastzJob(tmp_path / "t.fa", tmp_path / "q.fa", False)], [], (1, 1), 1)

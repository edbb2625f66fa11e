"""lastz, the program that aligns two genomes: run on files of sequences, its output read.

Both files are `[multiple]`: their sequences are joined before they are searched. Queries that are searched one by one
give other alignments, and fewer: 855 instead of 910 of tenrec's contigs of ENm001. So the work is divided by strand
and by groups of sequences, but never a group for the sake of a processor.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np

from regssl.alignment.chaining import Alignments
from regssl.errors import ConfigError, DataError
from regssl.io.text import shorten
from regssl.progress import Progress

PROGRAM = "lastz"
FIELDS = "score,name1,zstart1,end1,name2,strand2,zstart2,end2,cigar"
MISSING = ConfigError(
    f"the program {PROGRAM} is not installed, which aligns genomes whose `chain` is `align`",
    f"apt-get install {PROGRAM}, or conda install -c bioconda {PROGRAM}; or give chain files instead",
)


class LastzJob(NamedTuple):
    """Target and query sequences, as FASTA files of one folder, whose names are numbers, and a strand of the query."""

    target: Path
    query: Path
    minus: bool


def check_lastz() -> None:
    """Check that the program is there.

    Raises:
        ConfigError: it is not.
    """
    if shutil.which(PROGRAM) is None:
        raise MISSING


def run_lastz(jobs: Sequence[LastzJob], options: Sequence[str], sizes: tuple[int, int], threads: int) -> Alignments:
    """Align each job's sequences.

    Args:
        jobs: what to align, at least one.
        options: of lastz, without their dashes.
        sizes: numbers of target and query sequences, below which the names are.
        threads: jobs run at once.

    Returns:
        Alignments in the order of the jobs.

    Raises:
        ConfigError: lastz is not installed.
        DataError: it failed or was killed, or wrote what is no alignment.
    """
    check_lastz()
    processes, pool = _Processes(), ThreadPoolExecutor(threads)
    try:
        running = [pool.submit(_run, job, options, sizes, processes) for job in jobs]
        with Progress("aligning", len(jobs), unit="strand") as progress:
            for one in as_completed(running):
                one.result()
                progress.advance()
        return Alignments.joined([one.result() for one in running])
    finally:  # where one has failed, or a signal has come, the others are of no use
        processes.stop()
        pool.shutdown(cancel_futures=True)


class _Processes:
    """Processes that are started by several threads, and stopped together."""

    def __init__(self) -> None:
        self._lock, self._started, self._stopped = threading.Lock(), list[subprocess.Popen[bytes]](), False

    def start(self, words: list[str], folder: Path) -> subprocess.Popen[bytes]:
        """Start a process in a folder, unless they have been stopped."""
        pipe = subprocess.PIPE
        with self._lock:
            if self._stopped:
                raise CancelledError
            try:
                process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, cwd=folder)
            except OSError as error:
                said = error.strerror or str(error)
                raise DataError(f"{words[0]}: cannot be run: {said}", "is it a program for this machine?") from error
            self._started.append(process)
            return process

    def stop(self) -> None:
        """Kill those that still run; no other is started."""
        with self._lock:
            self._stopped = True
            for process in self._started:
                process.kill()


def _run(job: LastzJob, options: Sequence[str], sizes: tuple[int, int], processes: _Processes) -> Alignments:
    """Run lastz once; its output stays in memory, where no full disk can cut it.

    It is given names without a folder, in whose name brackets and colons would mean something.
    """
    words = [
        str(Path(shutil.which(PROGRAM) or PROGRAM).absolute()),
        f"{job.target.name}[multiple]",
        f"{job.query.name}[multiple]",
    ]
    words += [f"--{_with_its_folder(option)}" for option in options]
    strand = "minus" if job.minus else "plus"
    process = processes.start([*words, f"--strand={strand}", f"--format=general-:{FIELDS}"], job.target.parent)
    written, errors = process.communicate()
    if process.returncode:
        raise _failure(process.returncode, errors.decode(errors="replace"))
    return parse(written, sizes)


def _with_its_folder(option: str) -> str:
    """Return an option of lastz; one that names a file does so from the working folder."""
    name, _, value = option.partition("=")
    return f"{name}={Path(value).absolute()}" if name == "scores" and value else option


def _failure(code: int, errors: str) -> DataError:
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return DataError(
            f"{PROGRAM} was killed by {name}", "was memory short? give the job more, or align less at once"
        )
    said = next((line for line in errors.splitlines() if line.strip()), "it said nothing").strip()
    return DataError(f"{PROGRAM} failed with exit code {code}: {shorten(said)}", "see `align.lastz_options`")


def parse(raw: bytes, sizes: tuple[int, int]) -> Alignments:
    """Parse the lines of lastz, of FIELDS.

    Args:
        raw: all that it wrote.
        sizes: numbers of target and query sequences.

    Raises:
        DataError: a line is something else.
    """
    from regssl.alignment import _lastz as kernel

    if raw and not raw.endswith(b"\n"):
        raise DataError(f"{PROGRAM}: its output ends within a line", "is the disk full?")
    rows = np.empty((raw.count(b"\n"), kernel.COLUMNS), np.int64)
    pieces = np.empty((3, raw.count(b"M")), np.int64)
    problem, n, n_pieces = kernel.parse(np.frombuffer(raw, np.uint8), rows, pieces)
    names = rows[:n, [kernel.TARGET, kernel.QUERY]]
    if not problem and (unknown := (names >= sizes).any(axis=1)).any():
        problem = int(unknown.argmax()) + 1
    if problem:
        line = raw.split(b"\n", problem)[problem - 1].decode(errors="replace")
        raise DataError(
            f"{PROGRAM}: line {problem} of its output is no alignment: '{shorten(line)}'", "which lastz is it?"
        )
    return Alignments(
        score=rows[:, kernel.SCORE],
        target=rows[:, kernel.TARGET],
        query=rows[:, kernel.QUERY],
        minus=rows[:, kernel.MINUS].astype(bool),
        offsets=np.concatenate([[0], np.cumsum(rows[:, kernel.PIECES])]),
        target_start=pieces[0, :n_pieces],
        query_start=pieces[1, :n_pieces],
        size=pieces[2, :n_pieces],
    )

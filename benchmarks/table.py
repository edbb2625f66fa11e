"""What the benchmarks share: jobs timed in turns, the machine in a line, a table.

On a shared machine a wall time means little. Jobs to be compared therefore take turns, so that a busy spell falls on
all of them, and ratios of their medians are what to read.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median


def time_in_turns(
    jobs: Sequence[Callable[[], object]], seconds: float = 0.0, least: int = 3, rehearse: bool = True
) -> list[float]:
    """Median seconds of each job; all take turns, `least` times and until `seconds` are over, after one not counted."""
    if rehearse:
        for job in jobs:
            job()
    times: list[list[float]] = [[] for _ in jobs]
    end = time.perf_counter() + seconds
    while len(times[0]) < least or time.perf_counter() < end:
        for job, taken in zip(jobs, times, strict=True):
            start = time.perf_counter()
            job()
            taken.append(time.perf_counter() - start)
    return [median(taken) for taken in times]


def machine() -> str:
    """Processor, cores and Python of this machine, for the head of a table."""
    processor = platform.processor() or platform.machine()
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        processor = models[0].partition(":")[2].strip() if models else processor
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


class Table:
    """A table printed row by row, as the numbers arrive: the first column is text, the others are of fixed width."""

    def __init__(self, *columns: str, first: int = 34, width: int = 12) -> None:
        self.first, self.width = first, width
        self.row(*columns)

    def row(self, name: str, *cells: str | float) -> None:
        """One row; a number below 100 with three digits, a larger one with separators."""
        print(f"{name:{self.first}}" + "".join(f"{show(cell):>{self.width}}" for cell in cells), flush=True)


def show(cell: str | float) -> str:
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"

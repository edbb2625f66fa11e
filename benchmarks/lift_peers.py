"""One of the tools that `lift.py` compares with, run by the Python of the environment that has it.

    python lift_peers.py TOOL CHAIN BED ANSWERS

Reads the chains and prints the seconds it took; then, for each line of standard input, lifts the BED file's intervals
(the point tools: their first bases) and prints the seconds. The first time it writes the answers: row, chromosome,
start and strand of points; BED of intervals.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path


def points(bed: str) -> list[tuple[str, int]]:
    rows = (line.split("\t") for line in Path(bed).read_text().splitlines())
    return [(row[0], int(row[1])) for row in rows]


def write_points(answers: list, out: str) -> None:
    with Path(out).open("w") as file:
        for row, places in enumerate(answers):
            file.writelines(f"{row}\t{place[0]}\t{place[1]}\t{place[2]}\n" for place in places or ())


def pyliftover(chain: str, bed: str, out: str) -> tuple[Callable, Callable]:
    from pyliftover import LiftOver

    places, tool = points(bed), LiftOver(chain)
    return (lambda: [tool.convert_coordinate(*place) for place in places]), lambda found: write_points(found, out)


def liftover(chain: str, bed: str, out: str) -> tuple[Callable, Callable]:
    from liftover import ChainFile

    places, tool = points(bed), ChainFile(chain, one_based=False)
    return (lambda: [tool.query(*place) for place in places]), lambda found: write_points(found, out)


def crossmap(chain: str, bed: str, out: str) -> tuple[Callable, Callable]:
    from cmmodule.mapregion import crossmap_region_file
    from cmmodule.utils import read_chain_file

    tool = read_chain_file(chain)[0]
    return (lambda: crossmap_region_file(tool, bed, out, 0.5)), lambda found: None


def main() -> None:
    tool, chain, bed, out = sys.argv[1:]

    def report(seconds: float) -> None:
        print(seconds, file=sys.__stdout__, flush=True)

    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):  # the tools talk
        start = time.perf_counter()
        run, write = {"pyliftover": pyliftover, "liftover": liftover, "CrossMap": crossmap}[tool](chain, bed, out)
        report(time.perf_counter() - start)
        for turn, _ in enumerate(sys.stdin):
            start = time.perf_counter()
            found = run()
            taken = time.perf_counter() - start
            if turn == 0:
                write(found)
            report(taken)


if __name__ == "__main__":
    main()

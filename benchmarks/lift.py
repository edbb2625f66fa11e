"""Lift-over: `regssl` against pyliftover, liftover and CrossMap from PyPI, and UCSC's own program where there is one.

    python benchmarks/lift.py [--intervals 1000000] [--turns 5] [--liftover /path/to/liftOver]
    python benchmarks/lift.py --size 3000000 --intervals 50000 --bins 500000     # a look, in half a minute

Makes a chain file as large as that of a chromosome of 64 Mb and intervals of 200 bp on it; installs the peers into a
temporary virtual environment; checks that the answers agree; then times all of them in turns, and prints the median
turn. pyliftover and liftover map points only: they get the intervals' first bases and must agree with `regssl` on the
same points. CrossMap maps intervals by rules of its own: how often it agrees is printed. UCSC's program must agree to
the byte. Rates include reading the chains only in the rows that are named so. On a shared machine read the ratios.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from synthetic_chain import write_chain

from regssl.liftover.bed import lift_bed
from regssl.liftover.chain_file import read_chains
from regssl.liftover.chains import Chains
from regssl.liftover.index import open_index, save_index
from regssl.liftover.lift import lift
from regssl.liftover.status import UCSC_OUTCOMES

WIDTH, MIN_MATCH = 200, 0.5
POINT_TOOLS = ("pyliftover", "liftover")
PEERS = {"pyliftover": 50_000, "liftover": 500_000, "CrossMap": 5_000}  # at most so many intervals
UCSC_INTERVALS = 10_000
Row = tuple[str, int, Callable[[], float]]  # name, intervals, one turn → seconds


def seconds(job: Callable[[], object]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def write_bed(path: Path, start: np.ndarray, columns: int = 6) -> Path:
    """A BED file of the intervals, with names p0, p1, … where there are six columns."""
    rest = (lambda i: f"\tp{i}\t0\t{'+-'[i % 2]}") if columns == 6 else (lambda i: "")
    lines = (f"chr20\t{first}\t{first + WIDTH}{rest(i)}\n" for i, first in enumerate(start.tolist()))
    path.write_text("".join(lines))
    return path


class Peer:
    """A tool at work in its own process: see lift_peers.py."""

    def __init__(self, name: str, python: Path, chain: Path, start: np.ndarray, folder: Path) -> None:
        self.name, self.start, self.out = name, np.sort(start[: PEERS[name]]), folder / f"{name}.out"
        bed = write_bed(folder / f"{name}.bed", self.start)
        command = [python, Path(__file__).with_name("lift_peers.py"), name, chain, bed, self.out]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([*map(str, command)], stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self.load = self._answer()

    def turn(self) -> float:
        self.process.stdin.write("\n")
        return self._answer()

    def finish(self) -> None:
        self.process.stdin.close()
        assert self.process.wait() == 0, f"{self.name} failed"

    def _answer(self) -> float:
        line = self.process.stdout.readline()
        assert line, f"{self.name} ended early"
        return float(line)


def install(folder: Path) -> tuple[Path, list[str]]:
    """A virtual environment with the peers that install; its Python and their names."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = {name: subprocess.run([*command, name], stderr=subprocess.DEVNULL).returncode == 0 for name in PEERS}
    for name in (name for name, installed in done.items() if not installed):
        print(f"{name} does not install here: left out")
    return python, [name for name, installed in done.items() if installed]


def check_points(peer: Peer, chains: Chains) -> None:
    """A point tool and `regssl` find the same positions of every point."""
    lifted = lift(chains, "chr20", peer.start, peer.start + 1, min_match=1, multiple=True)
    strand = np.where(lifted.minus, "-", "+").tolist()
    chrom = [lifted.names[code] for code in lifted.chrom.tolist()]
    ours = sorted(zip(lifted.index.tolist(), chrom, lifted.start.tolist(), strand, strict=True))
    rows = (line.split("\t") for line in peer.out.read_text().splitlines())
    theirs = sorted((int(row), name, int(place), sign) for row, name, place, sign in rows)
    assert ours == theirs, f"{peer.name} and regssl disagree"
    print(f"{peer.name}: the same {len(ours):,} positions of {len(peer.start):,} points")


def check_regions(peer: Peer, chains: Chains) -> None:
    """How often CrossMap maps an interval to the same position, or leaves it out as `regssl` does."""
    lifted = lift(chains, "chr20", peer.start, peer.start + WIDTH, min_match=MIN_MATCH)
    place = zip(lifted.chrom.tolist(), lifted.start.tolist(), lifted.end.tolist(), strict=True)
    ours = {row: (lifted.names[c], a, b) for row, (c, a, b) in zip(lifted.index.tolist(), place, strict=True)}
    rows = [line.split("\t") for line in peer.out.read_text().splitlines()]
    theirs = {int(row[3][1:]): (row[0], int(row[1]), int(row[2])) for row in rows}
    same = sum(ours.get(row) == theirs.get(row) for row in range(len(peer.start)))
    print(f"{peer.name}: the same result for {same / len(peer.start):.1%} of {len(peer.start):,} intervals")


def ucsc(program: str, chain: Path, start: np.ndarray, folder: Path) -> Row:
    """Check UCSC's program to the byte; a turn lifts some intervals, less what it takes to lift one."""
    start = np.sort(start[:UCSC_INTERVALS])
    bed, one = write_bed(folder / "ucsc.bed", start), write_bed(folder / "one.bed", start[:1])
    mapped, unmapped = folder / "ucsc.mapped", folder / "ucsc.unmapped"

    def run(source: Path) -> None:
        command = [program, "-bedPlus=6", f"-minMatch={MIN_MATCH}", source, chain, mapped, unmapped]
        subprocess.run([*map(str, command)], check=True, capture_output=True)

    run(bed)
    lift_bed(bed, chain, folder / "our.mapped", folder / "our.unmapped", min_match=MIN_MATCH)
    for theirs in (mapped, unmapped):
        assert theirs.read_bytes() == theirs.with_stem("our").read_bytes(), "UCSC and regssl disagree"
    print(f"UCSC liftOver: the same files from {len(start):,} intervals")
    return "UCSC liftOver", len(start), lambda: seconds(lambda: run(bed)) - seconds(lambda: run(one))


def our_rows(chains: Chains, index: Path, start: np.ndarray, options: argparse.Namespace, folder: Path) -> list[Row]:
    """What `regssl` can do, a name and a job each; one call of each beforehand, for numba."""
    n, in_order = len(start), np.sort(start)
    six, three = write_bed(folder / "six.bed", in_order), write_bed(folder / "three.bed", in_order, columns=3)
    zipped = folder / "six.bed.gz"
    zipped.write_bytes(gzip.compress(six.read_bytes(), 6))
    many = np.sort(np.random.default_rng(2).integers(0, options.size - WIDTH, options.bins))

    def arrays(first: np.ndarray, width: int = WIDTH, **how: float) -> Callable[[], float]:
        how, last = {"min_match": MIN_MATCH} | how, first + width
        return lambda: seconds(lambda: lift(chains, "chr20", first, last, **how))

    def files(bed: Path, **how: int) -> Callable[[], float]:
        out = folder / "mapped", folder / "unmapped"
        return lambda: seconds(lambda: lift_bed(bed, index, *out, min_match=MIN_MATCH, **how))

    return [
        ("arrays, in genome order", n, arrays(in_order)),
        ("arrays, in genome order, 2 threads", n, arrays(in_order, threads=2)),
        ("arrays, in genome order, multiple", n, arrays(in_order, multiple=True)),
        ("arrays, in random order", n, arrays(start)),
        ("arrays, points in genome order", n, arrays(in_order, width=1, min_match=1, multiple=True)),
        ("BED6 file to file, index opened", n, files(six)),
        ("BED6 file to file, multiple", n, files(six, multiple=True)),
        ("BED3 file to file", n, files(three)),
        ("BED6 gz file to file", n, files(zipped)),
        (f"{options.bins:,} bins, in genome order", options.bins, arrays(many)),
    ]


def medians(rows: list[Row], turns: int) -> dict[str, float]:
    """Median seconds of each row, all run in turns."""
    for _, _, turn in rows:
        turn()
    taken: dict[str, list[float]] = {name: [] for name, _, _ in rows}
    for _ in range(turns):
        for name, _, turn in rows:
            taken[name].append(turn())
    return {name: float(np.median(values)) for name, values in taken.items()}


def print_rates(rows: list[Row], taken: dict[str, float], others: list[str]) -> None:
    """A table of rates, and how many times that of each other tool."""
    print(f"\n{'intervals per second':38}{'rate':>13}" + "".join(f"{'× ' + name:>16}" for name in others))
    rates = {name: n / taken[name] for name, n, _ in rows}
    for name, rate in rates.items():
        ratios = "" if name in others else "".join(f"{rate / rates[other]:16,.1f}" for other in others)
        print(f"{name:38}{rate:13,.0f}{ratios}")


def print_starts(chain: Path, index: Path, peers: list[Peer], turns: int, folder: Path) -> None:
    """Tables of reading chains, and of whole processes that lift 2,000 lines."""
    reading = float(np.median([seconds(lambda: read_chains(chain)) for _ in range(turns)]))
    opening = float(np.median([seconds(lambda: open_index(index)) for _ in range(turns)]))
    print(f"\n{'reading the chains':38}{'seconds':>13}{'× regssl':>16}")
    for name, value in [("regssl", reading), ("regssl, index", opening)] + [(peer.name, peer.load) for peer in peers]:
        print(f"{name:38}{value:13.4f}{value / reading:16,.3f}")
    bed = folder / "short.bed"
    bed.write_text("".join((folder / "six.bed").read_text().splitlines(keepends=True)[:2000]))
    print(f"\n{'a process that lifts 2,000 lines':38}{'seconds':>13}")
    for name, source in (("regssl lift, chain file", chain), ("regssl lift, index", index)):
        command = [sys.executable, "-m", "regssl.cli", "lift", bed, source, folder / "a", folder / "b"]
        job = lambda command=command: subprocess.run([*map(str, command)], check=True, capture_output=True)  # noqa: E731
        print(f"{name:38}{np.median([seconds(job) for _ in range(turns)]):13.2f}")


def print_sustained(chains: Chains, options: argparse.Namespace) -> None:
    """A genome's bins lifted again and again."""
    start = np.sort(np.random.default_rng(3).integers(0, options.size - WIDTH, options.bins))
    end, mapped = start + WIDTH, 0

    def run() -> None:
        nonlocal mapped
        for _ in range(options.genomes):
            mapped += len(lift(chains, "chr20", start, end, min_match=MIN_MATCH).index)

    taken = seconds(run)
    print(f"\n{options.bins:,} bins × {options.genomes}: {taken:.1f} s", end=", ")
    print(f"{options.bins * options.genomes / taken:,.0f} intervals per second, {mapped:,} mapped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64_444_167, help="bp of the chromosome")
    parser.add_argument("--intervals", type=int, default=1_000_000)
    parser.add_argument("--bins", type=int, default=15_200_000, help="intervals of the row as large as a genome")
    parser.add_argument("--genomes", type=int, default=22, help="lift those bins so often without a pause; 0: don't")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--liftover", help="UCSC's program, which is not on PyPI")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chain, index = folder / "made.chain", folder / "made.chains"
        n_chains, n_blocks = write_chain(chain, options.size)
        chains = read_chains(chain)
        save_index(chains, index)
        start = np.random.default_rng(1).integers(0, options.size - WIDTH, options.intervals)
        fractions = np.bincount(lift(chains, "chr20", start, start + WIDTH, min_match=MIN_MATCH).status) / len(start)
        print(f"{n_chains:,} chains, {n_blocks:,} blocks; of the intervals", end=" ")
        print(", ".join(f"{fraction:.1%} {UCSC_OUTCOMES[code]}" for code, fraction in enumerate(fractions)))

        python, installed = install(folder / "peers")
        peers = [Peer(tool, python, chain, start, folder) for tool in installed]
        rows = our_rows(chains, index, start, options, folder)
        rows += [(peer.name, len(peer.start), peer.turn) for peer in peers]
        rows += [ucsc(options.liftover, chain, start, folder)] if options.liftover else []
        for peer in peers:
            peer.turn()
            (check_points if peer.name in POINT_TOOLS else check_regions)(peer, chains)
        others = installed + (["UCSC liftOver"] if options.liftover else [])
        print_rates(rows, medians(rows, options.turns), others)
        for peer in peers:
            peer.finish()
        print_starts(chain, index, peers, options.turns, folder)
        if options.genomes:
            print_sustained(chains, options)


if __name__ == "__main__":
    main()

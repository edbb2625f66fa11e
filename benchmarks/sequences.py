"""Windows of 200 bp from a genome: `regssl` against pyfaidx, pysam, py2bit, bedtools and a plain copy of the bytes.

    python benchmarks/sequences.py [--megabases 300] [--windows 1000000]

The genome is made here: random bases, stretches of N, half of it soft-masked; plain, bgzipped and as 2bit. Peers are
installed in a temporary folder, never in this environment; those that cannot be installed are left out. First all read
the same windows and must agree. Then they are timed in turns: those called per window, which return text, on as
many windows as they read in a second; `regssl`, which returns codes, on all. The plain copy gathers the same windows
from an array in memory, a byte per base; the row below it only writes one value into as much new memory, which all must
do. The second table is what must be done once, against reading the file.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from shutil import which
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyfaidx
from table import Table, machine, time_in_turns

from regssl.sequences.encoding import ascii_bytes, decode
from regssl.sequences.genome import Genome, to_twobit

WIDTH = 200
LINE = 60
CHROMOSOMES = ("chr1", "chr2", "chr3")

Fetch = Callable[[str, int, int], str]


class Windows(NamedTuple):
    """Windows in one order: chrom (Categorical, over `CHROMOSOMES`), start (int64)."""

    chrom: pd.Categorical
    start: np.ndarray


def make_genome(fasta: Path, size: int) -> np.ndarray:
    """Write a FASTA file of chromosomes of `size` bases each; answer their codes, uint8 (chromosomes, size)."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, (len(CHROMOSOMES), size), np.uint8)
    with fasta.open("wb") as file:
        for name, bases in zip(CHROMOSOMES, codes, strict=True):
            bases[: size // 100] = 4
            for start in rng.integers(0, size, 50):
                bases[start : start + 1000] = 4
            borders = np.zeros(size, np.uint8)
            borders[rng.integers(0, size, size // 300)] = 1  # of repeats: the soft mask
            letters = ascii_bytes(bases) | np.bitwise_xor.accumulate(borders) << 5
            file.write(f">{name}\n".encode())
            lines = np.full((size // LINE, LINE + 1), ord("\n"), np.uint8)
            lines[:, :LINE] = letters[: size // LINE * LINE].reshape(-1, LINE)
            file.write(lines.data)
            file.write(letters[size // LINE * LINE :].tobytes() + b"\n")
    return codes


def random_windows(n: int, size: int) -> dict[str, Windows]:
    rng = np.random.default_rng(2)
    places = rng.integers(0, len(CHROMOSOMES), n), rng.integers(0, size - WIDTH, n)
    in_order = np.lexsort(places[::-1])
    return {
        name: Windows(pd.Categorical.from_codes(places[0][rows], list(CHROMOSOMES)), places[1][rows])
        for name, rows in (("sorted", in_order), ("random", np.arange(n)))
    }


def install(folder: Path, *packages: str) -> dict[str, ModuleType]:
    """Import packages from `folder`, where they are installed; those that cannot be are named and left out."""
    sys.path.append(str(folder))
    found = {}
    for package in packages:
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--target", str(folder), package]
        try:
            subprocess.run(pip, check=True, stdout=sys.stderr)
            importlib.invalidate_caches()
            found[package] = importlib.import_module(package)
        except (subprocess.CalledProcessError, ImportError):
            print(f"without {package}: it could not be installed")
    return found


def callers(fasta: Path, bgzip: Path, twobit: Path, peers: dict[str, ModuleType]) -> dict[str, Fetch]:
    """Tools that are called once per window."""
    faidx = pyfaidx.Fasta(str(fasta), as_raw=True)
    found: dict[str, Fetch] = {"pyfaidx, FASTA": lambda chrom, start, end: faidx[chrom][start:end]}
    if pysam := peers.get("pysam"):
        pysam.tabix_compress(str(fasta), str(bgzip), force=True)
        found["pysam, FASTA"] = pysam.FastaFile(str(fasta)).fetch
        found["pysam, bgzip"] = pysam.FastaFile(str(bgzip)).fetch
    if py2bit := peers.get("py2bit"):
        found["py2bit, 2bit"] = py2bit.open(str(twobit)).sequence
    return found


def call(fetch: Fetch, windows: Windows) -> list[str]:
    names = np.asarray(windows.chrom).tolist()
    return [fetch(chrom, start, start + WIDTH) for chrom, start in zip(names, windows.start.tolist(), strict=True)]


def getfasta(fasta: Path, windows: Windows, stem: str) -> Callable[[], Path]:
    """A call of `bedtools getfasta`, from a BED file to a text file."""
    bed, out = fasta.with_name(f"{stem}.bed"), fasta.with_name(f"{stem}.txt")
    table = pd.DataFrame({"chrom": windows.chrom, "start": windows.start, "end": windows.start + WIDTH})
    table.to_csv(bed, sep="\t", header=False, index=False)

    def run() -> Path:
        subprocess.run(["bedtools", "getfasta", "-tab", "-fi", fasta, "-bed", bed, "-fo", out], check=True)
        return out

    return run


def check_agreement(genomes: dict[str, Genome], tools: dict[str, Fetch], fasta: Path, windows: Windows) -> None:
    """All formats and tools must give the same sequences for some windows."""
    some = first(windows, 3000)
    expected = [decode(row) for row in next(iter(genomes.values())).windows(*some, WIDTH)]
    answers = {name: [decode(row) for row in genome.windows(*some, WIDTH)] for name, genome in genomes.items()}
    answers |= {name: call(fetch, some) for name, fetch in tools.items()}
    if which("bedtools"):
        lines = getfasta(fasta, some, "some")().read_text().splitlines()
        answers["bedtools getfasta"] = [line.split("\t")[1] for line in lines]
    for name, found in answers.items():
        assert [sequence.upper() for sequence in found] == expected, f"{name} disagrees"
    print(
        f"the same {len(expected):,} windows, {sum('N' in text for text in expected):,} with N, from all of",
        *answers,
        sep="\n  ",
    )


def first(windows: Windows, n: int) -> Windows:
    return Windows(windows.chrom[:n], windows.start[:n])


def rates(
    genomes: dict[str, Genome], tools: dict[str, Fetch], fasta: Path, codes: np.ndarray, windows: Windows, turns: int
) -> dict[str, float]:
    """Windows per second of each tool."""
    n = len(windows.start)
    bytes_of = np.lib.stride_tricks.sliding_window_view(codes.ravel(), WIDTH)
    rows = windows.chrom.codes.astype(np.int64) * codes.shape[1] + windows.start
    in_bulk: dict[str, Callable[[], object]] = {
        name: lambda genome=genome: genome.windows(*windows, WIDTH) for name, genome in genomes.items()
    }
    in_bulk["plain copy, from memory"] = lambda: bytes_of[rows]
    in_bulk["as many bytes, only written"] = lambda: np.empty((n, WIDTH), np.uint8).fill(1)
    singly: dict[str, Callable[[], object]] = {}
    counts = dict.fromkeys(in_bulk, n)
    for name, fetch in tools.items():
        (taken,) = time_in_turns([lambda fetch=fetch: call(fetch, first(windows, 1000))], least=1)
        counts[name] = min(n, int(1000 / taken))
        singly[name] = lambda name=name, fetch=fetch: call(fetch, first(windows, counts[name]))
    if which("bedtools"):
        counts["bedtools getfasta"] = n
        singly["bedtools getfasta"] = getfasta(fasta, windows, "all")
    # apart, because a virtual machine may take memory back while the slow ones run, and the next to need it would wait
    seconds = time_in_turns(list(in_bulk.values()), least=3 * turns) + time_in_turns(list(singly.values()), least=turns)
    return {name: counts[name] / taken for name, taken in zip([*in_bulk, *singly], seconds, strict=True)}


def count_lines(fasta: Path) -> int:
    with fasta.open("rb") as file:
        return sum(1 for _ in file)


def index_with_pyfaidx(fasta: Path) -> None:
    index = fasta.with_name("pyfaidx.fai")
    index.unlink(missing_ok=True)
    pyfaidx.Fasta(str(fasta), indexname=str(index)).close()


def print_once_jobs(fasta: Path, bgzip: Path, twobit: Path, turns: int) -> None:
    """What must be done once for each genome, against reading its FASTA file from start to end."""
    out = twobit.with_name("again.2bit")
    jobs: dict[str, Callable[[], object]] = {
        "read the FASTA file": fasta.read_bytes,
        "read its lines in Python": lambda: count_lines(fasta),
        "index-genome, FASTA": lambda: to_twobit(fasta, out),
        "index-genome, 2bit": lambda: to_twobit(twobit, out),
        "open the 2bit file": lambda: Genome(twobit),
        "pyfaidx: index the FASTA file": lambda: index_with_pyfaidx(fasta),
    }
    if bgzip.exists():
        jobs["index-genome, bgzip"] = lambda: to_twobit(bgzip, out)
    seconds = time_in_turns(list(jobs.values()), least=turns)
    table = Table("", "seconds", "× reading")
    for name, taken in zip(jobs, seconds, strict=True):
        table.row(name, taken, taken / seconds[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabases", type=int, default=300, help="size of the genome")
    parser.add_argument("--windows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regssl-bench-") as name:
        run(Path(name), options.megabases * 10**6 // len(CHROMOSOMES), options.windows, options.turns)


def run(folder: Path, size: int, n: int, turns: int) -> None:
    fasta, bgzip, twobit = (folder / name for name in ("genome.fa", "genome.fa.gz", "genome.2bit"))
    print(machine())
    peers = install(folder / "peers", "pysam", "py2bit")
    codes = make_genome(fasta, size)
    to_twobit(fasta, twobit)
    tools = callers(fasta, bgzip, twobit, peers)
    genomes = {
        f"regssl, {kind}": Genome(path)
        for kind, path in (("2bit", twobit), ("FASTA", fasta), ("bgzip", bgzip))
        if path.exists()
    }

    orders = random_windows(n, size)
    check_agreement(genomes, tools, fasta, orders["random"])
    found = {order: rates(genomes, tools, fasta, codes, windows, turns) for order, windows in orders.items()}
    print()
    table = Table(f"{n:,} windows of {WIDTH} bp", "sorted/s", "regssl is", "random/s", "regssl is")
    for tool in found["sorted"]:
        cells: list[str | float] = []
        for rate in found.values():
            cells += [rate[tool], f"{rate['regssl, 2bit'] / rate[tool]:.1f} ×"]
        table.row(tool, *cells)
    print()
    print_once_jobs(fasta, bgzip, twobit, turns)


if __name__ == "__main__":
    main()

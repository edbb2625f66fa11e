"""Full size: what the data jobs need at the size of whole genomes, each run as the workflow runs it.

    python benchmarks/scale.py [--megabases 300] [--peaks 250000] [--folder DIR]
    python benchmarks/scale.py --megabases 3100        # the whole: 15 GB of disk and an hour

Makes a human genome of so many Mb (2bit, 23 chromosomes of one size: 19 train, 2 validate, 2 test), another genome of
the same size, a chain file between them as crowded as those between orders of mammals (800 chains per Mb: hundreds of
thousands at 300 Mb), and peaks as many as an ATAC-seq experiment has for that size. Runs each command in a process of
its own and prints its wall time and CPU time, its peak resident memory (pages of mapped files count) and its files on
disk; then the same extrapolated to 3,100 Mb in proportion to size, and the core-hours of the whole paper: each step as
often as it is run for 22 genomes and 11 datasets, all as large as this one. Core-hours are CPU time, which other work
on the machine changes little. Memory grows with the size above what a process takes to start; that is all the model
there is, so read it as a forecast. What is worked on in parts (lifted bins, k-mers) grows less. The audit is run as the
workflow runs it, with a genome's homologs cleared beforehand; and by chains alone, as if each dataset opened the chains
itself. Sampling and audit are those of the default configuration, with its most negatives in proportion to the size.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from synthetic_chain import QUERIES, write_chain
from table import Table, machine

from regssl.cli.options import options_of
from regssl.config.load import load_config
from regssl.sequences.twobit import TwoBitRecord, write_twobit

CHROMOSOMES = [f"chr{i}" for i in range(1, 23)] + ["chrX"]
SPLITS = {
    "train": [name for name in CHROMOSOMES if name not in ("chr6", "chr7", "chr8", "chr9")],
    "validation": ["chr6", "chr7"],
    "test": ["chr8", "chr9"],
}
WHOLE, LIMIT = 3_100, 8_000  # megabases, MB of memory a job may take
GENOMES, DATASETS = 22, 11  # beside the human one; of the paper
TIMES = {"once": 1, "genome": GENOMES, "dataset": DATASETS, "pair": GENOMES * DATASETS, "not run": 0}
PAPER = load_config([Path(__file__).parent.parent / "config/config.yaml"])
GENOME_MORE = "audit-leakage with a genome"
GAP = 50_000  # N at each end of a chromosome


@dataclass(frozen=True)
class Step:
    """One command, how often the paper runs it (a key of TIMES), and what it took."""

    name: str
    per: str
    seconds: float
    cpu: float
    megabytes: float
    disk: int


def write_genome(path: Path, sizes: dict[str, int], seed: int) -> None:
    """Random sequence with N at both ends of each chromosome, and repeats in half of it."""
    rng = np.random.default_rng(seed)

    def record(name: str, size: int) -> TwoBitRecord:
        ends = np.array([[0, GAP], [size - GAP, size]])
        edges = np.sort(rng.choice(size // 200, size // 1500, replace=False)) * 200
        masked = edges[: len(edges) // 2 * 2].reshape(-1, 2)
        return TwoBitRecord(name, size, ends, masked, rng.bytes((size + 3) // 4))

    write_twobit(path, (record(name, size) for name, size in sizes.items()))


def write_peaks(path: Path, sizes: dict[str, int], n: int) -> None:
    rng = np.random.default_rng(3)
    names = rng.choice(list(sizes), n)
    with gzip.open(path, "wt", 1) as file:
        for name in names:
            start = int(rng.integers(GAP, sizes[name] - GAP - 3_000))
            file.write(f"{name}\t{start}\t{start + int(150 + rng.gamma(2, 200))}\n")


def measured(name: str, per: str, arguments: list[object], outputs: list[Path], log: Path) -> Step:
    """Run one command in a process of its own; the kernel reports its peak memory."""
    command = [sys.executable, "-m", "regssl.cli", *map(str, arguments)]
    start = time.perf_counter()
    with log.open("w") as text:
        actions = [(os.POSIX_SPAWN_DUP2, text.fileno(), 1), (os.POSIX_SPAWN_DUP2, text.fileno(), 2)]
        pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, f"{name} failed: {log.read_text()}"
    scale = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    disk = sum(path.stat().st_size for path in outputs if path.stat().st_nlink == 1)
    cpu = usage.ru_utime + usage.ru_stime
    return Step(name, per, time.perf_counter() - start, cpu, usage.ru_maxrss / scale, disk)


def make_inputs(folder: Path, megabases: float, n_peaks: int) -> None:
    size = int(megabases * 1e6 / len(CHROMOSOMES))
    sizes, query = dict.fromkeys(CHROMOSOMES, size), int(megabases * 1e6 / len(QUERIES))
    write_genome(folder / "human.2bit", sizes, 1)
    write_genome(folder / "other.2bit", dict.fromkeys(QUERIES, query), 2)
    chains = blocks = 0
    for number, name in enumerate(CHROMOSOMES):
        made = write_chain(folder / "other.chain", size, number, name, query, chains + 1)
        chains, blocks = chains + made[0], blocks + made[1]
    with (folder / "other.chain").open("rb") as plain, gzip.open(folder / "other.chain.gz", "wb", 1) as packed:
        shutil.copyfileobj(plain, packed, 1 << 24)
    (folder / "other.chain").unlink()
    write_peaks(folder / "peaks.bed.gz", sizes, n_peaks)
    print(f"{megabases:,.0f} Mb, {chains:,} chains of {blocks:,} blocks, {n_peaks:,} peaks\n", flush=True)


def run(folder: Path, megabases: float) -> list[Step]:
    """All steps from files as they come to packed sets, in the order of the workflow."""
    most = PAPER.sampling.max_negatives
    fewer = {"max_negatives": most and round(most * megabases / WHOLE)}
    at = folder.joinpath
    sets = [at(f"sets/{split}.{kind}") for split in SPLITS for kind in ("npy", "parquet", "fa.gz")]
    homologs = [at(f"homologs/og.{kind}") for kind in ("npy", "parquet", "fa.gz")]
    mutated = [at(f"mutated/og.{kind}") for kind in ("npy", "parquet", "fa.gz")]
    human, other, bins, peaks = at("hg.2bit"), at("og.2bit"), at("bins.parquet"), at("peaks.bed")
    lifted, train = at("other.parquet"), at("sets/train.parquet")
    atac = ("--dataset", "atac")
    chain, index, rates = at("other.chain.gz"), at("other.index"), at("rates.tsv")
    cleared = at("cleared.parquet")
    windows = [word for split in SPLITS for word in (f"--{split}", at(f"sets/{split}.npy"))]
    sampling = options_of(PAPER.sampling.model_copy(update=fewer))
    audited = options_of(PAPER.leakage, exclude=["strata"])
    audit = [at("audit"), *atac, "--human-id", "hg", "--bins", bins, *windows, *audited]
    found = ["--genome-ids", "og", "--homologs", homologs[0], "--homolog-tables", lifted, "--chains", index]
    labelling = [train, "--genome-ids", "og", "--homologs", lifted, "--genomes", other, "--out", homologs[0]]
    mutating = [train, human, *atac, "--genome-ids", "og", "--homologs", homologs[1], "--divergence", rates]
    mutating += ["--out", mutated[0]]
    steps = [
        ("index-genome", "genome", [at("human.2bit"), human], [human]),
        ("index-genome", "not run", [at("other.2bit"), other], [other]),
        ("index-chain", "genome", [chain, index], [index]),
        ("make-bins", "once", [human, bins, *options_of(SPLITS, "{}-chroms")], [bins]),
        ("find-homologs", "genome", [bins, index, human, other, lifted, at("other.tsv")], [lifted]),
        ("load-peaks", "dataset", [human, peaks, at("peaks.tsv"), at("peaks.bed.gz"), *atac], [peaks]),
        ("label-windows", "dataset", [bins, peaks, human, at("sets"), *atac, "--genome-id", "hg", *sampling], sets),
        ("pseudo-label", "pair", labelling, homologs),
        ("estimate-divergence", "genome", [bins, lifted, index, human, other, rates, "--genome-id", "og"], [rates]),
        ("mutate", "pair", mutating, mutated),
        ("clear-homologs", "genome", [bins, lifted, index, cleared], [cleared]),
        ("audit-leakage", "dataset", audit, []),
        (GENOME_MORE, "pair", [*audit, *found, "--cleared", cleared], []),
        ("audit-leakage by chains alone", "not run", [*audit, *found], []),
    ]
    done = []
    table = Table("step", "seconds", "CPU s", "peak MB", "disk MB", first=30)
    for name, per, arguments, outputs in steps:
        command = [name] if name == "index-chain" else ["step", name.split()[0]]
        done.append(measured(name, per, [*command, *arguments], outputs, at("log")))
        table.row(name, done[-1].seconds, done[-1].cpu, done[-1].megabytes, done[-1].disk / 1e6)
    print("the copy of a 2bit file takes no disk on Btrfs and XFS\n")
    for path in (*sets, *homologs):
        windows = np.load(path.parent / f"{path.name.split('.')[0]}.npy", mmap_mode="r").shape[0]
        print(f"{path.relative_to(folder)!s:24}{windows:>12,} windows {path.stat().st_size / windows:>8.1f} bytes each")
    return done


def extrapolate(done: list[Step], megabases: float, start: Step) -> None:
    """The same at the size of a whole genome, in proportion above what a process takes to start; and of all jobs."""
    factor = WHOLE / megabases
    print(f"\nTo {WHOLE:,} Mb: x {factor:.1f} above the {start.cpu:.1f} s and {start.megabytes:,.0f} MB of a start")
    table = Table("step", "CPU min", "peak MB", "disk GB", "jobs", "core-hours", "disk GB", first=30)
    audit = next(step for step in done if step.name == "audit-leakage")
    total = 0.0
    for step in done:
        begin = audit if step.name == GENOME_MORE else start  # of which the rest is the genome's
        cpu = factor * max(step.cpu - begin.cpu, 0) + (0 if begin is audit else start.cpu)
        memory = start.megabytes + factor * max(step.megabytes - start.megabytes, 0)
        disk, times = factor * step.disk / 1e9, TIMES[step.per]
        total += times * cpu / 3600
        over = "" if memory <= LIMIT else f"  over {LIMIT:,} MB"
        table.row(step.name + over, cpu / 60, memory, disk, times, times * cpu / 3600, times * disk)
    print(f"all data steps beside downloads: {total:.1f} core-hours")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabases", type=float, default=300)
    parser.add_argument("--peaks", type=int, default=250_000, help="peaks of a whole genome")
    parser.add_argument(
        "--folder", type=Path, help="where to work, and leave everything; a temporary folder if not given"
    )
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="regssl-scale-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        # in a process of its own: the kernel counts a parent's memory as its child's
        n_peaks = round(options.peaks * options.megabases / WHOLE)
        maker = get_context("spawn").Process(target=make_inputs, args=(folder, options.megabases, n_peaks))
        maker.start()
        maker.join()
        assert maker.exitcode == 0, "the inputs could not be made"
        (folder / "empty.chain").write_text("chain 1 chr1 40 + 0 10 chrA 40 + 0 10 1\n10\n\n")
        start = measured("start", "not run", ["index-chain", folder / "empty.chain", folder / "i"], [], folder / "log")
        extrapolate(run(folder, options.megabases), options.megabases, start)


if __name__ == "__main__":
    main()

"""Sequences looked up in a genome: `regssl` against a dictionary of words in Python, and `str.find`.

    python benchmarks/locate.py [--megabases 200] [--sequences 100000] [--width 101] [--threads 2]

The genome is made here: random bases, a tenth of it copies of ten repeats of 300 bp, 10 % diverged. Sequences are
windows of it, on either strand. First a small genome, where all three must find the same places: `str.find` looks for
one sequence after another, the dictionary slides a window over the genome. Then a larger one, for `regssl` alone: what
3.1 Gb take, and how much memory, of which the genome has no part.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np
from table import Table, machine, time_in_turns

from regssl.sequences.encoding import ascii_bytes, decode, reverse_complement
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.locate import locate
from regssl.sequences.settings import LocateSettings

HUMAN = 3.1e9
CHROMOSOME = 2_000_000
REPEAT = 300


def make_genome(folder: Path, chromosomes: int) -> Genome:
    """Write chromosomes of CHROMOSOME bases, one after the other: no more of the genome is ever in memory."""
    rng = np.random.default_rng(1)
    families = rng.integers(0, 4, (10, REPEAT), np.uint8)
    fasta, twobit = folder / "genome.fa", folder / f"{chromosomes}.2bit"
    with fasta.open("wb") as file:
        for number in range(chromosomes):
            codes = rng.integers(0, 4, CHROMOSOME, np.uint8)
            for start in rng.integers(0, CHROMOSOME - REPEAT, CHROMOSOME // (10 * REPEAT)):
                changed = rng.random(REPEAT) < 0.1
                codes[start : start + REPEAT] = (families[rng.integers(10)] + changed * rng.integers(1, 4, REPEAT)) % 4
            file.write(f">chr{number}\n".encode() + ascii_bytes(codes).tobytes() + b"\n")
    to_twobit(fasta, twobit)
    return Genome(twobit)


def draw(genome: Genome, n: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(2)
    chrom = np.array(list(genome.sizes))[rng.integers(0, len(genome.sizes), n)]
    return genome.windows(chrom, rng.integers(0, CHROMOSOME - width, n), width, rng.integers(0, 2, n).astype(bool))


def by_regssl(codes: np.ndarray, genome: Genome, threads: int = 1) -> np.ndarray:
    return locate(codes, genome, LocateSettings(), threads).drop_duplicates("sequence")["places"].to_numpy()


def by_dictionary(codes: np.ndarray, genome: Genome) -> np.ndarray:
    text, width = genome.text("chr0", 0, CHROMOSOME), codes.shape[1]
    rows: dict[str, list[int]] = {}
    for row, sequence in enumerate(codes):
        for strand in {decode(sequence), decode(reverse_complement(sequence))}:
            rows.setdefault(strand, []).append(row)
    places = np.zeros(len(codes), int)
    for start in range(len(text) - width + 1):
        for row in rows.get(text[start : start + width], ()):
            places[row] += 1
    return places


def by_find(codes: np.ndarray, genome: Genome) -> np.ndarray:
    text, places = genome.text("chr0", 0, CHROMOSOME), np.zeros(len(codes), int)
    for row, sequence in enumerate(codes):
        for strand in {decode(sequence), decode(reverse_complement(sequence))}:
            at = text.find(strand)
            while at >= 0:
                places[row] += 1
                at = text.find(strand, at + 1)
    return places


def peak_gb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabases", type=int, default=200, help="size of the larger genome")
    parser.add_argument("--sequences", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=101)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="regssl-bench-") as name:
        genome = make_genome(Path(name), 1)
        codes = draw(genome, 500, options.width)
        tools = {"regssl": by_regssl, "dictionary of words": by_dictionary, "str.find": by_find}
        first, *others = (tool(codes, genome) for tool in tools.values())
        assert all((first == other).all() for other in others), "disagree"
        seconds = time_in_turns([lambda tool=tool: tool(codes, genome) for tool in tools.values()], least=3)
        table = Table(f"{len(codes)} × {options.width} bp in 2 Mb", "seconds", "× regssl")
        for tool, taken in zip(tools, seconds, strict=True):
            table.row(tool, taken, taken / seconds[0])

        print()
        genome = make_genome(Path(name), max(options.megabases * 10**6 // CHROMOSOME, 1))
        codes, size = draw(genome, options.sequences, options.width), sum(genome.sizes.values())
        title = f"{len(codes):,} × {options.width} bp in {size // 10**6} Mb"
        table = Table(title, "seconds", "of 3.1 Gb", "peak GB")
        for threads in dict.fromkeys([1, options.threads]):
            (taken,) = time_in_turns([lambda threads=threads: by_regssl(codes, genome, threads)], least=1)
            table.row(f"regssl, threads: {threads}", taken, taken * HUMAN / size, peak_gb())


if __name__ == "__main__":
    main()

"""The leakage audit's search for similar windows: `regssl.leakage.similarity` against a dictionary of k-mers in Python.

    python benchmarks/audit.py [--held-out 1400000] [--training 5000000] [--sample 0.25]

First a small set, where both find the same nearest windows, and the ratio of their times. Then a large one, as of a
genome: a tenth of all windows hold a piece of one of 20 families of repeats, 300 bp long, copies 12 % diverged.
CPU time of building the index and of searching, which other work on the machine changes little, and the peak of memory.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter, defaultdict

import numpy as np
from table import Table, machine, time_in_turns

from regssl.leakage.settings import LeakageSettings
from regssl.leakage.similarity import HeldOutIndex
from regssl.sequences.encoding import decode, reverse_complement

WIDTH = 200
CHUNK = 1 << 18


def genome_like(rng: np.random.Generator, n: int, families: np.ndarray, divergence: float = 0.12) -> np.ndarray:
    """Random windows, a tenth of them with a piece of 60 to 200 bp of a diverged copy of a repeat, on either strand."""
    codes = rng.integers(0, 4, (n, WIDTH), dtype=np.uint8)
    for i in np.flatnonzero(rng.random(n) < 0.1):
        size = int(rng.integers(60, WIDTH + 1))
        family = families[rng.integers(len(families))]
        at, start = int(rng.integers(0, len(family) - size + 1)), int(rng.integers(0, WIDTH - size + 1))
        piece = family[at : at + size].copy()
        hit = np.flatnonzero(rng.random(size) < divergence)
        piece[hit] = (piece[hit] + rng.integers(1, 4, len(hit))) % 4
        codes[i, start : start + size] = reverse_complement(piece) if rng.random() < 0.5 else piece
    return codes


def words(codes: np.ndarray, k: int) -> set[str]:
    text, other = decode(codes), decode(reverse_complement(codes))
    return {min(text[i : i + k], other[WIDTH - k - i : WIDTH - i]) for i in range(WIDTH - k + 1)}


def by_dictionary(held_out: np.ndarray, training: np.ndarray, k: int) -> np.ndarray:
    """The largest fraction of each held-out window's k-mers in one training window, the obvious way."""
    index, sizes = defaultdict(list), []
    for i, window in enumerate(held_out):
        own = words(window, k)
        sizes.append(len(own))
        for word in own:
            index[word].append(i)
    best = np.zeros(len(held_out))
    for window in training:
        counts = Counter(i for word in words(window, k) for i in index.get(word, ()))
        for i, count in counts.items():
            best[i] = max(best[i], count / sizes[i])
    return best


def by_regssl(held_out: np.ndarray, training: np.ndarray, settings: LeakageSettings) -> np.ndarray:
    index = HeldOutIndex(held_out, settings)
    index.classify_repeats(training[: len(training) // 10])
    nearest = index.nearest(training, np.zeros(len(held_out), int))
    return nearest.shared / np.maximum(index.looked_up, 1)


def peak_gb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", type=int, default=1_400_000, help="bins of two chromosomes for testing")
    parser.add_argument("--training", type=int, default=5_000_000)
    parser.add_argument("--sample", type=float, default=0.25)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    families = rng.integers(0, 4, (20, 300), dtype=np.uint8)
    print(machine())

    held_out, training = genome_like(rng, 3_000, families), genome_like(rng, 6_000, families)
    every = LeakageSettings(max_occurrences=1_000_000)
    assert np.allclose(by_dictionary(held_out, training, every.k), by_regssl(held_out, training, every)), "disagree"
    ours, theirs = time_in_turns(
        [lambda: by_regssl(held_out, training, every), lambda: by_dictionary(held_out, training, every.k)], least=3
    )
    table = Table("3,000 held out, 6,000 training", "seconds", "times ours")
    table.row("regssl", ours, 1.0)
    table.row("dictionary of k-mers", theirs, theirs / ours)

    print()
    settings = LeakageSettings(kmer_sampling_fraction=options.sample)
    piece = genome_like(rng, min(options.training, CHUNK), families)
    held_out = np.concatenate([
        genome_like(rng, min(CHUNK, options.held_out - first), families) for first in range(0, options.held_out, CHUNK)
    ])  # fmt: skip
    table = Table(f"sample {options.sample:g}, k = {settings.k}", "windows", "CPU s", "per CPU s", "peak GB")
    start = time.process_time()
    index = HeldOutIndex(held_out, settings)
    taken = time.process_time() - start
    table.row("index of held-out windows", f"{len(held_out):,}", taken, len(held_out) / taken, peak_gb())
    index.nearest(piece[:100], np.zeros(len(held_out), int))  # compiled
    start, searched = time.process_time(), 0
    while searched < options.training:
        index.nearest(piece, np.zeros(len(held_out), int))
        searched += len(piece)
    taken = time.process_time() - start
    table.row("search with training windows", f"{searched:,}", taken, searched / taken, peak_gb())
    print(f"{index.frequent_kmers:,} of {index.kmers:,} k-mers too frequent; {(~index.compared).sum():,} not compared")


if __name__ == "__main__":
    main()

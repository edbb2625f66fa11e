"""Chains of two genomes: `regssl align` on simulated ones, and its chaining against chaining by looking at every pair.

    python benchmarks/align.py [--bases 2000000] [--alignments 3000]

The slow way is what is obvious: for each alignment every one before it is looked at, and again after each chain taken.
Both are given alignments of one strand of two sequences, as random as those of repeats, and must give the same chains.
Rates are of this machine: read the ratio.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from regssl.alignment.align import align_genomes
from regssl.alignment.chaining import Alignments
from regssl.alignment.settings import AlignmentSettings
from regssl.sequences.genome import Genome
from regssl.simulate import SimulationParameters, simulate

MAX_GAP, MIN_SCORE = 200_000, 5000


def random_alignments(n: int, bases: int) -> Alignments:
    """n alignments of one piece: half along the diagonal, as of syntenic sequences, half anywhere."""
    rng = np.random.default_rng(1)
    target = rng.integers(0, bases, n)
    query = np.where(rng.random(n) < 0.5, target + rng.integers(-5000, 5000, n), rng.integers(0, bases, n)).clip(0)
    zeros = np.zeros(n, np.int64)
    scores = rng.integers(3000, 20_000, n)
    return Alignments(scores, zeros, zeros, zeros > 0, np.arange(n + 1), target, query, rng.integers(50, 500, n))


def slow_chains(a: Alignments) -> list[tuple[float, int]]:
    """Score and number of alignments of each chain, without the covering: by numpy, all before at once."""
    order = np.lexsort((a.query_start, a.target_start))
    starts, scores = np.stack([a.target_start, a.query_start], axis=1)[order], a.score[order].astype(float)
    ends, found = starts + a.size[order, np.newaxis], []
    while len(starts):
        best, before = scores.copy(), np.full(len(starts), -1)
        for i in range(1, len(starts)):
            gaps = starts[i] - ends[:i]
            fits = np.flatnonzero((gaps >= 0).all(axis=1) & (gaps <= MAX_GAP).all(axis=1))
            bases = gaps[fits].sum(axis=1)
            costs = np.where(bases > 0, 300 + (10 * np.log2(1 + bases)) * 10 + bases * 0.02, 0)
            totals = best[fits] + scores[i] - costs
            if len(totals) and totals.max() > best[i]:
                best[i], before[i] = totals.max(), fits[totals.argmax()]
        at, path = int(best.argmax()), list[int]()
        score = best[at]
        if score < MIN_SCORE:
            break
        while at >= 0:
            path.append(at)
            at = int(before[at])
        found.append((float(score), len(path)))
        left = np.setdiff1d(np.arange(len(starts)), path)
        starts, ends, scores = starts[left], ends[left], scores[left]
    return found


def fast_chains(a: Alignments) -> list[tuple[float, int]]:
    from regssl.alignment import _chaining
    from regssl.alignment.chaining import _tree_of

    order = np.lexsort((a.query_start, a.target_start))
    starts = np.stack([a.target_start, a.query_start], axis=1)[order]
    ends = starts + a.size[order, np.newaxis]
    columns = starts, ends, a.score[order].astype(float)
    _, offsets, scores = _chaining.chain(_tree_of(ends), *columns, MAX_GAP, MIN_SCORE)
    return list(zip(scores.tolist(), np.diff(offsets).tolist(), strict=True))


def seconds(job: object, *arguments: object) -> tuple[float, object]:
    begun = time.perf_counter()
    answer = job(*arguments)
    return time.perf_counter() - begun, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bases", type=int, default=2_000_000, help="of each sequence")
    parser.add_argument("--alignments", type=int, default=1000)
    options = parser.parse_args()
    fast_chains(random_alignments(10, 1000))  # compiled
    for n in (options.alignments, 10 * options.alignments, 100 * options.alignments):
        alignments = random_alignments(n, options.bases * n // options.alignments)
        fast, chains = seconds(fast_chains, alignments)
        line = f"chaining {n:9,} alignments: {fast:8.3f} s, {len(chains):,} chains"
        if n == options.alignments:
            slow, same = seconds(slow_chains, alignments)
            agree = len(same) == len(chains) and np.allclose(same, chains, atol=1e-6)
            line += (
                f"; the slow way {slow:.1f} s, {slow / fast:,.0f} times as long: {'the same' if agree else 'OTHERS'}"
            )
        print(line, flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate(folder, SimulationParameters(seed=1))
        human = Genome(folder / "genomes/simHuman.fa.gz")
        for species in ("Chimp", "Dog", "Mouse", "Opossum"):
            other = Genome(folder / f"genomes/sim{species}.fa.gz")
            taken, counts = seconds(align_genomes, human, other, folder / "a.chain.gz", AlignmentSettings(), 2)
            megabases = [sum(genome.sizes.values()) / 1e6 for genome in (human, other)]
            print(
                f"aligning {megabases[0]:.1f} Mb with {megabases[1]:.1f} Mb of sim{species}: {taken:.1f} s, "
                f"{counts.covered / counts.aligned:.0%} covered",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""Sequences looked up in a genome: every place, on either strand, where all bases agree.

Each sequence is indexed by one seed, its k-mer of smallest hash (a minimizer: Roberts et al. 2004, *Reducing storage
requirements for biological sequence comparison*). The genome is read once, in stretches; where one of its k-mers is a
seed, the whole sequence is compared. Memory holds the sequences, their seeds and a few stretches.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from regssl.errors import DataError
from regssl.sequences.encoding import N
from regssl.sequences.genome import Genome
from regssl.sequences.settings import LocateSettings

if TYPE_CHECKING:
    import pandas as pd

    from regssl.sequences._locate import SeedIndex

SHORTEST = 20
"""Bases: a shorter sequence is in many places of a genome by chance."""
LONGEST_SEED = 31
"""Bases: two bits each, in 64 bits; odd."""
STRETCH = 1 << 22
"""Bases of the genome that a thread searches at a time."""


def locate(
    codes: np.ndarray, offsets: np.ndarray, genome: Genome, settings: LocateSettings, threads: int = 1
) -> pd.DataFrame:
    """Look sequences up in a genome, exactly, on both strands. Its soft mask does not count.

    Args:
        codes: uint8, byte codes of n sequences, one after the other. A sequence with an N is found nowhere.
        offsets: int64 (n + 1,), sequence i is codes[offsets[i] : offsets[i + 1]].
        genome: where to look.
        settings: which of its chromosomes are not searched.
        threads: stretches of the genome searched at once.

    Returns:
        One row per sequence: places (int64, how many there are: a sequence that is its own reverse complement is in one
        place, not in two), and of the only place chrom (category), start and end (int64, 0-based half-open), strand
        (category): missing, or -1, where there is no place or several.

    Raises:
        DataError: a sequence is shorter than SHORTEST, or no chromosome is searched.
    """
    import pandas as pd

    sizes, chroms = np.diff(offsets), settings.searched(genome.sizes)
    n = len(sizes)
    if not chroms:
        raise DataError(f"{genome.path}: all chromosomes are left out", f"by {', '.join(settings.leave_out)}")
    if (short := sizes < SHORTEST).any():
        row = int(np.argmax(short))
        raise DataError(
            f"sequence {row + 1} has {sizes[row]} bp: too few to look it up", f"{SHORTEST} bp or more have one place"
        )
    places, only = np.zeros(n, np.int64), np.full((3, n), -1, np.int64)
    for found, (sequence, start, minus) in _search(_make_index(codes, offsets), genome, chroms, threads):
        places += np.bincount(sequence, minlength=n)
        only[:, sequence] = np.stack([np.full_like(start, found), start, minus])
    only[:, places != 1] = -1
    chrom, start, strand = only
    return pd.DataFrame(
        {
            "places": places,
            "chrom": pd.Categorical.from_codes(chrom, pd.Index(chroms)),
            "start": start,
            "end": np.where(start < 0, -1, start + sizes),
            "strand": pd.Categorical.from_codes(strand, pd.Index(["+", "-"])),
        }
    )


def has_n(codes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Tell which sequences have an N: bool (n,); arguments as for `locate`."""
    before = np.concatenate([[0], np.cumsum(codes == N)])[offsets]
    found: np.ndarray = np.diff(before) > 0
    return found


def _make_index(codes: np.ndarray, offsets: np.ndarray) -> SeedIndex:
    """Index the sequences without N by their seeds."""
    from regssl.sequences._locate import SeedIndex, choose_seeds, find_palindromes

    shortest = int(np.diff(offsets).min(initial=LONGEST_SEED))
    k = min(LONGEST_SEED, shortest - 1 + shortest % 2)
    hashes, at, forward = choose_seeds(codes, offsets, k)
    rows = np.flatnonzero(at >= 0)
    bits = max(8, (2 * len(rows)).bit_length())
    bucket_of = (hashes[rows] & np.uint64(2**bits - 1)).astype(np.int64)
    rows = rows[np.argsort(bucket_of, kind="stable")]
    bucket = np.concatenate([[0], np.cumsum(np.bincount(bucket_of, minlength=2**bits))]).astype(np.int32)
    largest = hashes[rows].max(initial=np.uint64(0))
    palindrome = find_palindromes(codes, offsets)
    return SeedIndex(codes, offsets, palindrome, k, largest, bucket, hashes[rows], rows, at[rows], forward[rows])


def _search(
    index: SeedIndex, genome: Genome, chroms: list[str], threads: int
) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """Search a genome, stretch by stretch in its order.

    Yields:
        Number of the chromosome; of each place found, int64 (places,): sequence, start, 1 on the minus strand.
    """
    from regssl.sequences._locate import search

    margin = int(np.diff(index.offsets).max(initial=0))  # a sequence reaches so far beyond its seed

    def find(stretch: tuple[int, int]) -> tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        chrom, low = stretch
        size = genome.sizes[chroms[chrom]]
        high = min(low + STRETCH, size)
        first, last = max(low - margin, 0), min(high + margin, size)
        codes = genome.windows([chroms[chrom]], [first], last - first)[0]
        sequence, start, minus = search(codes, low - first, high - first, index)
        return chrom, (sequence, first + start, minus)

    stretches = [(i, low) for i, chrom in enumerate(chroms) for low in range(0, genome.sizes[chrom], STRETCH)]
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(find, stretches)

"""Sequences looked up in a genome: every place, on either strand, where all bases agree.

Each sequence is indexed by one seed, its k-mer of smallest hash (a minimizer: Roberts et al. 2004, *Reducing storage
requirements for biological sequence comparison*). The genome is read once, in stretches; where one of its k-mers is a
seed, the whole sequence is compared. Memory holds the sequences, their seeds and a few stretches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from regssl.errors import DataError
from regssl.progress import Progress
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
MOST_LISTED = 1000
"""Places: of a sequence that has more, such as a microsatellite, only their number is told."""


def locate(sequences: Iterable[np.ndarray], genome: Genome, settings: LocateSettings, threads: int = 1) -> pd.DataFrame:
    """Look sequences up in a genome, exactly, on both strands. Its soft mask does not count.

    Args:
        sequences: byte codes of each, uint8 (bases,). One with an N is found nowhere; one that comes again is looked up
            once.
        genome: where to look.
        settings: which of its chromosomes are not searched.
        threads: stretches of the genome searched at once.

    Returns:
        One row per place, in the order of sequences and genome: sequence (int64, its row), places (int64, how many it
        has: one that is its own reverse complement is in one place, not in two), chrom (category), start and end
        (int64, 0-based half-open), strand (category). A sequence without a place, or with more than MOST_LISTED, has
        one row, where these are missing, or -1.

    Raises:
        DataError: a sequence is shorter than SHORTEST, or no chromosome is searched.
    """
    import pandas as pd

    chroms = settings.searched(genome.sizes)
    if not chroms:
        raise DataError(f"{genome.path}: all chromosomes are left out", f"by {', '.join(settings.leave_out)}")
    different: dict[bytes, int] = {}
    rows = np.array([different.setdefault(codes.tobytes(), len(different)) for codes in sequences], np.int64)
    sizes = np.array([len(codes) for codes in different], np.int64)
    if (short := sizes < SHORTEST).any():
        number = int(np.argmax(short))
        raise DataError(
            f"sequence {int(np.argmax(rows == number)) + 1} has {sizes[number]} bp: too few to look it up",
            f"sequences have {SHORTEST} bp or more",
        )
    places, listed = np.zeros(len(sizes), np.int64), [np.empty((4, 0), np.int64)]
    for found, (sequence, start, minus) in _search(_make_index(different, sizes), genome, chroms, threads):
        places += np.bincount(sequence, minlength=len(places))
        few = places[sequence] <= MOST_LISTED
        listed.append(np.stack([sequence, np.full_like(start, found), start, minus])[:, few])
    of_different = pd.DataFrame(np.concatenate(listed, axis=1).T, columns=["different", "chrom", "start", "minus"])
    of_different = of_different[places[of_different["different"]] <= MOST_LISTED]
    of_each = pd.DataFrame({"sequence": np.arange(len(rows)), "different": rows})
    table = of_each.merge(of_different, how="left", on="different").fillna(-1).astype(np.int64)
    start = table["start"].to_numpy()
    return pd.DataFrame(
        {
            "sequence": table["sequence"],
            "places": places[table["different"]],
            "chrom": pd.Categorical.from_codes(table["chrom"], pd.Index(chroms)),
            "start": start,
            "end": np.where(start < 0, -1, start + sizes[table["different"]]),
            "strand": pd.Categorical.from_codes(table["minus"], pd.Index(["+", "-"])),
        }
    )


def _make_index(sequences: Iterable[bytes], sizes: np.ndarray) -> SeedIndex:
    """Index sequences, the bytes of their codes, by their seeds; those with an N are left out."""
    from regssl.sequences._locate import SeedIndex, choose_seeds, find_palindromes

    codes, offsets = np.frombuffer(b"".join(sequences), np.uint8), np.concatenate([[0], np.cumsum(sizes)])
    shortest = int(sizes.min(initial=LONGEST_SEED))
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
    bases = sum(genome.sizes[chrom] for chrom in chroms)
    with ThreadPoolExecutor(threads) as pool, Progress("searching the genome", bases, unit="bp") as progress:
        for (chrom, low), found in zip(stretches, pool.map(find, stretches), strict=True):
            yield found
            progress.advance(min(STRETCH, genome.sizes[chroms[chrom]] - low))

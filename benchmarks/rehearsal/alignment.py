"""How a segment of the human genome aligns with a relative: blocks, gaps on either side, chains that fill wide gaps.

Numbers at the size of a genome: a relative of 0.3 to 0.5 substitutions per site, such as dog or mouse, has some 55 to
65 million blocks in 2.5 million chains, as UCSC's have; nearer ones have longer blocks and fewer chains.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BLOCK = 12.0  # mean block in bp × substitutions per site
DECAY = 2.6  # exp(-DECAY × substitutions per site): what the long chains align of a segment
HUMAN_GAP, BOTH = 0.64, 0.04  # share of gaps on the human side, and of those on both
FEW, WIDE_SHARE, SPREAD, WIDEST = (
    4.0,
    0.25,
    1.3,
    100_000,
)  # short gaps' mean; wide ones: share, lognormal
FILLED, NARROWEST, RIM = 0.75, 60, 5  # share of gaps of at least so many bp that a further chain fills, but for the rim


class Blocks(NamedTuple):
    """Aligned blocks in the order of the human sequence, int64 (n,) each.

    start: of the human side. size: bases. place: of the other side, from 0 on along the chain. chain: its number.
    """

    start: np.ndarray
    size: np.ndarray
    place: np.ndarray
    chain: np.ndarray


class Alignment(NamedTuple):
    """The chains of a segment: chain 0 lies along all of it, others fill its gaps.

    spans: int64 (chains,), bases of each on the other side.
    """

    blocks: Blocks
    spans: np.ndarray


def align(lo: int, hi: int, distance: float, kept: np.ndarray, rng: np.random.Generator) -> Alignment:
    """Align a segment.

    Args:
        lo, hi: the segment, bp.
        distance: substitutions per site.
        kept: int64 (n, 2), intervals within it that the first chain must align without a gap, in order.
        rng: random stream.
    """
    aligned = np.exp(-DECAY * distance)
    start, end, gap = _join(*_process(lo, hi, distance, aligned, rng), kept)
    filled = _gaps_to_fill(start, end, rng)
    lengths = filled[:, 1] - filled[:, 0]
    borders = np.concatenate([[0], np.cumsum(lengths)])
    # all fills at once, as one line that is cut at their borders
    inner = _process(0, int(borders[-1]), distance, np.sqrt(aligned), rng)
    first, last, inner_gap, number = _cut(*inner, borders)
    shift = filled[number, 0] - borders[number]
    chains = np.unique(number, return_inverse=True)[1]
    starts = np.concatenate([start, first + shift])
    ends = np.concatenate([end, last + shift])
    chain = np.concatenate([np.zeros(len(start), np.int64), chains + 1])
    gaps = np.concatenate([gap, inner_gap])
    # along the other side: blocks and the gaps after them, but for that after the last of a chain
    final = np.append(chain[1:] != chain[:-1], True)
    gaps[final] = 0
    ahead = np.cumsum(ends - starts + gaps)
    begins = np.flatnonzero(np.append(True, final[:-1]))
    before = ahead - (ends - starts + gaps)
    return Alignment(
        Blocks(starts, ends - starts, before - before[begins][chain], chain),
        np.diff(np.append(before[begins], ahead[-1])),
    )


def _process(
    lo: int, hi: int, distance: float, aligned: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start and end of blocks of which so much of lo:hi consists, and the gap after each on the other side."""
    size = max(BLOCK / distance, 1.0)
    gap = size * (1 / aligned - 1)
    wide = max((gap / HUMAN_GAP - FEW * (1 - WIDE_SHARE)) / WIDE_SHARE, 20.0)
    expected = (hi - lo) / (size + gap)
    n = int(expected * 1.1 + 6 * np.sqrt(expected)) + 20
    sizes, kind = rng.geometric(1 / size, n), rng.random(n)
    human = np.where(kind < HUMAN_GAP, _gap_lengths(n, wide, rng), 0)
    other = np.where(kind >= HUMAN_GAP - BOTH, _gap_lengths(n, wide, rng), 0)
    end = lo + np.cumsum(sizes + human) - human
    inside = end - sizes < hi
    start, end = (end - sizes)[inside], np.minimum(end[inside], hi)
    return start, end, other[inside]


def _gap_lengths(n: int, wide: float, rng: np.random.Generator) -> np.ndarray:
    """Sample lengths of gaps: mostly a few bases, wide ones of so many in the mean."""
    lengths = rng.geometric(1 / FEW, n)
    is_wide = np.flatnonzero(rng.random(n) < WIDE_SHARE)
    long = rng.lognormal(np.log(wide) - SPREAD**2 / 2, SPREAD, len(is_wide))
    lengths[is_wide] = np.clip(long, 1, WIDEST).astype(np.int64)
    return lengths


def _join(
    start: np.ndarray, end: np.ndarray, gap: np.ndarray, kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Add intervals to blocks; what overlaps becomes one block, what a gap of neither side parts too."""
    starts = np.concatenate([start, kept[:, 0]])
    ends = np.concatenate([end, kept[:, 1]])
    gaps = np.concatenate([gap, np.zeros(len(kept), np.int64)])
    order = np.argsort(starts, kind="stable")
    starts, ends, gaps = starts[order], ends[order], gaps[order]
    reach = np.maximum.accumulate(ends)
    apart = np.append(True, (starts[1:] > reach[:-1]) | ((starts[1:] == reach[:-1]) & (gaps[:-1] > 0)))
    last = np.append(apart[1:], True)
    return starts[apart], reach[last], gaps[last]


def _gaps_to_fill(start: np.ndarray, end: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose gaps of the human side for further chains: int64 (n, 2)."""
    gaps = np.stack([end[:-1], start[1:]], axis=1)
    gaps = gaps[gaps[:, 1] - gaps[:, 0] >= NARROWEST]
    return gaps[rng.random(len(gaps)) < FILLED] + [RIM, -RIM]


def _cut(
    start: np.ndarray, end: np.ndarray, gap: np.ndarray, borders: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut blocks where they cross borders; return start, end, gap after, and the stretch that each lies in."""
    crossing = np.searchsorted(borders, end, "left") - np.searchsorted(borders, start, "right")
    extra = borders[_runs(np.searchsorted(borders, start, "right"), crossing)]
    order = np.argsort(np.concatenate([start, extra]), kind="stable")
    starts = np.concatenate([start, extra])[order]
    ends = np.sort(np.concatenate([end, extra]))
    gaps = np.concatenate([gap, np.zeros(len(extra), np.int64)])[order]
    return starts, ends, gaps, np.searchsorted(borders, starts, "right") - 1


def _runs(first: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return first[0], first[0] + 1 …, so many of each."""
    offsets = np.cumsum(lengths) - lengths
    return np.repeat(first - offsets, lengths) + np.arange(lengths.sum())

"""SNPs ready to be scored: their windows, and the split each of them falls into."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.settings import SPLITS, Splits
from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.parquet import load_table, save_table
from regssl.io.text_table import read_cells
from regssl.sequences.encoding import N, reverse_complement
from regssl.sequences.genome import Genome
from regssl.variants.readers import Snps
from regssl.variants.scoring import REASONS, Placed, place_in_context, place_on_genome

UNUSED = "unused"
"""The split of SNPs on chromosomes that the benchmark does not use."""
SEEN = "seen_in_training"
FEW = 20
"""With at least so many SNPs, a table most of whose reference alleles are wrong is refused."""


@dataclass(frozen=True)
class SnpSet:
    """SNPs with their windows.

    Attributes:
        table: chrom, pos (0-based), ref, alt, effect, split, and `at`, where in its window the SNP is.
        codes: windows with the reference allele, uint8 (n, width).
        counts: what became of every row of the source.
    """

    table: pd.DataFrame
    codes: np.ndarray
    counts: dict[str, int]


def make_snp_set(
    snps: Snps,
    genome: Genome,
    splits: Splits,
    width: int,
    regions: pd.DataFrame | None = None,
    training: Iterable[np.ndarray] = (),
) -> SnpSet:
    """Give SNPs their windows and splits.

    A SNP on the genome has the split of its chromosome. One that comes with its own sequence, in coordinates of another
    assembly, has the split of the region it falls into, and where it falls into none it counts as `test`: nothing was
    trained there. Lest that is wrong for a repeated sequence, such a SNP is left out (`seen_in_training`) if its window
    shares a stretch with any training window.

    Args:
        snps: as `read_snps` gives them.
        genome: the human genome.
        splits: which of its chromosomes are used for what.
        width: of the windows, in bp.
        regions: as `read_regions` gives them; needed where SNPs come with their own sequence.
        training: windows that were trained on or looked at in training, uint8 (m, width) each.

    Raises:
        DataError: most reference alleles are not the genome's; no SNP can be scored; regions are missing.
    """
    table = snps.table
    alleles = (table["ref"].tolist(), table["alt"].tolist())
    if "context" in table:
        if regions is None:
            raise DataError("these SNPs come with their own sequence", "give the regions of this benchmark: --regions")
        placed = place_in_context(table["context"].tolist(), table["index"].to_numpy(), *alleles, width)
        split = _split_of_regions(table, regions, splits, width)
    else:
        placed = place_on_genome(table["chrom"].tolist(), table["pos"].to_numpy(), *alleles, genome, width)
        of_chrom = {chrom: splits.of(chrom) or UNUSED for chrom in table["chrom"].unique()}
        split = table["chrom"].map(of_chrom).to_numpy(object)
    _check_alleles(placed)
    reason, rows = placed.reason, placed.rows
    apart = np.zeros(len(rows), bool)
    if "context" in table and len(rows):
        apart = seen(placed.codes, training) & (split[rows] == "test")
        reason[rows[apart]] = SEEN
    kept = rows[~apart]
    if not len(kept):
        raise DataError(f"no SNP of {len(table):,} can be scored", f"reasons: {_tally(reason)}")
    scored = table.iloc[kept][["chrom", "pos", "ref", "alt", "effect"]].reset_index(drop=True)
    scored["split"] = pd.Categorical(split[kept], categories=[*SPLITS, UNUSED])
    scored["at"] = placed.at[~apart]
    left_out = {name: int((reason == name).sum()) for name in (*REASONS, SEEN)}
    in_split = {name: int((scored["split"] == name).sum()) for name in (*SPLITS, UNUSED)}
    return SnpSet(scored, placed.codes[~apart], {**snps.counts, **left_out, **in_split})


def read_regions(path: str | Path) -> pd.DataFrame:
    """Where the chromosomes of a benchmark lie on the assembly of the SNPs: name, chrom, start, end.

    The table has the columns `mini_chrom`, `length`, `hg19_chrom`, `hg19_start0`.

    Raises:
        DataError: as `read_cells`.
    """
    cells = read_cells(path, ["mini_chrom", "length", "hg19_chrom", "hg19_start0"])
    start = cells.whole_numbers("hg19_start0")
    end = start + cells.whole_numbers("length")
    return pd.DataFrame({"name": cells["mini_chrom"], "chrom": cells["hg19_chrom"], "start": start, "end": end})


def save_snp_set(snps: SnpSet, path: Path) -> None:
    """Write `X.npy` (codes), `X.parquet` (table) and `X.tsv` (counts)."""
    save_table(snps.table, path.with_suffix(".parquet"))
    with atomic_path(path.with_suffix(".tsv")) as aside:
        counts = pd.DataFrame({"outcome": list(snps.counts), "snps": list(snps.counts.values())})
        counts.to_csv(aside, sep="\t", index=False)
    with atomic_path(path) as aside:
        np.save(aside, snps.codes)


def load_snp_table(path: str | Path) -> pd.DataFrame:
    """The table of a set `X.npy`, written by `save_snp_set`."""
    return load_table(Path(path).with_suffix(".parquet"))


def _split_of_regions(table: pd.DataFrame, regions: pd.DataFrame, splits: Splits, width: int) -> np.ndarray:
    """The split of the region each SNP is in, or within a window's width of; `test` for SNPs in none."""
    split = np.full(len(table), "test", object)
    chrom, pos = table["chrom"].to_numpy(), table["pos"].to_numpy()
    columns = (regions[column].tolist() for column in ("name", "chrom", "start", "end"))
    for name, own, start, end in zip(*columns, strict=True):
        split[(chrom == own) & (pos >= start - width) & (pos < end + width)] = splits.of(name) or UNUSED
    return split


def _check_alleles(placed: Placed) -> None:
    """Refuse a table of another assembly: a quarter of its alleles would fit by chance, and these would be scored."""
    wrong = int((placed.reason == "ref_mismatch").sum())
    looked_at = wrong + len(placed.rows)
    if looked_at >= FEW and wrong > looked_at / 2:
        raise DataError(
            f"{wrong:,} of {looked_at:,} reference alleles are not the genome's",
            "are the SNPs on another assembly, or their positions off by one?",
        )


def _tally(reason: np.ndarray) -> str:
    names, counts = np.unique(reason[reason != ""].astype(str), return_counts=True)
    return ", ".join(f"{count:,} {name}" for name, count in zip(names, counts, strict=True))


STRETCH = 50
"""So many identical bases in a row, on either strand, make a sequence one that was seen."""
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that hashing modulo 2**64 loses no base
_ROWS = 16_384


def seen(codes: np.ndarray, training: Iterable[np.ndarray], stretch: int = STRETCH) -> np.ndarray:
    """Which sequences share `stretch` bases in a row, on either strand, with a training window: bool (n,).

    Stretches are compared by a 64-bit hash; N is like nothing, itself included.

    Args:
        codes: the sequences, uint8 (n, width).
        training: sets of training windows, uint8 (m, width) each.
        stretch: in bp; of shorter windows, the whole.
    """
    stretch = min(stretch, codes.shape[1])
    both = np.stack([codes, reverse_complement(codes)])
    hashes, usable = _hashes(both, stretch)
    known = np.unique(hashes[usable])
    found = np.zeros(len(known), bool)
    for windows in training:
        for start in range(0, len(windows), _ROWS):
            own, clean = _hashes(np.asarray(windows[start : start + _ROWS]), stretch)
            found |= np.isin(known, own[clean])
    hit = usable & np.isin(hashes, known[found])
    return np.asarray(hit.any(axis=(0, 2)))


def _hashes(codes: np.ndarray, stretch: int) -> tuple[np.ndarray, np.ndarray]:
    """A hash of every stretch of windows, uint64 (..., places), and whether it is free of N, bool."""
    places = codes.shape[-1] - stretch + 1
    hashes = np.zeros((*codes.shape[:-1], places), np.uint64)
    clean = np.ones(hashes.shape, bool)
    for shift in range(stretch):
        base = codes[..., shift : shift + places]
        hashes *= _BASE
        hashes += base + np.uint64(1)
        clean &= base != N
    return hashes, clean

"""Sets of variants ready to be scored: their windows, and the split that each variant belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.data.packed import save_codes
from regssl.data.settings import SPLITS, Splits
from regssl.errors import DataError
from regssl.io.parquet import load_table, save_table
from regssl.io.text_table import read_text_table
from regssl.io.tsv import write_tsv
from regssl.sequences.belonging import check_alleles, check_common_lengths, check_share
from regssl.sequences.encoding import decode
from regssl.sequences.genome import Genome
from regssl.variants.readers import VARIANT_KEY, VariantTable
from regssl.variants.scoring import REASONS, extract_from_context, extract_from_genome
from regssl.variants.training_overlap import find_training_overlap

BALANCED = "balanced"
"""Outcome of balanced variants: they are scored, as a floor."""
UNUSED_SPLIT = "unused"
"""Split of variants on chromosomes that the benchmark does not use."""
SEEN_IN_TRAINING = "seen_in_training"
"""Reason of variants that are left out because their window overlaps the training windows."""


@dataclass(frozen=True)
class VariantDataset:
    """Variants with their windows; `shifts.cut_windows` makes several rows, and windows, of a variant.

    Attributes:
        table: chrom, pos (0-based), ref, alt, effect, balanced, split, and `offset`, the position of the variant in its
            window.
        codes: windows with the reference allele, uint8 (n, width).
        counts: number of rows in the source, of those left out by reason, of variants with imbalance in each split, and
            of the balanced ones.
    """

    table: pd.DataFrame
    codes: np.ndarray
    counts: dict[str, int]


def make_variant_dataset(
    variants: VariantTable,
    genome: Genome,
    splits: Splits,
    width: int,
    regions: pd.DataFrame | None = None,
    training: Iterable[np.ndarray] = (),
) -> VariantDataset:
    """Extract the windows of variants and assign their splits.

    A variant on the genome has the split of its chromosome. One that comes with its own sequence, in coordinates of
    another assembly, has the split of the region that contains it; outside all regions it is `test`, because no model
    was trained there. Its sequence may still occur in the training windows, where it is repeated: such a variant is
    left out (`seen_in_training`) if its window shares a seed with any training window.

    Args:
        variants: as `read_variants` returns them.
        genome: the human genome.
        splits: chromosomes of each split.
        width: of the windows, in bp.
        regions: as `read_regions` returns them; required if variants come with their own sequence.
        training: windows used for training or validation, uint8 (m, width) each.

    Raises:
        DataError: no chromosome is the genome's, one has another length, or most reference alleles are not its; no
            variant can be scored; regions are missing.
    """
    table = variants.table
    alleles = (table["ref"].tolist(), table["alt"].tolist())
    if "context" in table:
        if regions is None:
            raise DataError(
                "these variants come with their own sequence", "give the regions of this benchmark: --regions"
            )
        windows = extract_from_context(table["context"].tolist(), table["index"].to_numpy(), *alleles, width)
        check_alleles(variants.path, windows.unlike, windows.compared, "their own sequences")
        split = _split_by_region(table, regions, splits, width)
    else:
        check_variants(variants, genome)
        windows = extract_from_genome(table["chrom"].tolist(), table["pos"].to_numpy(), *alleles, genome, width)
        split_of = {chrom: splits.of(chrom) or UNUSED_SPLIT for chrom in table["chrom"].unique()}
        split = table["chrom"].map(split_of).to_numpy(object)
    reason, index = windows.reason, windows.index
    overlapping = np.zeros(len(index), bool)
    if "context" in table and len(index):
        overlapping = find_training_overlap(windows.codes, training) & (split[index] == "test")
        reason[index[overlapping]] = SEEN_IN_TRAINING
    kept = index[~overlapping]
    if not len(kept):
        raise DataError(f"no variant of {len(table):,} can be scored", f"reasons: {_count_reasons(reason)}")
    offset, alt = windows.offset[~overlapping], windows.alt[~overlapping]
    scored = table.iloc[kept][[*VARIANT_KEY, "effect", BALANCED]].reset_index(drop=True)
    scored["pos"] += windows.shift[~overlapping]
    scored["ref"] = list(decode(windows.codes[~overlapping][np.arange(len(kept)), offset]))
    scored["alt"] = list(decode(alt))
    scored["split"] = pd.Categorical(split[kept], categories=[*SPLITS, UNUSED_SPLIT])
    scored["offset"] = offset
    left_out = {name: int((reason == name).sum()) for name in (*REASONS, SEEN_IN_TRAINING)}
    split_of_scored = scored["split"].astype(object).where(~scored[BALANCED], BALANCED)
    counted = {name: int((split_of_scored == name).sum()) for name in (*SPLITS, UNUSED_SPLIT, BALANCED)}
    return VariantDataset(scored, windows.codes[~overlapping], {**variants.counts, **left_out, **counted})


def check_variants(variants: VariantTable, genome: Genome) -> None:
    """Check that variants without sequences of their own belong to a genome.

    Raises:
        DataError: as `check_share`; a chromosome has another length, or most reference alleles are not the genome's.
    """
    table, name = variants.table, str(genome.path)
    counts = Counter(table["chrom"].tolist())
    check_share(variants.path, counts, genome.sizes, "variants", name)
    lengths = {chrom: variants.lengths[chrom] for chrom in counts.keys() & variants.lengths.keys()}
    check_common_lengths(variants.path, lengths, genome.sizes, name)
    alleles = table["ref"].tolist(), table["alt"].tolist()
    bases = extract_from_genome(table["chrom"].tolist(), table["pos"].to_numpy(), *alleles, genome, width=1)
    check_alleles(variants.path, bases.unlike, bases.compared, name)


def read_regions(path: str | Path) -> pd.DataFrame:
    """Read the positions of a benchmark's chromosomes on the assembly of the variants: name, chrom, start, end.

    The file has the columns `mini_chrom`, `length`, `hg19_chrom`, `hg19_start0`.

    Raises:
        DataError: as `read_text_table`.
    """
    table = read_text_table(path, ["mini_chrom", "length", "hg19_chrom", "hg19_start0"])
    start = table.ints("hg19_start0")
    end = start + table.ints("length")
    return pd.DataFrame({"name": table["mini_chrom"], "chrom": table["hg19_chrom"], "start": start, "end": end})


def save_variant_dataset(variants: VariantDataset, path: Path, *, dataset: str = "", variant_set: str = "") -> None:
    """Write `X.npy` (codes), `X.parquet` (table) and `X.tsv` (counts: dataset, variant_set, outcome, n_variants).

    Args:
        variants: variants with their windows.
        path: `X.npy`.
        dataset, variant_set: ids that each row of the counts carries.
    """
    save_table(variants.table, path.with_suffix(".parquet"))
    counts = pd.DataFrame({"outcome": list(variants.counts), "n_variants": list(variants.counts.values())})
    counts.insert(0, "dataset", dataset)
    counts.insert(1, "variant_set", variant_set)
    write_tsv(counts, path.with_suffix(".tsv"))
    save_codes([variants.codes], variants.codes.shape, path)


def load_variant_table(path: str | Path) -> pd.DataFrame:
    """Load the table of a set `X.npy` that `save_variant_dataset` wrote."""
    return load_table(Path(path).with_suffix(".parquet"))


def _split_by_region(table: pd.DataFrame, regions: pd.DataFrame, splits: Splits, width: int) -> np.ndarray:
    """Return the split of the region that contains each variant, or lies within `width` of it; `test` outside all."""
    split = np.full(len(table), "test", object)
    chrom, pos = table["chrom"].to_numpy(), table["pos"].to_numpy()
    columns = (regions[column].tolist() for column in ("name", "chrom", "start", "end"))
    for name, own, start, end in zip(*columns, strict=True):
        split[(chrom == own) & (pos >= start - width) & (pos < end + width)] = splits.of(name) or UNUSED_SPLIT
    return split


def _count_reasons(reason: np.ndarray) -> str:
    names, counts = np.unique(reason[reason != ""].astype(str), return_counts=True)
    return ", ".join(f"{count:,} {name}" for name, count in zip(names, counts, strict=True))

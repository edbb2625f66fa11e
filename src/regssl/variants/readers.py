"""Readers of tables of allele-specific binding; each format is converted to one common table.

The common table has one row per variant: `chrom`, `pos` (0-based), `ref`, `alt` (upper case), `effect`, `balanced`;
and, where a table brings its own sequence, `context` (sequence around the variant, with the reference allele) and
`index` (0-based position of the variant in it). The effect is the signed allelic imbalance: positive where the
alternative allele is preferred. A balanced variant was tested and showed none: what is predicted for it is a floor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.text_table import TextTable, read_text_table
from regssl.io.vcf import info_float, read_vcf
from regssl.variants.alleles import changed_base
from regssl.variants.formats import VariantFormatName
from regssl.variants.matching import select_matched
from regssl.variants.mpra import OUTCOMES, read_mpra

VARIANT_KEY = ["chrom", "pos", "ref", "alt"]
FACTOR_COLUMNS = ("TF", "factor", "dataset")


@dataclass(frozen=True)
class VariantFormat:
    """Format of a table of variants, and which of its rows to take.

    Attributes:
        format: one of `formats.FORMAT_NAMES`.
        member: names of the file in a zip archive, in order of preference.
        factor: take only rows of this factor; empty: all.
        effect: name of the effect: a key of INFO (`vcf`) or a column (`table`, default `effect`).
        max_fdr: leave out rows whose smaller FDR is not below this (`adastra`).
        balanced: name of what is 1 for balanced variants, else 0: a key of INFO (`vcf`) or a column (`table`).
        balanced_fdr: rows whose smaller FDR is at least this are balanced variants (`adastra`); None: there are none.
        elements: take only the changes of these elements (`mpra`); empty: all.
    """

    format: VariantFormatName
    member: Sequence[str] = ()
    factor: str = ""
    effect: str = ""
    max_fdr: float = 0.1
    balanced: str = ""
    balanced_fdr: float | None = None
    elements: Sequence[str] = ()


@dataclass(frozen=True)
class VariantTable:
    """Variants in the common table.

    Attributes:
        table: one row per variant, in file order.
        counts: number of `rows` in the file, and of those left out, by reason.
        path: of the file, for messages.
        lengths: of chromosomes, where the file gives them.
    """

    table: pd.DataFrame
    counts: dict[str, int]
    path: str = "table of variants"
    lengths: Mapping[str, int] = field(default_factory=dict)


def read_variants(path: str | Path, spec: VariantFormat) -> VariantTable:
    """Read a table of variants with observed effects.

    A variant measured several times becomes one row with the mean effect; `repeated` counts the others. Single-base
    variants are the same whatever bases are written around them (see `regssl.variants.alleles`); the alleles are those
    of the first. It is balanced if it was each time. Of the balanced variants so many are kept as match the others
    (`matching.select_matched`); `unmatched` counts the rest.

    Args:
        path: plain, gzip or zip.
        spec: format of the table.

    Raises:
        DataError: no such file, member, column or factor, an invalid cell (names file, line and column), or no variant
            is left.
    """
    lengths: dict[str, int] = {}
    table, counts = _vcf(path, spec, lengths) if spec.format == "vcf" else FORMATS[spec.format](path, spec)
    table["ref"], table["alt"] = table["ref"].str.upper(), table["alt"].str.upper()
    counts["no_effect"] = int(table["effect"].isna().sum())
    table = table.dropna(subset=["effect"])
    columns: dict[str, Any] = dict.fromkeys(table.columns, "first")
    columns |= {"effect": "mean", "balanced": "all"}
    merged = table.groupby(_changes(table), sort=False).agg(columns).reset_index(drop=True)
    counts["repeated"] = len(table) - len(merged)
    matched = select_matched(_changes(merged), merged["balanced"].to_numpy(bool))
    counts["unmatched"] = int((~matched).sum())
    merged = merged[matched].reset_index(drop=True)
    if merged.empty:
        raise DataError(
            f"{path}: no variant is left of {counts['rows']:,} rows: {_list_reasons(counts)}", "is this the right file?"
        )
    return VariantTable(merged, counts, str(path), lengths)


def _changes(table: pd.DataFrame) -> list[list[Any]]:
    """Return what identifies a variant, by column: chromosome, place and alleles, without what the alleles share."""
    rows = zip(*(table[column].tolist() for column in VARIANT_KEY), strict=True)
    keys = []
    for chrom, pos, ref, alt in rows:
        shift = changed_base(ref, alt)
        keys.append((chrom, pos, ref, alt) if shift < 0 else (chrom, pos + shift, ref[shift], alt[shift]))
    return [list(column) for column in zip(*keys, strict=True)] or [[] for _ in VARIANT_KEY]


def _adastra(path: str | Path, spec: VariantFormat) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read ADASTRA's table of one factor, of any release: the effect size of the allele with the smaller FDR.

    The recipe of the authors' lab (rows with an FDR below 0.1). Effect sizes are positive in favour of their own
    allele, so that of the reference allele changes its sign.
    """
    fdr_of, size_of = ("fdrp_bh_ref", "fdrp_bh_alt"), ("es_mean_ref", "es_mean_alt")
    position = ["pos", "start", "end"]
    cells = read_text_table(path, ["chr", "ref", "alt", *fdr_of, *size_of], position, spec.member)
    fdr = np.stack([cells.floats(column, missing=1.0) for column in fdr_of])
    size = np.stack([cells.floats(column, missing=np.nan) for column in size_of])
    alternative = fdr[1] < fdr[0]
    effect = np.where(alternative, size[1], -size[0])
    # the two FDRs are of opposite one-sided tests: equal only where neither allele is preferred
    significant = (fdr.min(0) < spec.max_fdr) & (fdr[0] != fdr[1])
    balanced = fdr.min(0) >= (np.inf if spec.balanced_fdr is None else spec.balanced_fdr)
    table = pd.DataFrame(
        {"chrom": cells["chr"], "pos": _positions(cells), "ref": cells["ref"], "alt": cells["alt"], "effect": effect}
    )
    kept = significant | balanced
    counts = {"rows": len(table), "not_significant": int((~kept).sum())}
    return table.assign(balanced=balanced & ~significant)[kept], counts


def _shi2016(path: str | Path, spec: VariantFormat) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read the CTCF sites of Shi et al. 2016: the signed log10 p, positive where the alternative is preferred."""
    signed = "signed_log10p_negative_is_ref_preferred"
    cells = read_text_table(path, [*_CONTEXT, signed], ["TF"])
    return _select_factor(_with_context(cells, cells.floats(signed, missing=np.nan)), cells, spec)


def _alleledb(path: str | Path, spec: VariantFormat) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read AlleleDB: log2((alt + 1) / (ref + 1)) of the reads of each allele, summed over the rows of a variant."""
    cells = read_text_table(path, [*_CONTEXT, "ref_reads", "alt_reads"], ["TF"])
    table = _with_context(cells, np.zeros(len(cells)))
    for column in ("ref_reads", "alt_reads"):
        table[column] = cells.floats(column)
    table, counts = _select_factor(table, cells, spec)
    reads = table.groupby(VARIANT_KEY, sort=False)[["ref_reads", "alt_reads"]].transform("sum")
    effect = np.log2((reads["alt_reads"] + 1) / (reads["ref_reads"] + 1))
    return table.assign(effect=effect), counts


_CONTEXT = ["chr", "pos0_hg19", "ref", "alt", "snp_index", "sequence"]


def _with_context(cells: TextTable, effect: np.ndarray) -> pd.DataFrame:
    index = cells.ints("snp_index")
    inside = index < cells["sequence"].str.len().to_numpy()
    if not inside.all():
        row = int(np.flatnonzero(~inside)[0])
        raise DataError(f"{cells.location(row)}, column snp_index: {index[row]} is past the end of the sequence")
    columns = {"chrom": cells["chr"], "pos": cells.ints("pos0_hg19"), "ref": cells["ref"], "alt": cells["alt"]}
    return pd.DataFrame({**columns, "effect": effect, "balanced": False, "context": cells["sequence"], "index": index})


def _mpra(path: str | Path, spec: VariantFormat) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read saturation mutagenesis of elements on which a factor is known to act: log2 of expression."""
    mpra = read_mpra(path, spec.elements)
    of_row = [mpra.elements[name] for name in mpra.table["element"]]
    table = mpra.table[[*VARIANT_KEY, "effect"]].assign(balanced=False)
    table["context"] = [element.sequence for element in of_row]
    table["index"] = table["pos"].to_numpy() - np.array([element.start for element in of_row], np.int64)
    return table, {name: int(mpra.counts[name].sum()) for name in ("rows", *OUTCOMES)}


def _table(path: str | Path, spec: VariantFormat) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read a plain table: chrom (or chr), start0 (0-based) or pos (1-based) or start and end, ref, alt, effect."""
    effect = spec.effect or "effect"
    optional = ["chrom", "chr", "start0", "pos", "start", "end", *FACTOR_COLUMNS]
    required = ["ref", "alt", effect, *([spec.balanced] if spec.balanced else [])]
    cells = read_text_table(path, required, optional, spec.member)
    chrom = cells["chrom"] if "chrom" in cells else cells["chr"]
    pos = cells.ints("start0") if "start0" in cells else _positions(cells)
    values = cells.floats(effect, missing=np.nan)
    table = pd.DataFrame({"chrom": chrom, "pos": pos, "ref": cells["ref"], "alt": cells["alt"], "effect": values})
    table["balanced"] = cells.floats(spec.balanced) == 1 if spec.balanced else False
    return _select_factor(table, cells, spec)


def _vcf(
    path: str | Path, spec: VariantFormat, lengths: dict[str, int] | None = None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Read a VCF whose INFO holds the effect, one value for each alternative allele; `lengths` as in `read_vcf`."""
    rows = [
        (v.chrom, v.pos, v.ref, v.alt, info_float(v, spec.effect, path),
         bool(spec.balanced) and info_float(v, spec.balanced, path) == 1)
        for v in read_vcf(path, lengths)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=[*VARIANT_KEY, "effect", "balanced"]).astype({"effect": float})
    if table["effect"].isna().all():
        raise DataError(f"{path}: no row has INFO {spec.effect}", "name the key that holds the effect")
    return table, {"rows": len(table)}


FORMATS: dict[VariantFormatName, Callable[[str | Path, VariantFormat], tuple[pd.DataFrame, dict[str, int]]]] = {
    "adastra": _adastra,
    "shi2016": _shi2016,
    "alleledb": _alleledb,
    "mpra": _mpra,
    "table": _table,
    "vcf": _vcf,
}


def _positions(cells: TextTable) -> np.ndarray:
    """Return 0-based positions, int64 (n,), from `pos` (1-based), or from `start` (0-based) and `end`."""
    if "pos" in cells:
        return cells.ints("pos", minimum=1) - 1
    if "start" not in cells:
        cells["pos"]  # raises: it is missing
    start = cells.ints("start")
    if "end" in cells:
        wrong = np.flatnonzero(cells.ints("end") != start + 1)
        if wrong.size:
            raise DataError(f"{cells.location(wrong[0])}: start and end are not one base apart", "only SNPs are read")
    return start


def _select_factor(table: pd.DataFrame, cells: TextTable, spec: VariantFormat) -> tuple[pd.DataFrame, dict[str, int]]:
    if not spec.factor:
        return table, {"rows": len(table)}
    column = next((column for column in FACTOR_COLUMNS if column in cells), FACTOR_COLUMNS[0])
    factors = cells[column]
    own = (factors == spec.factor).to_numpy()
    if not own.any():
        known = ", ".join(factors.unique()[:5])
        raise DataError(f"{cells.path}: column {column} never holds '{spec.factor}'", f"it holds {known} …")
    return table[own], {"rows": int(own.sum())}


def _list_reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.items() if reason != "rows" and count)

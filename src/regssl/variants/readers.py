"""Tables of allele-specific binding, whatever their publisher calls the columns, as one common table.

The common table has one row per SNP: `chrom`, `pos` (0-based), `ref`, `alt` (upper case), `effect`; and, where a table
carries its own sequence, `context` (text around the SNP, with the reference allele) and `index` (0-based place of the
SNP in it). The effect is the signed allelic imbalance: positive where the alternative allele is preferred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.text_table import Cells, read_cells
from regssl.io.vcf import info_number, read_vcf

SNP = ["chrom", "pos", "ref", "alt"]
FACTOR_COLUMNS = ("TF", "factor", "dataset")


@dataclass(frozen=True)
class Reading:
    """How a table is to be read.

    Attributes:
        format: one of FORMATS.
        member: in a zip archive, names of the file (without its folder), the first that is there is read.
        factor: take only rows of this factor; empty: all.
        effect: where the effect is: a key of INFO (`vcf`), a column (`table`, default `effect`).
        max_fdr: rows whose smaller FDR is not below this are left out (`adastra`).
    """

    format: str
    member: Sequence[str] = ()
    factor: str = ""
    effect: str = ""
    max_fdr: float = 0.1


@dataclass(frozen=True)
class Snps:
    """The SNPs of one table.

    Attributes:
        table: the common table, in file order.
        counts: what became of the rows that are not in it, by reason; `rows` is how many there were.
    """

    table: pd.DataFrame
    counts: dict[str, int]


def read_snps(path: str | Path, reading: Reading) -> Snps:
    """Read a table of SNPs. One measured several times is one row with the mean effect (`repeated` counts the others).

    Raises:
        DataError: no such file, member, column or factor, or a cell that cannot be what it must be; names the line.
    """
    table, counts = FORMATS[reading.format](path, reading)
    table["ref"], table["alt"] = table["ref"].str.upper(), table["alt"].str.upper()
    counts["no_effect"] = int(table["effect"].isna().sum())
    table = table.dropna(subset=["effect"])
    others = {column: "first" for column in ("context", "index") if column in table}
    merged = table.groupby(SNP, sort=False, as_index=False).agg({"effect": "mean", **others})
    counts["repeated"] = len(table) - len(merged)
    if merged.empty:
        raise DataError(
            f"{path}: no SNP is left of {counts['rows']:,} rows: {_said(counts)}", "is this the right file?"
        )
    return Snps(merged, counts)


def _adastra(path: str | Path, reading: Reading) -> tuple[pd.DataFrame, dict[str, int]]:
    """ADASTRA's table of one factor, of any release: the effect size of the allele with the smaller FDR.

    The recipe of the authors' lab (rows with an FDR below 0.1). Effect sizes are positive in favour of the allele they
    are of, so that of the reference allele changes its sign.
    """
    fdr_of, size_of = ("fdrp_bh_ref", "fdrp_bh_alt"), ("es_mean_ref", "es_mean_alt")
    place = ["pos", "start", "end"]
    cells = read_cells(path, ["chr", "ref", "alt", *fdr_of, *size_of], place, reading.member)
    fdr = np.stack([cells.numbers(column, missing=1.0) for column in fdr_of])
    size = np.stack([cells.numbers(column, missing=np.nan) for column in size_of])
    alternative = fdr[1] < fdr[0]
    effect = np.where(alternative, size[1], -size[0])
    # the two FDRs are of opposite, one-sided tests: alike only where neither allele is preferred
    significant = (fdr.min(0) < reading.max_fdr) & (fdr[0] != fdr[1])
    table = pd.DataFrame(
        {"chrom": cells["chr"], "pos": _positions(cells), "ref": cells["ref"], "alt": cells["alt"], "effect": effect}
    )
    counts = {"rows": len(table), "not_significant": int((~significant).sum())}
    return table[significant], counts


def _shi2016(path: str | Path, reading: Reading) -> tuple[pd.DataFrame, dict[str, int]]:
    """CTCF sites of Shi et al. 2016: the signed log10 p as it stands, positive where the alternative is preferred."""
    signed = "signed_log10p_negative_is_ref_preferred"
    cells = read_cells(path, [*_CONTEXT, signed], ["TF"])
    return _of_factor(_with_context(cells, cells.numbers(signed, missing=np.nan)), cells, reading)


def _alleledb(path: str | Path, reading: Reading) -> tuple[pd.DataFrame, dict[str, int]]:
    """AlleleDB: log2((alt + 1) / (ref + 1)) of the reads of each allele, summed over the rows of a SNP."""
    cells = read_cells(path, [*_CONTEXT, "ref_reads", "alt_reads"], ["TF"])
    table = _with_context(cells, np.zeros(len(cells)))
    for column in ("ref_reads", "alt_reads"):
        table[column] = cells.numbers(column)
    table, counts = _of_factor(table, cells, reading)
    reads = table.groupby(SNP, sort=False)[["ref_reads", "alt_reads"]].transform("sum")
    effect = np.log2((reads["alt_reads"] + 1) / (reads["ref_reads"] + 1))
    return table.assign(effect=effect), counts


_CONTEXT = ["chr", "pos0_hg19", "ref", "alt", "snp_index", "sequence"]


def _with_context(cells: Cells, effect: np.ndarray) -> pd.DataFrame:
    index = cells.whole_numbers("snp_index")
    inside = index < cells["sequence"].str.len().to_numpy()
    if not inside.all():
        row = int(np.flatnonzero(~inside)[0])
        raise DataError(f"{cells.where(row)}, column snp_index: {index[row]} is past the end of the sequence")
    place = {"chrom": cells["chr"], "pos": cells.whole_numbers("pos0_hg19"), "ref": cells["ref"], "alt": cells["alt"]}
    return pd.DataFrame({**place, "effect": effect, "context": cells["sequence"], "index": index})


def _table(path: str | Path, reading: Reading) -> tuple[pd.DataFrame, dict[str, int]]:
    """A plain table: chrom (or chr), start0 (0-based) or pos (1-based) or start and end, ref, alt, effect."""
    effect = reading.effect or "effect"
    optional = ["chrom", "chr", "start0", "pos", "start", "end", *FACTOR_COLUMNS]
    cells = read_cells(path, ["ref", "alt", effect], optional, reading.member)
    chrom = cells["chrom"] if "chrom" in cells else cells["chr"]
    pos = cells.whole_numbers("start0") if "start0" in cells else _positions(cells)
    values = cells.numbers(effect, missing=np.nan)
    table = pd.DataFrame({"chrom": chrom, "pos": pos, "ref": cells["ref"], "alt": cells["alt"], "effect": values})
    return _of_factor(table, cells, reading)


def _vcf(path: str | Path, reading: Reading) -> tuple[pd.DataFrame, dict[str, int]]:
    """A VCF whose INFO holds the effect, one value for each alternative allele."""
    rows = [(v.chrom, v.pos, v.ref, v.alt, info_number(v, reading.effect, path)) for v in read_vcf(path)]
    table = pd.DataFrame(rows, columns=[*SNP, "effect"]).astype({"effect": float})
    if table["effect"].isna().all():
        raise DataError(f"{path}: no row has INFO {reading.effect}", "name the key that holds the effect")
    return table, {"rows": len(table)}


FORMATS: dict[str, Callable[[str | Path, Reading], tuple[pd.DataFrame, dict[str, int]]]] = {
    "adastra": _adastra,
    "shi2016": _shi2016,
    "alleledb": _alleledb,
    "table": _table,
    "vcf": _vcf,
}


def _positions(cells: Cells) -> np.ndarray:
    """0-based positions, from `pos` (1-based), or from `start` (0-based) and `end`."""
    if "pos" in cells:
        return cells.whole_numbers("pos", least=1) - 1
    if "start" not in cells:
        cells["pos"]  # says that it is missing
    start = cells.whole_numbers("start")
    if "end" in cells:
        wrong = np.flatnonzero(cells.whole_numbers("end") != start + 1)
        if wrong.size:
            raise DataError(f"{cells.where(wrong[0])}: start and end are not one base apart", "only SNPs are read")
    return start


def _of_factor(table: pd.DataFrame, cells: Cells, reading: Reading) -> tuple[pd.DataFrame, dict[str, int]]:
    if not reading.factor:
        return table, {"rows": len(table)}
    column = next((column for column in FACTOR_COLUMNS if column in cells), FACTOR_COLUMNS[0])
    factors = cells[column]
    own = (factors == reading.factor).to_numpy()
    if not own.any():
        known = ", ".join(factors.unique()[:5])
        raise DataError(f"{cells.path}: column {column} never holds '{reading.factor}'", f"it holds {known} …")
    return table[own], {"rows": int(own.sum())}


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.items() if reason != "rows" and count)

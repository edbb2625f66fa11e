"""Saturation mutagenesis of regulatory elements: every base of an element changed to every other one, and what the
change does to the expression of a reporter gene (MPRA).

The table is that of Kircher et al. 2019 (Nat. Commun. 10: 3583): one row per change and assembly, with the logarithm to
base 2 of its effect on expression. It holds the sequence of each element, as the reference bases of its rows, so no
genome is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from regssl.data.packed import save_codes
from regssl.errors import DataError
from regssl.io.parquet import save_table
from regssl.io.text import shorten
from regssl.io.text_table import TextTable, read_text_table
from regssl.io.tsv import write_tsv
from regssl.sequences.encoding import encode
from regssl.variants.scoring import extract_from_context
from regssl.variants.settings import MIN_BARCODES
from regssl.variants.training_overlap import SEED_LENGTH, find_training_overlap

RELEASE = "GRCh37"
"""Assembly of the rows that are read: that of the columns `hg19_chrom` and `hg19_start0` of a table of regions. Rows of
other assemblies are the same changes again."""
DELETION = "-"
OUTCOMES = {
    "no_position": "without a position",
    "deletion": "deletions of a base",
    "few_barcodes": "seen with too few barcodes",
}
"""Why rows of the table are left out, in the order in which it is tested."""


class Element(NamedTuple):
    """An element: chromosome and 0-based start on the assembly RELEASE, and its bases, N where no row tells one."""

    chrom: str
    start: int
    sequence: str


@dataclass(frozen=True)
class Mpra:
    """Changes of single bases of elements.

    Attributes:
        elements: by name, in file order.
        table: one row per change: element, chrom, pos (0-based), ref, alt, effect (log2 of expression).
        counts: one row per element: number of `rows`, of those left out by OUTCOMES, and of `unknown_bases` of the
            element's sequence.
        path: of the file.
    """

    elements: dict[str, Element]
    table: pd.DataFrame
    counts: pd.DataFrame
    path: str


def read_mpra(path: str | Path, elements: Sequence[str] = (), min_barcodes: int = MIN_BARCODES) -> Mpra:
    """Read the table of Kircher et al. 2019.

    Args:
        path: plain or gzip; columns Chrom, Pos (1-based), Ref, Alt, Barcodes, Coefficient, Element, Release.
        elements: those to take; empty: all.
        min_barcodes: changes that fewer barcodes have are left out: their effect is too uncertain.

    Raises:
        DataError: a missing column, no such element, a cell that is no position, base or number, or two reference bases
            at one place; names file, line and column.
    """
    cells = read_text_table(path, ["Chrom", "Pos", "Ref", "Alt", "Barcodes", "Coefficient", "Element", "Release"])
    rows = pd.DataFrame({"element": cells["Element"], "ref": cells["Ref"], "alt": cells["Alt"]})
    rows["chrom"] = "chr" + cells["Chrom"].str.removeprefix("chr")
    rows["pos"] = _positions(cells)
    rows["barcodes"], rows["effect"] = cells.ints("Barcodes"), cells.floats("Coefficient")
    known = rows["element"].unique().tolist()
    if missing := [name for name in elements if name not in known]:
        raise DataError(f"{cells.path}: no element '{shorten(missing[0])}'", f"elements: {', '.join(known)}")
    rows = rows[(cells["Release"] == RELEASE) & (rows["element"].isin(elements) if elements else True)]
    if rows.empty:
        raise DataError(f"{cells.path}: no row of assembly {RELEASE}", "is it the right file?")
    placed = rows[rows["pos"].notna()].astype({"pos": np.int64})
    _check_bases(cells, placed)
    outcome = np.select(
        [rows["pos"].isna(), rows["alt"] == DELETION, rows["barcodes"] < min_barcodes], list(OUTCOMES), ""
    )
    found = {str(name): _element(own) for name, own in placed.groupby("element", sort=False)}
    n = Counter(zip(rows["element"], outcome.tolist(), strict=True))
    counts = pd.DataFrame({"element": list(found)})
    counts["rows"] = [sum(n[name, kind] for kind in ("", *OUTCOMES)) for name in found]
    for kind in OUTCOMES:
        counts[kind] = [n[name, kind] for name in found]
    counts["unknown_bases"] = [element.sequence.count("N") for element in found.values()]
    table = placed[outcome[rows["pos"].notna()] == ""]
    columns = ["element", "chrom", "pos", "ref", "alt", "effect"]
    return Mpra(found, table[columns].reset_index(drop=True), counts, cells.path)


def _positions(cells: TextTable) -> np.ndarray:
    """Return 0-based positions, float64 (n,), NaN where there is none."""
    pos = cells.floats("Pos", missing=np.nan)
    wrong = np.flatnonzero((pos != np.floor(pos)) & ~np.isnan(pos) | (pos < 1))
    if wrong.size:
        cell = cells["Pos"].iloc[wrong[0]]
        raise DataError(
            f"{cells.location(wrong[0])}, column Pos: '{shorten(cell)}' is not a position", "whole numbers from 1"
        )
    return pos - 1


def _check_bases(cells: TextTable, rows: pd.DataFrame) -> None:
    """Check the alleles of rows, whose index is that of the cells, and that a place has one reference base."""
    for column, accepted in (("Ref", "ACGT"), ("Alt", f"ACGT{DELETION}")):
        wrong = rows.index[~rows[column.lower()].isin(list(accepted))]
        if len(wrong):
            cell = cells[column].loc[wrong[0]]
            raise DataError(f"{cells.location(wrong[0])}, column {column}: '{shorten(cell)}' is not a base")
    if len(same := rows.index[rows["ref"] == rows["alt"]]):
        raise DataError(f"{cells.location(same[0])}, column Alt: it is the reference base")
    places = rows.groupby(["element", "pos"])["ref"]
    if len(other := rows.index[rows["ref"] != places.transform("first")]):
        row = rows.loc[other[0]]
        raise DataError(
            f"{cells.location(other[0])}, column Ref: '{row['ref']}' is another base than that of an earlier row there"
        )
    if len(other := rows.index[rows["chrom"] != rows.groupby("element")["chrom"].transform("first")]):
        raise DataError(f"{cells.location(other[0])}, column Chrom: the element lies on another chromosome before")
    if len(again := rows.index[rows.duplicated(["element", "pos", "alt"])]):
        raise DataError(f"{cells.location(again[0])}: this change of the element is there before")


def _element(rows: pd.DataFrame) -> Element:
    start = int(rows["pos"].min())
    bases = np.full(int(rows["pos"].max()) + 1 - start, "N")
    bases[rows["pos"] - start] = rows["ref"]
    return Element(str(rows["chrom"].iloc[0]), start, "".join(bases))


@dataclass(frozen=True)
class MpraWindows:
    """Windows of the changes of elements.

    Attributes:
        table: one row per change, as `variants.dataset.VariantDataset` has them, with the element as `variant_set`;
            the split is `train` for all changes of an element of which a stretch is in a training window, else `test`.
        codes: windows with the reference base, uint8 (n, width).
        counts: variant_set, outcome, n_variants: number of `rows`, of those left out, and scored, by split.
    """

    table: pd.DataFrame
    codes: np.ndarray
    counts: pd.DataFrame


def make_mpra_windows(mpra: Mpra, width: int, training: Iterable[np.ndarray] = ()) -> MpraWindows:
    """Cut the windows of all changes: centred where the element reaches far enough, else shifted to its end.

    An element that is shorter than the window is padded with N; a base that no row tells is N too. Sequence, not place,
    tells which elements a network was trained on: those of which a stretch of `training_overlap.SEED_LENGTH` bases, or
    of a whole window if it is shorter, is in one of the windows, on either strand.

    Args:
        mpra: as `read_mpra` returns it.
        width: of the windows, in bp.
        training: windows used for training or validation, uint8 (m, width) each.
    """
    table = mpra.table
    of_row = [mpra.elements[name] for name in table["element"]]
    index = table["pos"].to_numpy(np.int64) - np.array([element.start for element in of_row], np.int64)
    alleles = table["ref"].tolist(), table["alt"].tolist()
    windows = extract_from_context([element.sequence for element in of_row], index, *alleles, width, allow_n=True)
    assert not windows.reason.any(), "reference bases are those of the sequence"
    longest = max(len(element.sequence) for element in mpra.elements.values())
    codes = np.stack([encode(element.sequence.ljust(longest, "N")) for element in mpra.elements.values()])
    seen = dict(zip(mpra.elements, find_training_overlap(codes, training, min(SEED_LENGTH, width)), strict=True))
    made = table.rename(columns={"element": "variant_set"}).assign(balanced=False)
    made["split"] = np.where(table["element"].map(seen), "train", "test")
    made["offset"] = windows.offset
    return MpraWindows(made, windows.codes, _count(mpra.counts, made))


def _count(counts: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Count the changes of each element by what became of them."""
    splits = made.groupby("variant_set")["split"].value_counts().unstack(fill_value=0)
    rows = []
    for element in counts.to_dict("records"):
        name = element["element"]
        own = {outcome: element[outcome] for outcome in ("rows", *OUTCOMES)}
        own |= {split: splits[split].get(name, 0) if split in splits else 0 for split in ("test", "train")}
        rows += [(name, outcome, int(n)) for outcome, n in own.items()]
    return pd.DataFrame(rows, columns=["variant_set", "outcome", "n_variants"])


def save_mpra_windows(windows: MpraWindows, path: Path, dataset: str) -> None:
    """Write `X.npy` (codes), `X.parquet` (changes) and `X.tsv` (counts, of `dataset`); `path` is `X.npy`."""
    save_table(windows.table, path.with_suffix(".parquet"))
    counts = windows.counts.copy()
    counts.insert(0, "dataset", dataset)
    write_tsv(counts, path.with_suffix(".tsv"))
    save_codes([windows.codes], windows.codes.shape, path)

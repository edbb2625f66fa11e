"""Labelled sequences that come without a genome, as their files have them: bases, labels, splits and places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regssl.data.sequence_codes import EncodedText
from regssl.data.sequence_files import find_columns, read_sequence_file
from regssl.data.sequence_settings import (
    MAX_WIDTH,
    MIN_WIDTH,
    SPLIT_NAMES,
    SequenceFile,
    SequenceSettings,
    fold_name,
)
from regssl.data.settings import SPLITS
from regssl.errors import DataError
from regssl.io.text import shorten
from regssl.io.text_table import TextTable
from regssl.sequences.twobit import is_valid_name

_LABELS = {
    **dict.fromkeys(("1", "1.0", "positive", "pos", "true"), 1),
    **dict.fromkeys(("0", "0.0", "negative", "neg", "false"), 0),
}
_PLACE = r"(?P<chrom>[^\s:]+):(?P<start>[0-9,]{1,13})-(?P<end>[0-9,]{1,13})(?:\((?P<strand>[+-])\))?"


@dataclass(frozen=True)
class LabelledSequences:
    """Human sequences as files have them.

    Attributes:
        table: id, label (uint8), split (empty: not given), chrom (empty: no place), start, end, strand, and DIGESTS;
            one row each.
        codes: uint8 (n, width).
        counts: how many had to be changed, and rows of other species, by what.
        columns: names of the columns that were read, by what they are: those of the first file.
    """

    table: pd.DataFrame
    codes: np.ndarray
    counts: dict[str, int]
    columns: dict[str, str]


@dataclass(frozen=True)
class _Part:
    """The human rows of one file: the table, their row numbers in it, and its columns by what they are."""

    file: SequenceFile
    table: TextTable
    rows: np.ndarray
    columns: dict[str, str]

    def text(self, role: str) -> pd.Series:
        """Return the cells of a column, empty ones where there is no such column."""
        if role not in self.columns:
            return pd.Series([""] * len(self.rows), dtype="str")
        return self.table[self.columns[role]].iloc[self.rows].str.strip().reset_index(drop=True)

    def cell(self, row: int, role: str) -> str:
        """Name file, line, column and value of a cell, for messages."""
        where = f"{self.table.location(int(self.rows[row]))}, column {self.columns[role]}"
        return f"{where}: '{shorten(self.text(role).iloc[row])}'"

    def codes_of(self, role: str, known: dict[str, int], problem: str, hint: str) -> np.ndarray:
        """Translate the cells of a column, (rows,).

        Raises:
            DataError: one is not known.
        """
        found = self.text(role).str.lower().map(known)
        if (wrong := found.isna().to_numpy()).any():
            raise DataError(f"{self.cell(int(wrong.argmax()), role)} {problem}", hint)
        return found.to_numpy(np.int64)


def read_sequences(files: Sequence[SequenceFile], settings: SequenceSettings, human: str) -> LabelledSequences:
    """Read the labelled human sequences of some files.

    Args:
        files: at least one.
        settings: names of columns, and the width.
        human: id of the human genome: where a file has a column of species, rows of others are passed over.

    Raises:
        DataError: as `read_sequence_file`; no column of sequences or labels; a label, split or place that cannot be
            read, a letter that is no base, a repeated id, sequences of several lengths; names file, line and column.
    """
    parts = [_read_part(file, settings, human) for file in files]
    encoded = EncodedText.encode([text for part in parts for text in part.text("sequence")])
    where = _Rows(parts)
    if encoded.wrong is not None:
        row, letter = encoded.wrong
        hint = "sequences hold A, C, G, T, N and IUPAC ambiguity codes, and gaps (-)"
        if letter in "Uu":
            hint = "is it RNA? write T"
        raise DataError(f"{where.line(row)}: {letter!r} is not a base", hint)
    width = _common_width(encoded, settings, where)
    places = pd.concat([_places_of(part) for part in parts], ignore_index=True)
    _check_folds(parts, settings)
    table = pd.DataFrame({
        "id": [text for part in parts for text in part.text("id")],
        "label": np.concatenate([_labels_of(part) for part in parts]).astype(np.uint8),
        "split": np.concatenate([_splits_of(part, settings) for part in parts]),
    })  # fmt: skip
    if not any("id" in part.columns for part in parts):
        numbers = table.groupby("split").cumcount() + 1
        table["id"] = table["split"].where(table["split"] != "", "sequence") + "_" + numbers.astype(str)
    _check_ids(table["id"], where, parts[0].columns.get("id", ""))
    placed, resized = _to_width(places, encoded.lengths, width)
    counts = {
        "other_species": sum(len(part.table) - len(part.rows) for part in parts),
        "cropped": int((encoded.lengths > width).sum()),
        "padded": int((encoded.lengths < width).sum()),
        "ambiguous_letters": int(encoded.ambiguous.sum()),
        "gaps_removed": int(encoded.gapped.sum()),
        "place_of_another_length": resized,
    }
    columns = {role: name for role, name in parts[0].columns.items() if role not in _superseded(parts[0].file)}
    codes = encoded.to_width(width)
    table = table.join(placed).assign(**encoded.digests(codes))
    return LabelledSequences(table, codes, counts, columns)


class _Rows:
    """Where the rows of several files lie."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts
        self._ends = np.cumsum([len(part.rows) for part in parts])

    def line(self, row: int) -> str:
        """Return file and line of a row, for messages."""
        number = int(np.searchsorted(self._ends, row, side="right"))
        part = self._parts[number]
        return part.table.location(int(part.rows[row - self._ends[number] + len(part.rows)]))


def _superseded(file: SequenceFile) -> set[str]:
    """What is not looked up in columns, because the file as a whole has it."""
    return {role for role in ("split", "label") if getattr(file, role)}


def _read_part(file: SequenceFile, settings: SequenceSettings, human: str) -> _Part:
    table = read_sequence_file(file.place)
    columns = find_columns(table, {k: v for k, v in settings.named.items() if k not in _superseded(file)})
    of_folds = ("split" if "fold" in columns else "fold") if settings.folds else "fold"
    columns.pop(of_folds, None)  # one of them gives the splits
    for role in ("sequence", "label"):
        if role not in columns and role not in _superseded(file):
            hint = f"it has {shorten(', '.join(table.columns), 500)}: name it in `sequence_columns`"
            raise DataError(f"{file.place}: no column of {role}s is found", hint)
    rows = np.arange(len(table))
    if "species" in columns:
        species = table[columns["species"]].str.strip()
        rows = np.flatnonzero(species == human)
        if not len(rows):
            problem = f"{file.place}, column {columns['species']}: no row is of '{human}', the human genome"
            raise DataError(problem, f"it has {shorten(', '.join(species.unique()), 200)}")
    return _Part(file, table, rows, columns)


def _labels_of(part: _Part) -> np.ndarray:
    if part.file.label:
        return np.full(len(part.rows), int(part.file.label))
    return part.codes_of("label", _LABELS, "is no label", "1 and 0, positive and negative, or true and false")


def _splits_of(part: _Part, settings: SequenceSettings) -> np.ndarray:
    if settings.folds and not part.file.split:
        splits = settings.split_of_fold
        others = "" if "train" in splits.values() else "train"
        return np.array([splits.get(fold, others) if fold else "" for fold in _folds_of(part)], object)
    if part.file.split or "split" not in part.columns:
        return np.full(len(part.rows), part.file.split, object)
    known = {name: SPLITS.index(split) for name, split in SPLIT_NAMES.items()}
    hint = "train, validation (or dev) and test; which folds are which, `sequence_folds` says"
    codes = part.codes_of("split", known, "is no split", hint)
    return np.asarray(np.array(SPLITS, object)[codes])


def _folds_of(part: _Part) -> list[str]:
    """List the name of each row's fold; empty where it is in none."""
    return [fold_name(text) for text in part.text("fold" if "fold" in part.columns else "split")]


def _check_folds(parts: Sequence[_Part], settings: SequenceSettings) -> None:
    """Check that there is a column of folds, and that every fold that is named has a row.

    Raises:
        DataError: there is not.
    """
    if not settings.folds:
        return
    for part in parts:
        if not part.file.split and not {"fold", "split"} & part.columns.keys():
            hint = f"it has {shorten(', '.join(part.table.columns), 500)}: name it in `sequence_columns`"
            raise DataError(f"{part.file.place}: no column of folds is found", hint)
    found = sorted({fold for part in parts for fold in _folds_of(part) if fold}, key=lambda fold: (len(fold), fold))
    if missing := [fold for fold in settings.split_of_fold if fold not in found]:
        problem = f"{parts[0].file.place}: no row is of fold '{shorten(missing[0])}'"
        raise DataError(problem, f"its folds are {shorten(', '.join(found), 200)}")


def _places_of(part: _Part) -> pd.DataFrame:
    """Read places: chrom (empty: none), start, end, strand; 0-based, half-open."""
    if "chrom" in part.columns:
        places = pd.DataFrame({"chrom": part.text("chrom"), "strand": "+"})
        for side in ("start", "end"):
            positions = part.text(side).where(places["chrom"] != "", "0")
            if not (whole := positions.str.fullmatch("[0-9]{1,10}").to_numpy(bool)).all():
                raise DataError(f"{part.cell(int((~whole).argmax()), side)} is not a position", "0-based, half-open")
            places[side] = positions.astype(np.int64)
        return _with_bases(places, part, "end")
    text = part.text("place")
    found = text.str.extract(f"^{_PLACE}$")
    if (wrong := found["chrom"].isna().to_numpy() & (text != "").to_numpy()).any():
        raise DataError(f"{part.cell(int(wrong.argmax()), 'place')} is no place", "such as chr1:1000-1101")
    start, end = (("0" + found[side].str.replace(",", "").fillna("")).astype(np.int64) for side in ("start", "end"))
    named = {"chrom": found["chrom"].fillna(""), "strand": found["strand"].fillna("+")}
    return _with_bases(pd.DataFrame({**named, "start": start, "end": end}), part, "place")


def _with_bases(places: pd.DataFrame, part: _Part, role: str) -> pd.DataFrame:
    if (wrong := (places["chrom"] != "").to_numpy() & (places["end"] <= places["start"]).to_numpy()).any():
        raise DataError(f"{part.cell(int(wrong.argmax()), role)} is not after the start", "a place holds bases")
    return places


def _to_width(places: pd.DataFrame, lengths: np.ndarray, width: int) -> tuple[pd.DataFrame, int]:
    """Centre places to the width; also count those that are not as long as their sequence.

    Places that all have one base too few are 1-based and closed, as a browser writes them.
    """
    placed = (places["chrom"] != "").to_numpy()
    start, end = places["start"].to_numpy().copy(), places["end"].to_numpy()
    if placed.any() and (end - start + 1 == lengths)[placed].all():
        start -= 1
    other = int(((end - start != lengths) & placed).sum())
    beyond, minus = end - start - width, (places["strand"] == "-").to_numpy()
    start = np.where(placed, start + (beyond + minus) // 2, 0)  # the odd base is lost at the end of the sequence
    return places.assign(start=start, end=start + width), other


def _common_width(encoded: EncodedText, settings: SequenceSettings, where: _Rows) -> int:
    lengths = encoded.lengths
    if len(empty := np.flatnonzero(lengths == 0)):
        raise DataError(f"{where.line(int(empty[0]))}: the sequence is empty")
    if settings.width is not None:
        return settings.width
    width = int(lengths[0])
    if len(other := np.flatnonzero(lengths != width)):
        row = int(other[0])
        raise DataError(
            f"{where.line(row)}: a sequence of {lengths[row]:,} bp, and {where.line(0)} has {width:,} bp",
            "all must have one length: fill `sequence_width` to crop or pad them about their centres",
        )
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        raise DataError(f"{where.line(0)}: sequences of {width:,} bp", f"from {MIN_WIDTH} to {MAX_WIDTH:,} bp are read")
    return width


def _check_ids(ids: pd.Series, where: _Rows, column: str) -> None:
    valid = ids.map(is_valid_name).to_numpy(bool)
    if not valid.all():
        row = int((~valid).argmax())
        problem = f"{where.line(row)}: '{shorten(ids.iloc[row])}' cannot name a sequence"
        raise DataError(problem, "ids are of 1 to 255 printable ASCII characters without blanks")
    if (repeated := ids.duplicated().to_numpy()).any():
        row = int(repeated.argmax())
        first = where.line(int((ids == ids.iloc[row]).to_numpy().argmax()))
        hint = f"ids, of column {column}, must be unique: `sequence_columns` may name another one"
        raise DataError(f"{where.line(row)}: id '{ids.iloc[row]}' is a duplicate of {first}", hint)

"""What a dataset of sequences names: its files, the columns in them, and the length of all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field, field_validator

from regssl.data.settings import SPLITS
from regssl.settings import Settings

MIN_WIDTH, MAX_WIDTH = 20, 10_000
"""Length of a sequence in bp, as of a bin."""
USUAL_COLUMNS = {
    "sequence": ("sequence", "seq", "dna", "dna_sequence"),
    "label": ("label", "labels", "y", "target", "bound"),
    "split": ("split", "set", "partition"),
    "fold": ("fold", "folds", "cv_fold"),
    "id": ("id", "sequence_id", "seq_id", "human_id", "name"),
    "place": ("place", "region", "locus", "location", "coordinates"),
    "chrom": ("chrom", "chr", "chromosome"),
    "start": ("start", "chromstart", "chrom_start"),
    "end": ("end", "chromend", "chrom_end"),
    "species": ("species", "genome", "assembly", "organism"),
}
"""What a column may be, and the names by which it is found, in any case; the first of them that is there."""
SPLIT_NAMES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""What splits are called, in any case."""
_SPLIT = "|".join(SPLIT_NAMES)
_PREFIX = re.compile(rf"(?:(?P<split>{_SPLIT})(?:/(?P<label>[01]))?|(?P<only_label>[01]))=(?P<place>.+)")


class SequenceFile(NamedTuple):
    """A file of sequences, and what all of its rows are: a split, a label, or nothing (empty)."""

    place: str
    split: str = ""
    label: str = ""


def parse_sequence_file(text: str) -> SequenceFile:
    """Parse `PATH`, `train=PATH`, `1=PATH` or `train/1=PATH`, where a path may be a URL.

    `parse_sequence_file("test/0=unbound.fa")` is `SequenceFile("unbound.fa", "test", "0")`.
    """
    found = _PREFIX.fullmatch(text)
    if found is None:
        return SequenceFile(text)
    split = SPLIT_NAMES[found["split"]] if found["split"] else ""
    return SequenceFile(found["place"], split, found["label"] or found["only_label"] or "")


def fold_name(text: str) -> str:
    """Return the name of a fold without what differs between files: of `3`, `fold3`, `Fold_03` and `3.0` it is `3`."""
    name = re.sub(r"^folds?[ _-]?", "", text.strip().lower())
    number = re.fullmatch(r"0*(\d+)(?:\.0+)?", name)
    return number[1] if number else name


def check_alike(files: Sequence[SequenceFile]) -> None:
    """Check that either every file names its split or none does, and likewise its label.

    Raises:
        ValueError: some do.
    """
    for what, named in (("split", [file.split for file in files]), ("label", [file.label for file in files])):
        if any(named) and not all(named):
            without = next(file.place for file in files if not getattr(file, what))
            raise ValueError(f"'{without}' names no {what}, and others do")


class SequenceSettings(Settings):
    """How the sequences of a dataset are read: options of `regssl step read-sequences`."""

    columns: list[str] = Field(
        [],
        description=f"What columns are called, such as sequence=seq label=y; any of {', '.join(USUAL_COLUMNS)}; of "
        "others the usual names are found.",
    )
    width: int | None = Field(
        None,
        ge=MIN_WIDTH,
        le=MAX_WIDTH,
        description="Crop longer sequences, and pad shorter ones with N, about their centre, to so many bp; null: all "
        "must have one length.",
    )

    folds: list[str] = Field(
        [],
        description="Which split a fold is, such as validation=8 test=9, where a column has folds (`fold`, or else "
        "`split`); several may be one, and train is all others, unless train=… names them.",
    )

    @field_validator("folds")
    @classmethod
    def _known_folds(cls, value: list[str]) -> list[str]:
        pairs = [(SPLIT_NAMES.get(text.partition("=")[0].lower()), fold_name(text.partition("=")[2])) for text in value]
        for text, (split, fold) in zip(value, pairs, strict=True):
            if split is None or not fold:
                raise ValueError(f"'{text}' is not like validation=8; before = any of: {', '.join(SPLITS)}")
            if sum(fold == other for _, other in pairs) > 1:
                raise ValueError(f"fold '{fold}' is named twice")
        if value and (missing := [split for split in SPLITS[1:] if split not in dict(pairs)]):
            raise ValueError(f"no fold is {missing[0]}")
        return value

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, value: list[str]) -> list[str]:
        for text in value:
            role, equals, name = text.partition("=")
            if role not in USUAL_COLUMNS or not equals or not name:
                raise ValueError(f"'{text}' is not like sequence=seq; before = any of: {', '.join(USUAL_COLUMNS)}")
        if len({text.partition("=")[0] for text in value}) < len(value):
            raise ValueError("a column is named twice")
        return value

    @property
    def split_of_fold(self) -> dict[str, str]:
        """Split by name of fold."""
        pairs = (text.partition("=") for text in self.folds)
        return {fold_name(fold): SPLIT_NAMES[split.lower()] for split, _, fold in pairs}

    @property
    def named(self) -> dict[str, str]:
        """Names of columns by what they are."""
        return {role: name for role, _, name in (text.partition("=") for text in self.columns)}

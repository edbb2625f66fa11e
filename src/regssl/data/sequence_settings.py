"""What a dataset of sequences names: its files, the columns in them, and the length of all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field, field_validator

from regssl.settings import Settings

MIN_WIDTH, MAX_WIDTH = 20, 10_000
"""Length of a sequence in bp, as of a bin."""
USUAL_COLUMNS = {
    "sequence": ("sequence", "seq", "dna", "dna_sequence"),
    "label": ("label", "labels", "y", "target", "bound"),
    "split": ("split", "set", "partition"),
    "id": ("id", "sequence_id", "seq_id", "human_id", "name"),
    "place": ("place", "region", "locus", "location", "coordinates"),
    "chrom": ("chrom", "chr", "chromosome"),
    "start": ("start", "chromstart", "chrom_start"),
    "end": ("end", "chromend", "chrom_end"),
    "species": ("species", "genome", "assembly", "organism"),
}
"""What a column may be, and the names by which it is found, in any case; the first of them that is there."""
_PREFIX = re.compile(r"(?:(?P<split>train|validation|test)(?:/(?P<label>[01]))?|(?P<only_label>[01]))=(?P<place>.+)")


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
    return SequenceFile(found["place"], found["split"] or "", found["label"] or found["only_label"] or "")


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
    def named(self) -> dict[str, str]:
        """Names of columns by what they are."""
        return {role: name for role, _, name in (text.partition("=") for text in self.columns)}

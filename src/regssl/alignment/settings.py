"""Settings of aligning and chaining."""

from __future__ import annotations

import re
from collections.abc import Collection
from fnmatch import fnmatchcase

from pydantic import Field, PositiveInt, field_validator

from regssl.settings import OURS, Distinct, Settings

OWN_OPTIONS = frozenset(
    {"format", "output", "strand", "out", "rdotplot", "verbosity", "help", "version", "markend"}
) | {*("writesegments", "writecapsule", "outputmasking", "stats", "plus", "minus", "both", "self", "tableonly")}
"""Options of lastz that decide what it writes and where: the aligner sets them."""


class AlignmentSettings(Settings):
    """How a genome without a chain file is aligned to the human genome, and its alignments are chained."""

    pairs: Distinct[str] | None = Field(
        None,
        min_length=1,
        description="Which sequences are aligned with which: a pattern of human names, a blank, one of the other "
        "genome's, such as `chr21 chr*`; what is in no pair is not aligned; null: all with all.",
    )
    max_megabases: PositiveInt = Field(
        100,
        description="Refuse genomes whose sequences in pairs have together more than so many million bases.",
        json_schema_extra=OURS,
    )
    lastz_options: Distinct[str] = Field(
        ["notransition", "step=10", "hspthresh=3000", "gappedthresh=3000", "inner=2000", "ydrop=3400"],
        description="Options of lastz, without their dashes.",
        json_schema_extra=OURS,
    )
    max_gap: PositiveInt = Field(
        200_000, description="Longest gap within a chain, in either genome, in bp.", json_schema_extra=OURS
    )
    min_score: float = Field(5000, ge=0, description="Smallest score of a chain.", json_schema_extra=OURS)

    @field_validator("pairs")
    @classmethod
    def _two_patterns_each(cls, value: list[str] | None) -> list[str] | None:
        for pair in value or []:
            if len(pair.split()) != 2:
                raise ValueError(f"'{pair}' is not two patterns with a blank between them, such as 'chr21 chr*'")
        return value

    @field_validator("lastz_options")
    @classmethod
    def _options(cls, value: list[str]) -> list[str]:
        for option in value:
            if not re.fullmatch(r"[A-Za-z][\w+.:-]*(=[\w+.,:%-]*)?", option):
                raise ValueError(f"'{option}' is not an option of lastz without its dashes, such as 'step=10'")
            if option.partition("=")[0].partition(":")[0].lower() in OWN_OPTIONS:
                raise ValueError(f"'{option}': what lastz writes, and where, is not for settings")
        return value

    def pairs_of(self, human: Collection[str], other: Collection[str]) -> list[tuple[list[str], list[str]]]:
        """List which human sequences are aligned with which of the other genome.

        Args:
            human, other: names of all sequences, in file order.

        Returns:
            Human names that are aligned with the same others, and these others, in file order; each human name at most
            once.
        """
        patterns = [pair.split() for pair in self.pairs or ["* *"]]
        others = [[name for name in other if fnmatchcase(name, of_other)] for _, of_other in patterns]
        groups: dict[tuple[str, ...], list[str]] = {}
        for name in human:
            found = [
                names for names, (of_human, _) in zip(others, patterns, strict=True) if fnmatchcase(name, of_human)
            ]
            if len(found) > 1:
                together = set().union(*found)
                found = [[one for one in other if one in together]]
            if any(found):
                groups.setdefault(tuple(found[0]), []).append(name)
        return [(names, list(of_other)) for of_other, names in groups.items()]

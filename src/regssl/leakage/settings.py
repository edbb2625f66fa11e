"""Settings of the leakage audit."""

from __future__ import annotations

import itertools

from pydantic import Field, PositiveInt, field_validator

from regssl.settings import Settings


class LeakageSettings(Settings):
    """How the leakage audit compares training windows with held-out ones: see `regssl.leakage.similarity`."""

    k: int = Field(
        20,
        ge=8,
        le=31,
        description="Length in bp of the k-mers that windows are compared by. From about 18 on, two places of a "
        "mammalian genome rarely share one by chance.",
    )
    kmer_sampling_fraction: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Fraction of all k-mers that are looked up, the same in every window; 1 for small data. "
        "Similarities count all k-mers of a pair.",
    )
    max_occurrences: PositiveInt = Field(
        100, description="K-mers in more held-out windows than this are not looked up: repeats."
    )
    min_similarity: float = Field(
        0.3,
        gt=0,
        le=1,
        description="A training window with this fraction of a held-out window's k-mers is similar to it.",
    )
    examples: PositiveInt = Field(10, description="Worst examples listed per kind, split and genome.")
    fail_on_leak: bool = Field(
        True,
        description="Stop where a training window lies on a held-out bin or on a homolog of one; false: write the "
        "tables and go on.",
    )
    strata: list[float] = Field(
        [0.01, 0.05, 0.1, 0.3],
        min_length=1,
        description="Edges of the strata of similarity in which scores are reported, ascending; an edge belongs to "
        "the stratum above it.",
    )

    @field_validator("strata")
    @classmethod
    def _ascending(cls, value: list[float]) -> list[float]:
        if any(not 0 < edge < 1 for edge in value) or any(a >= b for a, b in itertools.pairwise(value)):
            raise ValueError("strata are edges between 0 and 1, each above the one before")
        return value

"""Settings of what is done with measured labels."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt, field_validator

from regssl.settings import Distinct, Settings

Fraction = Annotated[float, Field(gt=0, le=1)]


class MeasuredSettings(Settings):
    """How copied labels are held against measured ones, and which windows of the other species are scored."""

    min_match: Distinct[Fraction] = Field(
        [0.1, 0.5, 0.9],
        min_length=1,
        description="Aligned fractions of a window: copies with at least so much are counted again, as a higher "
        "`homologs.min_match` would leave them.",
    )
    divergence_edges: list[float] = Field(
        [0.1, 0.2, 0.3, 0.4], min_length=1, description="Edges of strata by substitutions per aligned base, ascending."
    )
    motif_edges: list[float] = Field(
        [5, 10, 15], min_length=1, description="Edges of strata by the best motif match, in bits, ascending."
    )
    max_windows: PositiveInt | None = Field(
        1_400_000, description="Largest number of the species' own windows that are scored, in whole blocks; null: all."
    )
    block_bp: PositiveInt = Field(1_000_000, description="Length of these blocks in bp.")
    seed: int = Field(0, ge=0, description="Seed of the sample of blocks.")

    @field_validator("divergence_edges", "motif_edges")
    @classmethod
    def _ascending(cls, value: list[float]) -> list[float]:
        if value != sorted(set(value)):
            raise ValueError("edges must ascend")
        return value


SAMPLE = ("max_windows", "block_bp", "seed")
"""Fields about own windows; the others are about copies."""
EDGES = ("min_match", "divergence_edges", "motif_edges")

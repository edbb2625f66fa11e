"""Settings of what is done with measured labels."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from regssl.settings import Settings


class MeasuredSettings(Settings):
    """How copied labels are held against measured ones, and which windows of the other species are scored."""

    min_match: list[float] = Field(
        [0.1, 0.5, 0.9], min_length=1, description="Aligned fractions of a window at which true copies are counted."
    )
    divergence_edges: list[float] = Field(
        [0.1, 0.2, 0.3, 0.4], min_length=1, description="Edges of strata by substitutions per aligned base, ascending."
    )
    motif_edges: list[float] = Field(
        [5, 10, 15], min_length=1, description="Edges of strata by the best motif match, in bits, ascending."
    )
    max_windows: PositiveInt | None = Field(
        1_400_000, description="Own windows scored, about so many at most, in whole blocks; null: all."
    )
    block_bp: PositiveInt = Field(1_000_000, description="Length of these blocks in bp.")
    seed: int = Field(0, ge=0, description="Seed of the sample of blocks.")

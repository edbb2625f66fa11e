"""Settings of simulated data."""

from __future__ import annotations

from pydantic import Field

from regssl.settings import Settings


class SimulationSettings(Settings):
    """Simulated data in place of downloads."""

    seed: int = Field(1, ge=0, description="Seed of every random stream.")
    size: str = Field("default", pattern="^(default|small)$", description="`default` for the demo, `small` for tests.")
    site_turnover: float | None = Field(
        None,
        ge=0,
        description="Losses of a binding site per substitution per site, balanced by gains elsewhere; null: 0.8, "
        "with which a third of the sites differ between human and mouse; 0: every site is kept.",
    )

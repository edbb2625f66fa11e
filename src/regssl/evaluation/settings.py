"""Settings of the comparison of methods."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from regssl.settings import Settings

FurtherMetric = Literal["mcc", "mcc_tuned"]
"""Scores that are computed where they are asked for: Matthews' correlation coefficient of calls at a logit of 0, and at
the threshold that is best on validation windows."""


class ComparisonSettings(Settings):
    """How sure a score is, and when one method counts as better than another: `regssl step compare` and its page."""

    block_bp: PositiveInt = Field(
        100_000,
        description="Test chromosomes are resampled in blocks of so many bp: longer than what neighbouring windows "
        "share, short enough that some dozens hold a positive.",
    )
    replicates: int = Field(
        10_000, ge=100, le=100_000, description="Resamples; no p is smaller than 2 / (replicates + 1)."
    )
    recall_for_precision: float = Field(
        0.5, gt=0, le=1, description="The recall at whose highest threshold precision is reported."
    )
    confidence_level: float = Field(
        0.95, gt=0.5, lt=1, description="Confidence level of intervals; tests use 1 minus it."
    )
    equivalence_margin_percent: float = Field(
        10.0,
        gt=0,
        lt=100,
        description="SSL is called no different from SL if its whole interval is within ± this of SL.",
    )
    seed: int = Field(0, ge=0, description="Seed of the resamples.")

"""Settings of the scores of variants."""

from __future__ import annotations

from pydantic import Field, PositiveInt, field_validator

from regssl.settings import OURS, Settings


class VariantSettings(Settings):
    """How a variant is scored."""

    shifts: list[PositiveInt] = Field(
        [],
        description="Further windows of each variant, moved by so many bp to either side; its score is their mean.",
        json_schema_extra=OURS,
    )

    @field_validator("shifts")
    @classmethod
    def _no_repeats(cls, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise ValueError("a shift is there once, and is to either side")
        return value

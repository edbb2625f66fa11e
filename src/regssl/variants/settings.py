"""Settings of the scores of variants."""

from __future__ import annotations

from pydantic import Field, PositiveInt, field_validator

from regssl.settings import OURS, Settings

MIN_BARCODES = 10
"""Least number of barcodes of a change of an MPRA that is looked at."""


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


class MpraSettings(Settings):
    """Saturation mutagenesis that the networks of every dataset are held against."""

    table: str = Field(min_length=1, description="The table of Kircher et al. 2019 (`elements.tsv.gz`): path or URL.")
    elements: list[str] = Field([], description="Elements to take; empty: all.")
    min_barcodes: PositiveInt = Field(
        MIN_BARCODES, description="Changes that fewer barcodes have are left out: their effect is too uncertain."
    )

    @field_validator("elements")
    @classmethod
    def _each_once(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("an element is there once")
        return value

"""Settings of the scores of variants."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from regssl.settings import OURS, Distinct, Settings

MIN_BARCODES = 10
"""Least number of barcodes of a change of an MPRA that is looked at."""


class VariantSettings(Settings):
    """How a variant is scored."""

    shifts: Distinct[PositiveInt] = Field(
        [],
        description="Further windows of each variant, moved by so many bp to either side; its score is their mean.",
        json_schema_extra=OURS,
    )


class MpraSettings(Settings):
    """Saturation mutagenesis that the networks of every dataset are held against."""

    table: str = Field(min_length=1, description="The table of Kircher et al. 2019 (`elements.tsv.gz`): path or URL.")
    elements: Distinct[str] = Field([], description="Elements to take; empty: all.")
    min_barcodes: PositiveInt = Field(
        MIN_BARCODES, description="Changes that fewer barcodes have are left out: their effect is too uncertain."
    )

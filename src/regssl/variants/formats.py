"""Formats of tables of variants with observed effects."""

from __future__ import annotations

from typing import Literal, get_args

VariantFormatName = Literal["adastra", "shi2016", "alleledb", "mpra", "table", "vcf"]
FORMAT_NAMES: tuple[VariantFormatName, ...] = get_args(VariantFormatName)
CONTEXT_FORMATS: tuple[VariantFormatName, ...] = ("shi2016", "alleledb", "mpra")
"""Formats of tables that carry their own sequence; their coordinates are of hg19, whatever the human genome's are."""

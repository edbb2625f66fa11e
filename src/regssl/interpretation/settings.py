"""Settings of the explanation of filters, of one network and of a benchmark's."""

from __future__ import annotations

from pydantic import Field, PositiveInt, field_validator

from regssl.methods import resolve
from regssl.settings import Distinct, Settings


class FilterSettings(Settings):
    """How the motifs of filters are made, and compared with known ones."""

    threshold: float = Field(
        0.5, ge=0, lt=1, description="A filter fires in a window where it exceeds this share of its largest activation."
    )
    min_windows: PositiveInt = Field(10, description="Filters that fire in fewer windows have no motif.")
    max_windows: PositiveInt = Field(
        10_000, description="At most so many windows of each label are looked at, sampled."
    )
    pseudocount: float = Field(
        0.1, ge=0, description="Added to the counts of each position of a motif, a quarter to each base."
    )
    max_q: float = Field(0.01, gt=0, le=1, description="A filter matches a known motif at this q-value or below.")
    cluster_p: float = Field(
        1e-5, gt=0, le=1, description="Every two filters of a cluster match one another at this p-value or below."
    )


class ExplainSettings(FilterSettings):
    """Of which networks of a benchmark the filters are explained, and by which known motifs."""

    methods: Distinct[str] = Field(
        ["sl", "ssl"], min_length=1, description="Networks that were trained by these methods."
    )
    motifs: str | None = Field(
        None, description="MEME file of known motifs, path or URL, besides the JASPAR matrices of the package; null: "
        "the key `motifs`."
    )  # fmt: skip

    @field_validator("methods")
    @classmethod
    def _are_trained(cls, value: list[str]) -> list[str]:
        for name in value:
            if resolve(name).kind == "baseline":
                raise ValueError(f"'{name}' is a baseline, which has no filters")
        return value


NOT_OF_FILTERS = ("methods", "motifs")
"""Fields of ExplainSettings that FilterSettings lacks."""

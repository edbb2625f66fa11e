"""Settings of bins, splits, sampling, peaks, homologs and divergence."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from regssl.errors import ConfigError
from regssl.settings import LAB, OURS, Distinct, Settings

SPLITS = ("train", "validation", "test")
"""Names of the splits, in the order of their use."""
DEFAULT_SPLITS = "default"
"""Id of the splits of a dataset that names none: those of the key `splits`."""


class Bins(Settings):
    """How the human genome is cut into windows, and when a window counts as bound."""

    width: int = Field(
        200, ge=20, le=10_000, description="Length of a bin, and of every sequence, in bp.", json_schema_extra=LAB
    )
    min_overlap: PositiveInt = Field(
        100, description="A bin is positive if peaks cover at least so many of its bp.", json_schema_extra=OURS
    )
    ambiguous: Literal["negative", "left_out"] = Field(
        "negative",
        description="What a bin is that shares a base with a peak, but fewer than `min_overlap`, or with a peak "
        "that too few files have (column `min_support`): `negative`, or `left_out` of every split.",
        json_schema_extra=OURS,
    )

    @model_validator(mode="after")
    def _overlap_fits(self) -> Bins:
        if self.min_overlap > self.width:
            raise ValueError(f"min_overlap {self.min_overlap} is larger than the bin width {self.width}")
        return self


class Splits(Settings):
    """Human chromosomes of each split, as names or patterns such as `hg19_*`. Other chromosomes are not used."""

    train: Distinct[str] = Field(
        min_length=1,
        description="Chromosomes, names or patterns such as `hg19_*`, whose bins and homologs are trained on.",
        json_schema_extra=OURS,
    )
    validation: Distinct[str] = Field(
        min_length=1, description="Chromosomes on which the best epoch is chosen.", json_schema_extra=OURS
    )
    test: Distinct[str] = Field(
        min_length=1, description="Chromosomes for the final evaluation, all bins of them.", json_schema_extra=OURS
    )

    @model_validator(mode="after")
    def _disjoint(self) -> Splits:
        for first, second in (("train", "validation"), ("train", "test"), ("validation", "test")):
            for a in getattr(self, first):
                for b in getattr(self, second):
                    if fnmatchcase(a, b) or fnmatchcase(b, a):
                        raise ValueError(f"'{a}' is in both {first} and {second}")
        return self

    def of(self, chrom: str, key: str = "splits") -> str | None:
        """Return the split of a chromosome, or None if it is not used; arguments as for `assign`.

        Raises:
            ConfigError: patterns put the chromosome into two splits.
        """
        found = [split for split in SPLITS if any(fnmatchcase(chrom, pattern) for pattern in getattr(self, split))]
        if len(found) > 1:
            raise ConfigError(
                f"key `{key}`: chromosome '{chrom}' is in both {found[0]} and {found[1]}", "change a pattern"
            )
        return found[0] if found else None

    def assign(self, chroms: Sequence[str], genome: str, key: str = "splits") -> dict[str, str | None]:
        """Return the split of each chromosome of a genome, as `of` does.

        Args:
            chroms: names of all chromosomes.
            genome: name of the genome, for messages.
            key: of the configuration that holds these splits, for messages.

        Raises:
            ConfigError: as `of`, or a split has no chromosome in this genome.
        """
        assigned = {chrom: self.of(chrom, key) for chrom in chroms}
        for split in SPLITS:
            if split not in assigned.values():
                patterns = ", ".join(getattr(self, split))
                raise ConfigError(
                    f"key `{key}.{split}`: no chromosome of {genome} is called {patterns}",
                    f"it has {', '.join(chroms[:5])} …: name its own",
                )
        return assigned


class Sampling(Settings):
    """Number of negatives per positive; test always uses all bins, because AUPR depends on prevalence."""

    negatives_per_positive: float | None = Field(
        20,
        gt=0,
        description="Training negatives sampled per training positive; null: all. Test uses all bins, because AUPR "
        "depends on prevalence.",
        json_schema_extra=OURS,
    )
    max_negatives: PositiveInt | None = Field(
        None,
        description="Largest number of training negatives of a dataset; null: no limit. Their homologs are about "
        "ten times as many.",
        json_schema_extra=OURS,
    )
    validation_negatives_per_positive: float | None = Field(
        None,
        gt=0,
        description="Negatives sampled per positive for validation, enough to rank epochs by; null: all.",
        json_schema_extra=OURS,
    )
    seed: int = Field(
        0,
        ge=0,
        description="Seed of the sample, which also depends on the dataset's id; a row of `datasets` may have its own.",
    )


class HomologSettings(Settings):
    """When a lifted bin counts as a homolog."""

    min_match: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Smallest fraction of a bin's bases that must align, as `liftOver -minMatch`.",
        json_schema_extra=OURS,
    )
    max_length_ratio: float = Field(
        2.0, ge=1, description="A homolog longer than this many bin widths is left out.", json_schema_extra=OURS
    )
    max_n_fraction: float = Field(
        0.1, ge=0, le=1, description="A homolog with a larger fraction of N is left out.", json_schema_extra=OURS
    )


class DivergenceSettings(Settings):
    """How the divergence of each genome is estimated on its homologs of training bins."""

    bins: PositiveInt | None = Field(
        200_000,
        description="Largest number of training bins used, sampled at random; null: all.",
        json_schema_extra=OURS,
    )
    longest_indel: PositiveInt = Field(
        100, description="Longest insertion or deletion that is counted, in bp.", json_schema_extra=OURS
    )
    seed: int = Field(0, ge=0, description="Seed of the sample of bins.")


class PeakLiftover(Settings):
    """How peaks of another human assembly are lifted to the human genome."""

    min_match: float = Field(
        0.95,
        gt=0,
        le=1,
        description="Smallest fraction of a peak's bases that must align, as `liftOver -minMatch`.",
        json_schema_extra=OURS,
    )
    max_length_ratio: float = Field(
        2.0, ge=1, description="A peak that becomes longer than this many times itself is lost.", json_schema_extra=OURS
    )
    chains: dict[str, str] = Field(
        {},
        description="Chain file to the human genome from each other human assembly that peaks may be on, such as "
        "hg19: path or URL.",
    )
    fallback_chains: dict[str, str] = Field({}, description="Where to fetch the same file if `chains` does not answer.")


class PeakSettings(Settings):
    """How the peak files of a dataset are loaded: options of `regssl step load-peaks`."""

    width: PositiveInt | None = Field(None, description="Trim wider peaks to this width in bp; null: not at all.")
    centre: Literal["middle", "summit"] = Field("middle", description="Trim around the middle or the summit.")
    min_support: PositiveInt = Field(1, description="Merged peaks count of which so many of the files have one base.")
    assembly: str = Field("", description="Assembly of the peaks if they are to be lifted.")
    min_match: float = Field(
        0.95, gt=0, le=1, description="Smallest fraction of a peak's bases that must align (-minMatch)."
    )
    max_length_ratio: float = Field(
        2.0, ge=1, description="A peak that becomes longer than this many times itself is lost."
    )

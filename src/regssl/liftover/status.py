"""What becomes of an interval that is lifted from one genome to another."""

from __future__ import annotations

from enum import StrEnum


class LiftStatus(StrEnum):
    """Outcome of lifting one interval: the first five are UCSC liftOver's, the others are filters applied later.

    Attributes:
        MAPPED: exactly one chain (with `multiple`: at least one) aligns enough of the interval.
        DELETED: no chain aligns a base of it.
        PARTIALLY_DELETED: one chain aligns some bases, but too few.
        SPLIT: several chains align some bases, each too few.
        DUPLICATED: several chains align enough bases.
        KEPT: mapped, and passed every filter.
        TOO_LONG: mapped to something much longer than itself.
        OUT_OF_BOUNDS: re-centred, it leaves its chromosome.
        N_CONTENT: too many N.
        LEAKAGE: a training interval whose homolog overlaps a held-out interval or its homolog.
        DUPLICATE_TARGET: an earlier interval maps to the same place.
        ELSEWHERE: mapped to a chromosome that the genome file does not have.
    """

    MAPPED = "mapped"
    DELETED = "deleted"
    PARTIALLY_DELETED = "partially_deleted"
    SPLIT = "split"
    DUPLICATED = "duplicated"
    KEPT = "kept"
    TOO_LONG = "too_long"
    OUT_OF_BOUNDS = "out_of_bounds"
    N_CONTENT = "n_content"
    LEAKAGE = "leakage"
    DUPLICATE_TARGET = "duplicate_target"
    ELSEWHERE = "elsewhere"

    @property
    def code(self) -> int:
        """Value of a UCSC outcome in `LiftedIntervals.status`.

        Raises:
            ValueError: the outcome is that of a later filter.
        """
        return UCSC_OUTCOMES.index(self)

    @property
    def ucsc_reason(self) -> str:
        """Comment of UCSC's liftOver above an unmapped interval, such as "Partially deleted in new"."""
        return self.value.capitalize().replace("_", " ") + " in new"


UCSC_OUTCOMES = (
    LiftStatus.MAPPED,
    LiftStatus.DELETED,
    LiftStatus.PARTIALLY_DELETED,
    LiftStatus.SPLIT,
    LiftStatus.DUPLICATED,
)
"""What `regssl.liftover.lift.lift` reports: `UCSC_OUTCOMES[code]` for each code of `LiftedIntervals.status`."""

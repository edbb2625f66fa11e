"""Outcomes of lifting: their codes in arrays and UCSC's words."""

from __future__ import annotations

import pytest

from regssl.liftover.status import UCSC_OUTCOMES, LiftStatus


def test_codes_are_positions_in_ucscs_outcomes() -> None:
    assert [UCSC_OUTCOMES[status.code] for status in UCSC_OUTCOMES] == list(UCSC_OUTCOMES)
    assert [status.code for status in UCSC_OUTCOMES] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="not in tuple"):
        _ = LiftStatus.LEAKAGE.code


def test_ucscs_words() -> None:
    assert [status.ucsc_reason for status in UCSC_OUTCOMES[1:]] == [
        "Deleted in new",
        "Partially deleted in new",
        "Split in new",
        "Duplicated in new",
    ]
    assert f"{LiftStatus.OUT_OF_BOUNDS}" == "out_of_bounds"

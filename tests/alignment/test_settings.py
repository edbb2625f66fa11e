"""Which sequences are aligned with which, and what is no option of lastz."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from regssl.alignment.settings import AlignmentSettings

HUMAN = ["ENm001", "ENm002", "hg19_chr3_42M"]
MOUSE = ["ENm001.1", "ENm002.1", "ENm001.2"]


def test_pairs_are_of_patterns_and_what_is_in_none_is_left_out() -> None:
    assert AlignmentSettings().pairs_of(HUMAN, MOUSE) == [(HUMAN, MOUSE)]
    regions = AlignmentSettings(pairs=["ENm001 ENm001.*", "ENm002 ENm002.*"])
    assert regions.pairs_of(HUMAN, MOUSE) == [
        (["ENm001"], ["ENm001.1", "ENm001.2"]),
        (["ENm002"], ["ENm002.1"]),
    ]
    assert regions.pairs_of(HUMAN, ["ENm001.1"]) == [(["ENm001"], ["ENm001.1"])]
    assert regions.pairs_of(HUMAN, ["chr1"]) == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("pairs", ["ENm001"], "'ENm001' is not two patterns with a blank between them"),
        ("pairs", [], "at least 1"),
        ("lastz_options", ["step 10"], "'step 10' is not an option of lastz without its dashes"),
        ("lastz_options", ["--step=10"], "is not an option of lastz without its dashes"),
        ("lastz_options", ["format=maf"], "what lastz writes, and where, is not for settings"),
        ("lastz_options", ["writesegments=x"], "what lastz writes, and where"),
        ("lastz_options", ["output=/etc/x"], "'output=/etc/x'"),
        ("max_gap", 0, "greater than 0"),
    ],
)
def test_values_that_are_refused(key: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        AlignmentSettings.model_validate({key: value})

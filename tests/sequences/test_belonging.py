"""What belongs to a genome, by names, lengths and shares."""

from __future__ import annotations

import pytest

from regssl.errors import ChainError, DataError
from regssl.sequences.belonging import check_chromosomes, check_in_n, check_lengths, check_names, check_on_genome

SIZES = {"chr1": 1000, "chr2": 500, "chrM": 10, "chr10": 300}


@pytest.mark.parametrize("name", ["1", "CHR1", "Chr1", "chr1 ", " chr1", "chr01", "01"])
def test_another_spelling_of_a_chromosome_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"^x: .* is called 'chr1' in the genome \(name all chromosomes as"):
        check_names("x", ["chr2", name], SIZES)
    with pytest.raises(DataError, match=r"'chr1' is called '1' in mouse"):
        check_names("x", ["2", "chr1"], {"1": 9, "2": 9}, "mouse")


def test_chromosomes_of_one_side_alone_are_passed_over() -> None:
    """chrM of hg19 is another sequence than MT: not the same name spelled otherwise."""
    assert check_names("x", ["chr1", "MT", "chrUn_1", "chr1_1_alt", "MT"], SIZES) == ["MT", "chrUn_1", "chr1_1_alt"]
    assert check_names("x", [], SIZES) == []


def test_no_name_in_common_names_both_sides() -> None:
    with pytest.raises(
        ChainError, match=r"no chromosome in common with the genome: 1, 2, 3 … here, chr1, chr2, chrM … t"
    ):
        check_names("x", "1234", SIZES, error=ChainError)


def test_lengths(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    check_chromosomes("x", {"chr1": 1000, "alt": 9, "alt2": 9}, SIZES)
    assert "x: passed over: 2 of its 3 chromosomes, which are not in the genome (alt, alt2)" in caplog.text
    check_chromosomes("x", SIZES | {"a": 10**9}, {"chr2": 500})  # few chromosomes of many, on either side
    check_chromosomes("x", {"chr2": 500}, SIZES | {"a": 10**9})
    assert check_lengths("x", {"chrM": 10, "A": 10_000}, SIZES) == ["A"]
    with pytest.raises(DataError, match=r"only chrM in common with the genome, 0.1% of the bases: A here, chr1, chr2"):
        check_chromosomes("x", {"chrM": 10, "A": 10**6}, SIZES | {"chr1": 10_000})
    for check in (check_lengths, check_chromosomes):
        with pytest.raises(DataError, match=r"x: chr2 has 501 bp there, 500 bp in the genome"):
            check("x", {"chr1": 1000, "chr2": 501}, SIZES)


@pytest.mark.parametrize(("here", "elsewhere", "fits"), [(5, 631, True), (1, 300, False), (1, 0, True), (0, 0, True)])
def test_the_share_on_the_genome(here: int, elsewhere: int, fits: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    chroms = ["chr1"] * here + ["NC_1"] * elsewhere
    if fits:
        check_on_genome("x", chroms, SIZES, "peaks")
        assert f"{here} of {here + elsewhere} peaks lie on the genome" in caplog.text
    else:
        with pytest.raises(DataError, match=f"only {here} of {here + elsewhere} peaks lie on the genome"):
            check_on_genome("x", chroms, SIZES, "peaks")


@pytest.mark.parametrize(("in_n", "fits"), [(0, True), (1, True), (2, False), (100, False)])
def test_the_share_in_n(in_n: int, fits: bool, caplog: pytest.LogCaptureFixture) -> None:
    if fits:
        check_in_n("x", in_n, 100, "peaks")
        assert ("1 of 100 peaks lie wholly in N" in caplog.text) == bool(in_n)
    else:
        with pytest.raises(DataError, match=f"{in_n} of 100 peaks lie wholly in N"):
            check_in_n("x", in_n, 100, "peaks")

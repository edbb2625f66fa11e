"""Peaks of a dataset: trimmed, lifted from another assembly, pooled, and every one of them counted."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.genomes import WithoutSequence
from helpers.packed import packed
from regssl.data.intervals import merge
from regssl.data.peaks import LOSSES, load_peaks, summarize_losses, trim_peaks
from regssl.data.settings import PeakSettings
from regssl.errors import ChainError, DataError
from regssl.liftover.chain_file import read_chains
from regssl.liftover.chains import Chains
from regssl.sequences.genome import Genome
from regssl.sequences.twobit import write_twobit

GENOME = WithoutSequence({"chr1": 1000, "chr2": 500})


def test_peaks_of_several_files_are_pooled_and_merged(tmp_path: Path) -> None:
    (tmp_path / "a.bed").write_text("chr2\t100\t200\nchr1\t10\t20\nchrUn\t0\t9\n")
    (tmp_path / "b.bed").write_text("chr2\t150\t300\nchr1\t20\t25\n")
    pooled, _ = load_peaks([tmp_path / "a.bed", tmp_path / "b.bed"], GENOME)
    assert pooled.values.tolist() == [["chr1", 10, 25, 1], ["chr2", 100, 300, 2]]


@settings(max_examples=15)
@given(st.lists(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), min_size=1), min_size=2, max_size=4))
def test_merged_peaks_have_the_number_of_files_with_a_peak_at_one_base(files: list[list[tuple[int, int]]]) -> None:
    """Held against stretches of covered bases, one base at a time."""
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.bed" for number in range(len(files))]
        for path, peaks in zip(paths, files, strict=True):
            path.write_text("".join(f"chr1\t{start}\t{start + n}\n" for start, n in peaks))
        merged, counts = load_peaks(paths, GENOME, PeakSettings(min_support=2))
    bases = [{base for start, n in peaks for base in range(start, start + n)} for peaks in files]
    support = {}
    for _, start, end, count in merged.values.tolist():
        stretch = set(range(start, end))
        assert stretch <= set.union(*bases) and count == max(sum(base in own for own in bases) for base in stretch)
        support |= dict.fromkeys(stretch, count)
    for peaks, row in zip(files, counts.to_dict("records"), strict=True):
        kept = sum(support[start] >= 2 for start, _ in peaks)
        assert (row["peaks"], row["kept"], row["in_few_files"]) == (len(peaks), kept, len(peaks) - kept)


def test_no_peak_is_in_more_files_than_there_are(tmp_path: Path) -> None:
    (tmp_path / "a.bed").write_text("chr1\t10\t20\n")
    with pytest.raises(DataError, match="peaks in 2 of 1 files are none"):
        load_peaks([tmp_path / "a.bed"], GENOME, PeakSettings(min_support=2))


def test_peaks_of_another_genome_are_refused(tmp_path: Path) -> None:
    for text, message in (
        ("1\t10\t20\n", "a.bed: no chromosome in common with the human genome: 1 here, chr1, chr2 there"),
        ("chr1\t10\t20\n2\t10\t20\n", "a.bed: '2' is called 'chr2' in the human genome"),
        (
            "chr1\t10\t20\n" + 300 * "NC_2\t10\t20\n",
            "a.bed: only 1 of 301 peaks lie on the human genome; the others on NC_2",
        ),
    ):
        (tmp_path / "a.bed").write_text(text)
        with pytest.raises(DataError, match=message):
            load_peaks([tmp_path / "a.bed"], GENOME)


def test_peaks_in_n_tell_another_assembly(tmp_path: Path, chains: Chains, caplog: pytest.LogCaptureFixture) -> None:
    """200 peaks of 10 bp: none of the right assembly is wholly in N; two may be (masked stretches), three may not."""
    write_twobit(
        tmp_path / "g.2bit", [packed("chr1", "ACGT" * 500 + "N" * 100), packed("new1", "ACGT" * 275 + "N" * 3900)]
    )
    genome, path = Genome(tmp_path / "g.2bit"), tmp_path / "a.bed"
    starts = [*range(0, 1980, 10), 1995]
    for in_n in (0, 1, 3):
        path.write_text("".join(f"chr1\t{a}\t{a + 10}\n" for a in (*starts, *(2000 + 10 * i for i in range(in_n)))))
        if in_n < 3:
            caplog.clear()
            load_peaks([path], genome)
            assert (f"{in_n} of {199 + in_n} peaks lie wholly in N of the human genome" in caplog.text) == (in_n > 0)
        else:
            with pytest.raises(DataError, match=r"a.bed: 3 of 202 peaks lie wholly in N of the human genome"):
                load_peaks([path], genome)
    path.write_text("old1\t110\t160\n")  # 1110-1160 of new1
    with pytest.raises(DataError, match=r"a.bed: 1 of 1 peaks lie wholly in N"):
        load_peaks([path], genome, PeakSettings(assembly="old"), chains)


# --- trimming ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peak", "summit", "trimmed"),
    [
        ((100, 1_214), None, (557, 757)),  # 1,114 bp about 657
        ((100, 301), None, (100, 300)),
        ((100, 300), None, (100, 300)),
        ((100, 250), None, (100, 250)),  # a narrow peak does not grow
        ((100, 1_214), 400, (300, 500)),
        ((100, 1_214), 130, (100, 230)),  # nor does a trimmed one leave its old bounds
        ((100, 1_214), 1_213, (1_113, 1_214)),
        ((100, 250), 120, (100, 250)),
    ],
)
def test_trimming_to_200_bp(peak: tuple[int, int], summit: int | None, trimmed: tuple[int, int]) -> None:
    peaks = pd.DataFrame({"chrom": ["chr1"], "start": [peak[0]], "end": [peak[1]]})
    if summit is not None:
        peaks["summit"] = summit
    assert trim_peaks(peaks, 200)[["start", "end"]].values.tolist() == [list(trimmed)]


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.integers(0, 500), st.integers(1, 500), st.integers(1, 300), st.floats(0, 0.999))
def test_a_trimmed_peak_lies_in_the_old_one_and_holds_its_centre(
    start: int, length: int, width: int, place: float
) -> None:
    summit = start + int(place * length)
    for column in ({}, {"summit": [summit]}):
        row = trim_peaks(pd.DataFrame({"start": [start], "end": [start + length], **column}), width).iloc[0]
        assert start <= row["start"] < row["end"] <= start + length
        assert row["end"] - row["start"] <= max(width, 0) or length <= width
        assert row["start"] <= (summit if column else start + length // 2) <= row["end"]


# --- another assembly ----------------------------------------------------------------------------------------------

# old1 → new1: bases 100-200 go to 1100-1200, 200-250 are gone, 250-400 go to 1200-1350; then, after 1,000 bp that are
# new, 400-500 to 2350-2450. old1 600-700 is duplicated. old2 goes, reversed, to new2; old3 to one that is not wanted.
CHAIN = """\
chain 300 old1 1000 + 100 500 new1 5000 + 1100 2450 1
100 50 0
150 0 1000
100

chain 90 old1 1000 + 600 700 new1 5000 + 3000 3100 2
100

chain 80 old1 1000 + 600 700 new1 5000 + 4000 4100 3
100

chain 70 old2 400 + 0 300 new2 400 - 0 300 4
300

chain 60 old3 400 + 0 300 newUn 300 + 0 300 5
300

"""
NEW = WithoutSequence({"new1": 5000, "new2": 400})
OLD_PEAKS = """\
old1\t110\t160\tkept
old1\t150\t250\tpartially deleted: 50 of 100 bases
old1\t205\t245\tdeleted
old1\t380\t420\tgrown: 40 bp become 1,040
old1\t610\t690\tduplicated
old1\t800\t900\tdeleted, no chain at all
old2\t100\t150\tkept, on the other strand
old3\t10\t60\telsewhere
"""


@pytest.fixture
def chains(tmp_path: Path) -> Chains:
    (tmp_path / "old.chain").write_text(CHAIN)
    return read_chains(tmp_path / "old.chain")


def test_peaks_of_another_assembly_are_lifted_and_each_is_accounted_for(tmp_path: Path, chains: Chains) -> None:
    (tmp_path / "a.bed").write_text(OLD_PEAKS)
    merged, counts = load_peaks([tmp_path / "a.bed"], NEW, PeakSettings(assembly="old"), chains)
    assert merged.values.tolist() == [["new1", 1110, 1160, 1], ["new2", 250, 300, 1]]
    assert counts.iloc[0].to_dict() == {
        "file": "a.bed", "assembly": "old", "peaks": 8, "trimmed": 0,
        "deleted": 2, "partially_deleted": 1, "split": 0, "duplicated": 1, "too_long": 1, "elsewhere": 1,
        "in_few_files": 0, "kept": 2,
    }  # fmt: skip
    assert summarize_losses(counts) == (
        "8 peaks, lifted from old: 2 kept; 2 deleted, 1 partially deleted, 1 duplicated, 1 too long, 1 elsewhere."
    )


def test_trimming_comes_before_the_lift(tmp_path: Path, chains: Chains) -> None:
    """A wide peak across a deletion: as a whole it cannot be lifted, its centre can."""
    (tmp_path / "a.bed").write_text("old1\t100\t220\n")
    wide = PeakSettings(assembly="old", width=40)
    merged, counts = load_peaks([tmp_path / "a.bed"], NEW, wide, chains)
    assert merged.values.tolist() == [["new1", 1140, 1180, 1]]
    assert counts.loc[0, ["trimmed", "kept"]].tolist() == [1, 1]
    with pytest.raises(DataError, match=r"none of its 1 peaks can be lifted from old .*column `assembly`"):
        load_peaks([tmp_path / "a.bed"], NEW, PeakSettings(assembly="old"), chains)


@pytest.mark.parametrize(("min_match", "kept"), [(0.51, 0), (0.5, 1)])
def test_min_match_decides(tmp_path: Path, chains: Chains, min_match: float, kept: int) -> None:
    (tmp_path / "a.bed").write_text("old1\t150\t250\nold1\t110\t120\n")
    _, counts = load_peaks([tmp_path / "a.bed"], NEW, PeakSettings(assembly="old", min_match=min_match), chains)
    assert counts.loc[0, ["partially_deleted", "kept"]].tolist() == [1 - kept, 1 + kept]


def test_peaks_and_chains_that_do_not_fit(tmp_path: Path, chains: Chains) -> None:
    peaks, old = tmp_path / "a.bed", PeakSettings(assembly="old")
    peaks.write_text("old1\t990\t1001\n")
    with pytest.raises(DataError, match=r"row 1, column 3 \(end\): 1001 is past the end of old1, 1000 bp.*`assembly`"):
        load_peaks([peaks], NEW, old, chains)
    for sizes, message in (
        ({"new1": 4000}, "new1 has 5,000 bp there, 4,000 bp in the human genome"),
        ({"x": 1}, "no chromosome in common with the human genome: new1, new2, newUn here, x there"),
    ):
        with pytest.raises(ChainError, match=f"the chains from old: {message}"):
            load_peaks([peaks], WithoutSequence(sizes), old, chains)


@pytest.mark.parametrize("species", ["Macaque", "Cow", "Mouse"])
def test_lifted_peaks_are_those_of_ucscs_program(shared: Path, species: str) -> None:
    """UCSC's liftOver is the witness: the same intervals, the same number lost for each reason."""
    golden = shared / "lift_golden"
    chains = read_chains(shared / f"encode_regions/chains/humanTo{species}.over.chain.gz")
    anything = PeakSettings(assembly="human", min_match=0.95, max_length_ratio=1e6)
    merged, counts = load_peaks([golden / "query.bed"], WithoutSequence(chains.query_sizes), anything, chains)
    with gzip.open(golden / f"{species}.min0.95.mapped.bed.gz", "rt") as file:
        rows = [line.split("\t")[:3] for line in file]
    mapped = pd.DataFrame(rows, columns=["chrom", "start", "end"]).astype({"start": int, "end": int})
    pd.testing.assert_frame_equal(merged, merge(mapped).assign(files=1))
    with gzip.open(golden / f"{species}.min0.95.unmapped.bed.gz", "rt") as file:
        reasons = Counter(line[1:].strip() for line in file if line.startswith("#"))
    row = counts.iloc[0]
    assert row["kept"] == len(mapped) > 100
    assert {reason: row[reason] for reason in LOSSES[:4]} == {
        reason: reasons[reason.capitalize().replace("_", " ") + " in new"] for reason in LOSSES[:4]
    }
    assert row["peaks"] == row["kept"] + row[list(LOSSES)].sum()

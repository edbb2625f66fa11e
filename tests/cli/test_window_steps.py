"""Steps that make windows: of bins and peaks, counted by hand; of several genomes in one job, each as alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.cli import main
from regssl.data.divergence import RATES
from regssl.data.windows import COLUMNS, window_table
from regssl.sequences.genome import Genome, to_twobit

GENOMES = ("near", "far")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two human windows of 20 bp, and the table of their homologs in two genomes."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("human", *GENOMES):
        bases = "".join(rng.choice(list("ACGT"), 200))
        Path(f"{name}.fa").write_text(f">c\n{bases}\n")
        to_twobit(f"{name}.fa", f"{name}.2bit")
    train = [("human", "c", 20 * source, 20 * source + 20, "+", source, "train", source) for source in (0, 1)]
    window_table(pd.DataFrame(train, columns=COLUMNS)).to_parquet("train.parquet")
    for place, name in enumerate(GENOMES):
        bins = {"chrom": "c", "start": [60 + place, 100 + place], "strand": "+", "lift_status": "kept"}
        pd.DataFrame(bins).to_parquet(f"{name}.bins.parquet")
    return tmp_path


def pseudo_label(*genomes: str, **changed: list[str]) -> int:
    values = {
        "genome-ids": [*genomes],
        "homologs": [f"{genome}.bins.parquet" for genome in genomes],
        "genomes": [f"{genome}.2bit" for genome in genomes],
        "out": [f"homologs/{genome}.npy" for genome in genomes],
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return main(
        ["step", "pseudo-label", "train.parquet", *(w for name, v in values.items() for w in (f"--{name}", *v))]
    )


@pytest.mark.usefixtures("folder")
def test_homologs_of_several_genomes_are_those_of_each_alone() -> None:
    alone = {}
    for genome in GENOMES:
        assert pseudo_label(genome) == 0
        alone[genome] = Path(f"homologs/{genome}.npy").read_bytes()
        table = pd.read_parquet(f"homologs/{genome}.parquet")
        own = Genome(f"{genome}.2bit").windows(table["chrom"], table["start"], 20)
        np.testing.assert_array_equal(np.load(f"homologs/{genome}.npy"), own)
    assert pseudo_label(*reversed(GENOMES)) == 0
    assert {genome: Path(f"homologs/{genome}.npy").read_bytes() for genome in GENOMES} == alone


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"genome_ids": ["near", "near"]}, "--genome-ids: near is named 2 times (name each once)"),
        ({"out": ["homologs/near.npy"]}, "--out: 1 given for 2 genome ids (give one for each, in order)"),
        (
            {"homologs": ["near.bins.parquet", "train.parquet"]},
            "train.parquet: it has no column lift_status (give the table of `step find-homologs`)",
        ),
        (
            {"homologs": ["near.bins.parquet", "few.parquet"]},
            "few.parquet: 1 bins, and train.parquet has bin 1 (make both",
        ),
    ],
)
def test_what_is_wrong_is_named(
    changed: dict[str, list[str]], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pd.read_parquet("near.bins.parquet").head(1).to_parquet("few.parquet")
    assert pseudo_label(*GENOMES, **changed) == 1
    assert message in capsys.readouterr().err
    assert not Path("homologs/far.npy").exists()


@pytest.mark.usefixtures("folder")
def test_windows_are_mutated_as_the_homologs_of_the_same_genome(capsys: pytest.CaptureFixture[str]) -> None:
    assert pseudo_label(*GENOMES) == 0
    pd.DataFrame([["near", 2, 40, *[0.1] * (len(RATES) - 2)]], columns=["genome", *RATES]).to_csv(
        "near.tsv", sep="\t", index=False
    )
    step = ["step", "mutate", "train.parquet", "human.2bit", "--dataset", "d", "--genome-ids", "near"]
    files = ["--divergence", "near.tsv", "--out", "mutated/near.npy"]
    assert main([*step, *files, "--homologs", "homologs/far.parquet"]) == 1
    assert "far.parquet: row 0 is of far (give the table of `step pseudo-label` of near" in capsys.readouterr().err
    assert main([*step, *files, "--homologs", "homologs/near.parquet"]) == 0
    assert np.load("mutated/near.npy").shape == (2, 20)


@pytest.mark.usefixtures("folder")
def test_held_out_windows_give_no_pseudo_labels(capsys: pytest.CaptureFixture[str]) -> None:
    pd.read_parquet("train.parquet").assign(split=["train", "test"]).to_parquet("train.parquet")
    assert pseudo_label(*GENOMES) == 1
    assert "train.parquet: row 1 is of test (give train.parquet)" in capsys.readouterr().err


PEAKS = {
    "a": "c\t10\t50\nc\t100\t120\n",
    "b": "c\t40\t70\nc\t140\t160\n",
    "d": "c\t45\t46\nc\t65\t90\nc\t110\t111\n",
}
"""Of three files: they merge to 10-90, which all have at base 45; 100-120, of two; and 140-160, of one."""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("min_support", "peaks", "lost"),
    [
        ([], ["10-90", "100-120", "140-160"], [0, 0, 0]),
        (["--min-support", "2"], ["10-90", "100-120"], [0, 1, 0]),
        (["--min-support", "3"], ["10-90"], [1, 1, 1]),
    ],
)
def test_peaks_that_too_few_files_have_are_set_apart(min_support: list[str], peaks: list[str], lost: list[int]) -> None:
    for name, text in PEAKS.items():
        Path(f"{name}.bed").write_text(text)
    outputs = ["out.bed", "counts.tsv", *(f"{name}.bed" for name in PEAKS), "--few", "few.bed"]
    assert main(["step", "load-peaks", "human.2bit", *outputs, "--dataset", "x", *min_support]) == 0
    found = {}
    for name in ("out", "few"):
        rows = [line.split("\t") for line in Path(f"{name}.bed").read_text().splitlines()]
        found[name] = [f"{start}-{end}" for _, start, end in rows]
    assert found == {"out": peaks, "few": [peak for peak in ("10-90", "100-120", "140-160") if peak not in peaks]}
    counts = pd.read_csv("counts.tsv", sep="\t")
    assert counts["peaks"].tolist() == [2, 2, 3] and counts["in_few_files"].tolist() == lost
    assert counts["kept"].tolist() == [n - few for n, few in zip(counts["peaks"], lost, strict=True)]


SPLITS = ["train"] * 6 + ["validation"] * 3 + ["test"] * 4
"""Of thirteen bins of 20 bp; bin i begins at base 20 i."""
MERGED = [(0, 35), (40, 54), (120, 140), (180, 201)]
"""Peaks. At least 15 bases of bins 0, 1, 6 and 9 are covered; 14 of bin 2, and 1 of bin 10: these are ambiguous."""
FEW = [(79, 80), (140, 160)]
"""Peaks that too few files have: bins 3 and 7 have a base of them, and are ambiguous too."""


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        ([], []),
        (["--few", "few.bed", "--ambiguous", "negative"], []),
        (["--ambiguous", "left_out"], [2, 10]),
        (["--few", "few.bed", "--ambiguous", "left_out"], [2, 3, 7, 10]),
    ],
)
def test_ambiguous_bins_are_negative_or_in_no_set(options: list[str], left_out: list[int]) -> None:
    Path("long.fa").write_text(f">c\n{'ACGT' * 65}\n")
    to_twobit("long.fa", "long.2bit")
    starts = np.arange(0, 260, 20)
    bins = pd.DataFrame({"chrom": "c", "start": starts, "end": starts + 20, "split": pd.Categorical(SPLITS)})
    bins.to_parquet("bins.parquet")
    for name, intervals in (("peaks", MERGED), ("few", FEW)):
        Path(f"{name}.bed").write_text("".join(f"c\t{start}\t{end}\n" for start, end in intervals))
    common = ["--genome-id", "human", "--min-overlap", "15", *options]

    step = ["step", "label-windows", "bins.parquet", "peaks.bed", "long.2bit"]
    assert main([*step, "sets", "--dataset", "x", *common]) == 0
    for split in dict.fromkeys(SPLITS):
        own = [bin_ for bin_ in range(13) if SPLITS[bin_] == split and bin_ not in left_out]
        table = pd.read_parquet(f"sets/{split}.parquet")
        assert table["source"].tolist() == own and len(np.load(f"sets/{split}.npy")) == len(own)
        assert table["label"].tolist() == [int(bin_ in (0, 1, 6, 9)) for bin_ in own]
    counts = pd.read_csv("sets/counts.tsv", sep="\t").set_index("split")
    ambiguous = {split: sum(SPLITS[bin_] == split for bin_ in left_out) for split in dict.fromkeys(SPLITS)}
    assert counts["ambiguous"].to_dict() == ambiguous

    assert main([*step, "few_sets", "--dataset", "x", "--max-negatives", "1", *common]) == 0
    drawn = pd.read_parquet("few_sets/train.parquet")["source"].tolist()
    step[1] = "extract-negatives"
    assert main([*step, "few_sets/train.parquet", "others.npy", *common]) == 0
    others = pd.read_parquet("others.parquet")["source"].tolist()
    assert len(drawn) == 3 and sorted(drawn + others) == [bin_ for bin_ in range(6) if bin_ not in left_out]

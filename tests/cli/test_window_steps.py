"""Steps that make the windows of several genomes in one job: each as alone, and nothing of another's."""

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

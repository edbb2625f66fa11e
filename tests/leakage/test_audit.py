"""The audit of a dataset of the small simulated data: clean as made, and every planted leak is found."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leakage.conftest import GENOMES, audited, audited_alone, chain, clear, counts, regssl
from regssl.io.parquet import load_table, save_table
from regssl.sequences.encoding import reverse_complement


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """The same dataset, to plant something in."""
    for folder in ("human", "homologs", "places"):
        shutil.copytree(made / folder, tmp_path / folder)
    shutil.copytree(made / "world/chains", tmp_path / "world/chains")
    shutil.copy(made / "bins.parquet", tmp_path)
    return tmp_path


def examples(folder: Path, kind: str) -> pd.DataFrame:
    table = pd.read_csv(folder / "audit/examples.tsv", sep="\t")
    return table[table["kind"] == kind].reset_index(drop=True)


def test_the_dataset_as_made_is_clean_and_could_have_leaked(copy: Path) -> None:
    assert audited(copy) == 0
    found = counts(copy)
    assert len(found) == 3 * 2
    assert not found[["back_lift", "homolog"]].fillna(0).any(axis=None)
    others = found.loc[list(GENOMES)]
    assert (others["reciprocal"] == others["windows"]).all(), "every homolog is aligned to its own human bin"
    assert (others["held_out_with_homolog"] > 100).all(), "and the held-out bins have homologs"
    assert found["similar_unique"].sum() == 0 and (found["compared"] > 0.9 * found["held_out"]).all()

    nearest = pd.read_parquet(copy / "audit/similarity.parquet")
    held_out = pd.concat([load_table(copy / f"human/{split}.parquet") for split in ("validation", "test")])
    assert nearest[["start", "label"]].values.tolist() == held_out[["start", "label"]].values.tolist()
    assert nearest["similarity"].dropna().between(0, 1).all()
    assert (nearest["similarity"].fillna(0) == nearest[["human", "homologs"]].max(axis=1).fillna(0)).all()


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_homolog_moved_onto_a_held_out_homolog(copy: Path, split: str, capsys: pytest.CaptureFixture[str]) -> None:
    bins, places = load_table(copy / "bins.parquet"), load_table(copy / "places/simDog.parquet")
    # they share 50 bp
    held_out = int(np.flatnonzero((bins["split"] == split) & (places["lift_status"] == "kept"))[7])
    table = load_table(copy / "homologs/simDog.parquet")
    table["chrom"] = table["chrom"].astype(str)
    start = int(places["start"][held_out]) + 150
    table.loc[5, ["chrom", "start", "end"]] = [str(places["chrom"][held_out]), start, start + 200]
    save_table(table, copy / "homologs/simDog.parquet")

    assert audited(copy) == 1
    message = capsys.readouterr().err
    assert f"on homologs; the worst: simDog {table['chrom'][5]}:{start}-{start + 200}" in message
    assert "leakage.fail_on_leak" in message and message.count("\n") == 1
    assert counts(copy).loc[("simDog", split), "homolog"] == 1
    assert not counts(copy).loc["simMouse", ["back_lift", "homolog"]].any(axis=None)
    listed = examples(copy, "homolog")
    chrom, place = bins["chrom"][held_out], bins["start"][held_out]
    assert (chrom, place) in set(zip(listed["held_out_chrom"], listed["held_out_start"], strict=True))
    assert set(listed["start"]) == {start} and (listed["bases"] >= 1).all()

    assert audited(copy, "--no-fail-on-leak") == 0
    assert "ctcf: " in capsys.readouterr().out


def test_a_back_lift_that_lands_in_a_test_bin(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One window of the set lies where a chain aligns a test bin, although no table of homologs lists it."""
    table = load_table(copy / "homologs/simMouse.parquet")
    bins, places = load_table(copy / "bins.parquet"), load_table(copy / "places/simMouse.parquet")
    test = int(np.flatnonzero((bins["split"] == "test") & (places["lift_status"] == "kept"))[3])
    table["chrom"] = table["chrom"].astype(str)
    start = int(places["start"][test])
    table.loc[0, ["chrom", "start", "end"]] = [str(places["chrom"][test]), start, start + 200]
    save_table(table, copy / "homologs/simMouse.parquet")
    places["start"] = places["start"].where(bins["split"] == "train", -1)
    save_table(places, copy / "places/simMouse.parquet")
    assert audited(copy) == 1
    found = counts(copy).loc[("simMouse", "test")]
    assert found["back_lift"] == 1 and found["reciprocal"] == found["windows"] - 1
    landed = examples(copy, "back_lift")
    assert (bins["chrom"][test], bins["start"][test]) in set(
        zip(landed["held_out_chrom"], landed["held_out_start"], strict=True)
    )
    assert "simMouse" in capsys.readouterr().err


def test_a_homolog_whose_source_is_a_held_out_bin(copy: Path) -> None:
    table = load_table(copy / "homologs/simDog.parquet")
    table.loc[2, "source"] = int(np.flatnonzero(load_table(copy / "bins.parquet")["split"] == "test")[0])
    save_table(table, copy / "homologs/simDog.parquet")
    assert audited(copy) == 1
    assert counts(copy).loc[("simDog", "test"), "homolog"] == 1


def test_a_human_window_on_a_held_out_bin(copy: Path) -> None:
    table, test = load_table(copy / "human/train.parquet"), load_table(copy / "human/test.parquet")
    table["chrom"] = table["chrom"].astype(str)
    table.loc[4, ["chrom", "start", "end"]] = ["chr3", int(test["start"][9]), int(test["end"][9])]
    save_table(table, copy / "human/train.parquet")
    assert audited(copy) == 1
    assert counts(copy)["back_lift"].to_dict() == {key: int(key == ("simHuman", "test")) for key in counts(copy).index}
    assert examples(copy, "back_lift")[["start", "held_out_start", "bases"]].values.tolist() == [
        [test["start"][9], test["start"][9], 200]
    ]


@pytest.mark.parametrize("changed", ["copied", "mutated", "reverse-complemented"])
@pytest.mark.parametrize("where", ["human/train", "homologs/simDog", "mutated/simDog"])
def test_a_test_window_in_a_training_set_is_found_and_is_no_leak_by_place(copy: Path, changed: str, where: str) -> None:
    rng = np.random.default_rng(1)
    shutil.copytree(copy / "homologs", copy / "mutated")
    for genome in GENOMES:  # any set with human places will do for mutated windows
        shutil.copy(copy / "human/train.npy", copy / f"mutated/{genome}.npy")
        shutil.copy(copy / "human/train.parquet", copy / f"mutated/{genome}.parquet")
    window = np.load(copy / "human/test.npy")[11]
    if changed == "mutated":
        hit = rng.choice(200, 6, replace=False)
        window[hit] = (window[hit] + rng.integers(1, 4, 6)) % 4
    elif changed == "reverse-complemented":
        window = reverse_complement(window)
    codes = np.load(copy / f"{where}.npy")
    codes[8] = window
    np.save(copy / f"{where}.npy", codes)
    assert audited(copy, "--mutated", copy / "mutated/simDog.npy", "--mutated-ids", "simDog") == 0, (
        "what is alike does not stop the workflow"
    )
    kind, genome = {"human/train": ("human", "simHuman")}.get(where, (where.partition("/")[0], "simDog"))
    found = pd.read_csv(copy / "audit/counts.tsv", sep="\t")
    row = found[(found["set"] == kind) & (found["genome"] == genome) & (found["split"] == "test")].iloc[0]
    assert row["similar"] == row["similar_unique"] == 1 == found["similar_unique"].sum()
    example = examples(copy, "similar").query("repeat_class == 'unique'").iloc[0]
    test, training = load_table(copy / "human/test.parquet"), load_table(copy / f"{where}.parquet")
    assert example["held_out_start"] == test["start"][11] and example["start"] == training["start"][8]
    assert example["similarity"] == 1 if changed != "mutated" else 0.3 <= example["similarity"] < 0.9
    nearest = pd.read_parquet(copy / "audit/similarity.parquet").query("split == 'test'").iloc[11]
    if kind != "mutated":
        assert nearest["similarity"] == nearest[kind] == pytest.approx(example["similarity"])
        assert nearest["genome"] == genome and nearest["train_start"] == training["start"][8]


@pytest.mark.parametrize(("side", "message"), [(2, "the bins: 1"), (7, "the homologs: E1")])
def test_chains_that_name_chromosomes_otherwise_leave_nothing_to_call_clean(
    copy: Path, capsys: pytest.CaptureFixture[str], side: int, message: str
) -> None:
    path = chain(copy, "simDog")
    lines = [line.split(" ") for line in gzip.decompress(path.read_bytes()).decode().split("\n")]
    for fields in lines:
        if fields[0] == "chain":
            fields[side] = fields[side].removeprefix("chr")
    path.write_bytes(gzip.compress("\n".join(map(" ".join, lines)).encode()))
    assert audited_alone(copy, copy / "audit") == 1
    assert f"{path}: no chromosome in common with {message}" in capsys.readouterr().err
    assert regssl(*clear(copy, "simDog")) == 1
    assert f"{path}: no chromosome in common with {message}" in capsys.readouterr().err


def test_chains_are_opened_for_windows_alone_that_nothing_has_cleared(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cleared = [copy / f"places/{genome}.cleared.parquet" for genome in GENOMES]
    assert audited_alone(copy, copy / "before", "--cleared", *cleared) == 0
    for genome in GENOMES:
        chain(copy, genome).write_text("damaged\n")
    assert audited_alone(copy, copy / "audit", "--cleared", *cleared) == 0
    assert (copy / "audit/counts.tsv").read_bytes() == (copy / "before/counts.tsv").read_bytes()
    table = load_table(copy / "homologs/simDog.parquet")
    table.loc[5, ["start", "end"]] += 1
    save_table(table, copy / "homologs/simDog.parquet")
    assert audited_alone(copy, copy / "audit", "--cleared", *cleared) == 1
    assert f"{chain(copy, 'simDog')}: line 1" in capsys.readouterr().err


def test_homologs_cleared_for_other_bins(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copy / "places/simDog.cleared.parquet"
    save_table(load_table(path).iloc[:-1], path)
    cleared = [copy / f"places/{genome}.cleared.parquet" for genome in GENOMES]
    assert audited_alone(copy, copy / "audit", "--cleared", *cleared) == 1
    bins = len(load_table(copy / "bins.parquet"))
    assert f"{path}: {bins - 1:,} rows, but there are {bins:,} bins" in capsys.readouterr().err


def test_sets_that_do_not_fit_are_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(copy / "homologs/simDog.npy", np.load(copy / "homologs/simDog.npy")[:, :150].copy())
    assert audited(copy) == 1
    assert "simDog.npy: windows of 150 bp, but those of" in capsys.readouterr().err
    np.save(copy / "homologs/simDog.npy", np.zeros((3, 200), np.uint8))
    assert audited(copy) == 1
    assert "simDog.npy: 3 sequences, but" in capsys.readouterr().err

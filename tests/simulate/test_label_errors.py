"""Label errors: by hand, and on simulated data with known rates of turnover."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from regssl.cli import main
from regssl.data.bins import label_bins, make_bins, sample_windows
from regssl.data.homologs import find_homologs
from regssl.data.peaks import load_peaks
from regssl.data.pseudo_labels import pseudo_label
from regssl.data.settings import HomologSettings, Sampling, Splits
from regssl.data.windows import COLUMNS, window_table
from regssl.liftover.chain_file import read_chains
from regssl.reporting.tables.label_errors import label_errors_table
from regssl.sequences.genome import Genome, to_twobit
from regssl.simulate.label_errors import contains_site, count_label_errors

SITES = pd.DataFrame(
    [
        ("ctcf", "h", "functional", "c", 195, 214),  # centre 204
        ("ctcf", "h", "silent", "c", 450, 469),
        ("rest", "h", "functional", "c", 650, 671),
        ("ctcf", "m", "functional", "x", 90, 109),  # centre 99: the last base of the first window
        ("ctcf", "m", "absent", ".", -1, -1),
    ],
    columns=["dataset", "genome", "state", "chrom", "start", "end"],
)


def windows(genome: str, chrom: str, *rows: tuple[int, int, int]) -> pd.DataFrame:
    return window_table(
        pd.DataFrame([(genome, chrom, at, at + 100, "+", label, "train", source) for at, label, source in rows],
                     columns=COLUMNS)
    )  # fmt: skip


TRAIN = windows("h", "c", (100, 1, 1), (200, 1, 2), (400, 0, 4), (600, 0, 6))
MOUSE = windows("m", "x", (0, 1, 2), (100, 1, 1), (300, 0, 4))


def test_a_window_holds_a_site_whose_centre_lies_in_it() -> None:
    assert contains_site(TRAIN, SITES, "ctcf").tolist() == [False, True, False, False]
    assert contains_site(TRAIN, SITES, "rest").tolist() == [False, False, False, True]
    assert contains_site(MOUSE, SITES, "ctcf").tolist() == [True, False, False]


def test_label_errors_by_hand() -> None:
    table = count_label_errors(TRAIN, {"m": MOUSE, "none": MOUSE.iloc[:0]}, SITES, "ctcf").set_index("genome")
    counts = ["positives", "wrong_positives", "negatives", "wrong_negatives", "sites", "lost"]
    assert table.loc["h", counts].tolist() == [2, 1, 2, 0, 1, 0]
    assert table.loc["m", counts].tolist() == table.loc["all", counts].tolist() == [2, 1, 1, 0, 1, 0]
    assert table.loc["none", counts].tolist() == [0] * 6
    assert table.loc["m", ["wrong_positive_fraction", "wrong_fraction", "lost_fraction"]].tolist() == [0.5, 1 / 3, 0]
    assert math.isnan(table.loc["none", "wrong_fraction"])
    rest = count_label_errors(TRAIN, {"m": MOUSE}, SITES, "rest").set_index("genome")
    assert rest.loc["h", counts].tolist() == [2, 2, 2, 1, 1, 0]
    display = label_errors_table(table.reset_index(), "CTCF", {"m": "Mouse"}).display
    assert display.iloc[:, 0].tolist() == ["h", "Mouse", "none", "All homologs"]


def test_a_dataset_the_world_does_not_know_has_no_fractions() -> None:
    table = count_label_errors(TRAIN, {"m": MOUSE}, SITES, "gata1")
    assert table[["wrong_positive_fraction", "lost_fraction"]].isna().all(axis=None)


def world(folder: Path, *options: str) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], pd.DataFrame]:
    """Training windows, their homologs and the sites of a small world; all bins train, all datasets are one."""
    assert main(["simulate", str(folder), "--size", "small", "--seed", "4", *options]) == 0
    for name in ("simHuman", "simChimp", "simMouse"):
        to_twobit(folder / f"genomes/{name}.fa.gz", folder / f"{name}.2bit")
    human = Genome(folder / "simHuman.2bit")
    bins = make_bins(human, Splits(train=["chr1"], validation=["chr2"], test=["chr3"]), 200).assign(split="train")
    peaks, _ = load_peaks(sorted((folder / "peaks").glob("*.narrowPeak")), human)
    train = sample_windows(bins, label_bins(bins, peaks, 100), Sampling(), "simHuman", "ctcf")["train"]
    homologs = {}
    for name in ("simChimp", "simMouse"):
        chains = read_chains(folder / f"chains/simHumanToS{name[1:]}.over.chain.gz")
        found = find_homologs(bins, chains, Genome(folder / f"{name}.2bit"), HomologSettings())
        homologs[name] = pseudo_label(train, found, name, 200)
    return train, homologs, pd.read_csv(folder / "truth/sites.tsv.gz", sep="\t")


def lost_fraction(train: pd.DataFrame, homologs: dict[str, pd.DataFrame], sites: pd.DataFrame) -> pd.Series:
    """By genome, over the sites of all factors."""
    tables = [count_label_errors(train, homologs, sites, dataset) for dataset in ("ctcf", "rest", "max", "atf3")]
    counts = pd.concat(tables).groupby("genome")[["sites", "lost"]].sum()
    assert (counts["sites"] > 50).all()
    return counts["lost"] / counts["sites"]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    return world(tmp_path_factory.mktemp("usual"))


def test_a_count_window_by_window_agrees(usual: tuple) -> None:
    train, homologs, sites = usual
    table = count_label_errors(train, homologs, sites, "rest").set_index("genome")
    bound = sites[(sites["dataset"] == "rest") & (sites["state"] == "functional")]
    for name, of_genome in {"simHuman": train, **homologs}.items():
        wrong = [0, 0]
        for row in of_genome.itertuples():
            here = bound[(bound["genome"] == name) & (bound["chrom"] == row.chrom)]
            held = any(row.start <= (a + b) // 2 < row.end for a, b in zip(here["start"], here["end"], strict=True))
            wrong[row.label] += held != bool(row.label)
        assert table.loc[name, ["wrong_negatives", "wrong_positives"]].tolist() == wrong, name


def test_sites_are_lost_as_fast_as_they_turn_over(usual: tuple, tmp_path: Path) -> None:
    still, fast = (lost_fraction(*world(tmp_path / rate, "--site-turnover", rate)) for rate in ("0", "3"))
    own = lost_fraction(*usual)
    assert still["simMouse"] < 0.12, "re-centred windows lose sites at their edges, no others"
    for name, distance in (("simChimp", 0.013), ("simMouse", 0.502)):
        assert own[name] == pytest.approx(1 - math.exp(-0.8 * distance), abs=0.12), name
    assert fast["simMouse"] > 0.5, "0.78 are lost, and some windows hold a new site"
    described = [json.loads((tmp_path / rate / "simulation.json").read_text()) for rate in ("0", "3")]
    assert [world["parameters"]["site_turnover"] for world in described] == [0.0, 3.0]

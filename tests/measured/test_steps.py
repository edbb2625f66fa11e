"""The steps of the workflow on measured labels: what they write, and one line for what a user may have done wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.bigbed import write_bigbed
from helpers.species import WIDTH, TwoSpecies, intervals
from regssl.cli import main
from regssl.data.packed import load_codes
from regssl.io.parquet import load_table, save_table
from regssl.io.tsv import read_tsv
from regssl.measured.columns import DISCRIMINATION, FILTER, OWN, OWN_SUMMARY, RATES
from regssl.measured.copies import MeasuredPeaks, measure_copies
from regssl.measured.own_windows import make_own_windows
from regssl.measured.settings import MeasuredSettings

HUMAN, MEASURED = intervals(("h1", 100, 260), ("h2", 400, 480)), intervals(("o1", 60, 220), ("o2", 100, 330))


class Lab:
    """The files of two species, as the workflow has them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.species = folder, TwoSpecies(folder)
        self.windows = self.species.windows(HUMAN)
        for split in ("train", "validation", "test"):
            save_table(self.windows[self.windows["split"] == split], folder / f"{split}.parquet")
        save_table(self.species.homologs, folder / "homologs.parquet")
        for name, table in (("human", HUMAN), ("measured", MEASURED)):
            table.to_csv(folder / f"{name}.bed", sep="\t", header=False, index=False)

    def species_options(self, **changed: str) -> list[str]:
        files = {"homologs": "homologs.parquet", "chain": "over.chain", "human": "human.2bit", "genome": "other.2bit",
                 "measured": "measured.bed"} | changed  # fmt: skip
        windows = [str(self.folder / f"{split}.parquet") for split in ("train", "validation", "test")]
        words = [word for name, file in files.items() for word in (f"--{name}", str(self.folder / file))]
        return ["--windows", *windows, *words, "--genome-id", "other", "--min-overlap", "40"]

    def copies(self, **changed: str) -> int:
        peaks = str(self.folder / "human.bed")
        out = [str(self.folder / name) for name in ("copies.npy", "sites.parquet")]
        options = ["--peaks", peaks, "--merged", peaks, "--motif", "CTCF"]
        return main(["step", "measure-copies", *out, *self.species_options(**changed), *options])

    def own(self, *more: str) -> int:
        return main(["step", "measure-own-windows", str(self.folder / "own.npy"), *self.species_options(), *more])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    made = Lab(tmp_path_factory.mktemp("lab"))
    assert made.copies() == 0 and made.own() == 0
    return made


def test_copies_and_own_windows_are_those_of_the_library(lab: Lab) -> None:
    peaks, species = MeasuredPeaks([HUMAN], MEASURED, None, 40), lab.species
    copies = load_table(lab.folder / "copies.parquet")
    expected = measure_copies(lab.windows, species.homologs, species.genomes, peaks, 0.1, None)
    for name in set(expected) - {"motif", "human_motif"}:
        assert (
            copies[name].tolist() == pytest.approx(expected[name].tolist(), nan_ok=True)
            if name == "divergence"
            else (copies[name].tolist() == expected[name].tolist())
        )
    assert copies["motif"].notna().all()
    minus = (copies["strand"] == "-").to_numpy()
    codes = species.genomes.other.windows(copies["chrom"], copies["start"].to_numpy(), WIDTH, minus)
    assert (load_codes(lab.folder / "copies.npy") == codes).all()
    own = load_table(lab.folder / "own.parquet")
    wanted = make_own_windows(lab.windows, species.homologs, species.genomes, peaks, MeasuredSettings())
    assert own.astype(str).equals(wanted.astype(str)) and len(load_codes(lab.folder / "own.npy")) == len(own)


def test_tables_have_their_columns(lab: Lab) -> None:
    folder = lab.folder
    identity = ["--dataset", "ctcf", "--genome-id", "other"]
    count = ["step", "count-true-copies", str(folder / "rates.tsv"), str(folder / "copies.parquet"),
             str(folder / "sites.parquet"), "--files", "1", *identity]  # fmt: skip
    assert main(count) == 0
    rates = read_tsv([folder / "rates.tsv"], RATES)
    assert set(rates["unit"]) == {"windows", "peaks"} and rates["copies"].max() > 10
    rng, runs = np.random.default_rng(0), []
    for method, seed in (("sl", 0), ("sl", 1), ("ssl", 0), ("ssl", 1)):
        for kind in ("copies", "own"):
            table = load_table(folder / f"{kind}.parquet", ["chrom", "start", "end", "label"])
            save_table(table.assign(logit=rng.normal(size=len(table))), folder / f"{method}{seed}.{kind}.parquet")
        runs.append((method, seed))
    names = ["--models", *["deepbind"] * 4, "--methods", *[m for m, _ in runs], "--seeds", *[str(s) for _, s in runs]]
    files = [f"{folder}/{method}{seed}" for method, seed in runs]
    score = ["step", "score-measured", str(folder / "scores"), "--copies", str(folder / "copies.parquet"),
             "--sites", str(folder / "sites.parquet"), "--own",
             str(folder / "own.parquet"), "--copy-predictions", *[f"{file}.copies.parquet" for file in files],
             "--own-predictions", *[f"{file}.own.parquet" for file in files], *names, *identity,
             "--replicates", "100"]  # fmt: skip
    assert main(score) == 0
    for name, columns in (("discrimination", DISCRIMINATION), ("own", OWN), ("own_summary", OWN_SUMMARY)):
        assert list(read_tsv([folder / f"scores/{name}.tsv"], columns)) == list(columns)
    assert len(read_tsv([folder / "scores/own.tsv"], OWN)) == 4 * 3
    chosen = ["step", "filter-copies", str(folder / "filter.tsv"), str(folder / "copies.parquet"),
              *[f"{file}.copies.parquet" for file in files[:2]], "--homologs", str(folder / "train.parquet"),
              "--human", str(folder / "train.parquet"), "--models", "deepbind", "deepbind", "--methods", "sl", "sl",
              "--seeds", "0", "1", *identity, "--folds", "1"]  # fmt: skip
    assert main(chosen) == 0
    assert len(read_tsv([folder / "filter.tsv"], FILTER)) == 4


def test_no_measured_peak_is_refused(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Without any, every copied positive would count as false."""
    (lab.folder / "none.bed").write_text("# nothing\n")
    assert lab.copies(measured="none.bed") == 1
    assert "none.bed: no peak in it" in capsys.readouterr().err
    (lab.folder / "region.bed").write_text("o3\t0\t200\n")
    assert lab.own("--regions", str(lab.folder / "region.bed")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "measured.bed: no peak in the measured regions of other" in line


def test_measured_peaks_of_another_assembly_are_one_line(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """In the job too, for what was downloaded after the first check; file and genome are named."""
    size = lab.species.genomes.other.sizes["o1"]
    write_bigbed(lab.folder / "header.bigBed", [("o1", 60, 220)], {"o1": size - 1})
    for name, text in (("names", "1\t60\t220\n"), ("end", f"o1\t60\t{size + 1}\n"), ("called", "O1\t60\t220\n")):
        (lab.folder / f"{name}.bed").write_text(text)
    for file, message in (
        ("header.bigBed", f"header.bigBed: o1 has {size - 1:,} bp there, {size:,} bp in other (another assembly?)"),
        ("names.bed", "names.bed: no chromosome in common with other: 1 here, o1, o2"),
        ("end.bed", f"end.bed, row 1, column 3 (end): {size + 1} is past the end of o1, {size} bp long in other"),
        ("called.bed", "called.bed: no chromosome in common with other: O1 here"),
    ):
        assert lab.copies(measured=file) == 1
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("regssl ")]
        assert message in line


def test_homologs_of_other_settings_are_refused(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    out = [str(lab.folder / name) for name in ("again.npy", "again_sites.parquet")]
    peaks = str(lab.folder / "human.bed")
    options = ["--peaks", peaks, "--merged", peaks, "--homolog-min-match", "0.95"]
    assert main(["step", "measure-copies", *out, *lab.species_options(), *options]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "homologs are not where the chains lead" in line
    assert not (lab.folder / "again.npy").exists()


def test_predictions_of_other_windows_are_one_line(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    table = load_table(lab.folder / "own.parquet", ["chrom", "start", "end", "label"]).assign(logit=0.0)
    save_table(table, lab.folder / "wrong.parquet")
    wrong = str(lab.folder / "wrong.parquet")
    command = ["step", "score-measured", str(lab.folder / "no"), "--copies", str(lab.folder / "copies.parquet"),
               "--sites", str(lab.folder / "sites.parquet"), "--own", str(lab.folder / "own.parquet"),
               "--copy-predictions", wrong, "--own-predictions", wrong,
               "--models", "d", "--methods", "sl", "--seeds", "0", "--dataset", "c", "--genome-id", "o"]  # fmt: skip
    assert main(command) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "predictions of d/sl/seed0 are of other windows" in line


def test_edges_that_do_not_ascend_are_refused(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["step", "count-true-copies", str(lab.folder / "r.tsv"), str(lab.folder / "copies.parquet"),
               str(lab.folder / "sites.parquet"), "--files", "1", "--dataset", "c", "--genome-id", "o",
               "--motif-edges", "10", "5"]  # fmt: skip
    assert main(command) == 1
    assert "--motif-edges: edges must ascend" in capsys.readouterr().err


def test_several_sets_are_predicted_as_each_alone(lab: Lab) -> None:
    from regssl.models.baselines import GCLogistic
    from regssl.models.serialization import save

    model = lab.folder / "model.safetensors"
    metadata = {"architecture": "gc_logistic", "params": {}, "width": WIDTH, "reverse_complement": False,
                "precision": "32-true", "method": "gc_logistic", "seed": 0}  # fmt: skip
    save(GCLogistic(WIDTH), metadata, model)
    sets = [str(lab.folder / f"{kind}.npy") for kind in ("copies", "own")]
    together = [str(lab.folder / f"{kind}.together.parquet") for kind in ("copies", "own")]
    assert main(["step", "predict-sets", *sets, "--models", str(model), "--out", *together]) == 0
    for windows, path in zip(sets, together, strict=True):
        assert main(["predict", windows, str(model), "--out", str(lab.folder / "alone.parquet")]) == 0
        pd.testing.assert_frame_equal(load_table(path), load_table(lab.folder / "alone.parquet"))
    assert main(["step", "predict-sets", *sets, "--models", str(model), "--out", together[0]]) == 1

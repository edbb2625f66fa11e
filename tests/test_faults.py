"""Faults that no other file tests, and the page of all of them (docs/faults.md): its tests exist."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import regssl
from helpers import localserver
from helpers.packed import packed
from helpers.paths import ROOT
from helpers.training_sets import SETTINGS, on_disk, windows
from regssl.cli import main
from regssl.download.fetch import download
from regssl.errors import DataError
from regssl.evaluation.metrics import missing_class
from regssl.evaluation.summary import failed_datasets, unscored
from regssl.io.bed import read_bed
from regssl.io.json_object import read_json_object
from regssl.sequences.encoding import encode
from regssl.sequences.twobit import TwoBit, write_twobit

PAGE = (ROOT / "docs/faults.md").read_text()
ROWS = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| fault |", "| format |"))
]


def test_the_page_has_every_fault() -> None:
    assert len(ROWS) >= 30


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_page_names_tests_that_exist(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
    assert named, row
    for file, test in named:
        assert re.search(rf"^ *def {test}\(", (ROOT / file).read_text(), re.MULTILINE), f"{file} has no {test}"


def regssl_command(*arguments: object, kill_at: str | None = None) -> str:
    """Run a command in a process of its own; kill it when it prints `kill_at`."""
    command = [sys.executable, "-m", "regssl.cli", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        printed = []
        for line in process.stdout or []:
            printed.append(line)
            if kill_at and kill_at in line:
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == (-signal.SIGKILL if kill_at else 0), "".join(printed)
    return "".join(printed)


@pytest.mark.slow
def test_a_training_job_that_is_killed_ends_with_the_same_bytes(tmp_path: Path) -> None:
    """SIGKILL in the middle of both phases of ssl: rerun twice, it ends with the model of a run left alone."""
    settings = {**SETTINGS, "training": {**SETTINGS["training"], "max_epochs": 5, "patience": 5}}
    sets = [on_disk(tmp_path, name, n, seed) for name, n, seed in
            (("human", 160, 1), ("homologs", 300, 2), ("validation", 80, 4))]  # fmt: skip

    def train(out: str, kill_at: str | None = None) -> str:
        return regssl_command(
            "train", tmp_path / out, "--settings", json.dumps(settings), "--method", "ssl", "--seeds", 0, 1,
            "--human", sets[0], "--homologs", sets[1], "--validation", sets[2], kill_at=kill_at,
        )  # fmt: skip

    train("whole")
    train("killed", kill_at="seed 0 pretrain epoch 3")
    assert not list((tmp_path / "killed").glob("seed*/model.safetensors"))
    assert "going on after epoch" in train("killed", kill_at="seed 0 finetune epoch 2")
    message = train("killed")
    assert "going on after epoch" in message and "seed 0 pretrain" not in message
    for seed in (0, 1):
        models = [(tmp_path / out / f"seed{seed}/model.safetensors").read_bytes() for out in ("whole", "killed")]
        assert models[0] == models[1]
    assert not list((tmp_path / "killed").glob("seed*/checkpoints"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_job_that_is_interrupted_says_so_in_a_line(tmp_path: Path, number: signal.Signals) -> None:
    """Lightning has handlers and messages of its own for both; the last complete epoch is kept."""
    settings = {**SETTINGS, "training": {**SETTINGS["training"], "max_epochs": 500, "patience": 500}}
    human, validation = on_disk(tmp_path, "human", 160, 1), on_disk(tmp_path, "validation", 80, 4)
    command = [sys.executable, "-m", "regssl.cli", "train", str(tmp_path / "run"), "--settings", json.dumps(settings),
               "--method", "sl", "--seeds", "0", "--human", str(human), "--validation", str(validation)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as training:
        next(line for line in training.stdout or [] if "epoch 2" in line)
        training.send_signal(number)
        try:
            error = training.communicate(timeout=60)[1]
        finally:
            training.kill()
    assert (training.returncode, error.count("\n")) == (128 + number, 1) and f"ended by {number.name}" in error
    files = [path.name for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert len(files) == 1 and files[0].endswith(".ckpt")


def without_positives(folder: Path, name: str, n: int) -> Path:
    """A set whose windows are all negative."""
    path = on_disk(folder, name, n, 5)
    table = pd.read_parquet(path.with_suffix(".parquet"))
    table.assign(label=np.zeros(n, np.uint8)).to_parquet(path.with_suffix(".parquet"))
    return path


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [("human", "no positive training window"),
     ("validation", "no positive validation window"),
     ("test", "no positive test window")],
)  # fmt: skip
def test_a_run_without_positives_passes_through_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lacking: str, reason: str
) -> None:
    """From training to the summary, which is an error where no run has a score."""
    sets = {
        name: without_positives(tmp_path, name, 40) if name == lacking else on_disk(tmp_path, name, 40, 1)
        for name in ("human", "validation", "test")
    }
    settings = {**SETTINGS, "training": {**SETTINGS["training"], "max_epochs": 1, "steps_per_epoch": 2}}
    run = tmp_path / "run/seed0"

    def call(*arguments: object) -> int:
        return main([str(argument) for argument in arguments])

    assert call("train", tmp_path / "run", "--settings", json.dumps(settings), "--method", "sl", "--seeds", 0,
                "--human", sets["human"], "--validation", sets["validation"]) == 0  # fmt: skip
    assert json.loads((run / "run.json").read_text()).get("failure", "") == (reason if lacking != "test" else "")
    if lacking != "test":
        with pytest.raises(DataError, match=rf"model\.safetensors: holds no weights: {reason}"):
            regssl.load(run / "model.safetensors")
    assert call("predict", sets["test"], run / "model.safetensors", "--out", run / "p.parquet") == 0
    table = pd.read_parquet(run / "p.parquet")
    assert len(table) == 40 and table["logit"].isna().all() == (lacking != "test")
    run_options = ["--dataset", "rest", "--model", "deepbind", "--method", "sl", "--seeds", 0]
    assert call("step", "evaluate", run / "p.parquet", "--out", run / "m.json", *run_options) == 0
    metrics = read_json_object(run / "m.json")
    assert (metrics["aupr"], metrics["auroc"], metrics["failure"]) == (None, None, reason)
    assert metrics["windows"] == 40
    capsys.readouterr()
    assert call("step", "summarize", tmp_path / "s.tsv", run / "m.json") == 1
    assert f"no run has a score: rest: {reason}" in capsys.readouterr().err and not (tmp_path / "s.tsv").exists()
    (tmp_path / "ours.json").write_text(
        json.dumps({**metrics, "dataset": "ctcf", "aupr": 0.5, "auroc": 0.5, "failure": None})
    )
    assert call("step", "summarize", tmp_path / "s.tsv", run / "m.json", tmp_path / "ours.json") == 0
    summary = pd.read_csv(tmp_path / "s.tsv", sep="\t")
    assert failed_datasets(summary) == {"rest": reason}
    assert unscored(failed_datasets(summary), {"rest": "REST"}) == f"Without a score: REST ({reason})."


def test_what_a_split_lacks() -> None:
    assert missing_class([0, 1], "train") == ""
    assert missing_class([], "test") == "no positive test window"
    assert missing_class([1, 1], "validation") == "no negative validation window"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_peaks_with_the_line_ends_of_other_systems(tmp_path: Path, end: str) -> None:
    text = "chr1\t10\t200\tp1\t0\t.\t3\t-1\t2\t7\nchr2\t0\t55\tp2\t0\t.\t3\t-1\t2\t9\n"
    (tmp_path / "unix").write_bytes(text.encode())
    (tmp_path / "other").write_bytes(text.replace("\n", end).encode())
    unix, other = (read_bed(tmp_path / name, summits=True) for name in ("unix", "other"))
    pd.testing.assert_frame_equal(unix, other)


def test_a_coordinate_that_no_chromosome_reaches(tmp_path: Path) -> None:
    """Found by fuzzing: it did not fit into 64 bits."""
    (tmp_path / "p.bed").write_text(f"chr1\t1\t{2**70}\n")
    with pytest.raises(DataError, match=r"p\.bed, row 1, column 3 \(end\): \d+ is past any chromosome's end"):
        read_bed(tmp_path / "p.bed")


SPLITS = ["--train-chroms", "a", "b", "--validation-chroms", "c", "--test-chroms", "d"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A human genome of four chromosomes of 40 bins of 20 bp, with peaks on all but b, and another genome."""
    letters = np.random.default_rng(1)
    text = ["".join(letters.choice(list("ACGT"), 800)) for _ in range(5)]
    write_twobit(tmp_path / "human.2bit", [packed(name, one) for name, one in zip("abcd", text, strict=False)])
    write_twobit(tmp_path / "other.2bit", [packed("q", text[4])])
    peaks = "".join(f"{chrom}\t{start}\t{start + 20}\n" for chrom in "acd" for start in (0, 200, 400))
    (tmp_path / "peaks.bed").write_text(peaks)
    return tmp_path


def test_a_genome_without_any_homolog_and_a_chromosome_without_peaks(small: Path) -> None:
    """The only chain covers 10 bp: nothing is lifted, the empty set joins the others, and ssl is trained."""

    def call(*arguments: object) -> None:
        assert main([str(argument) for argument in arguments]) == 0

    names = small / "names.json"
    display = {"datasets": {"x": "X"}, "models": {}, "methods": {}, "genomes": {"other": "Other"}}
    names.write_text(json.dumps(display))
    (small / "x.chain").write_text("chain 1 a 800 + 5 6 q 800 + 5 6 1\n1\n\n")
    call("step", "make-bins", small / "human.2bit", small / "bins.parquet", *SPLITS, "--width", 20)
    call("step", "find-homologs", small / "bins.parquet", small / "x.chain", small / "human.2bit", small / "other.2bit",
         small / "other.parquet", small / "other.tsv")  # fmt: skip
    assert (pd.read_parquet(small / "other.parquet")["lift_status"] != "kept").all()
    call(
        "step",
        "load-peaks",
        small / "human.2bit",
        small / "merged.bed",
        small / "peaks.tsv",
        small / "peaks.bed",
        "--dataset",
        "x",
    )
    call("step", "label-windows", small / "bins.parquet", small / "merged.bed", small / "human.2bit", small / "human",
         "--dataset", "x", "--genome-id", "human", "--min-overlap", 10)  # fmt: skip
    counts = pd.read_csv(small / "human/counts.tsv", sep="\t").set_index("split")
    assert counts["positives"].to_dict() == {"train": 3, "validation": 3, "test": 3} and counts["failure"].isna().all()
    call("step", "pseudo-label", small / "human/train.parquet", "--homologs", small / "other.parquet",
         "--genomes", small / "other.2bit", "--out", small / "sets/other.npy", "--genome-ids", "other")  # fmt: skip
    call("report", "lift-status", small / "human/train.parquet", small / "other.parquet",
         "--genome-ids", "other", "--peaks", small / "peaks.tsv", "--dataset", "x",
         "--names", names, "--out", small / "lift")  # fmt: skip
    call("report", "table1", "--lift", small / "lift.tsv", "--counts", small / "human/counts.tsv",
         "--peaks", small / "peaks.tsv", "--names", names, "--out", small / "table1")  # fmt: skip
    assert pd.read_csv(small / "table1.tsv", sep="\t").loc[0, "fold"] == 1
    call("report", "lift-figure", "--lift", small / "lift.tsv", "--names", names, "--out", small / "figure")
    settings = {**SETTINGS, "training": {**SETTINGS["training"], "max_epochs": 1, "steps_per_epoch": 2}}
    call("train", small / "run", "--settings", json.dumps(settings), "--method", "ssl", "--seeds", 0,
         "--human", small / "human/train.npy", "--validation", small / "human/validation.npy",
         "--homologs", small / "sets/other.npy")  # fmt: skip
    assert json.loads((small / "run/seed0/run.json").read_text())["windows"]["homologs"] == 0


def test_merged_peaks_of_another_naming_label_nothing(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bins, human = str(small / "bins.parquet"), str(small / "human.2bit")
    assert main(["step", "make-bins", human, bins, *SPLITS, "--width", "20"]) == 0
    (small / "merged.bed").write_text("chra\t0\t20\n")
    label = ["step", "label-windows", bins, str(small / "merged.bed"), human, str(small / "x")]
    assert main([*label, "--dataset", "x", "--genome-id", "human", "--min-overlap", "10"]) == 1
    assert (
        "merged.bed: no chromosome in common with the human genome: chra here, a, b, c … there"
        in capsys.readouterr().err
    )
    assert not (small / "x").exists()


def test_a_genome_cut_short_is_shorter_than_in_its_chains(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plain FASTA file has no end that could be missing."""
    (small / "x.chain").write_text("chain 1 a 800 + 5 6 q 900 + 5 6 1\n1\n\n")
    assert (
        main(["step", "make-bins", str(small / "human.2bit"), str(small / "bins.parquet"), *SPLITS, "--width", "20"])
        == 0
    )
    arguments = ["bins.parquet", "x.chain", "human.2bit", "other.2bit", "other.parquet", "other.tsv"]
    assert main(["step", "find-homologs", *(str(small / name) for name in arguments)]) == 1
    assert f"x.chain: q has 900 bp there, 800 bp in {small / 'other.2bit'}" in capsys.readouterr().err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    (tmp_path / "disk").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path / "disk")]
    if (done := subprocess.run(mount, capture_output=True, text=True)).returncode:
        pytest.skip(f"a small disk cannot be mounted here (needs root): {done.stderr.strip()}")
    yield tmp_path / "disk"
    subprocess.run(["umount", tmp_path / "disk"], check=True)


def test_a_disk_that_is_full_of_checkpoints(
    tmp_path: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Training stops with one line, and goes on where it was when there is room."""
    human, validation = on_disk(tmp_path, "human", 160, 1), on_disk(tmp_path, "validation", 80, 4)
    settings = {**SETTINGS, "params": {"filters": 64, "filter_width": 24, "hidden": 64}}
    train = ["train", str(small_disk / "run"), "--settings", json.dumps(settings), "--method", "sl", "--seeds", "0",
             "--human", str(human), "--validation", str(validation)]  # fmt: skip
    assert main(train) == 1
    message = capsys.readouterr().err
    assert re.fullmatch(r"regssl train: \S+/train\.ckpt: cannot be written: No space left on device \(.*\)\n", message)
    assert not (small_disk / "run/seed0/model.safetensors").exists()
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    assert main(train) == 0 and (small_disk / "run/seed0/model.safetensors").exists()


def test_a_download_to_a_full_disk(small_disk: Path) -> None:
    with localserver.listening() as server, pytest.raises(DataError, match="No space left on device") as error:
        download(server.serve("/file", localserver.Answer(bytes(200_000))), small_disk / "file", retries=0)
    assert str(small_disk / "file") in str(error.value) and not (small_disk / "file").exists()


def test_codes_that_are_no_bases_are_refused(tmp_path: Path) -> None:
    """Found by fuzzing."""
    codes, _ = windows(40, 1)
    codes[3, 3] = 7
    on_disk(tmp_path, "human", 40, 1)
    np.save(tmp_path / "human.npy", codes)
    from regssl.data.dataset import WindowDataset

    with pytest.raises(DataError, match=r"human\.npy: holds 7, which is no code of a base"):
        WindowDataset.load([tmp_path / "human.npy"])
    assert encode("N") == 4


def test_what_fuzzing_found_in_text_formats(tmp_path: Path) -> None:
    """Each was accepted, or ended in a traceback, before `make fuzz` found it."""
    from regssl.download.lockfile import Lockfile
    from regssl.io.vcf import read_vcf
    from regssl.variants.readers import VariantFormat, read_variants

    def message(read: Callable[[Path], Any], data: bytes) -> str:
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(DataError, match=re.escape(str(tmp_path / "file"))) as error:
            read(tmp_path / "file")
        return str(error.value)

    whole = bytearray(gzip.compress(b"chr1\t1\t2\n" * 1000, mtime=0))
    whole[10] ^= 6  # no such kind of block
    assert "damaged gzip" in message(read_bed, bytes(whole))
    assert "row 1: 1 columns" in message(read_bed, b"\x1f")  # white space to Python, not to BED
    header = b"chrom\tpos\tref\talt\teffect\n"
    assert "line 3: 2 cells, the header has 5" in message(
        lambda path: read_variants(path, VariantFormat("table")), header + b"chr1\t1\tA\tC\t0.5\nchr1\t2"
    )
    assert "is not a whole number" in message(
        lambda path: read_variants(path, VariantFormat("table")), header + b"chr1\t1e300\tA\tC\t0.5\n"
    )
    assert "'" + "9" * 30 + "' is not a position" in message(
        lambda path: list(read_vcf(path)), b"chr1\t" + b"9" * 30 + b"\t.\tA\tC\n"
    )
    assert "row 1: its columns are not" in message(lambda path: Lockfile(path).rows(), b"url")


def test_what_fuzzing_found_in_2bit_files(tmp_path: Path) -> None:
    write_twobit(tmp_path / "g.2bit", [packed("a", "ACGT"), packed("b", "GGTT")])
    data = (tmp_path / "g.2bit").read_bytes()
    (tmp_path / "g.2bit").write_bytes(data.replace(b"\x01b", b"\x01a"))
    with pytest.raises(DataError, match=r"g\.2bit: two sequences of one name"):
        TwoBit(tmp_path / "g.2bit")

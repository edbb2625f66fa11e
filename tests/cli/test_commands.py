"""The command line: every step as a command, errors as one line."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.cli import all_commands, main

SPLITS = ["--train-chroms", "chr1", "--validation-chroms", "chr2", "--test-chroms", "chr3"]
RUN = ["--dataset", "ctcf", "--model", "deepbind", "--method", "sl", "--seeds", "0"]


@pytest.mark.parametrize("command", all_commands())
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*command.split(), "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert f"usage: regssl {command}" in text
    assert "None" not in text and "[]" not in text, "only informative defaults"


def test_help_names_every_command_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    for group in ("", "step ", "report "):
        with pytest.raises(SystemExit):
            main([*group.split(), "--help"])
        listed = capsys.readouterr().out.splitlines()
        for command in all_commands():
            if command.startswith(group) and " " not in command.removeprefix(group):
                (line,) = [words for line in listed if (words := line.split())[:1] == [command.removeprefix(group)]]
                assert line[-1].endswith("."), "one line each"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["chek"], "regssl: error: no command 'chek'; did you mean `regssl check`?"),
        (["find-homologs"], "regssl: error: no command 'find-homologs'; did you mean `regssl step find-homologs`?"),
        (["step", "comare"], "regssl step: error: no command 'comare'; did you mean `regssl step compare`?"),
        (["%s"], "regssl: error: no command '%s'; `regssl --help` lists them"),
        ([], "regssl: error: no command; `regssl --help` lists them, with the groups `explain`, `step` and `report`"),
        (["step"], "regssl step: error: no command; `regssl step --help` lists them"),
    ],
)
def test_an_unknown_command_is_named_with_a_similar_one(
    typed: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(typed)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_help_imports_neither_torch_nor_pandas() -> None:
    code = "import sys; from regssl.cli import all_commands, build_parser; build_parser(); all_commands()"
    code += "; print({'torch', 'pandas', 'numba', 'pydantic'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


@pytest.mark.parametrize(
    "module", ["data.intervals", "data.homologs", "liftover.lift", "config.schema", "sequences.genome"]
)
def test_data_modules_do_not_import_torch(module: str) -> None:
    code = f"import sys, regssl.{module}; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


@pytest.mark.parametrize(
    "module",
    ["data.peaks", "data.homologs", "data.divergence", "data.mutation", "leakage.audit", "liftover.lift",
     "reporting.comparison_page", "reporting.tables.leakage", "reporting.tables.table1", "variants.effects"],
)  # fmt: skip
def test_nothing_slow_is_imported_before_it_is_needed(module: str) -> None:
    code = f"import sys, regssl.{module}; print({{'torch', 'numba', 'scipy', 'matplotlib'}} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_the_steps_as_commands(tmp_path: Path) -> None:
    """From the small world to homolog sets, each step by hand, checked against the world's own truth."""
    world, out = tmp_path / "world", tmp_path

    def regssl(*arguments: object) -> None:
        assert main([str(argument) for argument in arguments]) == 0

    regssl("simulate", world, "--size", "small", "--seed", 3)
    for genome in ("simHuman", "simMouse"):
        regssl("step", "index-genome", world / f"genomes/{genome}.fa.gz", out / f"{genome}.2bit")
    regssl("step", "make-bins", out / "simHuman.2bit", out / "bins.parquet", *SPLITS)
    regssl("step", "find-homologs", out / "bins.parquet", world / "chains/simHumanToSimMouse.over.chain.gz",
           out / "simHuman.2bit", out / "simMouse.2bit", out / "simMouse.parquet", out / "counts.tsv")  # fmt: skip
    names = out / "names.json"
    names.write_text(
        json.dumps({"datasets": {"ctcf": "CTCF"}, "models": {}, "methods": {}, "genomes": {"simMouse": "Mouse"}})
    )
    peaks = sorted((world / "peaks").glob("ctcf*"))
    regssl(
        "step", "load-peaks", out / "simHuman.2bit", out / "peaks.bed", out / "peaks.tsv", *peaks, "--dataset", "ctcf"
    )
    regssl("step", "label-windows", out / "bins.parquet", out / "peaks.bed", out / "simHuman.2bit", out / "human",
           "--dataset", "ctcf", "--genome-id", "simHuman")  # fmt: skip
    regssl("step", "pseudo-label", out / "human/train.parquet", "--genome-ids", "simMouse",
           "--homologs", out / "simMouse.parquet", "--genomes", out / "simMouse.2bit",
           "--out", out / "sets/simMouse.npy")  # fmt: skip
    regssl("report", "lift-status", out / "human/train.parquet", out / "simMouse.parquet",
           "--genome-ids", "simMouse", "--peaks", out / "peaks.tsv", "--dataset", "ctcf",
           "--names", names, "--out", out / "lift")  # fmt: skip

    regssl("step", "estimate-divergence", out / "bins.parquet", out / "simMouse.parquet",
           world / "chains/simHumanToSimMouse.over.chain.gz", out / "simHuman.2bit", out / "simMouse.2bit",
           out / "simMouse.tsv", "--genome-id", "simMouse")  # fmt: skip
    regssl("step", "mutate", out / "human/train.parquet", out / "simHuman.2bit", "--dataset", "ctcf",
           "--genome-ids", "simMouse", "--homologs", out / "sets/simMouse.parquet",
           "--divergence", out / "simMouse.tsv", "--out", out / "mutated/simMouse.npy")  # fmt: skip
    regssl("report", "divergence", out / "simMouse.tsv", "--clades", "", "--tree-distances", 0.502,
           "--names", names, "--out", out / "divergence")  # fmt: skip

    human, mouse = pd.read_parquet(out / "human/train.parquet"), pd.read_parquet(out / "sets/simMouse.parquet")
    assert np.load(out / "human/train.npy").shape == (len(human), 200)
    assert np.load(out / "sets/simMouse.npy").shape == (len(mouse), 200)
    with gzip.open(out / "sets/simMouse.fa.gz", "rt") as fasta:
        assert sum(line.startswith(">simMouse:") for line in fasta) == len(mouse)
    counts = pd.read_csv(out / "lift.tsv", sep="\t")
    assert counts["windows"].tolist() == [(human["label"] == 1).sum(), (human["label"] == 0).sum()]
    assert counts["kept"].sum() == len(mouse) > 0.5 * len(human)

    mutated, codes = pd.read_parquet(out / "mutated/simMouse.parquet"), np.load(out / "mutated/simMouse.npy")
    assert mutated["source"].equals(mouse["source"]) and mutated["label"].equals(mouse["label"])
    assert set(mutated["genome"]) == {"simHuman"} and set(mutated["strand"]) == {"+"}
    own = np.load(out / "human/train.npy")[human["source"].searchsorted(mutated["source"])]
    row = pd.read_csv(out / "divergence.tsv", sep="\t").iloc[0]
    assert row["substitutions_per_site"] == pytest.approx(0.5, rel=0.2)
    differ = (codes[:, 100] != own[:, 100]).mean()  # the middle base stays in its place
    assert abs(differ - row["differences"]) < 4 * (0.25 / len(codes)) ** 0.5


def test_an_error_is_one_line_and_exit_code_one(tmp_path: Path) -> None:
    chain = tmp_path / "x.chain"
    chain.write_text("chain 1 chr1 40 + 0 10 chrA 40 + 0 10 1\n9\n\n")
    (tmp_path / "in.bed").write_text("chr1\t0\t5\n")
    command = [sys.executable, "-m", "regssl.cli", "lift", "in.bed", "x.chain", "out.bed", "unmapped.bed"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("regssl lift: x.chain: line 2: ") and done.stderr.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"x.chain", "in.bed"}


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        ("MemoryError()", 1, "regssl schema: not enough memory (use a machine that has more, or smaller files)"),
        ("PermissionError(13, 'Permission denied', 'x')", 1, "regssl schema: x: Permission denied"),
        ("KeyError('a\\nb')", 70, r"regssl schema: KeyError: 'a\nb' (a fault of regssl: report it, with what "
                                 "`regssl --debug …` prints)"),
    ],
)  # fmt: skip
def test_nothing_ends_in_a_traceback(fault: str, code: int, line: str) -> None:
    program = "import sys; from regssl import cli; from regssl.cli import parser, user_project\n"
    program += f"def schema(_):\n    '.'\n    raise {fault}\n"
    program += "user_project.COMMANDS = [parser.Command(schema)]; sys.exit(cli.main())"
    done = subprocess.run([sys.executable, "-c", program, "schema"], capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (code, f"{line}\n")
    done = subprocess.run([sys.executable, "-c", program, "--debug", "schema"], capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" in done.stderr


def test_lift_writes_what_ucsc_writes(tmp_path: Path) -> None:
    (tmp_path / "x.chain").write_text("chain 1 chr1 400 + 100 200 chrA 300 - 0 100 1\n100\n\n")
    with gzip.open(tmp_path / "in.bed.gz", "wt") as file:
        file.write("chr1\t110\t120\ta\t0\t+\nchr1\t10\t20\tb\t0\t+\n")
    arguments = ["lift", "in.bed.gz", "x.chain", "out.bed", "unmapped.bed", "--min-match", "0.1"]
    assert main([str(tmp_path / a) if "." in a and a[0].isalpha() else a for a in arguments]) == 0
    assert (tmp_path / "out.bed").read_text() == "chrA\t280\t290\ta\t0\t-\n"
    assert (tmp_path / "unmapped.bed").read_text() == "#Deleted in new\nchr1\t10\t20\tb\t0\t+\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["step", "make-bins", "x.2bit", "out.parquet", *SPLITS], "x.2bit"),
        (["step", "prepare-variants", "x", "g", "y", "--format", "vcf", *SPLITS[:3], "chr1", *SPLITS[4:]],
         "--train-chroms, --validation-chroms, --test-chroms: 'chr1' is in both train and validation"),
        (["step", "find-homologs", *"abcdef", "--min-match", "2"],
         "--min-match: Input should be less than or equal to 1"),
        (["train", "out", "--settings", "[]", "--method", "sl", "--seeds", "0", "--human", "a", "--validation", "b"],
         "--settings: not a JSON object"),
        (["train", "out", "--settings", '{"architecture": "x", "training": {"pace": 1}}', "--method", "sl",
          "--seeds", "0", "--human", "a", "--validation", "b"], "--settings: key `training.pace`"),
        (["step", "evaluate", "none.parquet", "--out", "out.json", *RUN], "none.parquet: cannot be read"),
        (["step", "evaluate", "a", "b", "--out", "out.json", *RUN], "--out: 1 given for 2 inputs"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def test_metrics_have_what_the_record_says(tmp_path: Path) -> None:
    """A run without a record, such as one of other software, has nothing to say of convergence or a threshold."""
    table = pd.DataFrame({"label": np.uint8([1, 0, 0, 1]), "logit": np.float32([0.3, 0.2, 0.1, 0.0])})
    table.to_parquet(tmp_path / "predictions.parquet")
    (tmp_path / "run.json").write_text(
        json.dumps({"converged": False, "collapsed": True, "threshold": 0.25, "validation_mcc": 1})
    )
    paths = [str(tmp_path / name) for name in ("predictions.parquet", "metrics.json", "run.json")]
    assert main(["step", "evaluate", paths[0], "--out", paths[1], *RUN]) == 0
    alone = json.loads(Path(paths[1]).read_text())
    assert "converged" not in alone and alone["collapsed"] is False
    assert alone["mcc"] == 0 and "mcc_tuned" not in alone
    assert main(["step", "evaluate", paths[0], "--out", paths[1], "--records", paths[2], *RUN]) == 0
    recorded = json.loads(Path(paths[1]).read_text())
    assert recorded["converged"] is False and recorded["collapsed"] is True
    assert recorded["mcc_tuned"] == pytest.approx(1 / 3**0.5), "one true call of two positives, no false one"
    assert recorded["validation_mcc"] == 1

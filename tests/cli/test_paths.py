"""Every path among the arguments of every command is declared as read or written, and none is both."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.paths import names_in
from regssl.cli import all_commands, main
from regssl.cli.parser import Options
from regssl.cli.paths import WRITTEN_WINDOWS, PathArgument, adds, check_paths, reads, writes
from regssl.errors import ConfigError, DataError

CHAIN = "chain 900 chr1 9000 + 100 140 chrA 500 + 20 60 7\n40\n\n"


@pytest.mark.parametrize("name", all_commands())
def test_every_argument_says_what_it_is(name: str) -> None:
    """No argument is a text by default: a path must be declared, and a command that says it writes must write."""
    command, parser = all_commands()[name], argparse.ArgumentParser()
    if command.add_options is not None:
        command.add_options(parser)
    given = [action for action in parser._actions if action.nargs != 0 and action.choices is None]
    assert [action.dest for action in given if action.type is None] == []
    written = [action.dest for action in given if action.type and getattr(action.type("1"), "written", False)]
    assert bool(written) == (name not in ("check", "check-downloads", "schema", "completion"))


def options(**values: object) -> Options:
    return Options(**values)


def test_files_beside_a_path_and_of_every_seed_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prefix, per_seed = writes("{path}.svg", "{path}.tsv"), writes("{path}/seed{seed}/model")
    for inputs, output, seeds, problem in [
        ([reads()("x.tsv")], prefix("x"), [], r"x\.tsv: both input and output"),
        ([reads()("./x.d/y.parquet")], writes(*WRITTEN_WINDOWS)("x.d/y.npy"), [], "both input and output"),
        ([], writes(*WRITTEN_WINDOWS)("y.parquet"), [], "the same output twice"),
        ([reads()("run/seed2/model")], per_seed("run"), [1, 2], "run/seed2/model: both input and output"),
        ([], per_seed("run"), [1, 1], "run/seed1/model: the same output twice"),
        ([reads()(f"file://{tmp_path}/a%20b")], writes()("a b"), [], "both input and output"),
    ]:
        with pytest.raises(ConfigError, match=problem):
            check_paths(options(given=inputs, out=output, seeds=seeds))
    Path("x.svg").mkdir()
    with pytest.raises(DataError, match=r"x\.svg: cannot be written: Is a directory"):
        check_paths(options(out=prefix("x")))
    assert not check_paths(options(given=[reads()("{x}"), reads()("")], out=prefix("{y}{"), other="x.svg"))
    assert isinstance(writes()("x"), str) and isinstance(reads()("x"), PathArgument)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (["index-chain", "x.chain", "x.chain"], "x.chain: both input and output"),
        (["index-chain", "x.chain", "./link"], "./link and x.chain: both input and output"),
        (["index-chain", "x.chain", "dd"], "dd: cannot be written: Is a directory (give the name of a file)"),
        (["lift", "in.bed", "x.chain", "in.bed", "un"], "in.bed: both input and output"),
        (["lift", "in.bed", "x.chain", "out", "in.bed"], "in.bed: both input and output"),
        (["lift", "in.bed", "x.chain", "x.chain", "un"], "x.chain: both input and output"),
        (["lift", "in.bed", "x.chain", "out", "./out"], "./out and out: the same output twice"),
        (["lift", "in.bed", "x.chain", "out", "dd"], "dd: cannot be written: Is a directory (give the name of a file)"),
        (["step", "index-genome", "g.fa", "g.fa"], "g.fa: both input and output"),
        (["step", "index-genome", "g.fa", "g.fa.fai"], "g.fa.fai: both input and output"),
        (["step", "load-peaks", "g.fa", "out", "out", "in.bed", "--dataset", "a"], "out: the same output twice"),
        (["predict", "w.npy", "m", "--out", "w.parquet"], "w.parquet: both input and output"),
        (["predict", "w.npy", "m", "m", "--out", "a", "a"], "a: the same output twice"),
        (["score-variants", "x.vcf", "--model", "m", "--genome", "g.fa", "--out", "x.vcf"], "x.vcf: both input"),
        (["step", "summarize", "m", "m"], "m: both input and output"),
        (["step", "correlate-variants", "m", "--effects", "a", "--means", "a"], "a: the same output twice"),
        (["report", "table2", "--summary", "t.tsv", "--names", "m", "--out", "t"], "t.tsv: both input and output"),
        (
            ["report", "table2", "--summary", "m", "--names", "t.html", "--out", "./t"],
            "t.html: both input",
        ),
        (["report", "table2", "--summary", "m", "--names", "m", "--out", ""], "an output has an empty name"),
        (["simulate", "m/x"], "m/x/simulation.json: cannot be written: Not a directory"),
        (["download", "file:x.chain", "x.chain"], "x.chain: both input and output"),
    ],
)
def test_no_command_writes_over_its_inputs(
    typed: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = {"x.chain": CHAIN, "in.bed": "chr1\t100\t130\n", "g.fa": ">a\nACGT\n", "x.vcf": "", "w.npy": "", "m": ""}
    for name, text in (texts | {"w.parquet": "", "t.tsv": "", "t.html": "", "g.fa.fai": ""}).items():
        Path(name).write_text(text)
    Path("link").symlink_to("x.chain")
    Path("dd").mkdir()
    before = {path.name: path.is_dir() or path.read_text() for path in tmp_path.iterdir()}
    assert main(typed) == 1
    error = capsys.readouterr().err
    assert problem in error and error.count("\n") == 1
    assert {path.name: path.is_dir() or path.read_text() for path in tmp_path.iterdir()} == before


def test_what_is_there_and_write_protected_can_be_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file put into a shared folder by hand, and a lock file of a checkout that cannot be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for whoever is not root
    Path("here").write_text("x")
    check_paths(options(url=reads()("https://x/y"), out=adds()("here"), lockfile=adds()("lock")))
    with pytest.raises(DataError, match="here: cannot be written: Permission denied"):
        check_paths(options(out=writes()("here")))
    with pytest.raises(ConfigError, match="here: the same output twice"):
        check_paths(options(out=adds()("here"), lockfile=adds()("here")))


def test_a_result_on_standard_output_has_no_message_in_it(tmp_path: Path) -> None:
    """Nor has a pipe any; `/dev/null` takes both outputs."""
    (tmp_path / "x.chain").write_text(CHAIN)
    (tmp_path / "in.bed").write_text("chr1\t100\t130\ta\nchr1\t0\t5\tb\n")
    lift = [sys.executable, "-m", "regssl.cli", "lift", "in.bed", "x.chain"]
    mapped, unmapped, counts = "chrA\t20\t50\ta\n", "#Deleted in new\nchr1\t0\t5\tb\n", " 1 mapped\n"

    def run(*outputs: str) -> tuple[str, str]:
        done = subprocess.run([*lift, *outputs], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout, done.stderr

    for name in ("/dev/stdout", "/dev/fd/1"):
        out, err = run(name, "un")
        assert out == mapped and counts in err and (tmp_path / "un").read_text() == unmapped
    assert run("/dev/null", "/dev/stdout")[0] == unmapped
    out, err = run("/dev/null", "/dev/null")
    assert counts in out and not err
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "second")
    with subprocess.Popen([*lift, "pipe", "second"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as lifting:
        assert (tmp_path / "pipe").read_text() == mapped
        assert (tmp_path / "second").read_text() == unmapped
        assert counts in lifting.communicate()[0]
    assert names_in(tmp_path) == ["in.bed", "pipe", "second", "un", "x.chain"]

"""Standard output and the encoding of everything, whatever the shell and the locale are."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.paths import ROOT, names_in
from regssl.reporting.tables.divergence import COLUMNS

REGSSL = [sys.executable, "-m", "regssl.cli"]
NAME = "Größe ≥ 1 µm"
LOCALES = {
    "C": {"LC_ALL": "C"},
    "ASCII": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "another encoding of standard output": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1"},
    "both": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"},
}


@pytest.fixture
def lifted(tmp_path: Path) -> Path:
    (tmp_path / "x.chain").write_text("chain 900 chr1 9000 + 100 140 chrA 500 + 20 60 7\n40\n\n")
    (tmp_path / "in.bed").write_text("chr1\t100\t130\ta\n")
    return tmp_path


@pytest.mark.parametrize("buffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_standard_output_that_is_closed_early_or_full(lifted: Path, buffered: str) -> None:
    lift = [*REGSSL, "lift", "in.bed", "x.chain"]
    env = os.environ | {"PYTHONUNBUFFERED": buffered}
    reading, closed = os.pipe()
    os.close(reading)
    for command in ([*lift, "out", "un"], [*lift, "/dev/stdout", "un"], [*REGSSL, "schema"]):
        done = subprocess.run(command, cwd=lifted, env=env, stdout=closed, stderr=subprocess.PIPE, text=True)
        assert (
            done.returncode,
            "".join(line for line in done.stderr.splitlines(True) if not line.startswith(("/dev/stdout: ", "un: "))),
        ) == (141, "")
    os.close(closed)
    for command in ([*lift, "out", "un"], [*lift, "/dev/stdout", "un"], [*REGSSL, "schema"]):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(command, cwd=lifted, env=env, stdout=full, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1
        assert "cannot be written: No space left on device" in done.stderr and done.stderr.count("\n") == 1
    assert names_in(lifted) == ["in.bed", "out", "un", "x.chain"]


def test_standard_streams_that_are_not_there(lifted: Path) -> None:
    """No result gets what was meant for a stream, and none goes there unnoticed."""
    lift = f"{sys.executable} -m regssl.cli lift in.bed x.chain"
    for closed in ("<&- >&-", "2>&-", "<&- >&- 2>&-"):
        subprocess.run(f"{lift} out un {closed}", cwd=lifted, shell=True, check=True, stdout=subprocess.DEVNULL)
        assert (lifted / "out").read_text() == "chrA\t20\t50\ta\n" and (lifted / "un").read_text() == ""
    for command, problem in (
        (f"{lift} /dev/stdout un >&-", "/dev/stdout: cannot be written: Bad file descriptor"),
        (f"{lift} /dev/stdout un <&- >&-", "/dev/stdout: cannot be written: Bad file descriptor"),
        (f"{lift} out un <&-".replace("in.bed", "/dev/stdin"), "/dev/stdin: Bad file descriptor"),
    ):
        done = subprocess.run(command, cwd=lifted, shell=True, capture_output=True, text=True)
        assert done.returncode == 1 and problem in done.stderr


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_is_utf8_whatever_the_locale(tmp_path: Path, locale: str) -> None:
    """Names of files, arguments, what is read, written and printed."""
    rates = {name: "0.5" if kind == "float" else "1" for name, kind in COLUMNS.items()} | {"genome": "mm10"}
    (tmp_path / f"{NAME}.tsv").write_text("\t".join(rates) + "\n" + "\t".join(rates.values()) + "\n", encoding="utf-8")
    names = {"datasets": {}, "models": {}, "methods": {}, "genomes": {"mm10": NAME}}
    (tmp_path / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHONUTF8"))}

    def run(*command: str) -> subprocess.CompletedProcess[bytes]:
        encoded = [part.encode() for part in (*REGSSL, *command)]
        return subprocess.run(encoded, cwd=tmp_path, env=clean | LOCALES[locale], capture_output=True)

    done = run("report", "divergence", f"{NAME}.tsv", "--clades", f"clade of {NAME}", "--tree-distances", "none",
               "--names", "names.json", "--out", f"{NAME}/t")  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    for suffix in ("html", "tsv"):
        text = (tmp_path / NAME / f"t.{suffix}").read_text(encoding="utf-8")
        assert text.count(NAME) == 2 and f"clade of {NAME}" in text
    done = run("index-chain", f"{NAME}.chain", "x.index")
    assert done.returncode == 1 and f"{NAME}.chain: " in done.stderr.decode("utf-8")


def test_a_name_that_is_no_utf8_is_shown_escaped(tmp_path: Path) -> None:
    done = subprocess.run([*REGSSL, "index-chain", b"a\xff", "x"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 1 and b"a\\udcff: " in done.stderr and done.stderr.count(b"\n") == 1


def test_no_source_leaves_the_encoding_of_a_text_to_the_locale() -> None:
    for source in (ROOT / "src/regssl").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_text(node):
                assert any(keyword.arg in ("encoding", None) for keyword in node.keywords), f"{source}:{node.lineno}"


def _is_text(call: ast.Call) -> bool:
    """Whether a call reads, writes or opens a text: of a file, or of a child process."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in ("read_text", "write_text"):
        return isinstance(call.func, ast.Attribute)
    if name in ("open", "fdopen", "TemporaryFile", "NamedTemporaryFile"):
        owner = getattr(getattr(call.func, "value", None), "id", "")
        modes = [one.value for argument in call.args for one in ast.walk(argument) if isinstance(one, ast.Constant)]
        mode = str(
            getattr(keywords.get("mode"), "value", modes[-1] if modes else "w+b" if "Temporary" in name else "r")
        )
        if name == "open" and owner in ("os", "IndexedFasta", "archive"):
            return False
        return "b" not in mode if owner != "gzip" else "t" in mode
    return name in ("run", "Popen", "check_output", "TextIOWrapper") and (name == "TextIOWrapper" or "text" in keywords)

"""BED files lifted as bytes, against an obvious version that splits strings line by line."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regssl.errors import DataError
from regssl.liftover import bed as lift_bed
from regssl.liftover.chain_file import read_chains
from regssl.liftover.lift import lift
from regssl.liftover.status import UCSC_OUTCOMES, LiftStatus

# t1 to q1 backwards (0-400), and t1 to q2 (300-900) over a part of it, so that there are duplicates and splits
CHAIN = """\
chain 9 t1 1000 + 0 400 q1 5000 - 100 500 1
400

chain 8 t1 1000 + 300 900 q2 2000000000 + 1000000000 1000000590 2
50 10 0
540

chain 8 ü 50 + 0 50 q3 60 + 10 60 3
50
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lift_bed") / "x.chain"
    path.write_text(CHAIN)
    return path


def obvious(text: str, chain: Path, min_match: float, multiple: bool) -> tuple[str, str] | str:
    """Mapped and unmapped file as text, or the message about the first bad line."""
    chains, mapped, unmapped = read_chains(chain), "", ""
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        fields = re.findall(r"[^ \t\v\f\r\n]+", line)
        if not fields or fields[0].startswith("#") or fields[0] in ("track", "browser"):
            continue
        if len(fields) < 3 or len(fields) == 12 or (multiple and not 4 <= len(fields) <= 6):
            return f"line {number}: {len(fields)} columns"
        for column in (2, 3):
            if not re.fullmatch("[0-9]+", fields[column - 1]):
                return f"line {number}, column {column}: expected a whole number >= 0, found {fields[column - 1]!r}"
        if int(fields[1]) >= int(fields[2]):
            return f"line {number}, column 3: end {fields[2]} is not beyond start {fields[1]}"
        place = [int(fields[1])], [int(fields[2])]
        lifted = lift(chains, fields[0], *place, min_match=min_match, multiple=multiple)
        strand = fields[5][0] if len(fields) > 5 else ""
        for i, minus in enumerate(lifted.minus):
            strand_out = {"+": "-", "-": "+"}.get(strand, strand) if minus else strand
            rest = [*fields[3:5], *([strand_out] if strand else []), *fields[6:]]
            rest[1:2] = [str(i + 1)] if multiple else rest[1:2]
            columns = (lifted.names[lifted.chrom[i]], str(lifted.start[i]), str(lifted.end[i]), *rest)
            mapped += "\t".join(columns) + "\n"
        if lifted.status[0] != LiftStatus.MAPPED.code:
            kept = fields[:5] + ([strand] if strand else []) + fields[6:]
            unmapped += f"#{UCSC_OUTCOMES[lifted.status[0]].ucsc_reason}\n" + "\t".join(kept) + "\n"
    return mapped, unmapped


def found(data: bytes, chain: Path, min_match: float, multiple: bool) -> tuple[str, str] | str:
    """The same from the code under test."""
    source, *out = (chain.with_name(name) for name in ("in.bed", "mapped.bed", "unmapped.bed"))
    source.write_bytes(data)
    try:
        lift_bed.lift_bed(source, chain, *out, min_match=min_match, multiple=multiple)
    except DataError as error:
        return str(error).removeprefix(f"{source}: ")
    mapped, unmapped = (path.read_bytes().decode() for path in out)
    return mapped, unmapped


blank = st.sampled_from(["\t", "\t", "\t", " ", "  ", "\t \t", "\v", "\f"])
start = st.integers(0, 1000)
word = st.sampled_from(["n", "0", "+", "-", ".", "+-", "-x", "ü", "−5", "name", "#x", "1.5", "t1"])


@st.composite
def line(draw: st.DrawFn) -> str:
    """A line that is nearly always an interval, of three to thirteen columns."""
    first = draw(start)
    fields = [draw(st.sampled_from(["t1", "t1", "t1", "t2", "ü", "t", "t11"])), str(first)]
    fields += [str(first + draw(st.integers(1, 300))), *draw(st.lists(word, max_size=4))]
    text = "".join(field + draw(blank) for field in fields[:-1]) + fields[-1]
    return draw(st.sampled_from(["", "", "", " "])) + text + draw(st.sampled_from(["", "", "\t", " "]))


odd = st.sampled_from(
    [
        *(
            "",
            " ",
            "# x",
            "#t1\t1\t2",
            "track name=x",
            "browser",
            "tracks\t1\t5",
            "t1",
            "t1\t5",
            "t1\t5\t5",
            "t1\t7\t5",
        ),
        *("t1\tx\t5", "t1\t5\t-6", "t1\t+5\t6", "t1\t007\t0009\tn", "t1\t5\t3000000000\tn", "t1\t1\t2" + 9 * "\tx"),
    ]
)
text = st.lists(st.tuples(st.one_of(line(), line(), line(), odd), st.sampled_from(["\n", "\n", "\r\n", "\r"])))


@given(
    lines=text,
    chunk=st.sampled_from([7, 64, 1 << 20]),
    min_match=st.sampled_from([0.1, 0.5, 1.0]),
    multiple=st.booleans(),
    last=st.sampled_from(["", "t1\t3\t9\tlast"]),
)
@example(
    lines=[("t1\t1\t5\tn", "\r\n")] * 5, chunk=10, min_match=0.5, multiple=True, last=""
)  # a chunk ends within \r\n
@settings(deadline=None, derandomize=True, max_examples=250)
def test_bytes_are_lifted_as_the_obvious_version_lifts_strings(
    chain: Path, lines: list[tuple[str, str]], chunk: int, min_match: float, multiple: bool, last: str
) -> None:
    text = "".join(line + end for line, end in lines) + last
    expected = obvious(text, chain, min_match, multiple)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lift_bed, "CHUNK_BYTES", chunk)
        answer = found(text.encode(), chain, min_match, multiple)
    assert answer == expected or (isinstance(expected, str) and answer.startswith(expected))


def test_gzip_and_plain_in_many_chunks_give_the_same(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = np.random.default_rng(1).integers(0, 900, 5000).tolist()
    data = "".join(f"t1\t{a}\t{a + 30}\tp{i}\t0\t+\n" for i, a in enumerate(starts)).encode()
    whole = found(data, chain, 0.5, True)
    monkeypatch.setattr(lift_bed, "CHUNK_BYTES", 1000)
    assert whole == found(data, chain, 0.5, True) == found(gzip.compress(data), chain, 0.5, True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"t1\t1\t2\n" * 300 + b"t1\t1\n", "line 301: 2 columns"),
        (b"t1\t1\t2\r" * 300 + b"t1\t1\r", "line 301: 2 columns"),
        (
            b"t1\t1\t99999999999999999999\n",
            "line 1, column 3: expected a whole number >= 0, found '99999999999999999999'",
        ),
        (b"t1\t1\t2\n\xff\n", "damaged file .*utf-8"),
        (b"t1\t1\t2\n\x93", "damaged file .*utf-8"),
    ],
)
def test_errors_name_the_line_whatever_the_chunk(chain: Path, monkeypatch, data: bytes, message: str) -> None:
    for chunk in (50, 1 << 20):
        monkeypatch.setattr(lift_bed, "CHUNK_BYTES", chunk)
        assert re.match(message, found(data, chain, 0.5, False))


def test_strands_are_cut_to_their_first_character_not_byte(chain: Path) -> None:
    mapped, unmapped = found("t1\t0\t9\tn\t0\t−x\nt9\t0\t9\tn\t0\t−x\n".encode(), chain, 0.5, False)
    assert mapped == "q1\t4891\t4900\tn\t0\t−\n"
    assert unmapped == "#Deleted in new\nt9\t0\t9\tn\t0\t−\n"


@given(
    names=st.lists(st.text("abü", min_size=1, max_size=4), unique=True, min_size=1, max_size=20),
    asked=st.text("abü", min_size=1, max_size=4),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_chromosomes_are_found_by_name(tmp_path_factory: pytest.TempPathFactory, names: list[str], asked: str) -> None:
    path = tmp_path_factory.mktemp("names") / "x.chain"
    path.write_text("".join(f"chain 1 {name} 9 + 0 9 q{i} 9 + 0 9\n9\n\n" for i, name in enumerate(names)))
    mapped, unmapped = found(f"{asked}\t0\t1\n".encode(), path, 0.5, False)
    known = asked in names
    assert mapped == (f"q{names.index(asked)}\t0\t1\n" if known else "")
    assert unmapped == ("" if known else f"#Deleted in new\n{asked}\t0\t1\n")


def test_importing_takes_no_pandas() -> None:
    code = "import sys, regssl.liftover.bed; sys.exit(any(name in sys.modules for name in ('torch', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

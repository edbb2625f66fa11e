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

from regssl.errors import ConfigError, DataError
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


def blocks_by_hand() -> list[tuple[str, str, int, str, list[tuple[int, int, int]]]]:
    """The chains of CHAIN: target, query, its length, strand, and blocks (target start, query start, size)."""
    chains = []
    for text in CHAIN.strip().split("\n\n"):
        header, *rows = (line.split() for line in text.splitlines())
        target, query, blocks = int(header[5]), int(header[10]), []
        for size, *gaps in (map(int, row) for row in rows):
            blocks.append((target, query, size))
            target, query = (place + size + gap for place, gap in zip((target, query), gaps or (0, 0), strict=True))
        chains.append((header[2], header[7], int(header[8]), header[9], blocks))
    return chains


def through_by_hand(fields: list[str], start: int, end: int, first: int, stop: int, ratio: float) -> list[int] | None:
    """Where first:stop lies in the query of the one chain that aligns enough of an interval; None if too little does.

    UCSC's mapThroughChain: the first to the last aligned base, on the plus strand. A place without bases maps where it
    lies strictly within a block.
    """
    for target, _, size, strand, blocks in blocks_by_hand():
        query_of = {t + i: q + i for t, q, n in blocks for i in range(n)} if target == fields[0] else {}
        if sum(place in query_of for place in range(start, end)) < ratio * (end - start):
            continue
        if first == stop:
            inside = any(t < first < t + n for t, _, n in blocks)
            places = [query_of[first]] * 2 if inside else None
        else:
            aligned = [query_of[place] for place in range(first, stop) if place in query_of]
            enough = aligned and len(aligned) >= ratio * (stop - first)
            places = [aligned[0], aligned[-1] + 1] if enough else None
        return [size - place for place in places[::-1]] if places and strand == "-" else places
    raise AssertionError("no chain hits")


def moved_by_hand(fields: list[str], start: int, end: int, ratio: float, bed_plus: int) -> dict[int, str] | str | None:
    """Columns after the sixth that move along, from the lifted start on; or the message about them; None if none does.

    The values are offsets from 0 of the query, except -1.
    """
    numbers = [int(text) if re.fullmatch("[0-9]+", text) else None for text in fields]
    if len(fields) == 10 and not bed_plus:
        for column in (7, 8, 9):
            if not re.fullmatch("[-+.0-9eEinfaINFA \t\v\f]*", fields[column - 1]):
                return f", column {column}: expected a number, found {fields[column - 1]!r}"
        if None not in numbers[6:8] and start <= numbers[6] <= numbers[7] <= end and numbers[7]:
            return f": columns 7 and 8, {fields[6]} and {fields[7]}, are positions within {start}-{end}"
        if fields[9] == "-1":
            return None
        if numbers[9] is None or numbers[9] >= end - start:
            return f", column 10 (summit): expected -1 or a position within {end - start} bp, found {fields[9]!r}"
        places = through_by_hand(fields, start, end, start + numbers[9], start + numbers[9] + 1, ratio)
        return {9: str(places[0]) if places else "-1"}
    if len(fields) < 8 or 0 < bed_plus < 8:
        return None
    first, stop = numbers[6:8]
    if first is None or stop is None or not (start <= first <= stop <= end or first == stop == 0):
        return f", columns 7 and 8 (thickStart, thickEnd): expected positions within {start}-{end}, found "
    places = through_by_hand(fields, start, end, first, stop, ratio)
    return {6: str(places[0]), 7: str(places[1])} if places else {6: "start", 7: "start"}


def obvious(text: str, chain: Path, how: dict) -> tuple[str, str] | str:
    """Mapped and unmapped file as text, or the message about the first bad line."""
    min_match, multiple, tab, bed_plus = (how[name] for name in ("min_match", "multiple", "tab", "bed_plus"))
    chains, mapped, unmapped = read_chains(chain), "", ""
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        words = re.findall(r"[^ \t\v\f\r\n]+", line)
        if not words or words[0].startswith("#") or words[0] in ("track", "browser"):
            continue
        fields = line.split("\t") if tab or line.count("\t") > 1 else words
        fields[:3] = (field.strip(" \t\v\f") for field in fields[:3])
        most = 6 if multiple else 1000 if bed_plus else 10
        if not 3 + multiple <= len(fields) <= most:
            return f"line {number}: {len(fields)} columns"
        for column in (2, 3):
            if not re.fullmatch("[0-9]+", fields[column - 1]):
                return f"line {number}, column {column}: expected a whole number >= 0, found {fields[column - 1]!r}"
        start, end = int(fields[1]), int(fields[2])
        if start >= end:
            return f"line {number}, column 3: end {end} is not beyond start {start}"
        has_strand = len(fields) > 5 and bed_plus in (0, 6, 7, 8, 9)
        if has_strand and len((strand := fields[5].strip(" \t\v\f")).encode()) > 1:
            return f"line {number}, column 6 (strand): expected +, - or ., found {strand!r}"
        lifted = lift(chains, fields[0], [start], [end], min_match=min_match, multiple=multiple)
        try:
            moved = moved_by_hand(fields, start, end, float(np.float32(min_match)), bed_plus)
        except AssertionError:
            assert lifted.status[0] != LiftStatus.MAPPED.code
            moved = None
        if isinstance(moved, str):
            return f"line {number}{moved}"
        fields[1:3] = str(start), str(end)
        kept = [*fields[:5], fields[5].strip(" \v\f"), *fields[6:]] if has_strand else fields
        for i, minus in enumerate(lifted.minus):
            lifted_start = int(lifted.start[i])
            rest = kept[3:]
            if has_strand and minus:
                rest[2] = {"+": "-", "-": "+"}.get(rest[2], rest[2])
            rest[1:2] = [str(i + 1)] if multiple else rest[1:2]
            for column, value in (moved or {}).items():
                offset = lifted_start if column == 9 and value != "-1" else 0
                rest[column - 3] = str(lifted_start if value == "start" else int(value) - offset)
            columns = (lifted.names[lifted.chrom[i]], str(lifted_start), str(lifted.end[i]), *rest)
            mapped += "\t".join(columns) + "\n"
        if lifted.status[0] != LiftStatus.MAPPED.code:
            unmapped += f"#{UCSC_OUTCOMES[lifted.status[0]].ucsc_reason}\n" + "\t".join(kept) + "\n"
    return mapped, unmapped


def found(data: bytes, chain: Path, **how: float) -> tuple[str, str] | str:
    """The same from the code under test."""
    source, *out = (chain.with_name(name) for name in ("in.bed", "mapped.bed", "unmapped.bed"))
    source.write_bytes(data)
    try:
        lift_bed.lift_bed(source, chain, *out, **{"min_match": 0.5} | how)
    except DataError as error:
        return str(error).removeprefix(f"{source}: ")
    mapped, unmapped = (path.read_bytes().decode() for path in out)
    return mapped, unmapped


blank = st.sampled_from(["\t", "\t", "\t", " ", "  ", "\t \t", "\v", "\f"])
start = st.integers(0, 1000)
word = st.sampled_from(["n", "0", "+", "-", ".", "+-", "-x", "ü", "−5", "name", "#x", "1.5", "t1", "", "a b", " +"])


@st.composite
def line(draw: st.DrawFn) -> str:
    """A line that is nearly always an interval, of three to ten columns or more."""
    first = draw(start)
    last = first + draw(st.integers(1, 300))
    fields = [draw(st.sampled_from(["t1", "t1", "t1", "t2", "ü", "t", "t11"])), str(first), str(last)]
    fields += draw(st.lists(word, max_size=6))
    inside = st.integers(first, last)
    if len(fields) >= 6 and draw(st.booleans()):
        thick = draw(st.one_of(st.tuples(inside, inside).map(sorted), st.just([0, 0]), st.just([first, first])))
        fields[6:8] = map(str, thick)
    if len(fields) >= 6 and draw(st.booleans()):
        summit = draw(st.one_of(st.integers(-1, last - first), st.just(-1)))
        signal = draw(st.one_of(st.sampled_from(["5.1", "2e-9", "t1", "0"]), inside.map(str)))
        fields[6:] = [signal, draw(st.one_of(st.sampled_from(["-1", "0"]), inside.map(str))), "inf", str(summit)]
    separator = draw(st.one_of(st.just("\t"), blank))
    text = "".join(field + (separator if separator == "\t" else draw(blank)) for field in fields[:-1]) + fields[-1]
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
    tab=st.sampled_from([False, False, True]),
    bed_plus=st.sampled_from([0, 0, 0, 3, 4, 6, 7, 8, 9]),
    last=st.sampled_from(["", "t1\t3\t9\tlast"]),
)
@example(
    lines=[("t1\t1\t5\tn", "\r\n")] * 5, chunk=10, min_match=0.5, multiple=True, tab=False, bed_plus=0, last=""
)  # a chunk ends within \r\n
@settings(deadline=None, derandomize=True, max_examples=400)
def test_bytes_are_lifted_as_the_obvious_version_lifts_strings(
    chain: Path, lines: list[tuple[str, str]], chunk: int, last: str, **how: float
) -> None:
    text = "".join(line + end for line, end in lines) + last
    expected = obvious(text, chain, how)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lift_bed, "CHUNK_BYTES", chunk)
        answer = found(text.encode(), chain, **how)
    assert answer == expected or (isinstance(expected, str) and answer.startswith(expected))


@pytest.mark.parametrize(
    ("line", "bed_plus", "expected"),
    [
        # BED8 and BED9 on a chain that turns: 400 bases of t1 are q1 100-500 of its minus strand
        ("t1 10 60 p 0 + 20 50", 0, "q1 4840 4890 p 0 - 4850 4880"),
        ("t1 10 60 p 0 + 20 50 1,2,3", 0, "q1 4840 4890 p 0 - 4850 4880 1,2,3"),
        ("t1 10 60 p 0 + 0 0 0", 0, "q1 4840 4890 p 0 - 4840 4840 0"),  # no thick part, as many programs write it
        ("t1 10 60 p 0 + 10 10 0", 0, "q1 4840 4890 p 0 - 4890 4890 0"),  # the place itself is lifted
        ("t1 0 60 p 0 + 0 0 0", 0, "q1 4840 4900 p 0 - 4840 4840 0"),  # not within a block but at its edge
        # 350-360 are not aligned: two of these twelve bases are, too few; nor is what lies within
        ("t1 340 460 p 0 + 349 361", 0, "q2 1000000040 1000000150 p 0 + 1000000040 1000000040"),
        ("t1 340 460 p 0 + 355 355", 0, "q2 1000000040 1000000150 p 0 + 1000000040 1000000040"),
        ("t1 340 460 p 0 + 345 370", 0, "q2 1000000040 1000000150 p 0 + 1000000040 1000000040"),
        ("t1 340 460 p 0 + 340 400", 0, "q2 1000000040 1000000150 p 0 + 1000000040 1000000090"),
        ("t1 340 460 p 0 . 5.1 -1 -1 15", 0, "q2 1000000040 1000000150 p 0 . 5.1 -1 -1 -1"),
        ("t1 340 460 p 0 . 5.1 -1 -1 20", 0, "q2 1000000040 1000000150 p 0 . 5.1 -1 -1 10"),
        ("t1 10 60 p 0 + 20 50", 6, "q1 4840 4890 p 0 - 20 50"),
        ("t1 10 60 p 0 + 20 50", 7, "q1 4840 4890 p 0 - 20 50"),
        ("t1 10 60 p 0 + 20 50", 8, "q1 4840 4890 p 0 - 4850 4880"),
        ("t1 10 60 p 0 + 20 50", 3, "q1 4840 4890 p 0 + 20 50"),
        ("t1 10 60 my peak 10 +", 5, "q1 4840 4890 my peak 10 +"),
        # narrowPeak: the base of the summit, from the other end of the peak
        ("t1 10 60 p 0 . 5.1 -1 -1 7", 0, "q1 4840 4890 p 0 . 5.1 -1 -1 42"),
        ("t1 10 60 p 0 . 5.1 -1 -1 7", 6, "q1 4840 4890 p 0 . 5.1 -1 -1 7"),
        ("t1 10 60 p 0 . 5.1 -1 -1 -1", 0, "q1 4840 4890 p 0 . 5.1 -1 -1 -1"),
    ],
)
def test_columns_that_move_along(
    chain: Path, line: str, bed_plus: int, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    mapped, _ = found(line.encode(), chain, bed_plus=bed_plus, min_match=0.75)
    assert mapped == expected.replace(" ", "\t") + "\n"
    lost = expected.endswith(" -1") and not line.endswith(" -1")
    assert ("in.bed: 1 lifted peaks have a summit without a counterpart: it is -1" in caplog.text) == lost


def test_gzip_and_plain_in_many_chunks_give_the_same(chain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = np.random.default_rng(1).integers(0, 900, 5000).tolist()
    data = "".join(f"t1\t{a}\t{a + 30}\tp{i}\t0\t+\n" for i, a in enumerate(starts)).encode()
    whole = found(data, chain, multiple=True)
    monkeypatch.setattr(lift_bed, "CHUNK_BYTES", 1000)
    assert whole == found(data, chain, multiple=True) == found(gzip.compress(data), chain, multiple=True)


@pytest.mark.parametrize(
    ("line", "how", "expected"),
    [
        ("t1\t10\t60\tmy peak\t9\t+", {}, "q1\t4840\t4890\tmy peak\t9\t-"),
        ("t1\t10\t60\t\t9\t+", {}, "q1\t4840\t4890\t\t9\t-"),
        ("t1\t10\t60\tp\t\t+\t", {}, "q1\t4840\t4890\tp\t\t-\t"),
        ("t1\t10\t60\tp\t9\t", {}, "q1\t4840\t4890\tp\t9\t"),
        (" t1 \t10 \t 60\tp\t9\t +", {}, "q1\t4840\t4890\tp\t9\t-"),
        ("t1 10 60 p 9 +", {}, "q1\t4840\t4890\tp\t9\t-"),
        ("t1 10 60 my\tp", {}, "q1\t4840\t4890\tmy\tp"),  # one tab separates no three columns
        ("t1\t10\t60\tmy peak\t9\t+", {"tab": True}, "q1\t4840\t4890\tmy peak\t9\t-"),
        ("t1\t10\t60\tmy peak\t9\t+", {"multiple": True}, "q1\t4840\t4890\tmy peak\t1\t-"),
    ],
)
def test_a_line_with_tabs_is_split_at_its_tabs(chain: Path, line: str, how: dict, expected: str) -> None:
    assert found(line.encode(), chain, **how) == (expected + "\n", "")
    away, missing = found(line.replace("t1", "t9").encode(), chain, **how), expected.split("\t")[3:]
    missing = ["9" if how.get("multiple") and i == 1 else text.replace("-", "+") for i, text in enumerate(missing)]
    assert away == ("", "#Deleted in new\n" + "\t".join(["t9", "10", "60", *missing]) + "\n")


def test_chromosomes_that_the_chains_name_otherwise_are_said(chain: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert found(b"chrt1\t1\t5\nt2\t1\t5\n", chain)[0] == ""
    assert "in.bed: none of its intervals lies on a chromosome of the chains, such as t1" in caplog.text
    caplog.clear()
    assert found(b"chrt1\t1\t5\nt1\t900\t905\n", chain)[0] == ""
    assert not caplog.records


GAPPED = "t1\t10\t60\tp\t9\t+\t20\t50\t0\t2\t10,10\t0,40"


@pytest.mark.parametrize(
    ("line", "how", "message"),
    [
        (GAPPED, {}, "line 1: 12 columns, with blocks as in BED12 and gappedPeak, which are not lifted"),
        (GAPPED + "\t5.0\t3\t2", {}, "line 1: 15 columns, with blocks"),
        (GAPPED.rsplit("\t", 1)[0], {}, r"line 1: 11 columns, expected BED3 to BED9 or narrowPeak .*--bed-plus 6"),
        ("t1\t10\t60\tp\t9\t+\t5.1\t3\t2", {}, r"line 1, columns 7 and 8 \(thickStart, thickEnd\): .*'5.1' and '3'"),
        ("t1\t10\t60\tp\t9\t+\t9\t30", {}, "line 1, columns 7 and 8 .* within 10-60, found '9' and '30'"),
        ("t1\t10\t60\tp\t9\t+\t40\t30", {}, "line 1, columns 7 and 8"),
        ("t1\t10\t60\tp\t9\t+\t40\t61", {"bed_plus": 8}, "line 1, columns 7 and 8"),
        ("t1\t10\t60\tp\t9\t+\t1\t1\t1\t50", {}, r"line 1, column 10 \(summit\): expected -1 or .* 50 bp, found '50'"),
        ("t1\t10\t60\tp\t9\t+\t1\t1\t1\t", {}, "line 1, column 10 .* found ''"),
        # ten columns that are not narrowPeak: what `bedtools intersect -wao` writes, and BED9 with a column more
        ("t1\t10\t60\tp\t9\t+\tt1\t20\t50\t30", {}, "line 1, column 7: expected a number, found 't1' .*--bed-plus 6"),
        ("t1\t10\t60\tp\t9\t+\t20\t70\t1,2,3\t1", {}, "line 1, column 9: expected a number, found '1,2,3'"),
        (
            "t1\t10\t60\tp\t9\t+\t20\t50\t0\t1",
            {},
            "line 1: columns 7 and 8, 20 and 50, are positions within 10-60 .*plus 9",
        ),
        ("t1\t10\t60\tp\t9\t+\t10\t10\t0\t1", {}, "line 1: columns 7 and 8, 10 and 10, are positions"),
        ("t1\t10\t60\tt1\t20\t50", {}, r"line 1, column 6 \(strand\): expected .*, found '50' .*--bed-plus 5"),
        ("t1 10 60 my peak 10 +", {"bed_plus": 6}, "line 1, column 6 .* found '10'"),
        ("t1\t10\t60\tp\t9\t−", {}, "line 1, column 6 .* found '−'"),  # no hyphen: it would not be turned
        ("t1 10 60", {"tab": True}, "line 1: 1 columns, expected 3 or more"),
        ("t1\t10 60 p\t9", {}, "line 1, column 2: expected a whole number >= 0, found '10 60 p'"),
        ("t1\t\t60\tp", {}, "line 1, column 2: expected a whole number >= 0, found ''"),
    ],
)
def test_what_cannot_be_lifted_whole_is_refused(chain: Path, line: str, how: dict, message: str) -> None:
    answer = found(line.encode(), chain, **how)
    assert isinstance(answer, str) and re.match(message, answer)
    assert not [path for path in chain.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("bed_plus", [-1, 1, 2, 10, 12])
def test_columns_of_blocks_are_not_lifted(chain: Path, tmp_path: Path, bed_plus: int) -> None:
    with pytest.raises(ConfigError, match=f"bed_plus is {bed_plus}"):
        lift_bed.lift_bed(tmp_path / "in", chain, tmp_path / "out", tmp_path / "unmapped", bed_plus=bed_plus)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"t1\t1\t2\n" * 300 + b"t1\t1\n", "line 301: 2 columns"),
        (b"t1\t1\t2\r" * 300 + b"t1\t1\r", "line 301: 2 columns"),
        (
            b"t1\t1\t99999999999999999999\n",
            "line 1, column 3: expected a whole number >= 0, found '99999999999999999999'",
        ),
        (b"t1\t1\t2\n\xff\n", "line 2: byte 0x(ff|93) is not UTF-8"),
        (b"t1\t1\t2\n\x93", "line 2: byte 0x(ff|93) is not UTF-8"),
    ],
)
def test_errors_name_the_line_whatever_the_chunk(chain: Path, monkeypatch, data: bytes, message: str) -> None:
    for chunk in (50, 1 << 20):
        monkeypatch.setattr(lift_bed, "CHUNK_BYTES", chunk)
        assert re.match(message, found(data, chain))


@given(
    names=st.lists(st.text("abü", min_size=1, max_size=4), unique=True, min_size=1, max_size=20),
    asked=st.text("abü", min_size=1, max_size=4),
)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_chromosomes_are_found_by_name(tmp_path_factory: pytest.TempPathFactory, names: list[str], asked: str) -> None:
    path = tmp_path_factory.mktemp("names") / "x.chain"
    path.write_text("".join(f"chain 1 {name} 9 + 0 9 q{i} 9 + 0 9\n9\n\n" for i, name in enumerate(names)))
    mapped, unmapped = found(f"{asked}\t0\t1\n".encode(), path)
    known = asked in names
    assert mapped == (f"q{names.index(asked)}\t0\t1\n" if known else "")
    assert unmapped == ("" if known else f"#Deleted in new\n{asked}\t0\t1\n")


def test_importing_takes_no_pandas() -> None:
    code = "import sys, regssl.liftover.bed; sys.exit(any(name in sys.modules for name in ('torch', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

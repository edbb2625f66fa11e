"""Reading chain files: two literal chains as arrays, then every way in which a file can be wrong."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.genomes import WithoutSequence
from regssl.errors import ChainError
from regssl.liftover.chain_file import check_genomes, peek_sizes, read_chains
from regssl.liftover.chains import BUCKET_BITS

# chr1 100-130 with a gap of 5 in the query only, then 10 in both; and a minus-strand chain inside the first one's gap
TWO = """\
## a comment
chain 900 chr1 1000 + 100 140 chrA 500 + 20 65 7
10 0 5
10\t10\t10
10

chain 80.5 chr1 1000 + 121 125 chrB 300 - 50 54
4
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "x.over.chain"
    path.write_text(text)
    return path


def test_chains_become_arrays(tmp_path: Path) -> None:
    chains = read_chains(write(tmp_path, TWO))
    assert chains.target_sizes == {"chr1": 1000}
    assert chains.query_sizes == {"chrA": 500, "chrB": 300}
    assert chains.minus.tolist() == [False, True]
    assert chains.score.tolist() == [900, 80.5]
    assert chains.id.tolist() == [7, -1]
    assert chains.query_size.tolist() == [500, 300]
    assert list(zip(chains.target_start, chains.target_end, strict=True)) == [(100, 140), (121, 125)]
    blocks = (chains.block_start, chains.block_end, chains.block_query, chains.block_chain, chains.block_max_end)
    assert list(zip(*(column.tolist() for column in blocks), strict=True)) == [
        (100, 110, 20, 0, 110),
        (110, 120, 35, 0, 120),
        (121, 125, 50, 1, 125),
        (130, 140, 55, 0, 140),
    ]
    assert chains.block_offsets.tolist() == [0, 4]


def test_blocks_are_sorted_within_each_target_chromosome(tmp_path: Path) -> None:
    text = "".join(
        f"chain 1 {name} 900 + {start} {start + size} q 900 + 0 {size}\n{size}\n\n"
        for name, start, size in (("b", 50, 100), ("a", 10, 5), ("b", 20, 200), ("b", 60, 10), ("a", 0, 800))
    )
    chains = read_chains(write(tmp_path, text))
    assert list(chains.target_sizes) == ["b", "a"]  # in order of appearance
    assert chains.block_offsets.tolist() == [0, 3, 5]
    assert chains.block_start.tolist() == [20, 50, 60, 0, 10]
    assert chains.block_max_end.tolist() == [220, 220, 220, 800, 800]  # starts anew on each chromosome


def test_buckets_lead_to_the_first_block_that_reaches_beyond_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    sizes = {"a": 9000, "b": 1024, "c": 1023, "d": 5}
    text = ""
    for name, size in (item for item in sizes.items() for _ in range(20)):
        start, end = sorted(rng.choice(size + 1, 2, replace=False).tolist())
        text += f"chain 1 {name} {size} + {start} {end} q 9000 + 0 {end - start}\n{end - start}\n\n"
    chains = read_chains(write(tmp_path, text))
    expected = []
    for code, size in enumerate(sizes.values()):
        blocks = range(chains.block_offsets[code], chains.block_offsets[code + 1])
        for start in range(0, size + 1, 1 << BUCKET_BITS):
            beyond = (block for block in blocks if chains.block_end[block] > start)
            expected.append(next(beyond, chains.block_offsets[code + 1]))
    assert chains.bucket.tolist() == expected
    assert chains.bucket_offsets.tolist() == [0, 9, 11, 12, 13]


def test_chains_that_start_together_follow_ucscs_bins(tmp_path: Path) -> None:
    """Finer bins first (128 kb, 1 Mb, …), then what comes later in the file: the order of `liftOver -multiple`."""
    text = "".join(
        f"chain 1 t 5000000 + 1000 {end} q 9000000 + 0 {end - 1000} {i}\n{end - 1000}\n\n"
        for i, end in enumerate((2_000_000, 50_000, 60_000, 200_000))
    )
    assert read_chains(write(tmp_path, text)).id.tolist() == [2, 1, 3, 0]


def test_gzip_is_recognised_by_content_and_tabs_and_carriage_returns_do_not_matter(tmp_path: Path) -> None:
    plain = read_chains(write(tmp_path, TWO))
    zipped = tmp_path / "zipped.chain"
    zipped.write_bytes(gzip.compress(TWO.replace(" ", "\t").replace("\n", "\r\n").encode()))
    for name, value in vars(read_chains(zipped)).items():
        np.testing.assert_array_equal(value, getattr(plain, name))


HEADER = "chain 9 chr1 1000 + 100 110 chrA 500 + 20 30 1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no chain in the file"),
        ("\n# nothing\n", "no chain in the file"),
        ("chr1 100 200\n", "line 1, column 1: expected a chain header, found 'chr1'"),
        ("10\n" + HEADER, "line 1, column 1: expected a chain header, found '10'"),
        (HEADER, "line 1: the chain of line 1 has no last block"),
        (HEADER + "5 0 0\n", "line 2: the chain of line 1 has no last block"),
        (HEADER + "5 0 0\n\n" + HEADER, "line 4: the chain of line 1 has no last block"),
        (HEADER + "5 0\n5\n", "line 2: a block has 1 or 3 numbers, found 2"),
        (HEADER + "5 0 0 0\n5\n", "line 2: a block has 1 or 3 numbers, found 4"),
        (HEADER + "5 -1 0\n5\n", "line 2, column 2: expected a whole number from 0 to 2147483647, found '-1'"),
        (HEADER + "5 x 0\n5\n", "line 2, column 2: expected a whole number from 0 to 2147483647, found 'x'"),
        (HEADER + "99999999999\n", "line 2, column 1: expected a whole number"),
        (HEADER + "11\n", "line 2: the blocks end at 111, tEnd of line 1 is 110"),
        (HEADER + "4 1 0\n5\n", "line 3: the blocks end at 29 of the query, qEnd of line 1 is 30"),
        (HEADER + "10\n11\n", "line 3, column 1: expected a chain header, found '11'"),
        ("chain 9 chr1 1000 + 100 110 chrA 500 + 20\n10\n", "line 1: a chain header has 12 or 13 fields, found 11"),
        (HEADER[:-1] + " 4\n10\n", "line 1: a chain header has 12 or 13 fields, found 14"),
        (
            HEADER.replace(" 100 ", " -5 ") + "10\n",
            r"line 1, column 6 \(tStart\): expected a whole number .*, found '-5'",
        ),
        (HEADER.replace("1000 +", "1000 -") + "10\n", r"line 1, column 5 \(tStrand\): strand must be '\+', found '-'"),
        (HEADER.replace("500 +", "500 .") + "10\n", r"column 10 \(qStrand\): strand must be '\+' or '-', found '.'"),
        (HEADER.replace("500", "25") + "10\n", "line 1: qStart 20, qEnd 30, qSize 25: expected start < end <= size"),
        (HEADER.replace("110", "90") + "10\n", "line 2: the blocks end at 110, tEnd of line 1 is 90"),
        (HEADER.replace("110", "100").replace("30", "20") + "0\n", "line 1: tStart 100, tEnd 100"),
        (HEADER.replace("9", "nine") + "10\n", r"line 1, column 2 \(score\): expected a number, found 'nine'"),
        (HEADER + "10\n\n" + HEADER.replace("1000", "999") + "10\n", "line 4: chr1 has 999 bp, 1000 bp in an earlier"),
        (HEADER + "10\n\n" + HEADER.replace("500", "501") + "10\n", "line 4: chrA has 501 bp, 500 bp in an earlier"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_value(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ChainError, match=message) as error:
        read_chains(path)
    assert str(path) in str(error.value)


def test_missing_and_truncated_files(tmp_path: Path) -> None:
    torn = tmp_path / "torn.chain.gz"
    torn.write_bytes(gzip.compress(TWO.encode())[:-12])
    for read in (read_chains, peek_sizes):
        with pytest.raises(ChainError, match="No such file"):
            read(tmp_path / "absent.chain")
    with pytest.raises(ChainError, match="damaged gzip"):
        read_chains(torn)


def test_headers_are_read_until_there_are_enough(tmp_path: Path) -> None:
    """The sizes are those of the headers in TWO; what follows the last header that is wanted is not read."""
    path = write(tmp_path, TWO + "chain rubbish")
    assert peek_sizes(path, lambda *_: True) == ({"chr1": 1000}, {"chrA": 500})
    headers = [line.split() for line in TWO.splitlines() if line.startswith("chain")]
    found = {h[2]: int(h[3]) for h in headers}, {h[7]: int(h[8]) for h in headers}
    assert peek_sizes(write(tmp_path, TWO)) == found
    for text in (
        "chr1\t1\t2\n",
        "chain 9 chr1 x + 1 2 chrA 500 + 1 2\n",
        "chain 9 chr1 9 + 1 2 chrA x + 1 2\n",
        TWO + "chain x",
    ):
        with pytest.raises(ChainError, match=r"line [0-9]+: expected a chain header"):
            peek_sizes(write(tmp_path, text))
    with pytest.raises(ChainError, match="no chain in the file"):
        peek_sizes(write(tmp_path, "# none\n"))


def test_chains_must_start_from_the_genome_at_hand(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    path = write(tmp_path, TWO)
    chains = read_chains(path)
    query = WithoutSequence(chains.query_sizes)
    check_genomes(chains, path, WithoutSequence({"chr1": 1000, "chr2": 5}), query)
    assert not caplog.records
    more = write(tmp_path, TWO + TWO.replace("chr1 1000", "chr1_KI270762v1_alt 1000"))
    check_genomes(read_chains(more), more, WithoutSequence({"chr1": 1000, "chr2": 5}), query)
    found = f"{more}: passed over: 1 of its 2 chromosomes, which are not in genome.2bit (chr1_KI270762v1_alt)"
    assert [record.getMessage() for record in caplog.records] == [found]
    for sizes, message in (
        ({"1": 1000}, r"no chromosome in common with genome.2bit: chr1 here, 1 there"),
        ({"chr1": 999}, "chr1 has 1,000 bp there, 999 bp in genome.2bit"),
    ):
        with pytest.raises(ChainError, match=message):
            check_genomes(chains, path, WithoutSequence(sizes), query)
    with pytest.raises(ChainError, match=r"chrA has 500 bp there, 50 bp in genome\.2bit"):
        check_genomes(chains, path, WithoutSequence({"chr1": 1000}), WithoutSequence({"chrA": 50}))


def test_real_chains(shared: Path) -> None:
    """Blocks counted by hand (one per non-empty line that is no header), and lengths as in the headers."""
    path = shared / "encode_regions/chains/humanToDog.over.chain.gz"
    lines = [line.split() for line in gzip.decompress(path.read_bytes()).decode().splitlines() if line.strip()]
    chains = read_chains(path)
    assert len(chains.block_start) == sum(fields[0] != "chain" for fields in lines)
    assert (chains.block_end - chains.block_start).sum() == sum(int(f[0]) for f in lines if f[0] != "chain")
    assert chains.target_sizes == {f[2]: int(f[3]) for f in lines if f[0] == "chain"}
    assert sorted(chains.score) == sorted(float(f[1]) for f in lines if f[0] == "chain")
    assert peek_sizes(path) == (chains.target_sizes, chains.query_sizes)


def test_importing_is_cheap() -> None:
    code = (
        "import sys, regssl.liftover.chain_file;"
        " sys.exit(any(name in sys.modules for name in ('torch', 'numba', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

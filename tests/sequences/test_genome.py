"""Genomes as 2bit and FASTA (plain, gzip, bgzip): one answer whatever the file."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.packed import letters, packed
from regssl.errors import DataError
from regssl.sequences import fasta
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.fasta import read_fasta
from regssl.sequences.genome import Genome, open_genome, to_twobit, write_fasta
from regssl.sequences.indexed_fasta import IndexedFasta
from regssl.sequences.twobit import TwoBit

SEQUENCES = {"chr1": "ACGTNNNNacgtRYkmACGTACGTAC", "chr2": "GGGnnnTT", "scaffold_3": "A"}
AS_READ = {name: "".join(b if b in "ACGTacgt" else "Nn"[b.islower()] for b in seq) for name, seq in SEQUENCES.items()}
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def fasta_text(sequences: dict[str, str], width: int = 10, newline: str = "\n") -> bytes:
    lines = []
    for name, sequence in sequences.items():
        lines += [f">{name} a description", *(sequence[i : i + width] for i in range(0, len(sequence), width))]
    return "".join(line + newline for line in lines).encode()


def bgzf(data: bytes, block: int = 20) -> bytes:
    """Compress as bgzip does (SAM specification, section 4.1): gzip members that tell their size, an end marker."""
    out = b""
    for start in range(0, len(data), block):
        piece = data[start : start + block]
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = deflate.compress(piece) + deflate.flush()
        header = struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(packed) + 25)
        out += header + packed + struct.pack("<2I", zlib.crc32(piece), len(piece))
    return out + BGZF_END


def two_bit(data: bytes, folder: Path) -> bytes:
    (folder / "source").write_bytes(data)
    to_twobit(folder / "source", folder / "source.2bit")
    return (folder / "source.2bit").read_bytes()


KINDS = ["plain", "crlf", "one_line", "uneven", "no_last_newline", "gzip", "bgzip", "2bit"]


def write_as(kind: str, path: Path, sequences: dict[str, str]) -> Path:
    plain = fasta_text(sequences)
    ways = {
        "plain": lambda: plain,
        "crlf": lambda: fasta_text(sequences, newline="\r\n"),
        "one_line": lambda: fasta_text(sequences, width=10**6),
        "uneven": lambda: plain.replace(b"\n", b"\n\n").replace(b"NN", b"N\nN"),
        "no_last_newline": lambda: plain.rstrip(),
        "gzip": lambda: gzip.compress(plain),
        "bgzip": lambda: bgzf(plain),
        "2bit": lambda: two_bit(plain, path.parent),
    }
    path.write_bytes(ways[kind]())
    return path


@pytest.fixture(params=KINDS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_as(request.param, tmp_path / "genome.any", SEQUENCES)


@pytest.fixture(params=[Genome, open_genome])
def genome(request: pytest.FixtureRequest, path: Path) -> Genome:
    return request.param(path)


def test_sizes(genome: Genome) -> None:
    assert genome.sizes == {"chr1": 26, "chr2": 8, "scaffold_3": 1}


def test_every_interval(genome: Genome) -> None:
    for name, sequence in AS_READ.items():
        for start in range(len(sequence) + 1):
            for end in range(start, len(sequence) + 1):
                assert letters(genome, name, start, end) == sequence[start:end].upper()
    assert letters(genome, "chr1", 6, 10, minus=True) == "GTNN"


def test_whole_sequences(genome: Genome) -> None:
    assert {name: letters(genome, name) for name in genome.sizes} == {
        name: sequence.upper() for name, sequence in AS_READ.items()
    }


def test_windows_keep_the_order_asked_for(genome: Genome) -> None:
    codes = genome.windows(["chr2", "chr1", "chr2", "chr1"], [0, 22, 4, 6], 4, [False, False, True, True])
    assert [decode(window) for window in codes] == ["GGGN", "GTAC", "AANN", "GTNN"]


def test_a_strand_is_wanted_for_each_window(genome: Genome) -> None:
    with pytest.raises(ValueError, match="for 2 windows"):
        genome.windows(["chr1", "chr2"], [0, 0], 4, [True])
    with pytest.raises(ValueError, match="1 chromosomes, 2 starts"):
        genome.windows(["chr1"], [0, 0], 4)


def test_n_bases(genome: Genome) -> None:
    assert genome.n_bases(["chr1", "chr2", "chr1"], [0, 4, 8], [26, 8, 8]).tolist() == [8, 2, 0]


def test_an_interval_outside_is_refused(genome: Genome) -> None:
    for start, end in [(-1, 3), (0, 9), (5, 4)]:
        with pytest.raises(DataError, match=rf"chr2:{start}-{end} \(row 0\) is not within 0-8"):
            genome.n_bases(["chr2"], [start], [end])
    with pytest.raises(DataError, match=r"chrZ:0-1.*no sequence 'chrZ'.*it has chr1, chr2"):
        genome.windows(["chrZ"], [0], 1)


@pytest.mark.parametrize(
    ("chrom", "start", "message"),
    [
        (["chr1", "chr2", "chr2"], [0, 3, 5], r"window chr2:5-9 \(row 2\) is not within 0-8"),
        (["chr1", "chr2", "chr1"], [0, 3, -1], r"window chr1:-1-3 \(row 2\) is not within 0-26"),
        (["chr1", "chrZ", "chr1"], [0, 3, 0], r"window chrZ:3-7 \(row 1\).*no sequence 'chrZ'"),
        (["chr1", None, "chr1"], [0, 3, 0], r"row 1\).*no sequence ''"),
    ],
)
def test_a_window_off_the_genome_is_named(genome: Genome, chrom: list, start: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        genome.windows(chrom, start, 4)
    with pytest.raises(DataError, match=message):
        genome.n_bases(chrom, start, np.array(start) + 4)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.data())
def test_windows_against_slicing(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    stretch = st.sampled_from(["ACGTTGCA", "NNNNN", "G", "ca", "n"])
    texts = data.draw(st.lists(st.lists(stretch, min_size=5, max_size=20).map("".join), min_size=1, max_size=4))
    sequences = {f"chr{i}": text for i, text in enumerate(texts)}
    folder = tmp_path_factory.mktemp("windows")
    opener = data.draw(st.sampled_from([Genome, open_genome]))
    genome = opener(write_as(data.draw(st.sampled_from(KINDS)), folder / "genome.any", sequences))
    width = data.draw(st.integers(1, 5))
    place = st.sampled_from(sorted(sequences)).flatmap(
        lambda name: st.tuples(st.just(name), st.integers(0, len(sequences[name]) - width), st.booleans())
    )
    table = pd.DataFrame(data.draw(st.lists(place, max_size=12)), columns=["chrom", "start", "minus"])
    names = data.draw(st.sampled_from(["category", "object", "str"]))
    table = table.astype({"chrom": names, "start": "int32", "minus": bool})
    codes = genome.windows(table.chrom, table.start, width, table.minus)
    slices = [encode(sequences[row.chrom][row.start : row.start + width]) for row in table.itertuples()]
    expected = [reverse_complement(s) if minus else s for s, minus in zip(slices, table.minus, strict=True)]
    assert codes.tolist() == [window.tolist() for window in expected]
    assert genome.n_bases(table.chrom, table.start, table.start + width).tolist() == [(s == 4).sum() for s in slices]


def test_a_read_only_folder_and_no_index_left_behind(tmp_path: Path) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    tmp_path.chmod(0o555)
    try:
        assert letters(open_genome(path), "chr1", 0, 4) == "ACGT"
        assert list(tmp_path.iterdir()) == [path]
    finally:
        tmp_path.chmod(0o755)


def test_an_index_older_than_its_fasta_is_not_used(tmp_path: Path) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    index = tmp_path / "genome.fa.fai"
    index.write_text("other\t3\t5\t3\t4\n")
    os.utime(index, (0, 0))
    assert letters(open_genome(path), "chr1", 0, 4) == "ACGT"
    assert index.read_text().startswith("other")


def test_a_plain_file_named_gz_is_read_by_its_content(tmp_path: Path) -> None:
    assert letters(open_genome(write_as("plain", tmp_path / "genome.fa.gz", SEQUENCES)), "chr2", 0, 4) == "GGGN"


@pytest.mark.parametrize("kind", ["plain", "crlf", "one_line", "no_last_newline"])
def test_a_plain_fasta_of_even_lines_is_not_packed(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(f"{path} is packed")

    monkeypatch.setattr("regssl.sequences.genome.read_fasta", refuse)
    path = write_as(kind, tmp_path / "genome.fa", SEQUENCES)
    assert letters(open_genome(path), "chr1", 8, 12) == "ACGT"
    with pytest.raises(AssertionError, match="is packed"):
        Genome(path)


def test_an_index_beside_the_file_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    (tmp_path / "genome.fa.fai").write_text("chr1\t26\t20\t10\t11\nchr2\t8\t69\t8\t9\nscaffold_3\t1\t104\t1\t2\n")

    def refuse(*_: object) -> None:
        raise AssertionError("an index is made")

    monkeypatch.setattr("pyfaidx.Faidx.build_index", refuse)
    assert letters(open_genome(path), "chr1") == AS_READ["chr1"].upper()
    (tmp_path / "genome.fa.fai").unlink()
    with pytest.raises(AssertionError, match="an index is made"):
        open_genome(path)


@pytest.mark.parametrize("text", [b">a\nACGT\nAC*T\n", b">a\nACGT\nAC>T\n", b">a\nACGT\nAC\xffT\n"])
def test_a_letter_that_is_no_base_is_refused_where_it_is_read(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "g.fa").write_bytes(text)
    with pytest.raises(DataError, match=r"is not a base|does not fit"):
        open_genome(tmp_path / "g.fa").windows(["a"], [5], 3)


def test_a_file_that_changes_after_it_was_opened_is_refused(tmp_path: Path) -> None:
    path = write_as("plain", tmp_path / "genome.fa", SEQUENCES)
    genome = open_genome(path)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(DataError, match="its index does not fit"):
        genome.windows(["chr2"], [0], 8)


@pytest.mark.parametrize("text", [b">a\n>b\nAC\n", b">a\nAC\n>a\nAC\n", b">\nAC\n", b"AC\n"])
def test_what_an_index_cannot_describe_is_left_to_the_reader(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "g.fa").write_bytes(text)
    assert IndexedFasta.open(tmp_path / "g.fa") is None
    with pytest.raises(DataError, match=r"line [13]"):
        open_genome(tmp_path / "g.fa")


def _read_often(genome: Genome, failures) -> None:
    expected = AS_READ["chr1"].upper()
    failures.put(sum(letters(genome, "chr1", i % 26, i % 26 + 1) != expected[i % 26] for i in range(500)))


def test_a_forked_process_reads_for_itself(tmp_path: Path) -> None:
    genome = open_genome(write_as("plain", tmp_path / "genome.fa", SEQUENCES))
    context = multiprocessing.get_context("fork")
    failures = context.SimpleQueue()
    readers = [context.Process(target=_read_often, args=(genome, failures)) for _ in range(2)]
    for reader in readers:
        reader.start()
    assert [failures.get() for _ in readers] == [0, 0]
    for reader in readers:
        reader.join()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no sequence in it"),
        (b"\n\n", "no sequence in it"),
        (b"ACGT\n", "line 1: starts with b'ACGT.*not with '>'"),
        (b">a\nAC\n>\nGT\n", "line 3: a header without a name"),
        (b">a x\nAC\n>b\nA\n>a y\nGT\n", "line 5: a second sequence is named 'a'"),
        (b">a\nACGT\nAC*T\n", r"line 3: '\*' is not a base"),
        (b">a\r\nACGT\r\n>b\r\nAC\r\nA4\r\n", "line 5: '4' is not a base"),
        (b">a\nAC\n>b\n>c\nAC\n", "line 3: no bases follow the header of 'b'"),
        (b">a\n", "line 1: no bases follow the header of 'a'"),
    ],
)
@pytest.mark.parametrize("block", [4, 1 << 24])
def test_damaged_fasta_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, message: str, block: int
) -> None:
    monkeypatch.setattr(fasta, "CHUNK_BYTES", block)
    (tmp_path / "bad.fa").write_bytes(text)
    with pytest.raises(DataError, match=message):
        to_twobit(tmp_path / "bad.fa", tmp_path / "out.2bit")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.fa"]
    with pytest.raises(DataError):
        Genome(tmp_path / "bad.fa").windows(["a"], [0], 1)


@pytest.mark.parametrize("compress", [gzip.compress, bgzf])
def test_every_truncation_of_compressed_fasta_is_noticed(tmp_path: Path, compress) -> None:
    whole = compress(fasta_text(SEQUENCES))
    path = tmp_path / "cut.fa.gz"
    for length in range(3, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="truncated"):
            list(read_fasta(path))


def test_a_missing_file(tmp_path: Path) -> None:
    for read in (Genome, lambda path: to_twobit(path, tmp_path / "out.2bit"), lambda path: list(read_fasta(path))):
        with pytest.raises(DataError, match="No such file"):
            read(tmp_path / "none.fa")


@settings(deadline=None, derandomize=True)
@given(st.lists(st.text("ACGTNacgtnRY\n", min_size=1).filter(str.strip), min_size=1), st.integers(1, 30))
def test_block_borders_do_not_show(tmp_path_factory: pytest.TempPathFactory, texts: list[str], block: int) -> None:
    path = tmp_path_factory.mktemp("blocks") / "g.fa"
    path.write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(texts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fasta, "CHUNK_BYTES", block)
        read = list(read_fasta(path))
    for found, (i, text) in zip(read, enumerate(texts), strict=True):
        bases = text.replace("\n", "").translate(str.maketrans("RY", "NN"))
        expected = packed(f"s{i}", bases)
        assert (found.name, found.size, found.bases) == (expected.name, expected.size, expected.bases)
        assert found.n_blocks.tolist() == expected.n_blocks.tolist()
        assert found.mask_blocks.tolist() == expected.mask_blocks.tolist()


def test_to_twobit_of_2bit_is_the_same_file(tmp_path: Path) -> None:
    source = write_as("2bit", tmp_path / "genome.2bit", SEQUENCES)
    assert to_twobit(source, tmp_path / "deep" / "out.2bit") == Genome(source).sizes
    assert (tmp_path / "deep" / "out.2bit").read_bytes() == source.read_bytes()


def test_write_fasta_reads_back_and_repeats_byte_for_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fasta, "CHUNK_BYTES", 64)  # several batches
    codes = np.random.default_rng(0).integers(0, 5, (50, 13), dtype=np.uint8)
    names = [f"chr1:{i}-{i + 13}(+)" for i in range(50)]
    for name in ("a.fa", "a.fa.gz", "b.fa.gz"):
        write_fasta(tmp_path / name, names, codes)
    lines = (tmp_path / "a.fa").read_text().splitlines()
    assert lines[::2] == [f">{name}" for name in names]
    assert lines[1::2] == [decode(window) for window in codes]
    assert gzip.decompress((tmp_path / "a.fa.gz").read_bytes()) == (tmp_path / "a.fa").read_bytes()
    assert (tmp_path / "a.fa.gz").read_bytes() == (tmp_path / "b.fa.gz").read_bytes()


def test_write_fasta_wants_a_name_for_each_sequence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 names for 2 sequences"):
        write_fasta(tmp_path / "a.fa", ["one"], np.zeros((2, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("species", ["human", "galago"])
def test_real_genomes(shared: Path, tmp_path: Path, species: str) -> None:
    """Every base and case of two regions, against reading the file line by line; windows against slicing."""
    source = shared / "encode_regions" / "genomes" / f"{species}.fa.gz"
    texts: dict[str, str] = {}
    for record in gzip.decompress(source.read_bytes()).decode().split(">")[1:]:
        header, *lines = record.split("\n")
        texts[header.split()[0]] = "".join(lines)
    assert to_twobit(source, tmp_path / "g.2bit") == {name: len(text) for name, text in texts.items()}
    genome, packed_file = Genome(tmp_path / "g.2bit"), TwoBit(tmp_path / "g.2bit")
    assert all(packed_file.text(name, 0, size) == texts[name] for name, size in genome.sizes.items())
    rng = np.random.default_rng(0)
    chrom = rng.choice([name for name, size in genome.sizes.items() if size > 200], 2000)
    start = np.array([rng.integers(0, genome.sizes[name] - 199) for name in chrom])
    windows = genome.windows(chrom, start, 200)
    assert all((w == encode(texts[c][s : s + 200])).all() for c, s, w in zip(chrom, start, windows, strict=True))
    assert (genome.n_bases(chrom, start, start + 200) == (windows == 4).sum(1)).all()
    (tmp_path / "g.fa").write_bytes(gzip.decompress(source.read_bytes()))
    in_place, minus = open_genome(tmp_path / "g.fa"), rng.random(2000) < 0.5
    assert in_place.sizes == genome.sizes
    assert (in_place.windows(chrom, start, 200, minus) == genome.windows(chrom, start, 200, minus)).all()
    assert (in_place.n_bases(chrom, start, start + 200) == genome.n_bases(chrom, start, start + 200)).all()

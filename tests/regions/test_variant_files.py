"""Published tables of variants, and the sequence around each, against the obvious way."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from regssl.errors import ConfigError, DataError
from regssl.liftover.chain_file import read_chains
from regssl.regions.contexts import Context, Variants, Windows, find_contexts, read_windows
from regssl.regions.places import Place
from regssl.regions.variant_files import FORMATS, read_alleledb, read_variant_file, variant_lines

LETTERS = np.random.default_rng(3)
SEQUENCE = "".join(LETTERS.choice(list("ACGTacgt"), 1000))


def variants(*positions: int, chrom: str = "chr1", ref: str = "") -> Variants:
    cells = [{"ref": ref, "alt": "A", "TF": "CTCF"} for _ in positions]
    return Variants(np.array([chrom] * len(positions), object), np.array(positions), cells)


def archive(path: Path, **files: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return path


def test_alleledb_single_bases_with_their_reads(tmp_path: Path) -> None:
    header = "chr\tstart\tend\tTF_indiv_ASB\tref\talt\tcA\tcC\tcG\tcT\tp.binomial\tp.betabinomial\n"
    rows = "chr1\t5\t6\tPOL2_NA1_ASB\tC\tT\t1\t2\t3\t4\t0.1\t2e-5\nchr1\t7\t8\tX_Y\tC\tTT\t1\t2\t3\t4\t0.1\t2e-5\n"
    path = archive(tmp_path / "a.tgz", README="no", **{"table.txt": header + rows})
    found = read_alleledb(path)
    assert found.position.tolist() == [5]
    assert found.cells == [
        {"ref": "C", "alt": "T", "TF": "POL2", "p_betabinom": "2e-5", "ref_reads": "2", "alt_reads": "4"}
    ]
    with pytest.raises(DataError, match=r"holds no \.txt"):
        read_alleledb(archive(tmp_path / "b.tgz", README="no"))
    with pytest.raises(DataError, match="line 1, column 2: 'x' is not a whole number"):
        read_alleledb(archive(tmp_path / "c.tgz", **{"t.txt": rows.replace("\t5\t", "\tx\t")}))
    with pytest.raises(DataError, match="line 2: 9 columns, expected 12"):
        short = header + rows.partition("\n")[0].rpartition("\t4\t")[0]
        read_alleledb(archive(tmp_path / "s.tgz", **{"t.txt": short + "\n"}))
    (tmp_path / "d.tgz").write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="truncated or damaged gzip"):
        read_alleledb(tmp_path / "d.tgz")
    (tmp_path / "e.tgz").write_text("hello\n" * 200)
    with pytest.raises(DataError, match="a tar archive that cannot be read"):
        read_alleledb(tmp_path / "e.tgz")


def test_shi_is_lifted_to_hg19(tmp_path: Path) -> None:
    (tmp_path / "x.chain").write_text("chain 1 1 1000 + 0 500 2 900 + 100 600 1\n500\n")
    (tmp_path / "t.tsv").write_text("#chr\tpos\nchr1\t11\tA\tG\t-6.5\t82\nchr1\t900\tA\tG\t1\t9\n")
    found = read_variant_file(tmp_path / "t.tsv", "shi2016", read_chains(tmp_path / "x.chain"))
    assert (found.chrom.tolist(), found.position.tolist()) == (["chr2"], [110])
    assert found.cells[0]["ref_reads"] == "82"
    with pytest.raises(ConfigError, match="on hg38"):
        read_variant_file(tmp_path / "t.tsv", "shi2016")
    (tmp_path / "t.tsv").write_text("chr1\t11\tA\n")
    with pytest.raises(DataError, match="line 1: 3 columns, expected 6"):
        read_variant_file(tmp_path / "t.tsv", "shi2016", read_chains(tmp_path / "x.chain"))


def slow_window(rows: list[tuple[int, int, str, str]], position: int) -> Context | None:
    """The window with most bases on both sides, of all that hold the position; the first of equals."""
    fits = [(min(position - s + 1, e - position - 1), s, e, b, n) for s, e, b, n in sorted(rows) if s <= position < e]
    best = max(fits, key=lambda fit: fit[0], default=None)
    return Context(best[3], position - best[1] + 1, best[4]) if best and best[0] >= 40 else None


def test_contexts_from_regions_and_from_the_best_window() -> None:
    starts = sorted(LETTERS.integers(0, 700, 30).tolist())
    sizes = LETTERS.integers(90, 250, 30).tolist()
    rows = [
        (s, s + n, SEQUENCE[s : s + n + 1].upper(), f"win:{i % 3}")
        for i, (s, n) in enumerate(zip(starts, sizes, strict=True))
    ]
    region = Place("R", 300, "hg19", "chr1", 600, 900, "", 0, "mine", "hg19")
    positions = list(range(0, 1000))
    found = find_contexts(variants(*positions), [region], {"R": SEQUENCE[:300]}, Windows({"chr1": sorted(rows)}), None)
    for position, context in zip(positions, found, strict=True):
        if 700 <= position < 800:
            at = position - 600
            assert context == Context(SEQUENCE[at - 100 : at + 100].upper(), 100, "mine")
        else:
            assert context == slow_window(rows, position)
    assert find_contexts(variants(5, chrom="chr9"), [region], {}, Windows(), None) == [None]


def test_windows_are_one_base_longer_than_their_interval(tmp_path: Path) -> None:
    (tmp_path / "w.bed").write_text("chr1\t10\t15\nchr1\t2\t7\n")
    (tmp_path / "w.fa").write_text(">a\nacgtaa\n>b\nCCCCCC\n")
    found = read_windows([tmp_path / "w.bed"], [tmp_path / "w.fa"])
    assert found.rows["chr1"] == [(2, 7, "CCCCCC", "win:w.bed"), (10, 15, "ACGTAA", "win:w.bed")]
    (tmp_path / "w.fa").write_text(">a\nacgta\n>b\nCCCCCC\n")
    with pytest.raises(DataError, match="sequence 1 has 5 bases, its interval 5"):
        read_windows([tmp_path / "w.bed"], [tmp_path / "w.fa"])
    (tmp_path / "w.fa").write_text(">a\nacgtaa\n")
    with pytest.raises(DataError, match="1 sequences, 2 intervals"):
        read_windows([tmp_path / "w.bed"], [tmp_path / "w.fa"])


def test_only_variants_whose_reference_allele_is_there_are_written() -> None:
    found = variants(1, 2, 3, ref="C")
    for cells in found.cells:
        cells |= {"ref_reads": "1", "alt_reads": "2", "p_betabinom": "0.5"}
    contexts = [Context("AAC", 2, "here"), Context("AAG", 2, "here"), None]
    assert variant_lines(found, contexts, FORMATS["alleledb"])[1:] == ["chr1\t1\tC\tA\tCTCF\t1\t2\t0.5\there\t2\tAAC\n"]

"""`regssl score-variants`, from a VCF to a table."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from regssl.cli import main
from regssl.data.settings import Splits
from regssl.errors import DataError
from regssl.models import build
from regssl.models.serialization import load, save
from regssl.sequences.encoding import decode, encode
from regssl.sequences.genome import Genome, to_twobit
from regssl.variants import score_vcf
from regssl.variants.dataset import make_variant_dataset
from regssl.variants.readers import VariantFormat, read_variants
from regssl.variants.score_vcf import score_variants
from regssl.variants.scoring import score_effects

PARAMS = {"filters": 4, "filter_width": 5, "hidden": 3}
SEQUENCE = decode(np.random.default_rng(8).integers(0, 4, 400).astype(np.uint8))


def other(base: str, by: int = 1) -> str:
    return "ACGT"[("ACGT".index(base) + by) % 4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A genome, two models and a VCF of every kind of row."""
    (tmp_path / "genome.fa").write_text(f">chr1\n{SEQUENCE}\n>chr2\n{'N' * 50}{SEQUENCE[:100]}\n")
    for seed in (0, 1):
        torch.manual_seed(seed)
        metadata = {"architecture": "deepbind", "params": PARAMS, "width": 20, "reverse_complement": True}
        save(build("deepbind", 20, PARAMS), metadata, tmp_path / f"{seed}.safetensors")
    base = SEQUENCE[100]
    rows = [
        f"chr1\t101\trs1\t{base}\t{other(base)},{base}A,{other(base, 2)}",
        f"chr1\t101\trs2\t{other(base)}\t{base}",
        f"chr1\t5\t.\t{SEQUENCE[4]}\t{other(SEQUENCE[4])}",
        f"chr2\t52\t.\t{SEQUENCE[1]}\t{other(SEQUENCE[1])}",
        "chr9\t52\t.\tA\tC",
    ]
    (tmp_path / "in.vcf").write_text("#CHROM\tPOS\tID\tREF\tALT\n" + "\n".join(rows) + "\n")
    return tmp_path


def run(folder: Path, *options: str, vcf: str = "in.vcf") -> int:
    models = [str(folder / f"{seed}.safetensors") for seed in (0, 1)]
    paths = ["--genome", str(folder / "genome.fa"), "--out", str(folder / "out.tsv")]
    return main(["score-variants", str(folder / vcf), "--model", *models, *paths, *options])


def test_every_row_and_allele_has_scores_or_a_reason(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0
    table = pd.read_csv(folder / "out.tsv", sep="\t", dtype=str, keep_default_na=False)
    assert table.columns.tolist() == ["chrom", "pos", "id", "ref", "alt", "score_1", "score_2", "reason"]
    assert table["reason"].tolist() == [
        "NA", "not_snv", "NA", "ref_mismatch", "out_of_bounds", "n_content", "no_chromosome",
    ]  # fmt: skip
    assert table["pos"].tolist() == ["101"] * 4 + ["5", "52", "52"], "1-based, as in the VCF"
    window = encode(SEQUENCE[90:110])[None]
    for row in (0, 2):
        for seed in (0, 1):
            alt = encode(table.loc[row, "alt"])
            own = score_effects(load(folder / f"{seed}.safetensors"), window, np.array([10]), alt)
            assert float(table.loc[row, f"score_{seed + 1}"]) == pytest.approx(float(own[0]), rel=1e-4)
    assert (table.loc[[1, 3, 4, 5, 6], ["score_1", "score_2"]] == "NA").all(axis=None)
    printed = capsys.readouterr().out
    assert (
        "score_1: " in printed
        and "2 scored, 1 n_content, 1 no_chromosome, 1 not_snv, 1 out_of_bounds, 1 ref_mismatch" in printed
    )


def test_chunks_gzip_and_names_change_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(folder) == 0
    whole = (folder / "out.tsv").read_text()
    (folder / "in.vcf.gz").write_bytes(gzip.compress((folder / "in.vcf").read_bytes()))
    assert run(folder, "--names", "sl", "ssl", vcf="in.vcf.gz") == 0
    assert (folder / "out.tsv").read_text() == whole.replace("score_1", "sl").replace("score_2", "ssl")
    models = [folder / f"{seed}.safetensors" for seed in (0, 1)]
    monkeypatch.setattr(score_vcf, "CHUNK_VARIANTS", 2)
    score_variants(folder / "in.vcf", models, folder / "genome.fa", folder / "b.tsv")
    assert (folder / "b.tsv").read_text() == whole


def test_a_fasta_file_scores_as_its_2bit_file_does_and_nothing_is_left_beside_it(folder: Path) -> None:
    to_twobit(folder / "genome.fa", folder / "genome.2bit")
    before = sorted(path.name for path in folder.iterdir())
    models = [folder / "0.safetensors", folder / "1.safetensors"]
    for suffix in ("fa", "2bit"):
        score_variants(folder / "in.vcf", models, folder / f"genome.{suffix}", folder / f"{suffix}.tsv")
    assert (folder / "fa.tsv").read_text() == (folder / "2bit.tsv").read_text()
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, "2bit.tsv", "fa.tsv"])


def test_a_fasta_file_is_not_loaded(folder: Path) -> None:
    line, lines = SEQUENCE * 2_500, 16  # 16 Mb
    (folder / "genome.fa").write_text(">chr1\n" + f"{line}\n" * lines)
    position = 15_000_101
    base = (line * lines)[position - 1]
    (folder / "in.vcf").write_text(f"chr1\t{position}\t.\t{base}\t{other(base)}\n")
    del line
    tracemalloc.start()
    counts = score_variants(folder / "in.vcf", [folder / "0.safetensors"], folder / "genome.fa", folder / "out.tsv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts == {"scored": 1} and peak < 12_000_000, "one sequence at a time, four bases to a byte"


def test_models_of_two_widths_have_their_own_windows(folder: Path) -> None:
    torch.manual_seed(4)
    metadata = {"architecture": "deepbind", "params": PARAMS, "width": 220, "reverse_complement": True}
    save(build("deepbind", 220, PARAMS), metadata, folder / "1.safetensors")
    assert run(folder) == 0
    table = pd.read_csv(folder / "out.tsv", sep="\t")
    assert table.loc[0, ["score_1", "reason"]].notna().all() and np.isnan(table.loc[0, "score_2"])
    assert table.loc[0, "reason"] == "out_of_bounds", "of the wider window"


@pytest.mark.parametrize(
    ("vcf", "options", "message"),
    [
        ("chr1\t101\t.\tA\n", (), r"line 1: 4 columns instead of"),
        ("chr1\t101\t.\tA\tC\nchr1\tx\t.\tA\tC\n", (), r"line 2, column 2 (POS): 'x' is not a position"),
        ("1\t101\t.\tA\tC\n", (), "in.vcf: no chromosome in common with"),
        ("1\t101\t.\tA\tC\n", (), "genome.fa: 1 here, chr1, chr2 there (another assembly, or another style of names?)"),
        (
            f"chr1\t101\t.\t{SEQUENCE[100]}\t{other(SEQUENCE[100])}\n" + 300 * "2\t101\t.\tA\tC\n",
            (),
            "in.vcf: only 1 of 301 variants lie on ",
        ),
        (
            f"chr1\t101\t.\t{other(SEQUENCE[100])}\t{SEQUENCE[100]}\n",
            (),
            "1 of 1 reference alleles (100%) are not those of ",
        ),
        ("chr1\t101\t.\tA\tC\n", ("--names", "one"), "--names: 1 given for 2 models"),
        ("chr1\t101\t.\tA\tC\n", ("--names", "one", "one"), "--names: 'one' is taken"),
        ("chr1\t101\t.\tA\tC\n", ("--names", "one", "pos"), "--names: 'pos' is taken"),
    ],
)
def test_what_is_wrong_is_one_line_and_no_file_is_left(
    folder: Path, capsys: pytest.CaptureFixture[str], vcf: str, options: tuple[str, ...], message: str
) -> None:
    (folder / "in.vcf").write_text(vcf)
    assert run(folder, *options) == 1
    error = capsys.readouterr().err
    assert error.startswith("regssl score-variants: ") and message in error and error.count("\n") == 1
    assert not (folder / "out.tsv").exists()


@pytest.mark.parametrize("chunk", [2, 1000])
def test_a_vcf_of_another_assembly_is_refused_with_the_share(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    chunk: int,
) -> None:
    """All positions one base further than they should be: a quarter fits by chance."""
    monkeypatch.setattr(score_vcf, "CHUNK_VARIANTS", chunk)
    places = range(100, 300, 7)
    for shift, n in ((1, 29), (1, 12), (0, 29)):
        own = list(places)[:n]
        rows = [f"chr1\t{at + 1 + shift}\t.\t{SEQUENCE[at]}\t{other(SEQUENCE[at])}\n" for at in own]
        (folder / "in.vcf").write_text("".join(rows))
        unlike = sum(SEQUENCE[at] != SEQUENCE[at + shift] for at in own)
        assert run(folder) == bool(shift)
        assert (folder / "out.tsv").exists() != bool(shift)
        error = capsys.readouterr().err
        if shift and chunk > n:
            assert f"{unlike} of {n} reference alleles ({unlike / n:.0%}) are not those of" in error
    said = [message for message in caplog.messages if "reference alleles" in message]
    assert len(said) == 1 and "29 of 29 reference alleles are those of" in said[0]


@pytest.mark.parametrize(
    ("contig", "message"),
    [
        ("<ID=chr1,length=400>", ""),
        ("<ID=chr1>", ""),
        ("<ID=chr2,length=999>", ""),  # of which there is no variant
        ("<ID=chrM,length=16571>", ""),
        ("<ID=chr1,length=399,assembly=x>", "chr1 has 399 bp there, 400 bp in "),
        ('<assembly="a,b",ID=chr1,length=401>', "chr1 has 401 bp there, 400 bp in "),
    ],
)
def test_lengths_in_the_header_of_a_vcf_are_compared_with_the_genome(
    folder: Path, capsys: pytest.CaptureFixture[str], contig: str, message: str
) -> None:
    row = f"chr1\t101\t.\t{SEQUENCE[100]}\t{other(SEQUENCE[100])}\t.\t.\tES=1"
    head = f"##fileformat=VCFv4.2\n##contig={contig}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (folder / "in.vcf").write_text(f"{head}{row}\n")
    assert run(folder) == bool(message)
    assert not message or f"in.vcf: {message}" in capsys.readouterr().err
    variants = read_variants(folder / "in.vcf", VariantFormat("vcf", effect="ES"))
    splits = Splits(train=["chr1"], validation=["chr2"], test=["chr3"])
    with pytest.raises(DataError, match=f"in.vcf: {message}") if message else nullcontext():
        make_variant_dataset(variants, Genome(folder / "genome.fa"), splits, 20)


def test_single_base_changes_among_other_bases_and_alleles(folder: Path) -> None:
    a, b, c = SEQUENCE[100:103]
    rows = [
        f"chr1\t101\tplain\t{a}\t{other(a)}",
        f"chr1\t101\tpadded\t{a}{b}\t{other(a)}{b}",
        f"chr1\t101\tmixed\t{a}{b}\t{a},{other(a)}{b},*,<DEL>,{a}{b}{c}",
        f"chr1\t100\tbefore\t{SEQUENCE[99]}{a}\t{SEQUENCE[99]}{other(a)}",
        f"chr1\t101\tmnv\t{a}{b}\t{other(a)}{other(b)}",
        f"chr1\t101\telsewhere\t{a}{other(b)}\t{other(a)}{other(b)}",
    ]
    (folder / "in.vcf").write_text("\n".join(rows))
    assert run(folder) == 0
    table = pd.read_csv(folder / "out.tsv", sep="\t", dtype=str, keep_default_na=False)
    score = table.loc[0, "score_1"]
    assert table[["id", "reason"]].to_records(index=False).tolist() == [
        ("plain", "NA"), ("padded", "NA"),
        ("mixed", "not_snv"), ("mixed", "NA"), ("mixed", "not_snv"), ("mixed", "not_snv"), ("mixed", "not_snv"),
        ("before", "NA"), ("mnv", "not_snv"), ("elsewhere", "ref_mismatch"),
    ]  # fmt: skip
    assert (table["score_1"] == np.where(table["reason"] == "NA", score, "NA")).all()
    assert table["ref"].tolist()[:2] == [a, a + b], "as in the file"


def test_an_empty_vcf_gives_an_empty_table(folder: Path) -> None:
    (folder / "in.vcf").write_text("#CHROM\tPOS\tID\tREF\tALT\n")
    assert run(folder) == 0
    assert (folder / "out.tsv").read_text() == "chrom\tpos\tid\tref\talt\tscore_1\tscore_2\treason\n"

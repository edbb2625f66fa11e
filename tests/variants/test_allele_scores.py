"""`regssl score-variants`, from a VCF or from pairs of sequences to a table."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.bgzf import bgzip
from regssl.cli import main
from regssl.data.settings import Splits
from regssl.errors import DataError
from regssl.models import build
from regssl.models.serialization import load, save
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.genome import Genome, to_twobit
from regssl.variants import allele_scores
from regssl.variants.allele_scores import COLUMNS, score_variants
from regssl.variants.dataset import make_variant_dataset
from regssl.variants.pair_windows import cut_pair
from regssl.variants.readers import VariantFormat, read_variants

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
        metadata = {"architecture": "deepbind", "params": PARAMS, "width": 20, "method": "ssl", "seed": seed}
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


def read(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "out.tsv", sep="\t", dtype=str, keep_default_na=False)


def logits(folder: Path, seed: int, *windows: str) -> list[float]:
    """Logits of windows, in the slow and obvious way: one at a time, the mean of both strands."""
    network = load(folder / f"{seed}.safetensors")
    both = [[encode(window), reverse_complement(encode(window))] for window in windows]
    return [float(network(torch.from_numpy(np.stack(strands))).mean().detach()) for strands in both]


def effect(folder: Path, seed: int, ref: str, alt: str) -> float:
    reference, alternative = logits(folder, seed, ref, alt)
    return alternative - reference


def windows_of(ref: str, alt: str) -> tuple[str, str]:
    """Windows of two whole sequences, which `test_pair_windows` is about."""
    pair = cut_pair(encode(ref), encode(alt), 20)
    assert pair.ref is not None and pair.alt is not None
    return decode(pair.ref), decode(pair.alt)


def test_every_row_and_allele_has_a_score_or_a_reason(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder) == 0
    table = read(folder)
    assert table.columns.tolist() == list(COLUMNS)
    assert table["reason"].tolist() == ["NA"] * 3 + ["ref_mismatch", "out_of_bounds", "n_content", "no_chromosome"]
    assert table["pos"].tolist() == ["101"] * 4 + ["5", "52", "52"], "1-based, as in the VCF"
    assert set(zip(table["model"], table["strand"], table["seeds"], strict=True)) == {("ssl", "both", "2")}
    for row, alt in enumerate(table["alt"][:3]):
        windows = windows_of(SEQUENCE, SEQUENCE[:100] + alt + SEQUENCE[101:])
        assert len(alt) > 1 or windows == (SEQUENCE[90:110], SEQUENCE[90:100] + alt + SEQUENCE[101:110])
        own = [effect(folder, seed, *windows) for seed in (0, 1)]
        assert [float(score) for score in table["scores"][row].split(",")] == pytest.approx(own, abs=1e-5)
        assert float(table["score"][row]) == pytest.approx(np.mean(own), abs=1e-5)
        assert float(table["sd"][row]) == pytest.approx(np.std(own, ddof=1), abs=1e-5)
        assert float(table["z"][row]) == pytest.approx(np.mean(own) / np.std(own, ddof=1), rel=1e-3)
    assert (table["window"].to_numpy() == np.where(table["reason"] == "NA", "centred", "NA")).all()
    assert (table.loc[3:, ["score", "sd", "z", "scores"]] == "NA").all(axis=None)
    printed = capsys.readouterr().out
    assert "3 scored, 1 n_content, 1 no_chromosome, 1 out_of_bounds, 1 ref_mismatch" in printed


def test_chunks_gzip_and_names_change_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(folder) == 0
    whole = (folder / "out.tsv").read_text()
    (folder / "in.vcf.gz").write_bytes(bgzip((folder / "in.vcf").read_bytes()))
    assert run(folder, "--names", "mine", "mine", vcf="in.vcf.gz") == 0
    assert (folder / "out.tsv").read_text() == whole.replace("\tssl\t", "\tmine\t")
    assert run(folder, "--out", str(folder / "out.tsv.gz")) == 0
    assert gzip.decompress((folder / "out.tsv.gz").read_bytes()).decode() == whole
    models = [folder / f"{seed}.safetensors" for seed in (0, 1)]
    monkeypatch.setattr(allele_scores, "CHUNK_VARIANTS", 2)
    score_variants(folder / "in.vcf", models, folder / "genome.fa", folder / "b.tsv")
    assert (folder / "b.tsv").read_text() == whole


def test_models_of_different_names_have_rows_of_their_own(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "regssl")
    assert run(folder) == 0
    together = read(folder)
    assert f"ssl: 2 networks for 20 bp: {folder}/0.safetensors, {folder}/1.safetensors" in caplog.messages
    assert run(folder, "--names", "one", "other") == 0
    assert f"other: 1 network for 20 bp: {folder}/1.safetensors" in caplog.messages
    table = read(folder)
    assert table["model"].tolist() == ["one", "other"] * len(together) and set(table["seeds"]) == {"1"}
    assert (table[["sd", "z"]] == "NA").all(axis=None)
    scored = table[table["reason"] == "NA"]
    assert [",".join(own["score"]) for _, own in scored.groupby(scored.index // 2)] == together["scores"][:3].tolist()


def test_pairs_of_sequences_score_as_the_variants_of_a_genome_do(folder: Path) -> None:
    assert run(folder) == 0
    of_genome = read(folder)[:3]
    ref, alts = of_genome["ref"][0], of_genome["alt"]
    left, right = SEQUENCE[60:100], SEQUENCE[101:141]
    rows = [f"rs1,{left},{ref},{alt},{right}" for alt in alts]
    (folder / "flanks.csv").write_text("\n".join(["rsid,left,ref,alt,right", *rows]))
    records = [f">rs1_alt{number}\n{left}{alt}{right}\n" for number, alt in enumerate(alts)]
    (folder / "pairs.fa").write_text(f">rs1_ref\n{left}{ref}{right}\n" + "".join(records))
    for name in ("flanks.csv", "pairs.fa"):
        models = [str(folder / f"{seed}.safetensors") for seed in (0, 1)]
        assert main(["score-variants", str(folder / name), "--model", *models, "--out", str(folder / "out.tsv")]) == 0
        table = read(folder)
        same = ["id", "model", "strand", "seeds", "score", "sd", "z", "scores", "window", "reason"]
        assert table[same].equals(of_genome[same])
        assert set(table["chrom"]) == {"NA"} and table["pos"].tolist()[::2] == ["41", "41"]


def test_short_sequences_are_padded_and_long_ones_cut_and_both_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SEQUENCE[:60]
    bases = [f"{name}\t{text[:end]}\t{text[:at]}{other(text[at])}{text[at + 1:end]}"
             for name, at, end in (("cut", 30, 60), ("shifted", 3, 60), ("padded", 12, 24))]  # fmt: skip
    (folder / "a.tsv").write_text("\n".join(["id\tref\talt", *bases]))
    metadata = {"architecture": "deepbind", "params": PARAMS, "width": 30}
    torch.manual_seed(3)
    save(build("deepbind", 30, PARAMS), metadata, folder / "0.safetensors")
    models = [str(folder / "0.safetensors")]
    assert main(["score-variants", str(folder / "a.tsv"), "--model", *models, "--out", str(folder / "out.tsv")]) == 0
    assert "3 scored, 1 shifted (not in the middle: the sequence ends), 1 padded (shorter" in capsys.readouterr().out
    table = read(folder)
    assert table["window"].tolist() == ["centred", "shifted", "padded"]
    windows = [(15, 45, ""), (0, 30, ""), (0, 24, "NNN")]
    for row, ((first, end, pad), at) in enumerate(zip(windows, (30, 3, 12), strict=True)):
        ref = text[first:end]
        alt = text[first:at] + other(text[at]) + text[at + 1 : end]
        own = effect(folder, 0, pad + ref + pad, pad + alt + pad)
        assert float(table["score"][row]) == pytest.approx(own, abs=1e-5)


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
    save(
        build("deepbind", 220, PARAMS),
        {"architecture": "deepbind", "params": PARAMS, "width": 220},
        folder / "1.safetensors",
    )
    assert run(folder) == 0
    table = read(folder)
    assert table["model"].tolist()[:2] == ["ssl", "deepbind"]
    assert table["reason"].tolist()[:2] == ["NA", "out_of_bounds"] and table["score"][1] == "NA"


@pytest.mark.parametrize(
    ("vcf", "options", "message"),
    [
        ("chr1\t101\t.\tA\n", (), r"line 1: 4 columns instead of"),
        (
            ">rs1_ref\nACGT\n",
            (),
            "CHROM, POS, ID, REF, ALT (this is FASTA, of which pairs",
        ),
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
        ("chr1\t101\t.\tA\tC\n", ("--names", "one", "t\two"), "--names: 't\\two' names no model"),
        ("chr1\t101\t.\tA\tC\n", ("--alternatives", __file__), "--alternatives: pairs of sequences need no genome"),
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
    monkeypatch.setattr(allele_scores, "CHUNK_VARIANTS", chunk)
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
        f"chr1\t101\tmixed\t{a}{b}\t{other(a)}{b},*,<DEL>,{a}{b}[chr2:5[,.,{a}{b},{a}N",
        f"chr1\t100\tbefore\t{SEQUENCE[99]}{a}\t{SEQUENCE[99]}{other(a)}",
        f"chr1\t101\telsewhere\t{a}{other(b)}\t{other(a)}{other(b)}",
        f"chr1\t101\tindel\t{a}{b}{other(c)}\t{a}",
        f"chr1\t401\tbehind\t{a}{b}\t{a}",
        f"chr1\t101\tlong\t{SEQUENCE[100:121]}\t{a}",
        f"chr1\t5\tedge\t{SEQUENCE[4:6]}\t{SEQUENCE[4]}",
        f"chr9\t5\tnowhere\t{SEQUENCE[4:6]}\t{SEQUENCE[4]}",
    ]
    (folder / "in.vcf").write_text("\n".join(rows))
    assert run(folder) == 0
    table = read(folder)
    score = table.loc[0, "score"]
    assert table[["id", "reason"]].to_records(index=False).tolist() == [
        ("plain", "NA"), ("padded", "NA"), ("mixed", "NA"), ("mixed", "symbolic"), ("mixed", "symbolic"),
        ("mixed", "symbolic"), ("mixed", "symbolic"), ("mixed", "no_change"), ("mixed", "ambiguous"), ("before", "NA"),
        ("elsewhere", "ref_mismatch"), ("indel", "ref_mismatch"), ("behind", "out_of_bounds"), ("long", "too_long"),
        ("edge", "out_of_bounds"), ("nowhere", "no_chromosome"),
    ]  # fmt: skip
    assert (table["score"] == np.where(table["reason"] == "NA", score, "NA")).all()
    assert table["ref"].tolist()[:2] == [a, a + b], "as in the file"


def test_indels_and_changes_of_several_bases(folder: Path) -> None:
    """Each allele has a window of its own; one that is written elsewhere in a repeat is the same variant."""
    text = SEQUENCE[:100] + "CACACACA" + SEQUENCE[108:]
    (folder / "genome.fa").write_text(f">chr1\n{text}\n")
    a, b = text[120:122]
    rows = [
        f"chr1\t121\tmnv\t{a}{b}\t{other(a)}{other(b)}",
        f"chr1\t121\tdeletion\t{text[120:124]}\t{a}",
        f"chr1\t121\tinsertion\t{a}\t{a}GGTTA",
        "chr1\t101\tfirst\tCAC\tC",
        "chr1\t105\tlater\tCAC\tC",
    ]
    (folder / "in.vcf").write_text("\n".join(rows))
    assert run(folder) == 0
    table = read(folder)
    assert set(table["reason"]) == {"NA"} and table["scores"][3] == table["scores"][4]
    for row in range(len(table)):
        at, ref, alt = int(table["pos"][row]) - 1, table["ref"][row], table["alt"][row]
        own = effect(folder, 0, *windows_of(text, text[:at] + alt + text[at + len(ref) :]))
        assert float(table["scores"][row].split(",")[0]) == pytest.approx(own, abs=1e-5)


def test_an_indel_of_a_long_repeat_has_one_score_however_it_is_written(folder: Path) -> None:
    text = SEQUENCE[:100] + 60 * "CA" + SEQUENCE[100:]  # six windows long
    (folder / "genome.fa").write_text(f">chr1\n{text}\n>chr2\n{60 * 'CA'}{SEQUENCE}\n")
    rows = [f"chr1\t{place}\t.\tCAC\tC\n" for place in (101, 121, 161, 215)] + ["chr2\t101\t.\tCAC\tC\n"]
    (folder / "in.vcf").write_text("".join(rows))
    assert run(folder) == 0
    table = read(folder)
    assert table["reason"].tolist() == ["NA"] * 4 + ["out_of_bounds"], "the repeat of chr2 begins where chr2 does"
    assert len(set(table["scores"][:4])) == 1
    own = effect(folder, 0, *windows_of(text, text[:100] + text[102:]))
    assert float(table["scores"][3].split(",")[0]) == pytest.approx(own, abs=1e-5)


def test_an_empty_vcf_gives_an_empty_table(folder: Path) -> None:
    (folder / "in.vcf").write_text("#CHROM\tPOS\tID\tREF\tALT\n")
    assert run(folder) == 0
    assert (folder / "out.tsv").read_text() == "\t".join(COLUMNS) + "\n"

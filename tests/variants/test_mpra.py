"""Saturation mutagenesis: the table of Kircher et al. 2019, the sequences in it, windows, and the report."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.cli import main
from regssl.data.packed import save_codes
from regssl.data.settings import Splits
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.io.tsv import read_tsv, write_tsv
from regssl.reporting.completeness import check_mpra
from regssl.reporting.tables.mpra import mpra_table
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.genome import Genome
from regssl.variants.dataset import make_variant_dataset, read_regions
from regssl.variants.effects import COLUMNS, correlation_table
from regssl.variants.mpra import make_mpra_windows, read_mpra
from regssl.variants.readers import VariantFormat, read_variants

HEADER = "Chrom\tPos\tRef\tAlt\tBarcodes\tDNA\tRNA\tCoefficient\tpValue\tElement\tRelease\n"
RNG = np.random.default_rng(6)
LONG, SHORT = (decode(RNG.integers(0, 4, n).astype(np.uint8)) for n in (80, 12))


def rows(element: str, chrom: str, start: int, sequence: str, release: str, effect: float = 0.0) -> list[str]:
    """Every change of every base of an element; the effect of each is its place, by thousands."""
    return [
        f"{chrom}\t{start + at}\t{ref}\t{alt}\t20\t9\t9\t{effect + at / 1000}\t0.5\t{element}\t{release}\n"
        for at, ref in enumerate(sequence)
        for alt in "ACGT-"
        if alt != ref
    ]


TABLE = [
    *rows("long", "5", 1001, LONG, "GRCh37"),
    *rows("long", "5", 2001, LONG, "GRCh38"),
    *rows("again", "5", 1001, LONG, "GRCh37", effect=0.5),
    *rows("short", "X", 31, SHORT, "GRCh37"),
]


def write(path: Path, table: list[str]) -> Path:
    path.write_bytes(gzip.compress((HEADER + "".join(table)).encode()))
    return path


def test_sequences_and_changes_are_those_of_the_rows(tmp_path: Path) -> None:
    table = [row for row in TABLE if not row.startswith("5\t1011\t")]  # a base that no row tells
    table[0] = table[0].replace("\t20\t", "\t9\t")
    table[5] = f"NA\tNA\tNA\tNA\t{table[5].split(chr(9), 4)[4]}"
    mpra = read_mpra(write(tmp_path / "t.gz", table))
    assert {name: (e.chrom, e.start, e.sequence) for name, e in mpra.elements.items()} == {
        "long": ("chr5", 1000, LONG[:10] + "N" + LONG[11:]),
        "again": ("chr5", 1000, LONG[:10] + "N" + LONG[11:]),
        "short": ("chrX", 30, SHORT),
    }
    counts = mpra.counts.set_index("element")
    assert counts.loc["long"].tolist() == [79 * 4, 1, 79, 1, 1] and counts.loc["short"].tolist() == [48, 0, 12, 0, 0]
    assert len(mpra.table) == 79 * 3 - 2 + 79 * 3 + 36
    for row in mpra.table.itertuples():
        element = mpra.elements[row.element]
        assert element.sequence[row.pos - element.start] == row.ref != row.alt
    assert read_mpra(tmp_path / "t.gz", ["short"]).table["chrom"].unique().tolist() == ["chrX"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("5\t1001\tR\tA\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 2, column Ref: 'R' is not a base"),
        ("5\t1001\tA\tAC\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 2, column Alt: 'AC' is not a base"),
        ("5\t1001\tA\tA\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 2, column Alt: it is the reference base"),
        (2 * "5\t1001\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 3: this change of the element is there before"),
        ("5\tx\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 2, column Pos: 'x' is not a number"),
        ("5\t1001.5\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 2, column Pos: '1001.5' is not a position"),
        ("5\t0\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n", "line 2, column Pos: '0' is not a position"),
        ("5\t1001\tA\tC\t20\t1\t1\tx\t0\tlong\tGRCh37\n", "line 2, column Coefficient: 'x' is not a number"),
        ("5\t1001\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh36\n", "no row of assembly GRCh37"),
        ("5\t1001\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n5\t1001\tG\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n",
         "line 3, column Ref: 'G' is another base than that of an earlier row there"),
        ("5\t1001\tA\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n6\t1002\tG\tC\t20\t1\t1\t0\t0\tlong\tGRCh37\n",
         "line 3, column Chrom: the element lies on another chromosome before"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_mpra(write(tmp_path / "t.gz", [row]))


def test_an_element_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no element 'shrt' .elements: long, again, short"):
        read_mpra(write(tmp_path / "t.gz", TABLE), ["shrt"])


def test_windows_are_centred_shifted_or_padded_and_seen_elements_told_apart(tmp_path: Path) -> None:
    mpra = read_mpra(write(tmp_path / "t.gz", TABLE))
    made = make_mpra_windows(mpra, 20, [encode(LONG[20:75])[None]])
    assert made.codes.shape == (len(mpra.table), 20)
    for codes, row in zip(made.codes, made.table.itertuples(), strict=True):
        element = mpra.elements[row.variant_set]
        at, text = row.pos - element.start, element.sequence
        first = min(max(at - 10, 0), max(len(text) - 20, 0))
        assert decode(codes) == (text[first : first + 20] if len(text) > 20 else f"NNNN{text}NNNN")
        assert decode(codes)[row.offset] == row.ref
    assert made.table.groupby("variant_set")["split"].unique().map(list).to_dict() == {
        "long": ["train"], "again": ["train"], "short": ["test"],
    }  # fmt: skip
    counts = made.counts.pivot(index="variant_set", columns="outcome", values="n_variants")
    assert counts.loc["long", ["rows", "deletion", "test", "train"]].tolist() == [320, 80, 0, 240]
    assert counts.loc["short", ["test", "train"]].tolist() == [36, 0]
    for shared_bases, split in ((50, "train"), (49, "test")):
        window = reverse_complement(encode(LONG[20 : 20 + shared_bases].ljust(60, "N")))
        made = make_mpra_windows(mpra, 60, [np.zeros((2, 60), np.uint8), window[None]])
        assert set(made.table.loc[made.table["variant_set"] == "again", "split"]) == {split}


def test_elements_are_a_set_of_variants_with_the_mean_of_what_was_measured_again(tmp_path: Path) -> None:
    path = write(tmp_path / "t.gz", TABLE)
    variants = read_variants(path, VariantFormat("mpra", elements=["long", "again"]))
    assert len(variants.table) == 240 and variants.counts["repeated"] == 240 and variants.counts["rows"] == 640
    at = variants.table["pos"] - 1000
    assert variants.table["effect"].to_numpy() == pytest.approx(at / 1000 + 0.25)
    (tmp_path / "regions.tsv").write_text("mini_chrom\tlength\thg19_chrom\thg19_start0\nmini\t9\tchr9\t0\n")
    (tmp_path / "genome.fa").write_text(f">mini\n{LONG}\n")
    splits = Splits(train=["mini"], validation=["b"], test=["c"])
    regions, genome = read_regions(tmp_path / "regions.tsv"), Genome(tmp_path / "genome.fa")
    made = make_variant_dataset(variants, genome, splits, 20, regions, [encode("A" * 60)[None]])
    assert set(made.table["split"]) == {"test"} and len(made.table) == 240


def test_from_the_table_to_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Steps as the workflow runs them, with a network that was not trained."""
    import torch

    from regssl.models import build
    from regssl.models.serialization import save

    write(tmp_path / "t.gz", TABLE)
    params = {"filters": 4, "filter_width": 5, "hidden": 3}
    models = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        models.append(str(tmp_path / f"{seed}.safetensors"))
        metadata = {"architecture": "deepbind", "params": params, "width": 30, "method": "sl", "seed": seed}
        save(build("deepbind", 30, params), metadata, models[-1])
    training = np.full((3, 30), 1, np.uint8)
    save_codes([training], training.shape, tmp_path / "train.npy")
    windows, scores = str(tmp_path / "mpra.npy"), [str(tmp_path / f"{seed}.parquet") for seed in (0, 1)]
    step = ["step", "prepare-mpra", str(tmp_path / "t.gz"), windows, "--dataset", "max"]
    assert main([*step, "--training", str(tmp_path / "train.npy")]) == 0
    score = ["step", "score-variant-set", windows, *models, "--out", *scores, "--seeds", "0", "1"]
    identity = ["--dataset", "max", "--model", "deepbind", "--method", "sl"]
    assert main([*score, *identity, "--variant-set", "x"]) == 1
    assert "has ids of its sets of variants" in capsys.readouterr().err
    assert main([*score, *identity]) == 0
    tables = pd.concat(map(pd.read_parquet, scores), ignore_index=True)
    assert tables.groupby(["variant_set", "seed"]).size().unique().tolist() == [240, 36]
    effects = correlation_table(tables, n_bootstrap=20)
    own = tables[(tables["variant_set"] == "again") & (tables["seed"] == 1)]
    value = effects[(effects["variant_set"] == "again") & (effects["seed"] == 1) & (effects["measure"] == "pearson")]
    assert value["value"].item() == pytest.approx(own["score"].astype(float).corr(own["effect"]))
    names = DisplayNames(datasets={"max": "MAX"}, models={"deepbind": "CNN"}, methods={"sl": "SL"})
    counts = pd.read_csv(tmp_path / "mpra.tsv", sep="\t")
    table = mpra_table(effects, counts, names)
    assert table.display.iloc[:, 0].tolist() == ["long", "again", "short"]
    assert table.caption.startswith("Saturation mutagenesis and MAX. The predicted effect")
    assert "Of 688 changes 516 are here; left out are 172 deletions of a base." in table.caption
    check_mpra(effects, counts, names)
    incomplete = effects[(effects["variant_set"] != "again") | (effects["seed"] != 1)]
    with pytest.raises(DataError, match="saturation mutagenesis has no row of variant_set again"):
        check_mpra(incomplete, counts, names)


def test_the_published_table(shared: Path) -> None:
    """29 elements and 39,170 changes of single bases, as its authors count them."""
    (path,) = (shared / "mirror/raw.githubusercontent.com/kircherlab").glob("*/*/data/elements.tsv.gz")
    digest = "fec2eed91fe27af3aae07ebce2eca65e9bad4bb6abba5d8c27f478887dd7b134"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    mpra = read_mpra(path, min_barcodes=1)
    assert len(mpra.elements) == 29 and len(mpra.table) == 39_170


def test_a_table_without_sl_has_no_differences(tmp_path: Path) -> None:
    """What no method is compared with has no name, also once it was written."""
    scores = pd.DataFrame({"chrom": "chr5", "pos": np.arange(20), "ref": "A", "alt": "C", "effect": np.arange(20.0)})
    scores = scores.assign(dataset="max", variant_set="long", model="deepbind", method="motif_scan", seed=0)
    scores = scores.assign(balanced=False, split="test", score=np.arange(20.0) ** 2)
    write_tsv(correlation_table(scores, n_bootstrap=20), tmp_path / "effects.tsv")
    effects = read_tsv([tmp_path / "effects.tsv"], COLUMNS)
    counts = pd.DataFrame({"dataset": "max", "variant_set": "long", "outcome": ["rows", "test"], "n_variants": 20})
    names = DisplayNames(datasets={"max": "MAX"}, models={"deepbind": "CNN"}, methods={"motif_scan": "motif"})
    headings = [name for _, name in mpra_table(effects, counts, names).display.columns]
    assert headings == ["Element", "n", "Model", "Method", "Mean", "Mean"]

"""Splits of variants, what is left out, and sets on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.data.settings import Splits
from regssl.errors import DataError
from regssl.sequences.encoding import decode, encode, reverse_complement
from regssl.sequences.genome import Genome
from regssl.variants.dataset import (
    VariantDataset,
    load_variant_table,
    make_variant_dataset,
    read_regions,
    save_variant_dataset,
)
from regssl.variants.readers import VariantTable

SPLITS = Splits(train=["chr1"], validation=["chr2"], test=["chr3", "mini*"])
RNG = np.random.default_rng(4)
SEQUENCES = {f"chr{i}": decode(RNG.integers(0, 4, 300).astype(np.uint8)) for i in (1, 2, 3, 4)}


@pytest.fixture
def genome(tmp_path: Path) -> Genome:
    (tmp_path / "genome.fa").write_text("".join(f">{name}\n{text}\n" for name, text in SEQUENCES.items()))
    return Genome(tmp_path / "genome.fa")


def other(base: str) -> str:
    return "ACGT"[("ACGT".index(base) + 1) % 4]


def on_genome(places: list[tuple[str, int]], swapped: int = 0) -> VariantTable:
    """Variants with the genome's base as reference; in the first `swapped` the alleles are the wrong way round."""
    bases = [SEQUENCES[chrom][pos] for chrom, pos in places]
    alleles = [(b, other(b)) if i >= swapped else (other(b), b) for i, b in enumerate(bases)]
    rows = [(*place, *pair, float(i)) for i, (place, pair) in enumerate(zip(places, alleles, strict=True))]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "effect"]).assign(balanced=False)
    return VariantTable(table, {"rows": len(table), "no_effect": 0, "repeated": 0}, "SNPs")


def test_a_variant_has_the_split_of_its_chromosome_and_all_are_counted(genome: Genome) -> None:
    places = [("chr3", 99), ("chr1", 100), ("chr2", 101), ("chr4", 102), ("chr3", 103), ("chr3", 5)]
    made = make_variant_dataset(on_genome(places, swapped=1), genome, SPLITS, 20)
    assert made.table["split"].tolist() == ["train", "validation", "unused", "test"]
    assert made.table["effect"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert (made.table["offset"] == 10).all()
    for codes, chrom, pos in zip(made.codes, made.table["chrom"], made.table["pos"], strict=True):
        assert decode(codes) == SEQUENCES[chrom][pos - 10 : pos + 10]
    counts = {name: count for name, count in made.counts.items() if count}
    assert counts == {
        "rows": 6, "ref_mismatch": 1, "out_of_bounds": 1, "train": 1, "validation": 1, "unused": 1, "test": 1,
    }  # fmt: skip


def test_balanced_variants_are_counted_apart_from_the_splits(genome: Genome) -> None:
    variants = on_genome([("chr3", 99), ("chr3", 100), ("chr1", 101), ("chr3", 5)])
    variants.table["balanced"] = [True, False, True, True]
    made = make_variant_dataset(variants, genome, SPLITS, 20)
    assert made.table["split"].tolist() == ["test", "test", "train"]
    assert made.table["balanced"].tolist() == [True, False, True]
    counts = {name: count for name, count in made.counts.items() if count}
    assert counts == {"rows": 4, "out_of_bounds": 1, "test": 1, "balanced": 2}


def test_a_table_of_another_assembly_is_refused(genome: Genome) -> None:
    places = [("chr3", pos) for pos in range(100, 140)]
    for n, swapped in ((40, 20), (4, 2), (3, 1), (2, 1)):
        made = make_variant_dataset(on_genome(places[:n], swapped), genome, SPLITS, 20)
        assert made.counts["ref_mismatch"] == swapped
        message = (
            rf"SNPs: {swapped + 1} of {n} reference alleles \(\d+%\) are not those of .*genome.fa .*another assembly"
        )
        with pytest.raises(DataError, match=message):
            make_variant_dataset(on_genome(places[:n], swapped + 1), genome, SPLITS, 20)
    with pytest.raises(DataError, match=r"1 of 1 reference alleles \(100%\)"):
        make_variant_dataset(on_genome(places[:1], 1), genome, SPLITS, 20)


def test_positions_past_the_end_tell_another_assembly_too(genome: Genome) -> None:
    inside, past = on_genome([("chr3", 100)]).table, on_genome([("chr3", 101), ("chr3", 102)]).table
    table = pd.concat([inside, past.assign(pos=[300, 5000])])
    with pytest.raises(DataError, match="2 of 3 reference alleles"):
        make_variant_dataset(VariantTable(table, {}, "SNPs"), genome, SPLITS, 20)
    made = make_variant_dataset(VariantTable(table.iloc[:2], {}, "SNPs"), genome, SPLITS, 20)
    assert made.counts["out_of_bounds"] == 1


def test_chromosomes_that_only_the_table_knows_are_counted_and_none_in_common_is_refused(genome: Genome) -> None:
    known = on_genome([("chr3", 100), ("chr3", 101)]).table
    for names in (["chr3", "chrUn_x"], ["chr3", "3"]):
        made = make_variant_dataset(VariantTable(known.assign(chrom=names), {}, "SNPs"), genome, SPLITS, 20)
        assert made.counts["no_chromosome"] == 1
    with pytest.raises(DataError, match=r"SNPs: no chromosome in common with .*genome.fa: 3, X here, chr1, chr2, chr3"):
        make_variant_dataset(VariantTable(known.assign(chrom=["3", "X"]), {}, "SNPs"), genome, SPLITS, 20)
    few = pd.concat([known[:1], *(300 * [known[:1].assign(chrom="3")])])
    with pytest.raises(DataError, match=r"SNPs: only 1 of 301 variants lie on .*genome.fa; the others on 3, which it"):
        make_variant_dataset(VariantTable(few, {}, "SNPs"), genome, SPLITS, 20)


def test_bases_around_a_change_are_checked_and_left_out(genome: Genome) -> None:
    a, b, c = SEQUENCES["chr3"][100:103]
    rows = [
        ("chr3", 100, a + b + c, a + other(b) + c, 1.0),
        ("chr3", 102, c + other(SEQUENCES["chr3"][103]), other(c) + other(SEQUENCES["chr3"][103]), 2.0),
        ("chr3", 100, a + b, other(a) + other(b), 3.0),
        ("chr3", 150, SEQUENCES["chr3"][150], other(SEQUENCES["chr3"][150]), 4.0),
    ]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "effect"]).assign(balanced=False)
    made = make_variant_dataset(VariantTable(table, {}), genome, SPLITS, 20)
    found = made.table.drop(columns=["split", "balanced"]).to_dict("records")
    assert found[0] == {"chrom": "chr3", "pos": 101, "ref": b, "alt": other(b), "effect": 1.0, "offset": 10}
    assert [row["effect"] for row in found] == [1.0, 4.0]
    assert (made.counts["ref_mismatch"], made.counts["not_snv"]) == (1, 1)
    assert decode(made.codes[0]) == SEQUENCES["chr3"][91:111]


def test_a_table_without_a_variant_that_can_be_scored(genome: Genome) -> None:
    with pytest.raises(DataError, match=r"no variant of 2 can be scored \(reasons: 2 out_of_bounds\)"):
        make_variant_dataset(on_genome([("chr3", 1), ("chr3", 2)]), genome, SPLITS, 20)


REGIONS = "mini_chrom\tlength\torigin\thg19_chrom\thg19_start0\nchr1\t300\tx\tchrA\t1000\nmini9\t300\tx\tchrB\t1000\n"


def test_variants_with_their_own_sequence_have_the_split_of_their_region(genome: Genome, tmp_path: Path) -> None:
    (tmp_path / "regions.tsv").write_text(REGIONS)
    regions = read_regions(tmp_path / "regions.tsv")
    places = [
        ("chrA", 1100), ("chrA", 1301), ("chrA", 1319), ("chrB", 1100), ("chrA", 980), ("chrA", 981), ("chr1", 1100),
        ("chrC", 5), ("chrC", 6), ("chrC", 7),
    ]  # fmt: skip
    contexts = [decode(RNG.integers(0, 4, 101).astype(np.uint8)) for _ in places]
    trained = np.stack([encode(context[:100]) for context in (contexts[7], contexts[8], contexts[0])])
    trained[1] = reverse_complement(trained[1])
    trained[:, :45] = 0  # 55 bases are left that are the same
    rows = [(*p, c[50], other(c[50]), 1.0, c, 50) for p, c in zip(places, contexts, strict=True)]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", "effect", "context", "index"]).assign(
        balanced=False
    )
    variants = VariantTable(table, {"rows": len(table)})

    made = make_variant_dataset(variants, genome, SPLITS, 20, regions)
    in_training = [True, True, True, False, True, True, *[False] * 4]  # in the region, or within a window of it
    assert (made.table["split"] == "train").tolist() == in_training
    assert (made.table["split"] == "test").tolist() == [not one for one in in_training]

    made = make_variant_dataset(variants, genome, SPLITS, 100, regions, [trained[:1], trained[1:]])
    assert made.counts["seen_in_training"] == 2 and made.counts["test"] == 3
    assert made.table["pos"].tolist() == [pos for _, pos in places if pos not in (5, 6)]
    with pytest.raises(DataError, match="--regions"):
        make_variant_dataset(variants, genome, SPLITS, 100)


def test_a_set_on_disk(tmp_path: Path) -> None:
    table = pd.DataFrame({"chrom": ["chr3"], "pos": [9], "ref": ["A"], "alt": ["C"], "effect": [0.5]})
    made = VariantDataset(table.assign(split="test", offset=2), encode("CCACC")[None], {"rows": 3, "test": 1})
    save_variant_dataset(made, tmp_path / "set.npy", dataset="ctcf", variant_set="shi")
    assert np.load(tmp_path / "set.npy").tolist() == [[1, 1, 0, 1, 1]]
    assert load_variant_table(tmp_path / "set.npy").to_dict("records") == made.table.to_dict("records")
    assert (tmp_path / "set.tsv").read_text() == (
        "dataset\tvariant_set\toutcome\tn_variants\nctcf\tshi\trows\t3\nctcf\tshi\ttest\t1\n"
    )

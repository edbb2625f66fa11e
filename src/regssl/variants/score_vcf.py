"""Scores of the variants of a VCF file by trained networks, in blocks: a file of any length in the memory of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.vcf import Variant, read_vcf
from regssl.models.serialization import load, read_card
from regssl.sequences.genome import Genome
from regssl.variants.scoring import Placed, effects, place_on_genome

BLOCK = 32_768
"""Variants scored at once."""
SCORED = "scored"


def score_variants(
    vcf: str | Path,
    models: Sequence[str | Path],
    genome: str | Path,
    out: str | Path,
    names: Sequence[str],
    threads: int = 1,
    progress: Callable[[int], None] = lambda variants: None,
    block: int = BLOCK,
) -> Counter[str]:
    """Score every variant of a VCF file with every model.

    Writes one row per alternative allele, in file order: chrom, pos (1-based, as in the VCF), id, ref, alt, a column of
    scores per model (logit of the alternative minus logit of the reference allele; NA where there is none), and reason
    (why there is none, a key of `variants.REASONS`; NA where there is one).

    Args:
        vcf: plain or gzip.
        models: model files of `regssl train`.
        genome: FASTA or 2bit.
        out: TSV to write.
        names: of the columns of scores, one per model.
        threads: CPU threads.
        progress: called with the number of variants so far, after each block.
        block: variants at once.

    Returns:
        How many variants were scored, and how many not, by reason.

    Raises:
        DataError: a damaged file; none of the chromosomes of the VCF is in the genome.
    """
    networks, cards = [load(model) for model in models], [read_card(model) for model in models]
    opened, counts, chroms = Genome(genome), Counter[str](), set[str]()
    with atomic_path(out) as aside, aside.open("w") as file:
        header = ["chrom", "pos", "id", "ref", "alt", *names, "reason"]
        file.write("\t".join(header) + "\n")
        for variants in _blocks(read_vcf(vcf), block):
            table = _table_of(variants)
            placed = {card["width"]: _place(table, opened, card["width"]) for card in cards}
            # models of several widths: the widest has the most reasons
            table["reason"] = placed[max(placed)].reason
            for name, network, card in zip(names, networks, cards, strict=True):
                own, scores = placed[card["width"]], np.full(len(table), np.nan, np.float32)
                scores[own.rows] = effects(
                    network, own.codes, own.at, own.alt, card["reverse_complement"], threads=threads
                )
                table[name] = scores
            counts.update(table["reason"].replace("", SCORED))
            chroms.update(table["chrom"].unique())
            shown = table.assign(pos=table["pos"] + 1, reason=table["reason"].replace("", np.nan))
            shown[header].to_csv(file, sep="\t", index=False, header=False, na_rep="NA", float_format="%.6g")
            progress(counts.total())
        if chroms and not chroms & set(opened.sizes):
            theirs, ours = (", ".join(list(names)[:3]) for names in (sorted(chroms), opened.sizes))
            raise DataError(f"{vcf}: none of its chromosomes ({theirs} …) is in {genome}", f"which has {ours} …")
    return counts


def _blocks(variants: Iterator[Variant], size: int) -> Iterator[list[Variant]]:
    while block := list(islice(variants, size)):
        yield block


def _table_of(variants: list[Variant]) -> pd.DataFrame:
    columns = {name: [getattr(one, name) for one in variants] for name in ("chrom", "pos", "id", "ref", "alt")}
    return pd.DataFrame(columns)


def _place(table: pd.DataFrame, genome: Genome, width: int) -> Placed:
    alleles = table["ref"].tolist(), table["alt"].tolist()
    return place_on_genome(table["chrom"].tolist(), table["pos"].to_numpy(np.int64), *alleles, genome, width)


def column_names(models: Sequence[str | Path], names: Sequence[str] | None = None) -> list[str]:
    """Names of the columns of scores: `score` for one model, `score_1`, `score_2` … for several, or those given.

    Raises:
        DataError: not one name for each model, or one that is taken.
    """
    if names is None:
        return ["score"] if len(models) == 1 else [f"score_{number}" for number in range(1, len(models) + 1)]
    if len(names) != len(models):
        raise DataError(f"--names: {len(names)} given for {len(models)} models", "give one for each, in order")
    taken = ["chrom", "pos", "id", "ref", "alt", "reason"]
    for name in names:
        if name in taken or not name or any(sign in name for sign in '\t\n"'):
            raise DataError(f"--names: '{name}' is taken or no name for a column", "each name once")
        taken.append(name)
    return list(names)

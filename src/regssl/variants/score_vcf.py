"""Scores of the variants of a VCF file by trained networks, in chunks of bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import DataError
from regssl.io.atomic import atomic_path, check_outputs
from regssl.io.vcf import read_vcf
from regssl.models.serialization import load, read_card
from regssl.sequences.belonging import check_alleles, check_common_lengths, check_share
from regssl.sequences.genome import Genome
from regssl.variants.scoring import VariantWindows, extract_from_genome, score_effects

CHUNK_VARIANTS = 32_768
"""Variants scored at once."""
SCORED = "scored"
"""Key of the number of scored variants, beside the reasons."""
FIXED_COLUMNS = ("chrom", "pos", "id", "ref", "alt")
"""Columns before the scores."""


def score_variants(  # noqa: PLR0913
    vcf: str | Path,
    models: Sequence[str | Path],
    genome: str | Path,
    out: str | Path,
    *,
    names: Sequence[str] | None = None,
    threads: int = 1,
    architecture: str | None = None,
) -> Counter[str]:
    """Score every variant of a VCF file with every model.

    Writes one row per alternative allele, in file order: chrom, pos (1-based, as in the VCF), id, ref, alt, a column of
    scores per model (logit of the alternative minus logit of the reference allele; NA where there is none), and reason
    (why there is none, a key of `regssl.variants.scoring.REASONS`; else NA). With models of several widths, the reason
    is that of the widest window.

    Args:
        vcf: plain or gzip.
        models: model files of `regssl train`.
        genome: FASTA or 2bit of the assembly of the VCF.
        out: TSV to write.
        names: columns of the scores, one per model; by default those of `column_names`.
        threads: CPU threads.
        architecture: import path of a network of your own, as for `regssl.load`.

    Returns:
        Number of variants scored (`scored`), and not scored, by reason.

    Raises:
        DataError: a damaged file; too few variants lie on the genome, or a chromosome has another length
            there than in the header of the VCF, or most of its reference alleles are not the genome's; invalid names.
        ConfigError: `out` is one of the inputs.

    Examples:
        >>> counts = regssl.score_variants("variants.vcf", ["model.safetensors"], "genome.fa", "scores.tsv")
        >>> dict(counts)
        {'scored': 1}
    """
    check_outputs([out], [vcf, genome, *models])
    names = column_names(models, names)
    networks, cards = [load(model, architecture) for model in models], [read_card(model) for model in models]
    opened, counts, compared, unlike = Genome(genome), Counter[str](), 0, 0
    chroms, lengths = Counter[str](), dict[str, int]()
    with atomic_path(out) as aside, aside.open("w", encoding="utf-8") as file:
        header = [*FIXED_COLUMNS, *names, "reason"]
        file.write("\t".join(header) + "\n")
        for table in _variant_chunks(vcf, lengths):
            chroms.update(table["chrom"].tolist())
            named = {name: lengths[name] for name in chroms.keys() & lengths.keys()}
            check_common_lengths(vcf, named, opened.sizes, str(genome))
            windows = {card.width: _extract(table, opened, card.width) for card in cards}
            compared, unlike = compared + windows[min(windows)].compared, unlike + windows[min(windows)].unlike
            if compared >= CHUNK_VARIANTS and unlike > compared / 2:  # enough to stop hours before the end
                check_alleles(vcf, unlike, compared, str(genome))
            table["reason"] = windows[max(windows)].reason  # the widest has the most reasons
            for name, network, card in zip(names, networks, cards, strict=True):
                own, scores = windows[card.width], np.full(len(table), np.nan, np.float32)
                scores[own.index] = score_effects(
                    network, own.codes, own.offset, own.alt, card.reverse_complement, threads=threads
                )
                table[name] = scores
            counts.update(table["reason"].replace("", SCORED))
            written = table.assign(pos=table["pos"] + 1, reason=table["reason"].replace("", np.nan))
            written[header].to_csv(file, sep="\t", index=False, header=False, na_rep="NA", float_format="%.6g")
        check_share(vcf, chroms, opened.sizes, "variants", str(genome))
        check_alleles(vcf, unlike, compared, str(genome))
    return counts


def _variant_chunks(vcf: str | Path, lengths: dict[str, int]) -> Iterator[pd.DataFrame]:
    """Read the FIXED_COLUMNS of a VCF, CHUNK_VARIANTS at a time; `lengths` as in `read_vcf`."""
    variants = read_vcf(vcf, lengths)
    while chunk := list(islice(variants, CHUNK_VARIANTS)):
        yield pd.DataFrame({name: [getattr(variant, name) for variant in chunk] for name in FIXED_COLUMNS})


def _extract(table: pd.DataFrame, genome: Genome, width: int) -> VariantWindows:
    alleles = table["ref"].tolist(), table["alt"].tolist()
    return extract_from_genome(table["chrom"].tolist(), table["pos"].to_numpy(np.int64), *alleles, genome, width)


def column_names(models: Sequence[str | Path], names: Sequence[str] | None = None) -> list[str]:
    """Name the columns of scores: `score` for one model, `score_1`, `score_2` … for several, or as given.

    Raises:
        DataError: not one name for each model, or a name that is taken or cannot name a column.
    """
    if names is None:
        return ["score"] if len(models) == 1 else [f"score_{number}" for number in range(1, len(models) + 1)]
    if len(names) != len(models):
        raise DataError(f"--names: {len(names)} given for {len(models)} models", "give one for each, in order")
    taken = [*FIXED_COLUMNS, "reason"]
    for name in names:
        if name in taken or not name or any(sign in name for sign in '\t\n"'):
            raise DataError(f"--names: '{name}' is taken or no name for a column", "each name once")
        taken.append(name)
    return list(names)

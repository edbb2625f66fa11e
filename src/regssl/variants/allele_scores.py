"""Scores of variants by trained networks: of a VCF file and its genome, or of pairs of sequences.

A VCF file is scored in chunks of bounded memory; pairs of sequences are read whole.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from regssl.errors import ConfigError
from regssl.io.atomic import atomic_path, check_outputs
from regssl.io.outputs import open_output
from regssl.io.vcf import read_vcf
from regssl.sequences.belonging import check_alleles, check_common_lengths, check_share
from regssl.sequences.genome import Genome
from regssl.variants.allele_windows import AlleleWindows, cut_pairs, extract_alleles
from regssl.variants.networks import ScoringModel, load_models, measure_spread
from regssl.variants.pair_windows import CENTRED
from regssl.variants.scoring import score_pairs
from regssl.variants.sequence_pairs import read_pairs

CHUNK_VARIANTS = 32_768
"""Variants scored at once."""
SCORED = "scored"
"""Key of the number of scored variants, beside the reasons."""
VARIANT_COLUMNS = ("chrom", "pos", "id", "ref", "alt")
COLUMNS = (*VARIANT_COLUMNS, "model", "strand", "seeds", "score", "sd", "z", "scores", "window", "reason")
"""Columns of the table, which has one row per variant and model."""
DIGITS = "%.6g"
_log = logging.getLogger(__name__)


def score_variants(  # noqa: PLR0913
    variants: str | Path,
    models: Sequence[str | Path],
    genome: str | Path | None,
    out: str | Path,
    *,
    alternatives: str | Path | None = None,
    names: Sequence[str] | None = None,
    threads: int = 1,
    architecture: str | None = None,
) -> Counter[str]:
    """Score every variant with every model.

    Writes one row per alternative allele and model, in the order of the file: chrom, pos (1-based; of a pair of
    sequences, its place in the reference sequence, and no chrom), id, ref, alt; model; strand (`both` if logits are
    means over the two, as the network was trained); seeds (how many networks); score (logit of the alternative minus
    logit of the reference allele, the mean over seeds), sd (over seeds), z (score / sd), scores (of each seed, with
    commas between); window (`centred` on the change; `shifted` where a sequence ends too near for that; `padded` with N
    where it is shorter than the window); reason (why there is no score, a key of `regssl.variants.scoring.REASONS` or
    `regssl.variants.pair_windows.PAIR_REASONS`). What is not there is NA. Which of several files are which model is
    logged.

    Args:
        variants: VCF file, plain or gzip, if a genome is given; else pairs of sequences, as of
            `regssl.variants.sequence_pairs.read_pairs`.
        models: model files of `regssl train`.
        genome: FASTA or 2bit of the assembly of the VCF; None for pairs of sequences.
        out: TSV to write.
        alternatives: FASTA of the alternative sequences, where `variants` has the reference ones only.
        names: of the models, one for each file; files of one name are seeds of one model. By default those that differ
            only in their seed are, and its name is their method.
        threads: CPU threads.
        architecture: import path of a network of your own, as for `regssl.load`.

    Returns:
        Number of variants scored (`scored`), and not scored, by reason; and of those windows that are `shifted` or
        `padded`. With models of several widths, all are those of the widest.

    Raises:
        DataError: a damaged file; too few variants lie on the genome, or a chromosome has another length
            there than in the header of the VCF, or most of its reference alleles are not the genome's; invalid names.
        ConfigError: `out` is one of the inputs; a second file of sequences with a genome.

    Examples:
        >>> counts = regssl.score_variants("variants.vcf", ["model.safetensors"], "genome.fa", "scores.tsv")
        >>> dict(counts)
        {'scored': 1}
    """
    check_outputs([out], [path for path in (variants, genome, alternatives, *models) if path is not None])
    loaded = load_models(models, names, architecture)
    for model in loaded if len(models) > 1 else []:
        _log.info("%s: %s", model.name, model.describe())
    widths = sorted({model.width for model in loaded})
    if genome is None:
        chunks = _pair_chunks(variants, alternatives, widths)
    elif alternatives is not None:
        raise ConfigError("--alternatives: pairs of sequences need no genome", "leave out --genome")
    else:
        chunks = _vcf_chunks(variants, genome, widths)
    counts = Counter[str]()
    with atomic_path(out) as aside, open_output(aside) as file:
        file.write(("\t".join(COLUMNS) + "\n").encode())
        for table, windows in chunks:
            widest = windows[widths[-1]]
            counts.update(reason or SCORED for reason in widest.reason)
            counts.update(where for where in widest.where if where not in ("", CENTRED))
            rows = pd.concat([_score(table, windows[model.width], model, threads) for model in loaded])
            rows = rows.sort_index(kind="stable")  # the models of a variant one after the other
            rows[list(COLUMNS)].to_csv(
                file,
                mode="wb",
                sep="\t",
                index=False,
                header=False,
                na_rep="NA",
                float_format=DIGITS,
                lineterminator="\n",
            )
    return counts


def _score(table: pd.DataFrame, windows: AlleleWindows, model: ScoringModel, threads: int) -> pd.DataFrame:
    """Make the rows of one model, with the index of the table."""
    scores = np.full((len(model.networks), len(table)), np.nan, np.float32)
    for own, network in zip(scores, model.networks, strict=True):
        own[windows.index] = score_pairs(network, windows.ref, windows.alt, model.both_strands, threads)
    spread, known = measure_spread(scores), windows.reason == ""
    each = [",".join(DIGITS % value for value in column) for column in scores.T.tolist()]
    return table.assign(
        chrom=table["chrom"].replace("", np.nan),
        pos=table["pos"] + 1,
        model=model.name,
        strand=model.strand,
        seeds=len(scores),
        **spread._asdict() | {"score": spread.mean},
        scores=np.where(known, np.array(each, object).reshape(len(table)), np.nan),
        window=pd.Series(windows.where, table.index).replace("", np.nan),
        reason=pd.Series(windows.reason, table.index).replace("", np.nan),
    )


def _vcf_chunks(
    vcf: str | Path, genome: str | Path, widths: Sequence[int]
) -> Iterator[tuple[pd.DataFrame, Mapping[int, AlleleWindows]]]:
    """Read a VCF file, CHUNK_VARIANTS at a time: VARIANT_COLUMNS, and windows by width; check it against the genome."""
    opened, compared, unlike = Genome(genome), 0, 0
    chroms, lengths = Counter[str](), dict[str, int]()
    variants = read_vcf(vcf, lengths)
    while chunk := list(islice(variants, CHUNK_VARIANTS)):
        table = pd.DataFrame({name: [getattr(variant, name) for variant in chunk] for name in VARIANT_COLUMNS})
        chrom, ref, alt = (table[name].tolist() for name in ("chrom", "ref", "alt"))
        chroms.update(chrom)
        named = {name: lengths[name] for name in chroms.keys() & lengths.keys()}
        check_common_lengths(vcf, named, opened.sizes, str(genome))
        pos = table["pos"].to_numpy(np.int64)
        windows = {width: extract_alleles(chrom, pos, ref, alt, opened, width) for width in widths}
        compared, unlike = compared + windows[widths[0]].compared, unlike + windows[widths[0]].unlike
        if compared >= CHUNK_VARIANTS and unlike > compared / 2:  # enough to stop hours before the end
            check_alleles(vcf, unlike, compared, str(genome))
        yield table, windows
    check_share(vcf, chroms, opened.sizes, "variants", str(genome))
    check_alleles(vcf, unlike, compared, str(genome))


def _pair_chunks(
    path: str | Path, alternatives: str | Path | None, widths: Sequence[int]
) -> Iterator[tuple[pd.DataFrame, Mapping[int, AlleleWindows]]]:
    """Read pairs of sequences: VARIANT_COLUMNS, and windows by width, CHUNK_VARIANTS at a time."""
    pairs = read_pairs(path, alternatives)
    for first in range(0, len(pairs.codes), CHUNK_VARIANTS):
        part = slice(first, first + CHUNK_VARIANTS)
        yield (
            pairs.table.iloc[part],
            {width: cut_pairs(pairs.codes[part], pairs.reasons[part], width) for width in widths},
        )

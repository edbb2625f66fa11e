"""Commands about variants: scores of a VCF, and how well effects of SNPs are predicted."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from regssl.cli.options import add_command, block_from_json, from_json, names_from_json, one_each, read_tsv, write_tsv

if TYPE_CHECKING:
    import numpy as np


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the commands of this module."""
    command = add_command(commands, score_variants)
    command.add_argument("vcf", help="VCF, plain or gz; rows with several alternative alleles are split")
    command.add_argument("--model", nargs="+", required=True, help="model.safetensors of runs")
    command.add_argument("--genome", required=True, help="FASTA or 2bit of the assembly of the VCF")
    command.add_argument("--out", required=True, help="TSV: chrom, pos (1-based), id, ref, alt, scores, reason")
    command.add_argument("--names", nargs="+", help="columns of the scores, one per model; default score, or score_1 …")
    command.add_argument("--threads", type=int, default=1, help="CPU threads")

    command = add_command(commands, snps)
    command.add_argument("source", help="table of SNPs: plain, gz or zip")
    command.add_argument("genome", help="human genome, 2bit")
    command.add_argument("out", help="windows to write, X.npy; X.parquet (SNPs) and X.tsv (counts) beside it")
    command.add_argument("--format", required=True, help="adastra, shi2016, alleledb, table or vcf")
    command.add_argument("--member", nargs="*", default=[], help="names of the file in a zip archive, best first")
    command.add_argument("--factor", default="", help="take only rows of this factor")
    command.add_argument("--effect", default="", help="key of INFO (vcf) or column (table) that holds the effect")
    command.add_argument("--max-fdr", type=float, default=0.1, help="rows with no FDR below it are left out (adastra)")
    command.add_argument("--splits", required=True, help="config block `splits` as JSON")
    command.add_argument("--width", type=int, default=200, help="length of a window in bp")
    command.add_argument("--regions", help="where the human chromosomes lie on the assembly of the SNPs")
    command.add_argument("--training", nargs="*", default=[], help="windows trained on, X.npy: their like is left out")

    command = add_command(commands, score_snps)
    command.add_argument("snps", help="windows of `regssl snps`, X.npy")
    command.add_argument("models", nargs="+", help="model.safetensors of runs")
    command.add_argument("--out", nargs="+", required=True, help="Parquet table to write per model")
    command.add_argument("--seeds", type=int, nargs="+", required=True, help="the seed of each model")
    command.add_argument("--identity", default="{}", help="dataset, snps, model, method as JSON: put into every row")
    command.add_argument("--threads", type=int, default=1, help="CPU threads")

    command = add_command(commands, correlate_snps)
    command.add_argument("scores", nargs="+", help="tables of `score-snps`")
    command.add_argument("--effects", required=True, help="TSV to write: correlations per run and over seeds")
    command.add_argument("--means", required=True, help="TSV to write: scores averaged over seeds")
    command.add_argument("--draws", type=int, default=2000, help="bootstrap samples")
    command.add_argument("--baseline", default="sl", help="method that gains are over")
    command.add_argument("--treated", default="ssl", help="method whose lead over each other is told")

    for function, inputs, written in (
        (snp_table, {"effects": "TSVs of `correlate-snps`", "counts": "TSVs of `snps`"}, ".tsv and .html"),
        (figure3, {"effects": "TSVs of `correlate-snps`", "scores": "TSVs of `correlate-snps`"}, ".svg, .png and .tsv"),
    ):
        command = add_command(commands, function)
        for name, text in inputs.items():
            command.add_argument(f"--{name}", nargs="+", required=True, help=text)
        command.add_argument("--names", required=True, help="display names by id as JSON: datasets, models, methods")
        command.add_argument("--sets", required=True, help="display names of the sets of SNPs by id, as JSON")
        command.add_argument("--out", required=True, help=f"path without suffix: {written} are written")


def score_variants(options: argparse.Namespace) -> None:
    """Score the variants of a VCF: logit(alternative) - logit(reference) in the window centred on each, per model."""
    import sys
    import time

    from regssl.variants.score_vcf import SCORED, column_names, score_variants

    names = column_names(options.model, options.names)
    start, live = time.monotonic(), sys.stderr.isatty()

    def progress(variants: int) -> None:
        if live:
            print(f"\r{variants:,} variants, {variants / (time.monotonic() - start):,.0f}/s", end="", file=sys.stderr)

    counts = score_variants(options.vcf, options.model, options.genome, options.out, names, options.threads, progress)
    for name, model in zip(names, options.model, strict=True):
        print(f"{name}: {model}")
    ordered = [SCORED, *sorted(set(counts) - {SCORED})]
    print(f"{options.out}: " + ", ".join(f"{counts[name]:,} {name}" for name in ordered))


def snps(options: argparse.Namespace) -> None:
    """Read a table of allele-specific SNPs; check alleles, find splits, extract windows; count what is left out."""
    from regssl.data.settings import Splits
    from regssl.sequences.genome import Genome
    from regssl.variants.dataset import make_snp_set, read_regions, save_snp_set
    from regssl.variants.readers import Reading, read_snps

    reading = Reading(options.format, options.member, options.factor, options.effect, options.max_fdr)
    made = make_snp_set(
        read_snps(options.source, reading),
        Genome(options.genome),
        block_from_json(options.splits, Splits),
        options.width,
        read_regions(options.regions) if options.regions else None,
        _sets(options.training),
    )
    save_snp_set(made, Path(options.out))
    print("\n".join(f"{count:9,} {outcome}" for outcome, count in made.counts.items()))


def _sets(paths: list[str]) -> Iterator[np.ndarray]:
    from regssl.data.packed import load_codes

    for path in paths:
        yield load_codes(path)


def score_snps(options: argparse.Namespace) -> None:
    """Score a set of SNPs with trained models."""
    from regssl.io.parquet import save_table
    from regssl.variants.effects import score_snps

    paths = one_each("out", options.models, options.out)
    seeds = one_each("seeds", options.models, options.seeds)
    tables = score_snps(options.models, options.snps, seeds, from_json(options.identity), options.threads)
    for path, table in zip(paths, tables, strict=True):
        save_table(table, path)
        print(f"{path}: {len(table):,} SNPs scored", flush=True)


def correlate_snps(options: argparse.Namespace) -> None:
    """Compare scores with observed effects, per run and as means over seeds, with bootstrap intervals over SNPs."""
    import pandas as pd

    from regssl.io.parquet import load_table
    from regssl.variants.effects import correlation_table, mean_scores

    scores = pd.concat([load_table(path) for path in options.scores], ignore_index=True)
    table = correlation_table(scores, options.baseline, options.treated, options.draws)
    write_tsv(table, options.effects)
    write_tsv(mean_scores(scores), options.means)
    print(table[table["seed"] == "all"].to_string(index=False))


def snp_table(options: argparse.Namespace) -> None:
    """Make the tables of SNP effects: correlations, and how many SNPs they are of."""
    import pandas as pd

    from regssl.reporting.tables.base import write_table
    from regssl.reporting.tables.variants import counts_table, effects_table

    names, sets, effects = names_from_json(options.names), from_json(options.sets), read_tsv(options.effects)
    write_table(effects_table(effects, names, sets), f"{options.out}.tsv", f"{options.out}.html")
    datasets = {Path(path).stem: Path(path).parents[1].name for path in options.counts}
    counts = {Path(path).stem: pd.read_csv(path, sep="\t") for path in options.counts}
    table = counts_table(counts, datasets, names, sets)
    write_table(table, f"{options.out}_counts.tsv", f"{options.out}_counts.html")


def figure3(options: argparse.Namespace) -> None:
    """Make Figure 3: predicted against observed effects of SNPs, and their correlation per method."""
    from regssl.reporting.figures.figure3 import figure3
    from regssl.reporting.tables.variants import of_all_seeds
    from regssl.variants.effects import CORRELATIONS

    names, effects = names_from_json(options.names), read_tsv(options.effects)
    effects = effects[effects["method"].isin(list(names.methods)) & effects["measure"].isin(CORRELATIONS)]
    scores = read_tsv(options.scores)
    figure3(effects, scores, names, from_json(options.sets), f"{options.out}.svg", f"{options.out}.png")
    write_tsv(of_all_seeds(effects, "test"), f"{options.out}.tsv")

"""Scores of the variants of a VCF: `regssl score-variants` against pyfaidx and a plain torch network.

    python benchmarks/score_variants.py [--variants 100000]

A random genome, single-base variants in random order, the 27K-parameter CNN with random weights. The plain way fetches
a window for each variant with pyfaidx, makes one-hot codes of both alleles and both strands in numpy, and runs the same
layers of torch in batches. Both write a table; the scores agree, or the benchmark stops.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyfaidx
import torch
from table import Table, machine, time_in_turns

from regssl.io.vcf import read_vcf
from regssl.models import build
from regssl.models.serialization import load, save
from regssl.sequences.encoding import decode
from regssl.sequences.genome import Genome, to_twobit
from regssl.variants.allele_scores import score_variants
from regssl.variants.scoring import extract_from_genome

WIDTH, PARAMS = 200, {"filters": 256, "filter_width": 24, "hidden": 10, "dropout": 0.2}
BATCH = 1024
CODE = {base: code for code, base in enumerate("ACGT")}


def make_inputs(folder: Path, variants: int, megabases: int) -> None:
    """genome.fa, genome.2bit, in.vcf, model.safetensors."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 4, megabases * 1_000_000).astype(np.uint8)
    text = decode(codes)
    lines = "\n".join(text[at : at + 80] for at in range(0, len(text), 80))
    (folder / "genome.fa").write_text(f">chr1\n{lines}\n")
    to_twobit(folder / "genome.fa", folder / "genome.2bit")
    places = rng.integers(WIDTH, len(codes) - WIDTH, variants)
    alts = (codes[places] + rng.integers(1, 4, variants)) % 4
    rows = (f"chr1\t{p + 1}\t.\t{text[p]}\t{'ACGT'[alt]}\n" for p, alt in zip(places, alts, strict=True))
    (folder / "in.vcf").write_text("#CHROM\tPOS\tID\tREF\tALT\n" + "".join(rows))
    torch.manual_seed(1)
    metadata = {"architecture": "deepbind", "params": PARAMS, "width": WIDTH, "reverse_complement": True}
    save(build("deepbind", WIDTH, PARAMS), metadata, folder / "model.safetensors")


def ours(folder: Path, threads: int, genome: str = "genome.2bit", out: str = "ours.tsv") -> None:
    score_variants(folder / "in.vcf", [folder / "model.safetensors"], folder / genome, folder / out, threads=threads)


def plain(folder: Path, threads: int) -> None:
    torch.set_num_threads(threads)
    network = load(folder / "model.safetensors")
    genome = pyfaidx.Fasta(str(folder / "genome.fa"), as_raw=True)
    table = pd.read_csv(folder / "in.vcf", sep="\t")
    scores = []
    with torch.inference_mode():
        for at in range(0, len(table), BATCH):
            batch = np.zeros((4, min(BATCH, len(table) - at), 4, WIDTH), np.float32)
            for row, (chrom, pos, ref, alt) in enumerate(
                table.iloc[at : at + BATCH][["#CHROM", "POS", "REF", "ALT"]].itertuples(index=False)
            ):
                window = genome[chrom][pos - 1 - WIDTH // 2 : pos - 1 + WIDTH // 2]
                assert window[WIDTH // 2] == ref
                for number, text in enumerate((window, window[: WIDTH // 2] + alt + window[WIDTH // 2 + 1 :])):
                    batch[number, row, [CODE[base] for base in text], range(WIDTH)] = 1
            batch[2:] = batch[:2, :, ::-1, ::-1]
            logits = network(torch.from_numpy(batch).flatten(0, 1)).view(2, 2, -1).mean(0)
            scores.append((logits[1] - logits[0]).numpy())
    table.assign(score=np.concatenate(scores)).to_csv(folder / "plain.tsv", sep="\t", index=False)


def parse(folder: Path) -> None:
    sum(1 for _ in read_vcf(folder / "in.vcf"))


def extract(folder: Path) -> None:
    variants = list(read_vcf(folder / "in.vcf"))
    columns = [[getattr(one, name) for one in variants] for name in ("chrom", "pos", "ref", "alt")]
    chrom, pos, ref, alt = columns
    extract_from_genome(chrom, np.array(pos), ref, alt, Genome(folder / "genome.2bit"), WIDTH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", type=int, default=100_000)
    parser.add_argument("--megabases", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_inputs(folder, options.variants, options.megabases)
        jobs = {
            "read the VCF": lambda: parse(folder),
            "and its windows": lambda: extract(folder),
            "regssl score-variants": lambda: ours(folder, options.threads),
            "the same from FASTA": lambda: ours(folder, options.threads, "genome.fa", "fasta.tsv"),
            "pyfaidx and plain torch": lambda: plain(folder, options.threads),
        }
        seconds = time_in_turns(list(jobs.values()), least=options.turns, rehearse=False)
        mine, theirs = (pd.read_csv(folder / f"{way}.tsv", sep="\t")["score"] for way in ("ours", "plain"))
        off = float((mine - theirs).abs().max())
        print(f"scores agree within {off:.0e}; they are {theirs.abs().mean():.0e} on average")
        assert off < 1e-5
        assert (folder / "fasta.tsv").read_bytes() == (folder / "ours.tsv").read_bytes()
    table = Table(f"{options.variants:,} variants, {options.threads} thread(s)", "seconds", "thousand/s", "times ours")
    for way, taken in zip(jobs, seconds, strict=True):
        table.row(way, taken, options.variants / taken / 1000, taken / seconds[2])


if __name__ == "__main__":
    main()

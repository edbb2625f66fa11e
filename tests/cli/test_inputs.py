"""Every text that a command reads, in every form in which people have it: the same answer, or one line, no output."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.bgzf import bgzip
from regssl.cli import main
from regssl.models import build
from regssl.models.serialization import save
from regssl.sequences.encoding import decode

PARAMS = {"filters": 2, "filter_width": 5, "hidden": 2}
LENGTH = 4000
SPLITS = ["--train-chroms", "chr1", "--validation-chroms", "chr2", "--test-chroms", "chr3"]
VARIANTS = ["step", "prepare-variants"]
COMMANDS = {
    "lift": (["lift", "peaks.bed", "a.chain", "o/mapped.bed", "o/unmapped.bed"], ["peaks.bed", "a.chain"]),
    "index-chain": (["index-chain", "a.chain", "o/a.idx"], ["a.chain"]),
    "load-peaks": (
        ["step", "load-peaks", "human.2bit", "o/peaks.bed", "o/counts.tsv", "peaks.bed", "--dataset", "d"],
        ["peaks.bed"],
    ),
    "make-bins": (
        ["step", "make-bins", "human.2bit", "o/bins.parquet", *SPLITS, "--blacklist", "black.bed"],
        ["black.bed"],
    ),
    "index-genome": (["step", "index-genome", "human.fa", "o/human.2bit"], ["human.fa"]),
    "find-homologs": (
        ["step", "find-homologs", "bins.parquet", "a.chain", "human.2bit", "other.2bit", "o/h.parquet", "o/h.tsv"],
        ["a.chain"],
    ),
    "prepare-variants vcf": (
        [*VARIANTS, "in.vcf", "human.2bit", "o/v.npy", "--format", "vcf", "--effect", "ES", *SPLITS],
        ["in.vcf"],
    ),
    "prepare-variants table": (
        [*VARIANTS, "in.tsv", "human.2bit", "o/v.npy", "--format", "table", *SPLITS, "--regions", "regions.tsv"],
        ["in.tsv", "regions.tsv"],
    ),
    "score-variants": (
        ["score-variants", "in.vcf", "--model", "m.safetensors", "--genome", "human.fa", "--out", "o/s.tsv"],
        ["in.vcf", "human.fa"],
    ),
}
INPUTS = [(name, place) for name, (_, inputs) in COMMANDS.items() for place in inputs]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A genome, another one that is its copy, chains, peaks, a blacklist, variants, a model."""
    folder = tmp_path_factory.mktemp("world")
    rng = np.random.default_rng(5)
    genome = {f"chr{i}": decode(rng.integers(0, 4, LENGTH).astype(np.uint8)) for i in (1, 2, 3)}
    lines = {name: "\n".join(text[i : i + 60] for i in range(0, LENGTH, 60)) for name, text in genome.items()}
    (folder / "human.fa").write_text("".join(f">{name}\n{text}\n" for name, text in lines.items()))
    (folder / "other.fa").write_text("".join(f">{name}x\n{text}\n" for name, text in lines.items()))
    header = "chain 9 {0} 4000 + 0 4000 {0}x 4000 + 0 4000 {1}\n4000\n\n"
    (folder / "a.chain").write_text("##made\n" + "".join(header.format(name, name[3:]) for name in genome))
    starts = range(20, LENGTH - 300, 350)
    (folder / "peaks.bed").write_text(
        "track name=x\n# peaks\n" + "".join(f"chr1\t{at}\t{at + 150}\tp{at}\t0\t+\n" for at in starts)
    )
    (folder / "black.bed").write_text("chr1\t0\t500\nchr3\t3000\t4000\n")
    snps = [(name, at, genome[name][at - 1], "ACGT"[("ACGT".index(genome[name][at - 1]) + 1) % 4])
            for name in genome for at in range(500, 3500, 97)]  # fmt: skip
    (folder / "in.vcf").write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        + "".join(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t.\tES={pos / 1000}\n" for chrom, pos, ref, alt in snps)
    )
    (folder / "in.tsv").write_text(
        "#chrom\tpos\tref\talt\teffect\n"
        + "".join(f"{chrom}\t{pos}\t{ref}\t{alt}\t0.5\n" for chrom, pos, ref, alt in snps)
    )
    (folder / "regions.tsv").write_text(
        "mini_chrom\tlength\thg19_chrom\thg19_start0\n" + "".join(f"{name}\t4000\t{name}\t0\n" for name in genome)
    )
    torch.manual_seed(1)
    metadata = {"architecture": "deepbind", "params": PARAMS, "width": 200, "reverse_complement": True}
    save(build("deepbind", 200, PARAMS), metadata, folder / "m.safetensors")
    for name in ("human", "other"):
        assert main(["step", "index-genome", str(folder / f"{name}.fa"), str(folder / f"{name}.2bit")]) == 0
    assert main(["step", "make-bins", str(folder / "human.2bit"), str(folder / "bins.parquet"), *SPLITS]) == 0
    return folder


@pytest.fixture(scope="module")
def expected(world: Path) -> Callable[[str], dict[str, object]]:
    """What a command writes from plain files."""
    known: dict[str, dict[str, object]] = {}

    def of(name: str) -> dict[str, object]:
        if name not in known:
            code, known[name] = run(world, name, {})
            assert code == 0
        return known[name]

    return of


def run(world: Path, name: str, places: dict[str, str]) -> tuple[int, dict[str, object]]:
    """Run a command with some inputs at other places; return its exit code and the content of what it wrote."""
    out = world / "o"
    out.mkdir(exist_ok=True)
    for path in out.iterdir():
        path.unlink()
    code = main([str(world / places.get(word, word)) if "." in word else word for word in COMMANDS[name][0]])
    return code, {path.name: content(path) for path in sorted(out.iterdir()) if not path.name.startswith(".")}


def content(path: Path) -> object:
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.name == "counts.tsv":
        return path.read_text().replace("\tx\t", "\tpeaks.bed\t")  # the name of the file
    return path.read_bytes()


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bgzip": bgzip,
    "Windows": lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n").rstrip(),
    "old Mac, bgzip": lambda text: bgzip(text.replace(b"\n", b"\r")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "place"), INPUTS)
def test_every_form_in_a_file_and_in_a_pipe_gives_the_same(
    world: Path, expected: Callable[[str], dict[str, object]], name: str, place: str, form: str
) -> None:
    written = FORMS[form]((world / place).read_bytes())
    (world / "x").write_bytes(written)
    assert run(world, name, {place: "x"}) == (0, expected(name))
    (world / "x").unlink()
    os.mkfifo(world / "x")
    with suppress(BrokenPipeError):
        thread = threading.Thread(target=(world / "x").write_bytes, args=[written])
        thread.start()
        assert run(world, name, {place: "x"}) == (0, expected(name))
        thread.join()
    (world / "x").unlink()


DAMAGED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "bgzip without its end": (lambda text: bgzip(text)[:-28], "bgzip without its end marker"),
    "gzip cut": (lambda text: gzip.compress(text)[:-9], "truncated or damaged gzip"),
    "gzip and more": (lambda text: gzip.compress(text) + b"more", "something else follows"),
    "bzip2": (bz2.compress, "is bzip2, which is not read here"),
    "xz": (lzma.compress, "is xz, which is not read here"),
    "UTF-16": (lambda text: text.decode().encode("utf-16"), "is UTF-16, which is not read here"),
    "a page": (lambda _: b"<!DOCTYPE html><html>Not found</html>", "is an HTML or XML page"),
    "a NUL": (lambda text: text[:-3] + b"\0" + text[-3:], ""),
    "Latin-1": (lambda text: text + b"J\xfcrgen\n", ""),
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize(("name", "place"), INPUTS)
def test_what_cannot_be_read_is_named_and_nothing_is_written(
    world: Path, capsys: pytest.CaptureFixture[str], name: str, place: str, damage: str
) -> None:
    make, message = DAMAGED[damage]
    (world / "x").write_bytes(make((world / place).read_bytes()))
    assert run(world, name, {place: "x"}) == (1, {})
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{world / 'x'}: {message}" in line or (not message and f"{world / 'x'}" in line) or "truncated" in line

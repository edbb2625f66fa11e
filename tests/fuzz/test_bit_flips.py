"""Single bits flipped and files cut, of every kind that the package reads: the same answer, or an error of one line.

What carries a checksum gives the same answer or none. A format without one may give what a slow, obvious reader finds
in the damaged bytes. `make fuzz` tries about a thousand damages of each kind in every round, and prints the figures.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pysam
import pytest
import torch
import yaml
from safetensors.torch import load_file

from helpers import by_hand
from helpers.bigbed import PEAKS, SIZES, write_bigbed
from helpers.chains import read_chain_blocks
from helpers.damage import Kind, try_kind
from helpers.packed import packed
from helpers.paths import ROOT
from regssl.cli import main
from regssl.config.load import load_config
from regssl.config.table_files import read_table
from regssl.config.tables import DatasetRow, GenomeRow, VariantSetRow
from regssl.data.dataset import WindowDataset
from regssl.data.packed import load_codes, save_codes
from regssl.download.lockfile import COLUMNS as LOCK_COLUMNS
from regssl.download.lockfile import Lockfile
from regssl.errors import DataError
from regssl.evaluation.summary import DisplayNames
from regssl.io.bed import read_bed
from regssl.io.bigbed import read_bigbed
from regssl.io.digests import check_digest, digested_path
from regssl.io.json_object import json_text, read_json_object, write_json_object
from regssl.io.parquet import load_table, save_table
from regssl.io.tsv import read_rows, read_tsv, write_tsv
from regssl.io.vcf import read_vcf
from regssl.liftover.chain_file import read_chains
from regssl.liftover.index import save_index
from regssl.models import build
from regssl.models.dnabert2.checkpoint import read_config, read_tokenizer, read_weights
from regssl.models.dnabert2.model import DNABERT2Classifier
from regssl.models.dnabert2.tiny import write_random
from regssl.models.layout import CONFIG, TOKENIZER, WEIGHTS
from regssl.models.serialization import load, read_card, save, save_failed
from regssl.reporting.document import Document, Paragraph
from regssl.reporting.drawing import inline_drawing
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.motifs import read_meme
from regssl.sequences.twobit import TwoBit, write_twobit
from regssl.training.checkpoints import DigestedCheckpointIO, read_checkpoint
from regssl.variants.dataset import read_regions
from regssl.variants.readers import VariantFormat, read_variants

RANDOM = np.random.default_rng(3)
BASES = "".join(RANDOM.choice(list("ACGT"), 400))
GENOME = {"chr1": f"{BASES[:120]}{'N' * 30}{BASES[120:180].lower()}{BASES[180:]}", "chr2": f"nn{BASES[:77]}", "x": "A"}
FASTA = "".join(
    f">{name} text\n" + "".join(f"{text[at : at + 60]}\n" for at in range(0, len(text), 60))
    for name, text in GENOME.items()
).encode()
BED = b"# peaks\ntrack name=x\n" + b"".join(
    b"chr%d\t%d\t%d\tp%d\t%d\t.\t%d.5\t-1\t2\t%d\n" % (i % 3, 91 * i, 91 * i + 200, i, i, i, i * 5) for i in range(40)
)
VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + b"".join(
    b"chr%d\t%d\trs%d\t%c\t%s\t.\tPASS\tES=0.%d,-1.5;DP=%d\n" % (i % 3, 10 + 7 * i, i, b"ACGT"[i % 4], b"TT,GA", i, i)
    for i in range(30)
)
SNPS = b"chrom\tstart0\tref\talt\teffect\n" + b"".join(
    b"chr%d\t%d\t%c\tG\t-0.%d\n" % (i % 3, 17 * i, b"ACT"[i % 3], 1 + i) for i in range(40)
)
ADASTRA = b"#chr\tpos\tref\talt\tes_mean_ref\tes_mean_alt\tfdrp_bh_ref\tfdrp_bh_alt\n" + b"".join(
    b"chr1\t%d\tA\tG\t-0.%d\t1.%d\t0.9\t0.0%d\n" % (10 + i, i, i, i) for i in range(1, 30)
)
CHAIN = b"##matrix=axtChain\n" + b"".join(
    b"chain %d chr%d 1000 + %d %d q%d 2000 %c %d %d %d\n20 5 0\n30 0 7\n%d\n\n"
    % (9000 - i, i % 3, i, i + 95, i % 4, b"+-"[i % 2], 9 * i, 9 * i + 97, i + 1, 40)
    for i in range(20)
)
MEME = b"MEME version 4\n\nALPHABET= ACGT\n\n" + b"".join(
    b"MOTIF MA%04d.1 TF%d\nletter-probability matrix: alength= 4 w= 6 nsites= 20 E= 0\n" % (i, i)
    + b" 0.25 0.25 0.25 0.25\n 0.1 0.2 0.3 0.4\n" * 3 + b"URL http://x\n\n"
    for i in range(5)
)  # fmt: skip
LOCK = "\t".join(LOCK_COLUMNS).encode() + b"\n" + b"".join(
    b"https://h.example/%d.gz\t%d\t%s\tlength\t2026-01-0%d\n" % (i, 100 + i, b"%02x" % i * 32, i) for i in range(1, 9)
)  # fmt: skip


def plain(table: pd.DataFrame) -> Any:
    return [(str(name), str(table[name].dtype), table[name].astype(object).tolist()) for name in table]


def writer(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def bgzipped(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with pysam.BGZFile(str(folder / name), "w") as file:
            for at in range(0, len(data), 500):  # in several blocks
                file.write(data[at : at + 500])
                file.flush()
        return folder / name

    return write


def zipped(data: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("release/TF.tsv"), data)
        archive.writestr(zipfile.ZipInfo("readme.txt"), b"read me\n" * 9)
    return content.getvalue()


# Files of the user


def read_intervals(path: Path) -> list[tuple]:
    return [(chrom, int(start), int(end)) for chrom, start, end in read_bed(path).itertuples(index=False, name=None)]


def read_summits(path: Path) -> list[tuple]:
    table = read_bed(path, summits=True)
    return [(row[0], *map(int, row[1:])) for row in table.itertuples(index=False, name=None)]


def read_alleles(path: Path) -> list[tuple]:
    return [(v.line, v.chrom, v.pos, v.ref, v.alt, v.info) for v in read_vcf(path)]


def read_snps(path: Path) -> list[tuple]:
    table = read_variants(path, VariantFormat("table")).table
    return [(*row[:1], int(row[1]), *row[2:4], float(row[4])) for row in table.itertuples(index=False, name=None)]


def read_adastra(path: Path) -> Any:
    return plain(read_variants(path, VariantFormat("adastra", ["TF.tsv"])).table)


def read_genome(path: Path) -> dict[str, str]:
    """All bases, as windows of one base, and as whole sequences."""
    genome = Genome(path)
    whole = {}
    for name, size in genome.sizes.items():
        one_by_one = genome.windows([name] * size, np.arange(size), 1)[:, 0]
        assert (one_by_one == genome.windows([name], [0], size)[0]).all()
        whole[name] = "".join("ACGTN"[code] for code in one_by_one)
    return whole


def read_twobit(path: Path) -> dict[str, str]:
    genome = TwoBit(path)
    return {name: genome.text(name, 0, size) for name, size in genome.sizes.items()}


def upper(read: Callable[[bytes], dict[str, str]]) -> Callable[[bytes], dict[str, str]]:
    return lambda data: {name: text.upper() for name, text in read(data).items()}


def read_lock(path: Path) -> list[list[str]]:
    rows = Lockfile(path).rows().values()
    return sorted([row.url, str(row.bytes), row.sha256, row.verified, row.date] for row in rows)


def lock_by_hand(data: bytes) -> list[list[str]]:
    return sorted([row[0], str(int(row[1])), *row[2:]] for row in by_hand.cells_by_hand(data) if row[0] != "url")


def plan(path: Path) -> str:
    load_config([path])
    return ""


def table_kind(name: str, row_type: Any) -> Kind:
    """A table of the configuration: its rows are valid, and hold the cells that are there."""

    def read(path: Path) -> list[list[str]]:
        rows = read_table(path, row_type)
        header, lines = read_rows(path)
        assert len(rows) == len(lines)
        return [header, *[cells for _, cells in lines]]

    data = (ROOT / f"config/{name}.tsv").read_bytes()
    return Kind(writer(f"{name}.tsv", data), read, by_hand.cells_by_hand, share=0.6)


OF_USER = {
    "BED": Kind(writer("x.bed", BED), read_intervals, by_hand.bed_by_hand),
    "narrowPeak": Kind(writer("x.narrowPeak", BED), read_summits, by_hand.narrowpeak_by_hand),
    "BED, gzip": Kind(writer("x.bed.gz", gzipped(BED)), read_intervals),
    "BED, bgzip": Kind(bgzipped("x.bed.gz", BED), read_intervals),
    "VCF": Kind(writer("x.vcf", VCF), read_alleles, by_hand.vcf_by_hand),
    "VCF, bgzip": Kind(bgzipped("x.vcf.gz", VCF), read_alleles),
    "table of SNPs": Kind(writer("x.tsv", SNPS), read_snps, by_hand.snps_by_hand),
    "table of SNPs, gzip": Kind(writer("x.tsv.gz", gzipped(SNPS)), read_snps),
    "ADASTRA, zip": Kind(writer("x.zip", zipped(ADASTRA)), read_adastra),
    "FASTA": Kind(writer("g.fa", FASTA), read_genome, upper(by_hand.fasta_by_hand), share=0.6),
    "FASTA, gzip": Kind(writer("g.fa.gz", gzipped(FASTA)), read_genome, share=0.6),
    "FASTA, bgzip": Kind(bgzipped("g.fa.gz", FASTA), read_genome, share=0.6),
    "chain": Kind(writer("x.chain", CHAIN), read_chain_blocks, by_hand.chains_by_hand),
    "chain, gzip": Kind(writer("x.chain.gz", gzipped(CHAIN)), read_chain_blocks),
    "MEME": Kind(
        writer("x.meme", MEME),
        lambda path: {f"{m.id} {m.name}": m.frequencies.tolist() for m in read_meme(path).values()},
        by_hand.meme_by_hand,
    ),
    "lock file": Kind(writer("lock.tsv", LOCK), read_lock, lock_by_hand),
    "table of datasets": table_kind("datasets", DatasetRow),
    "table of genomes": table_kind("genomes", GenomeRow),
    "table of sets of variants": table_kind("snps", VariantSetRow),
}


def twobit(folder: Path) -> Path:
    write_twobit(folder / "g.2bit", [packed(name, text) for name, text in GENOME.items()])
    return folder / "g.2bit"


OF_USER["2bit"] = Kind(twobit, read_twobit, by_hand.twobit_by_hand)


def demo_config(folder: Path) -> Path:
    values = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    tables = {key: str(ROOT / f"config/{key}.tsv") for key in ("datasets", "genomes", "snps")}
    (folder / "config.yaml").write_text(yaml.safe_dump(values | tables), encoding="utf-8")
    return folder / "config.yaml"


OF_USER["config file"] = Kind(demo_config, plan, lambda _: "", share=0.3)


def bigbed(*, compressed: bool) -> Kind:
    """The header of a file leads to each block; by hand they are read from where they were written."""
    blocks: list[tuple[int, int]] = []

    def write(folder: Path) -> Path:
        path = write_bigbed(folder / "x.bigBed", PEAKS, zipped=compressed)
        data, n = path.read_bytes(), len({chrom for chrom, *_ in PEAKS})
        for item in range(len(data) - 32 * n, len(data), 32):
            blocks.append(struct.unpack_from("<QQ", data, item + 16))
        return path

    def read(path: Path) -> list[tuple]:
        return [tuple(interval) for interval in read_bigbed(path)]

    return Kind(write, read, lambda data: by_hand.bigbed_by_hand(data, len(SIZES), 4, blocks, compressed))


OF_USER["bigBed"] = bigbed(compressed=False)
OF_USER["bigBed, compressed"] = bigbed(compressed=True)

REGIONS = b"mini_chrom\tlength\thg19_chrom\thg19_start0\n" + b"".join(
    b"mini%d\t%d\tchr%d\t%d\n" % (i, 1000 + i, i, 77 * i) for i in range(9)
)


def regions_by_hand(data: bytes) -> list[tuple]:
    header, *rows = by_hand.cells_by_hand(data)
    table = [dict(zip(header, row, strict=False)) for row in rows]
    starts, lengths = ([int(float(row[key])) for row in table] for key in ("hg19_start0", "length"))
    return [
        (row["mini_chrom"], row["hg19_chrom"], start, start + length)
        for row, start, length in zip(table, starts, lengths, strict=True)
    ]


def read_regions_table(path: Path) -> list[tuple]:
    return [(*row[:2], *map(int, row[2:])) for row in read_regions(path).itertuples(index=False, name=None)]


OF_USER["table of regions"] = Kind(writer("regions.tsv", REGIONS), read_regions_table, regions_by_hand)


def pytorch_weights(folder: Path) -> Path:
    """Weights as PyTorch keeps them: an archive, whose members have checksums."""
    write_random(folder, 1)
    torch.save(load_file(folder / WEIGHTS[0]), folder / WEIGHTS[1])
    for name in (WEIGHTS[0], f".{WEIGHTS[0]}.sha256"):
        (folder / name).unlink(missing_ok=True)
    return folder / WEIGHTS[1]


def read_network(path: Path) -> Any:
    network = DNABERT2Classifier(read_config(path.parent))
    with torch.no_grad():
        for tensor in network.parameters():
            tensor.zero_()
    read_weights(path.parent, network)
    return [float(tensor.double().sum()) for tensor in network.parameters()]


OF_USER["pytorch_model.bin"] = Kind(pytorch_weights, read_network, share=0.3)

# Files of the workflow

N = 60
WINDOWS = pd.DataFrame(
    {
        "genome": pd.Categorical(["hg38"] * N), "chrom": pd.Categorical([f"chr{i % 4}" for i in range(N)]),
        "start": np.arange(N) * 200, "end": np.arange(N) * 200 + 200, "source": np.arange(N),
        "strand": pd.Categorical(["+", "-"] * (N // 2)), "label": (np.arange(N) % 7 == 0).astype(np.int8),
        "split": pd.Categorical(["train"] * N),
    }
)  # fmt: skip
SIMILARITY = pd.DataFrame(
    {
        "similarity": RANDOM.random(N), "train_chrom": pd.Categorical([None, "chr1", "chr2"] * (N // 3)),
        "name": [None, "nan", "NA"] * (N // 3), "score": RANDOM.random(N).astype(np.float32),
    }
)  # fmt: skip
CODES = RANDOM.integers(0, 5, (N, 20), dtype=np.uint8)


def parquet(table: pd.DataFrame, **attributes: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        table.attrs = attributes
        save_table(table, folder / "x.parquet")
        return folder / "x.parquet"

    return write


def read_parquet(path: Path) -> Any:
    table = load_table(path)
    return plain(table), table.attrs


def npy(folder: Path) -> Path:
    save_codes([CODES[:33], CODES[33:]], CODES.shape, folder / "x.npy")
    save_table(WINDOWS, folder / "x.parquet")
    return folder / "x.npy"


def index(folder: Path) -> Path:
    (folder / "x.chain").write_bytes(CHAIN)
    save_index(read_chains(folder / "x.chain"), folder / "x.index")
    return folder / "x.index"


def indexed_genome(folder: Path) -> Path:
    (folder / "g.fa").write_bytes(FASTA)
    to_twobit(folder / "g.fa", folder / "g.2bit")
    return folder / "g.2bit"


COLUMNS = {"dataset": "str", "seed": "int64", "aupr": "float64", "collapsed": "bool", "n": "Int64"}


def tsv(folder: Path) -> Path:
    table = pd.DataFrame(
        {
            "dataset": ["ctcf", "NA", "007", ""] * 5, "seed": range(20), "aupr": [*RANDOM.random(19), np.nan],
            "collapsed": [False, True] * 10, "n": pd.Series([1, None] * 10, dtype="Int64"),
        }
    )  # fmt: skip
    write_tsv(table, folder / "x.tsv")
    return folder / "x.tsv"


def peaks(folder: Path) -> Path:
    with digested_path(folder / "peaks.bed") as aside:
        aside.write_bytes(BED)
    return folder / "peaks.bed"


def read_peaks(path: Path) -> Any:
    check_digest(path)
    return read_intervals(path)


METRICS = {
    "dataset": "ctcf", "model": "deepbind", "method": "sl", "split": "test", "seed": 0, "aupr": 0.123456789012,
    "auroc": 0.9, "prevalence": 0.01, "positives": 10, "windows": 1000, "collapsed": False,
}  # fmt: skip


def metrics(folder: Path) -> Path:
    write_json_object(folder / "metrics.json", METRICS)
    return folder / "metrics.json"


def read_metrics(path: Path) -> Any:
    values = read_json_object(path, METRICS)
    return [values[key] for key in METRICS]


def display_names(folder: Path) -> Path:
    kinds = ("datasets", "models", "methods", "paper_methods", "genomes", "variant_sets", "measured")
    names = {kind: {f"id{i}": f"Name {i} é" for i in range(5)} for kind in kinds}
    (folder / "display_names.json").write_text(json_text(names, indent=None), encoding="utf-8")
    return folder / "display_names.json"


def read_names(path: Path) -> Any:
    names = DisplayNames.read(path)
    return [list(kind.items()) for kind in (names.datasets, names.models, names.methods, names.genomes)]


def checkpoint(folder: Path) -> Path:
    state = {"epoch": 3, "state_dict": {"w": torch.arange(60.0)}, "callbacks": {"x": {"histories": [[{"a": 0.5}]]}}}
    DigestedCheckpointIO().save_checkpoint(state, folder / "train.ckpt")
    return folder / "train.ckpt"


def read_state(path: Path) -> Any:
    state = read_checkpoint(path)
    if state is None:  # the phase starts again
        raise DataError(f"{path}: not used")
    return {**state, "state_dict": state["state_dict"]["w"].tolist()}


CARD: dict[str, Any] = {
    "architecture": "deepbind",
    "params": {"filters": 2, "filter_width": 4, "hidden": 2},
    "width": 20,
    "reverse_complement": True,
    "seed": 3,
}


def model(folder: Path) -> Path:
    torch.manual_seed(0)
    save(build(CARD["architecture"], CARD["width"], CARD["params"]), CARD, folder / "model.safetensors")
    return folder / "model.safetensors"


def read_model(path: Path) -> Any:
    card = read_card(path).model_dump()
    weights = load(path).state_dict()
    return [card[key] for key in CARD], {name: tensor.tolist() for name, tensor in weights.items()}


def failed_model(folder: Path) -> Path:
    save_failed(CARD, "no positive training window", folder / "model.safetensors")
    return folder / "model.safetensors"


def read_failed(path: Path) -> Any:
    card = read_card(path).model_dump()
    if not card["failure"]:
        load(path)
    return [card[key] for key in (*CARD, "failure")]


def drawing(folder: Path) -> Path:
    with digested_path(folder / "x.svg") as aside:
        aside.write_text(f'<svg id="a">{"".join(f"<text>{i}</text>" for i in range(40))}</svg>', encoding="utf-8")
    return folder / "x.svg"


def document(folder: Path) -> Path:
    Document(title="T", blocks=[Paragraph(text=f"p {i}") for i in range(40)]).write(folder / "x.json")
    return folder / "x.json"


def pretrained(name: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        write_random(folder, 1)
        return folder / name

    return write


OF_WORKFLOW = {
    "windows, Parquet": Kind(parquet(WINDOWS), read_parquet),
    "similarity, Parquet": Kind(parquet(SIMILARITY), read_parquet),
    "predictions, Parquet": Kind(parquet(WINDOWS[["start", "label"]], failure="no motif"), read_parquet),
    "two columns of Parquet": Kind(parquet(WINDOWS), lambda path: plain(load_table(path, ["label", "chrom"]))),
    "packed set": Kind(npy, lambda path: np.asarray(load_codes(path)).tolist()),
    "window set": Kind(npy, lambda path: WindowDataset.load([path], origins=True).codes.tolist()),
    "chain index": Kind(index, read_chain_blocks),
    "2bit of the workflow": Kind(indexed_genome, read_twobit),
    "TSV": Kind(tsv, lambda path: plain(read_tsv([path], COLUMNS))),
    "peaks.bed": Kind(peaks, read_peaks),
    "metrics.json": Kind(metrics, read_metrics),
    "display_names.json": Kind(display_names, read_names),
    "checkpoint": Kind(checkpoint, read_state),
    "model.safetensors": Kind(model, read_model),
    "model without weights": Kind(failed_model, read_failed),
    "drawing, SVG": Kind(drawing, lambda path: str(inline_drawing(path))),
    "random weights": Kind(pretrained(WEIGHTS[0]), read_network, share=0.3),
    "random weights, sizes": Kind(pretrained(CONFIG), lambda path: repr(read_config(path.parent))),
    "random weights, tokens": Kind(
        pretrained(TOKENIZER), lambda path: read_tokenizer(path.parent).to_json(), share=0.1
    ),
    "document, JSON": Kind(document, lambda path: Document.read(path).model_dump()),
}


# Tables without their digests, copied or from an older version: they may say something else, but break nothing


def command(*words: object) -> str:
    """Run a command; what it refuses is a DataError as any other."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        code = main([str(word) for word in words])
    if code:
        raise DataError(errors.getvalue().rstrip("\n"))
    return ""


def summary_alone(folder: Path) -> Path:
    names: dict[str, Any] = {
        kind: {f"{kind}{i}": f"Name {i}" for i in range(2)} for kind in ("datasets", "models", "genomes")
    }
    methods = {"sl": "SL", "ssl": "SSL"}
    write_json_object(folder / "names.json", names | {"methods": methods, "paper_methods": methods})
    rows = [
        METRICS | {"dataset": dataset, "model": model, "method": method, "seed": seed, "aupr": 0.1 * seed + 0.2}
        for dataset, model, method, seed in product(names["datasets"], names["models"], methods, range(3))
    ]
    pd.DataFrame(rows).to_csv(folder / "summary.tsv", sep="\t", index=False)
    return folder / "summary.tsv"


def make_table2(path: Path) -> str:
    names, out = path.parent / "names.json", path.parent / "out/table2"
    return command("report", "table2", "--summary", path, "--names", names, "--out", out)


def metrics_alone(folder: Path) -> Path:
    (folder / "metrics.json").write_text(json.dumps(METRICS, indent=2), encoding="utf-8")
    return folder / "metrics.json"


ALONE = {
    "summary.tsv without digest": Kind(summary_alone, make_table2, any_answer=True, share=0.3),
    "metrics.json without digest": Kind(
        metrics_alone,
        lambda path: command("step", "summarize", path.parent / "out.tsv", path),
        any_answer=True,
        share=0.3,
    ),
}

KINDS = {**OF_USER, **OF_WORKFLOW, **ALONE}


@pytest.mark.parametrize("name", KINDS)
def test_flipped_bits_and_cuts_change_no_answer_unnoticed(tmp_path: Path, name: str) -> None:
    _, faults = try_kind(name, KINDS[name], tmp_path)
    assert not faults, f"{len(faults)}: " + "\n".join(faults[:5])

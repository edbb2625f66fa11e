"""Damaged data files: an error, or exactly what a slow and obvious reader finds in them. docs/faults.md has per format
what is promised."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.bigbed import PEAKS, write_bigbed
from helpers.by_hand import bed_by_hand, chains_by_hand, fasta_by_hand, vcf_by_hand
from helpers.chains import read_chain_blocks
from helpers.fuzzing import REFUSED, damaged, fuzz, parsed_or_refused
from helpers.language_models import KMERS
from helpers.packed import letters, packed
from regssl.data.dataset import WindowDataset
from regssl.download.lockfile import COLUMNS, Lockfile
from regssl.io.bed import read_bed
from regssl.io.bigbed import read_bigbed
from regssl.io.vcf import read_vcf
from regssl.liftover.chain_file import read_chains
from regssl.liftover.index import open_index, save_index
from regssl.models import build
from regssl.models.dnabert2.tiny import small_tokenizer
from regssl.models.huggingface.tokenizer import FolderTokenizer
from regssl.models.serialization import load, read_card, save
from regssl.sequences.fasta import read_fasta
from regssl.sequences.genome import Genome, to_twobit
from regssl.sequences.twobit import TwoBit, write_twobit
from regssl.variants.readers import VariantFormat, read_variants

SEQUENCES = {"chr1": "ACGTNNNNacgtACGTACGTACACGGT", "chr2": "GGGnnnTTAC", "scaffold_3": "A"}
CHAIN = b"""##matrix=axtChain
chain 4900 chr1 100 + 5 40 chrA 90 + 0 35 1
10 0 5
5 5 0
15

chain 9.5 chr2 60 + 0 20 chrB 50 - 10 30 2
20

"""
WHOLE_CHAINS = {CHAIN.index(b"15\n\nchain") + n for n in (2, 3, 4)} | {len(CHAIN) - n for n in (0, 1, 2)}
"""Where this file can be cut and still hold whole chains."""
BED = (
    b"# peaks\ntrack name=x\nchr1\t10\t200\tp1\t0\t.\t3\t-1\t2\t7\nchr2\t0\t55\tp2\t0\t.\t3\t-1\t2\t9\r\n\nchr10 5 6\n"
)
FASTA = "".join(
    f">{name} text\n" + "".join(f"{text[i : i + 10]}\n" for i in range(0, len(text), 10))
    for name, text in SEQUENCES.items()
).encode()
VCF = b"""##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
chr1\t10\trs1\tA\tG,T\t.\t.\tES=0.5,-1;X
chr1\t12\t.\tCA\tC\t.\t.\tES=2
chr2\t7\t.\tg\t<DEL>\t.\t.\tES=.
"""
TABLE = b"chrom\tstart0\tref\talt\teffect\n" + b"".join(b"chr1\t%d\tA\tG\t0.%d\n" % (i, i) for i in range(12))
LOCK = ("\t".join(COLUMNS) + "\n").encode() + b"".join(
    b"https://h.example/%d.gz\t%d\t%s\tlength\t2026-01-0%d\n" % (i, 100 + i, b"%02x" % i * 32, i) for i in (1, 2, 3)
)
TOKENIZERS = {
    "tokenizer.json": json.dumps(small_tokenizer().to_json()).encode(),
    "vocab.txt": "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *KMERS, ""]).encode(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def parse(folder: Path, name: str, data: bytes, reader: Callable[[Path], Any]) -> Any:
    """Result of a reader of a file that holds `data`."""
    path = folder / name
    path.write_bytes(data)
    return parsed_or_refused(lambda: reader(path))


def read_intervals(path: Path) -> list[tuple[str, int, int]]:
    return list(read_bed(path).itertuples(index=False, name=None))


def read_sequences(path: Path) -> dict[str, str]:
    folder = path.parent / "packed"
    folder.mkdir(exist_ok=True)
    write_twobit(folder / "out.2bit", read_fasta(path))
    genome = TwoBit(folder / "out.2bit")
    return {name: genome.text(name, 0, size) for name, size in genome.sizes.items()}


def read_vcf_rows(path: Path) -> list[tuple]:
    return [(v.line, v.chrom, v.pos, v.ref, v.alt, v.info) for v in read_vcf(path)]


def read_effects(path: Path) -> list[tuple]:
    table = read_variants(path, VariantFormat("table")).table
    assert np.isfinite(table["effect"]).all() and (table["pos"] >= 0).all()
    return list(table[["chrom", "pos", "ref", "alt", "effect"]].itertuples(index=False, name=None))


BY_HAND: dict[str, tuple[bytes, Callable, Callable]] = {
    "chain": (CHAIN, read_chain_blocks, chains_by_hand),
    "bed": (BED, read_intervals, bed_by_hand),
    "fasta": (FASTA, read_sequences, fasta_by_hand),
    "vcf": (VCF, read_vcf_rows, vcf_by_hand),
}


@pytest.mark.parametrize("kind", BY_HAND)
@fuzz
@given(data=st.data())
def test_a_damaged_text_file_is_read_as_by_hand_or_refused(folder: Path, kind: str, data: st.DataObject) -> None:
    whole, reader, by_hand = BY_HAND[kind]
    assert parse(folder, kind, whole, reader) == by_hand(whole)
    written = data.draw(damaged(whole))
    found = parse(folder, kind, written, reader)
    assert found == REFUSED or found == by_hand(written)


GZIPPED = {**{kind: (whole, reader) for kind, (whole, reader, _) in BY_HAND.items()}, "snps": (TABLE, read_effects)}


@pytest.mark.parametrize("kind", GZIPPED)
@fuzz
@given(data=st.data())
def test_a_damaged_gzip_file_is_refused_or_unharmed(folder: Path, kind: str, data: st.DataObject) -> None:
    """Its checksum sees to that; nothing at all is an empty file, which only a BED file may be."""
    whole, reader = GZIPPED[kind]
    packed_ = gzip.compress(whole, mtime=0)
    written = data.draw(damaged(packed_))
    expected = [parse(folder, f"{kind}.gz", packed_, reader), REFUSED, *([[]] if not written else [])]
    assert parse(folder, f"{kind}.gz", written, reader) in expected


@pytest.mark.parametrize("kind", ["chain", "vcf", "snps", "lock"])
def test_every_cut_within_a_line_that_counts_is_noticed(folder: Path, kind: str) -> None:
    """A chain file is whole only where a chain is; a row that misses columns is no row."""
    whole, reader, whole_at = {
        "chain": (CHAIN, read_chain_blocks, WHOLE_CHAINS),
        "vcf": (VCF, read_vcf_rows, None),
        "snps": (TABLE, read_effects, None),
        "lock": (LOCK, lambda path: Lockfile(path).rows(), None),
    }[kind]
    rows_end = {at + 1 for at, byte in enumerate(whole) if byte == ord("\n")} | {0}
    for cut in range(len(whole)):
        found = parse(folder, kind, whole[:cut], reader)
        line = whole[max(end for end in rows_end if end <= cut) : cut]
        if whole_at is not None:
            assert (found == REFUSED) == (cut not in whole_at), cut
        elif line and line.count(b"\t") < {"vcf": 4, "snps": 4, "lock": 4}[kind] and not line.startswith(b"#"):
            assert found == REFUSED, (cut, found)


@fuzz
@given(data=damaged(TABLE))
def test_a_damaged_table_of_variants_holds_numbers_or_is_refused(folder: Path, data: bytes) -> None:
    parse(folder, "snps.tsv", data, read_effects)


@fuzz
@pytest.mark.parametrize("name", TOKENIZERS)
@given(data=st.data())
def test_a_damaged_tokenizer_gives_ids_within_its_size_or_is_refused(
    folder: Path, name: str, data: st.DataObject
) -> None:
    own = folder / name.partition(".")[0]
    own.mkdir(exist_ok=True)
    tokenizer = parse(own, name, data.draw(damaged(TOKENIZERS[name])), lambda path: FolderTokenizer.read(path.parent))
    if tokenizer is not REFUSED:
        codes = np.array([[0, 1, 2, 3, 4, 0, 0], [3, 3, 2, 1, 0, 0, 1]], np.uint8)
        ids, lengths = tokenizer.tokenize(codes)
        assert ids.shape == (2, lengths.max()) and ids.min() >= 0 and ids.max() < tokenizer.size


@fuzz
@given(data=damaged(LOCK))
def test_a_damaged_lock_file_gives_whole_rows_or_is_refused(folder: Path, data: bytes) -> None:
    rows = parse(folder, "lock.tsv", data, lambda path: Lockfile(path).rows())
    if rows != REFUSED:
        assert all(len(row.sha256) == 64 and row.bytes >= 0 for row in rows.values())


@fuzz
@given(data=st.data())
def test_a_damaged_2bit_file_is_read_within_its_bounds_or_refused(folder: Path, data: st.DataObject) -> None:
    write_twobit(folder / "whole.2bit", [packed(name, text) for name, text in SEQUENCES.items()])
    written = data.draw(damaged((folder / "whole.2bit").read_bytes()))

    def everything(path: Path) -> list[str]:
        genome = TwoBit(path)
        for name, size in genome.sizes.items():
            assert len(genome.text(name, 0, size)) == size and genome.codes(name).max(initial=0) <= 4
        return to_twobit(path, path.with_name("linked.2bit")) and list(genome.sizes)

    names = parse(folder, "g.2bit", written, everything)
    assert names == REFUSED or len(names) >= 0


@fuzz
@given(data=damaged(b"chr1\t27\t11\t10\t11\nchr2\t10\t53\t10\t11\nscaffold_3\t1\t82\t1\t2\n"))
@example(b"")
@example(b"chr1\t27\t11\t10\t11\n")
@example(b"chr1\t26\t11\t10\t11\nchr2\t10\t53\t10\t11\nscaffold_3\t1\t82\t1\t2\n")
def test_a_damaged_index_of_a_fasta_file_changes_nothing(folder: Path, data: bytes) -> None:
    (folder / "g.fa").write_bytes(FASTA)
    (folder / "g.fa.fai").write_bytes(data)
    for genome in (Genome(folder / "g.fa"),):
        assert {name: letters(genome, name) for name in genome.sizes} == {
            name: sequence.upper() for name, sequence in SEQUENCES.items()
        }


@fuzz
@given(data=st.data())
def test_a_damaged_index_of_chains_is_refused(folder: Path, data: st.DataObject) -> None:
    (folder / "c.chain").write_bytes(CHAIN)
    save_index(read_chains(folder / "c.chain"), folder / "whole.index")
    whole = (folder / "whole.index").read_bytes()
    written = data.draw(damaged(whole))
    index = parse(folder, "c.index", written, open_index)
    assert index == REFUSED or written == whole


def test_an_index_of_chains_cut_after_its_version(folder: Path) -> None:
    """Found by fuzzing: the checksum of a header of no bytes is 0."""
    from regssl.liftover.index import MAGIC, VERSION

    for length in range(len(MAGIC) + 17):
        whole = MAGIC + VERSION.to_bytes(4, "little") + bytes(12)
        assert parse(folder, "c.index", whole[:length], open_index) == REFUSED


@pytest.mark.parametrize("zipped", [False, True])
@settings(fuzz, max_examples=fuzz.max_examples // 3)  # each is read in a process of its own
@given(data=st.data())
def test_a_damaged_bigbed_file_gives_intervals_or_is_refused(folder: Path, zipped: bool, data: st.DataObject) -> None:
    whole = write_bigbed(folder / "whole.bigBed", PEAKS, zipped=zipped).read_bytes()
    found = parse(folder, "x.bigBed", data.draw(damaged(whole)), read_bigbed)
    assert found == REFUSED or (len(found) == len(PEAKS) and all(0 <= start < end for _, start, end, _ in found))


CODES = np.random.default_rng(1).integers(0, 4, (7, 20), dtype=np.uint8)


@fuzz
@given(data=st.data())
def test_a_damaged_packed_set_is_refused_or_has_its_shape_and_holds_codes(folder: Path, data: st.DataObject) -> None:
    np.save(folder / "whole.npy", CODES)
    pd.DataFrame({"label": np.arange(7) % 2}).to_parquet(folder / "set.parquet")
    written = data.draw(damaged((folder / "whole.npy").read_bytes()))
    found = parse(folder, "set.npy", written, lambda path: WindowDataset.load([path]).codes)
    assert isinstance(found, str) or (len(found) == 7 and found.max() <= 4)


def test_a_model_whose_card_or_weights_were_changed(folder: Path) -> None:
    """Found by fuzzing: such a file was as good as any."""
    save(build(METADATA["architecture"], METADATA["width"], METADATA["params"]), METADATA, folder / "whole.safetensors")
    whole = (folder / "whole.safetensors").read_bytes()
    for written in (whole.replace(b'\\"width\\": 20', b'\\"width\\": 21'), whole[:-1] + bytes([whole[-1] ^ 1])):
        assert written != whole
        assert parse(folder, "m.safetensors", written, load) == REFUSED


METADATA: dict[str, Any] = {
    "architecture": "deepbind",
    "params": {"filters": 2, "filter_width": 4, "hidden": 2},
    "width": 20,
}


@fuzz
@given(data=st.data())
def test_a_damaged_model_is_refused_or_unharmed(folder: Path, data: st.DataObject) -> None:
    torch.manual_seed(0)
    network = build(METADATA["architecture"], METADATA["width"], METADATA["params"])
    save(network, METADATA, folder / "whole.safetensors")
    written = data.draw(damaged((folder / "whole.safetensors").read_bytes()))
    found = parse(folder, "m.safetensors", written, lambda path: (read_card(path), load(path).state_dict()))
    if found != REFUSED:
        card, weights = found
        assert card.model_dump().items() >= METADATA.items()
        assert all(torch.equal(weights[name], tensor) for name, tensor in network.state_dict().items())

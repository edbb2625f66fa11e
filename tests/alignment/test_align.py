"""Two genomes to a chain file: simulated ones, whose true chains are known, and the real regions."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.chains import read_chain_blocks
from regssl.alignment.align import align_genomes, check_sizes
from regssl.alignment.settings import AlignmentSettings
from regssl.cli import main
from regssl.errors import ConfigError, DataError
from regssl.sequences.genome import Genome
from regssl.simulate import SimulationParameters, simulate

REGIONS = AlignmentSettings(pairs=["ENm001 ENm001.*", "ENm002 ENm002.*"])
SPECIES = [
    *("armadillo", "baboon", "chimp", "cow", "dog", "elephant", "galago", "hedgehog", "macaque", "marmoset"),
    *("monodelphis", "mouse", "platypus", "rabbit", "rat", "rfbat", "tenrec"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, SimulationParameters.small(seed=1))
    return folder


def homologs(path: Path) -> dict[str, np.ndarray]:
    """For each base of the human sequences the base of the other genome, as sequence and place in one number; or -1."""
    found: dict[str, np.ndarray] = {}
    for human, size, other, other_size, strand, start, query, length in read_chain_blocks(path):
        places = np.arange(query, query + length)
        places = other_size - 1 - places if strand == "-" else places
        bases = found.setdefault(human, np.full(size, -1))
        assert (bases[start : start + length] < 0).all(), "human bases are covered once"
        bases[start : start + length] = places + (int(re.sub(r"\D", "", other)) << 32)
    return found


@pytest.mark.parametrize(("species", "recall", "precision"), [("Chimp", 0.97, 0.99), ("Dog", 0.90, 0.94)])
def test_most_bases_are_aligned_with_their_true_homologs(
    world: Path, tmp_path: Path, species: str, recall: float, precision: float
) -> None:
    """Of the dog's, what is missed is short or inverted; what is wrong is where a gap lies, and copies of repeats."""
    genomes = [Genome(world / f"genomes/{name}.fa.gz") for name in ("simHuman", f"sim{species}")]
    counts = align_genomes(*genomes, tmp_path / "a.chain", AlignmentSettings())
    truth = homologs(world / f"chains/simHumanToSim{species}.over.chain.gz")
    found = homologs(tmp_path / "a.chain")
    true, made = (np.concatenate([of[name] for name in sorted(truth)]) for of in (truth, found))
    right = ((true == made) & (true >= 0)).sum()
    assert right / (true >= 0).sum() > recall and right / (made >= 0).sum() > precision
    assert counts.covered == (made >= 0).sum() and counts.aligned == len(made)


def test_a_chain_file_that_has_changed_since_is_not_indexed(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    genomes = [str(world / f"genomes/sim{name}.fa.gz") for name in ("Human", "Chimp")]
    out = tmp_path / "a.chain"
    assert main(["align", *genomes, str(out)]) == main(["index-chain", str(out), str(tmp_path / "a.index")]) == 0
    out.write_text(out.read_text().replace("chain 1", "chain 2", 1))
    assert main(["index-chain", str(out), str(tmp_path / "b.index")]) == 1
    assert f"{out}: not as it was written" in capsys.readouterr().err


def test_the_same_bytes_whatever_the_threads_names_and_format(world: Path, tmp_path: Path) -> None:
    genomes = [str(world / f"genomes/sim{name}.fa.gz") for name in ("Human", "Macaque")]
    assert main(["align", *genomes, str(tmp_path / "a.chain")]) == 0
    for genome in genomes:  # 2bit; and names that lastz would cut
        text = gzip.decompress(Path(genome).read_bytes()).decode()
        (tmp_path / Path(genome).stem).write_text(re.sub("(?m)^>", ">x/y.fa|", text))
        main(["step", "index-genome", str(tmp_path / Path(genome).stem), str(tmp_path / f"{Path(genome).stem}.2bit")])
    renamed = [str(tmp_path / f"{Path(genome).stem}.2bit") for genome in genomes]
    pairs = ["--pairs", "x/y.fa|* *"]
    assert main(["align", *renamed, str(tmp_path / "b.chain.gz"), "--threads", "3", *pairs]) == 0
    packed = (tmp_path / "b.chain.gz").read_bytes()
    assert packed[:10] == b"\x1f\x8b\x08\x00\0\0\0\0\x02\xff", "no time, no name"
    plain = (tmp_path / "a.chain").read_text()
    assert gzip.decompress(packed).decode().replace("x/y.fa|", "") == plain
    assert [int(line.split()[-1]) for line in plain.splitlines() if line.startswith("chain")] == list(
        range(1, plain.count("chain") + 1)
    )


def test_the_contigs_of_a_real_region_have_the_chains_of_the_witness(shared: Path, tmp_path: Path) -> None:
    """Those of tenrec in ENm002, which begin in the witness after those in ENm001."""
    folder = shared / "encode_regions"
    genomes = (Genome(folder / f"genomes/{name}.fa.gz") for name in ("human", "tenrec"))
    align_genomes(*genomes, tmp_path / "a.chain", AlignmentSettings(pairs=REGIONS.pairs[1:]))
    witness = gzip.decompress((folder / "chains/humanToTenrec.over.chain.gz").read_bytes()).decode()
    found, known = (
        re.sub(r"(?m)^(chain .*) \d+$", r"\1", text) for text in ((tmp_path / "a.chain").read_text(), witness)
    )
    assert found.count("chain") > 50 and found == known[known.index(found.splitlines()[0]) :]


@pytest.mark.parametrize("species", [pytest.param(name, marks=pytest.mark.slow) for name in SPECIES])
def test_the_real_regions_have_the_chains_of_the_witness(shared: Path, tmp_path: Path, species: str) -> None:
    folder = shared / "encode_regions"
    genomes = (Genome(folder / f"genomes/{name}.fa.gz") for name in ("human", species))
    align_genomes(*genomes, tmp_path / "a.chain", REGIONS, threads=2)
    witness = folder / f"chains/humanTo{species.capitalize()}.over.chain.gz"
    assert (tmp_path / "a.chain").read_bytes() == gzip.decompress(witness.read_bytes())


HUMAN = {"chr1": 60_000_000, "chr2": 30_000_000}
MOUSE = {"chrA": 40_000_000, "chrB": 1_000_000}


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (
            None,
            "hg38 and mm10: 131 million bases to align, more than align.max_megabases = 100 (take UCSC's chain file",
        ),
        (["chr1 *"], "101 million bases to align"),
        (["chr1 chrA", "chr3 chrB"], "align.pairs: no sequence of hg38 is called 'chr3' (it has chr1, chr2)"),
        (["chr1 chr1"], "align.pairs: hg38 and mm10 have no two sequences that are a pair (pairs: chr1 chr1; hg38 has"),
    ],
)
def test_genomes_that_are_too_large_or_in_no_pair(pairs: list[str] | None, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        check_sizes(HUMAN, MOUSE, ("hg38", "mm10"), AlignmentSettings(pairs=pairs))


def test_only_sequences_in_pairs_count() -> None:
    settings = AlignmentSettings(pairs=["chr1 chrB", "chr* chrB"])
    assert check_sizes(HUMAN, MOUSE, ("hg38", "mm10"), settings) == [(["chr1", "chr2"], ["chrB"])]


def test_genomes_that_do_not_align(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / f"{name}.fa").write_text(f">{name}\n{''.join(rng.choice(list('ACGT'), 2000))}\n")
    with pytest.raises(DataError, match=r"a\.fa and .*b\.fa: nothing aligns: no chain has a score of 5000 \(are they"):
        align_genomes(Genome(tmp_path / "a.fa"), Genome(tmp_path / "b.fa"), tmp_path / "o.chain", AlignmentSettings())
    (tmp_path / "low.fa").write_text((tmp_path / "a.fa").read_text().lower()[:-9])
    with pytest.raises(DataError, match=r"nothing aligns: 0\.0% of the bases of .*low\.fa are in upper case"):
        align_genomes(Genome(tmp_path / "a.fa"), Genome(tmp_path / "low.fa"), tmp_path / "o.chain", AlignmentSettings())
    with pytest.raises(ConfigError, match="0 threads"):
        align_genomes(
            Genome(tmp_path / "a.fa"), Genome(tmp_path / "b.fa"), tmp_path / "o.chain", AlignmentSettings(), 0
        )
    assert not (tmp_path / "o.chain").exists()


def test_a_pair_of_which_a_genome_has_nothing_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.fa").write_text(f">a\n{''.join(np.random.default_rng(0).choice(list('ACGT'), 2000))}\n")
    genome, settings = Genome(tmp_path / "a.fa"), AlignmentSettings(pairs=["a a", "a b.*"])
    assert align_genomes(genome, genome, tmp_path / "o.chain", settings).covered == 2000
    assert "a.fa is called 'b.*': nothing of that pair" in caplog.text

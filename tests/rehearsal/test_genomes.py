"""Made genomes and chains against a plain reader of both: the bases that chains align, strands, sites, numbers."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rehearsal.alignment import align
from rehearsal.human import all_sites, known_stretches
from rehearsal.mirror import Mirror
from rehearsal.relatives import Relative
from rehearsal.world import HG38, POSITIVES, World

from regssl.sequences.twobit import TwoBit

COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


def plain_chains(path: Path) -> Iterator[tuple[list[str], list[list[int]]]]:
    """Header and block lines of each chain, as UCSC's page describes them."""
    for chunk in gzip.decompress(path.read_bytes()).decode().split("\n\n"):
        if chunk:
            head, *lines = chunk.strip().split("\n")
            yield head.split(), [[int(cell) for cell in line.split()] for line in lines]


def genome_of(mirror: Mirror, name: str) -> TwoBit:
    return TwoBit(mirror.path(mirror.genomes[name].sequence))


def texts(genome: TwoBit) -> dict[str, str]:
    return {name: genome.text(name, 0, size).upper() for name, size in genome.sizes.items()}


@pytest.mark.parametrize("genome", ["panTro6", "mm10"])
def test_chains_align_bases_that_differ_as_often_as_the_table_says(mirror: Mirror, genome: str) -> None:
    human, other = texts(genome_of(mirror, "hg38")), texts(genome_of(mirror, genome))
    covered = {chrom: np.zeros(len(text), bool) for chrom, text in human.items()}
    scores, ids, strands, same, total = [], [], set(), 0, 0
    for head, lines in plain_chains(mirror.path(mirror.genomes[genome].chain)):
        _, score, chrom, size, _, start, end, query, query_size, strand, query_start, query_end, number = head
        assert len(human[chrom]) == int(size) and len(other[query]) == int(query_size)
        at, place = int(start), int(query_start)
        for line in lines:
            length = line[0]
            low = place if strand == "+" else int(query_size) - place - length
            bases = other[query][low : low + length]
            bases = bases if strand == "+" else bases.translate(COMPLEMENT)[::-1]
            same += sum(a == b for a, b in zip(human[chrom][at : at + length], bases, strict=True))
            total += length
            assert not covered[chrom][at : at + length].any(), "a human base is aligned once"
            covered[chrom][at : at + length] = True
            at, place = at + sum(line[:2]), place + length + sum(line[2:])
        assert (at, place) == (int(end), int(query_end))
        scores.append(int(score))
        ids.append(number)
        strands.add(strand)
    expected = 0.75 * (1 - np.exp(-4 / 3 * mirror.world.distances[genome]))
    assert 1 - same / total == pytest.approx(expected, abs=0.01)
    assert scores == sorted(scores, reverse=True) and len(set(ids)) == len(ids) and strands == {"+", "-"}
    assert all("N" not in {human[chrom][i] for i in np.flatnonzero(covered[chrom])} for chrom in human)


def test_far_genomes_have_the_chains_and_blocks_of_ucsc(mirror: Mirror) -> None:
    part, none = 3_000_000, np.empty((0, 2), np.int64)
    mouse, chimpanzee = (align(0, part, mirror.world.distances[name], none, np.random.default_rng(0))
                         for name in ("mm10", "panTro6"))  # fmt: skip
    whole = sum(HG38.values()) / part
    assert 2e6 < len(mouse.spans) * whole < 3e6 and 55e6 < len(mouse.blocks.size) * whole < 75e6
    assert len(chimpanzee.blocks.size) < len(mouse.blocks.size) / 10
    assert mouse.blocks.size.sum() / part == pytest.approx(0.54, abs=0.05)
    assert chimpanzee.blocks.size.sum() / part == pytest.approx(0.99, abs=0.02)


def test_human_sites_hold_motifs_and_lie_among_known_bases(mirror: Mirror) -> None:
    human, world = genome_of(mirror, "hg38"), mirror.world
    for number, dataset in enumerate(POSITIVES):
        motif = world.motifs[dataset]
        scores = []
        for chrom, sites in all_sites(world).items():
            chosen = sites.of(number)
            windows = human.windows(chrom, sites.start[chosen], motif.width, sites.minus[chosen])
            scores += motif.score(windows).tolist()
            inside = known_stretches(world, chrom)
            for start in sites.start[chosen]:
                assert ((inside[:, 0] <= start) & (start + motif.width <= inside[:, 1])).any()
        assert min(scores) >= motif.quantile(0.1) - 1e-9
        assert len(scores) == pytest.approx(world.positives(dataset) / 1.3, rel=0.02)


def test_kept_sites_keep_their_motif_and_lost_ones_lose_it(mirror: Mirror, tmp_path: Path) -> None:
    world = mirror.world
    relative = Relative(world, "mm10", mirror.path(mirror.genomes["hg38"].sequence))
    relative.write(tmp_path / "mm10.2bit", tmp_path / "mm10.chain.gz")
    genome, motif = TwoBit(tmp_path / "mm10.2bit"), world.motifs["ctcf"]
    number = list(POSITIVES).index("ctcf")
    scores = [
        float(motif.max_score(genome.windows(chrom, np.array([start]), motif.width))[0])
        for chrom, (starts, datasets) in relative.bound.items()
        for start in starts[datasets == number].tolist()
    ]
    assert np.mean(np.array(scores) >= motif.quantile(0.1) - 1e-9) > 0.99, "own sites may lie on one another"
    expected = world.positives("ctcf") / 1.3
    assert 0.7 < len(scores) / expected < 1.2, "about as many as in human: lost ones are made up for"
    assert (tmp_path / "mm10.2bit").read_bytes() == mirror.path(mirror.genomes["mm10"].sequence).read_bytes()


def test_another_seed_is_another_world() -> None:
    one, other = (all_sites(World(1, 3, seed))["chr1"].start for seed in (0, 1))
    assert one.tolist() != other.tolist() and one.tolist() == all_sites(World(1, 3, 0))["chr1"].start.tolist()

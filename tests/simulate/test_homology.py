"""True homology and chains."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.simulate import SimulationParameters
from regssl.simulate.evolution import EvolutionHistory
from regssl.simulate.homology import homologous_blocks, homologous_positions

RELATIVES = SimulationParameters().other_species


@dataclass
class Chain:
    """A chain as in the file, with query blocks on the forward strand."""

    header: list[str]
    blocks: list[tuple[int, int, int]] = field(default_factory=list)  # human start, relative start, size

    @property
    def minus(self) -> bool:
        return self.header[9] == "-"


def read_chains(path: Path) -> list[Chain]:
    chains = []
    with gzip.open(path, "rt") as file:
        for line in file:
            words = line.split()
            if line.startswith("chain"):
                chains.append(Chain(words))
                place, query = int(words[5]), int(words[10])
            elif words:
                size, chain = int(words[0]), chains[-1]
                query_size = int(chain.header[8])
                forward = query_size - query - size if chain.minus else query
                chain.blocks.append((place, forward, size))
                gap, query_gap = (int(words[1]), int(words[2])) if len(words) == 3 else (0, 0)
                place, query = place + size + gap, query + size + query_gap
                if len(words) == 1:
                    assert (place, query) == (int(chain.header[6]), int(chain.header[11])), chain.header
    return chains


@pytest.fixture(scope="module")
def chains(folder: Path) -> dict[str, list[Chain]]:
    return {name: read_chains(folder / "chains" / f"simHumanToS{name[1:]}.over.chain.gz") for name in RELATIVES}


def test_every_chained_pair_of_bases_is_in_the_homology_table_and_hardly_any_is_missing(chains, homology):
    for name in RELATIVES:
        true: dict[tuple[str, int], set[tuple[str, int, str]]] = {}
        for chrom, start, end, other, first, last, strand in homology[name].itertuples(index=False):
            for i in range(end - start):
                partner = (other, first + i if strand == "+" else last - 1 - i, strand)
                true.setdefault((chrom, start + i), set()).add(partner)
        chained: Counter[tuple[str, int]] = Counter()
        for chain in chains[name]:
            for place, forward, size in chain.blocks:
                for i in range(size):
                    ours = (chain.header[2], place + i)
                    theirs = forward + size - 1 - i if chain.minus else forward + i
                    assert (chain.header[7], theirs, chain.header[9]) in true[ours]
                    chained[ours] += 1
        assert max(chained.values()) == 1, "a human base is in two chains"
        assert len(chained) > 0.98 * len(true)


def test_homologous_bases_descend_from_one_base_of_the_common_ancestor(history: EvolutionHistory):
    """Follows the copies of single bases by hand."""
    human, parents = history.genomes["simHuman"], history.parents.tolist()
    for name in ("simChimp", "simDog", "simOpossum"):
        relative = history.genomes[name]
        common = set(history.ancestors[history.parameters.root.last_common_ancestor("simHuman", name)].tolist())

        def ancestral(number: int, common: set[int] = common) -> int:
            while number not in common and number >= 0:
                number = parents[number]
            return number

        ours = [ancestral(number) for number in human.bases["origin"].tolist()]
        theirs: dict[int, set[int]] = {}
        for place, number in enumerate(relative.bases["origin"].tolist()):
            theirs.setdefault(ancestral(number), set()).add(place)
        layers = homologous_positions(human, relative, history)
        for place, number in enumerate(ours):
            found = {int(layer[place]) for layer in layers} - {-1}
            assert found == (theirs.get(number, set()) if number >= 0 else set())


def test_blocks_are_maximal(history: EvolutionHistory):
    human, relative = history.genomes["simHuman"], history.genomes["simOpossum"]
    blocks = homologous_blocks(human, relative, homologous_positions(human, relative, history))
    ends = set()
    for b in blocks.itertuples():
        ends.add(
            (b.contig, b.start + b.size, b.relative_contig, b.minus, b.relative_start + (0 if b.minus else b.size))
        )
    for b in blocks.itertuples():
        begin = (b.contig, b.start, b.relative_contig, b.minus, b.relative_start + (b.size if b.minus else 0))
        assert begin not in ends


def test_aligned_letters_are_as_alike_as_the_species(chains, sequences):
    complement = str.maketrans("ACGT", "TGCA")
    root = SimulationParameters.small().root
    for name in RELATIVES:
        same = total = 0
        for chain in chains[name]:
            human, relative = sequences["simHuman"][chain.header[2]], sequences[name][chain.header[7]]
            for place, forward, size in chain.blocks:
                theirs = relative[forward : forward + size].upper()
                theirs = theirs[::-1].translate(complement) if chain.minus else theirs
                same += sum(a == b for a, b in zip(human[place : place + size].upper(), theirs, strict=True))
                total += size
        neutral = 1 - 0.75 * (1 - np.exp(-4 / 3 * root.distance("simHuman", name)))
        assert neutral - 0.02 < same / total < neutral + 0.12, name


def test_headers_name_the_genomes_and_stay_inside(chains, sequences):
    for name in RELATIVES:
        scores = [int(chain.header[1]) for chain in chains[name]]
        assert scores == sorted(scores, reverse=True)
        assert [chain.header[12] for chain in chains[name]] == [str(i + 1) for i in range(len(chains[name]))]
        for chain in chains[name]:
            _, score, ours, size, strand, start, end, theirs, query_size, _, query_start, query_end, _ = chain.header
            assert int(score) > 0
            assert strand == "+"
            assert int(size) == len(sequences["simHuman"][ours])
            assert int(query_size) == len(sequences[name][theirs])
            assert 0 <= int(start) < int(end) <= int(size)
            assert 0 <= int(query_start) < int(query_end) <= int(query_size)
            assert all(block_size > 0 for _, _, block_size in chain.blocks)


def test_inversions_make_minus_strand_chains_and_bins_in_two_chains(chains):
    assert sum(chain.minus for name in RELATIVES for chain in chains[name]) >= 20
    bins_in_two = 0
    for name in RELATIVES:
        covered: Counter[tuple[str, int, int]] = Counter()
        for number, chain in enumerate(chains[name]):
            for place, _, size in chain.blocks:
                for base in range(place, place + size):
                    covered[chain.header[2], base // 200, number] += 1
        enough = Counter((chrom, index) for (chrom, index, _), bases in covered.items() if bases >= 20)
        bins_in_two += sum(count > 1 for count in enough.values())
    assert bins_in_two >= 20


def test_duplicated_stretches_have_two_homologs(homology: dict[str, pd.DataFrame]):
    twice = 0
    for table in homology.values():
        for _, blocks in table.groupby("chrom"):
            depth = np.zeros(blocks.end.max() + 1, int)
            np.add.at(depth, blocks.start, 1)
            np.add.at(depth, blocks.end, -1)
            twice += (depth.cumsum() > 1).sum()
    assert twice > 500

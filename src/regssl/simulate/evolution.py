"""Explicit evolution along a tree: what happens to every base of a genome on every branch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regssl.simulate.genomes import Genome, Ledger, copied, may_break, new_bases, random_codes, reversed_strand
from regssl.simulate.parameters import World, random_stream
from regssl.simulate.sites import Sites, insert_decoys
from regssl.simulate.tree import Node

Contigs = list[np.ndarray]

ANCESTRAL_REPEATS = 0.4
"""Branch length whose repeats the common ancestor starts with."""


@dataclass(frozen=True, eq=False)
class History:
    """What evolution left behind.

    Attributes:
        world: its parameters.
        genomes: genomes of today by name.
        ancestors: for each ancestor the numbers of the bases it had, int32.
        sites: every functional site ever born.
        parents: for every base number the base it was copied from, or -1: int32.
    """

    world: World
    genomes: dict[str, Genome]
    ancestors: dict[str, np.ndarray]
    sites: Sites
    parents: np.ndarray


def evolve(world: World) -> History:
    """Let a common ancestor evolve into the genomes of today."""
    ledger, sites = Ledger(), Sites(world)
    genomes: dict[str, Genome] = {}
    ancestors: dict[str, np.ndarray] = {}

    def descend(node: Node, contigs: Contigs) -> None:
        if not node.children:
            genomes[node.name] = _genome_of_today(node.name, contigs, world, ledger)
            return
        ancestors[node.name] = np.concatenate([contig["origin"] for contig in contigs])
        for child in node.children:
            descend(child, evolve_branch(contigs, child, sites, ledger))

    root = world.root
    rng = random_stream(world, root.name)
    contigs = [
        _ancestral_chromosome(int(n), world, ledger, rng)
        for n in np.linspace(*world.chromosome_lengths, world.chromosomes)
    ]
    for dataset, count in enumerate(world.sites):
        sites.give_birth(contigs, dataset, count, root.name, rng)
    descend(root, contigs)
    return History(world, genomes, ancestors, sites, ledger.parents)


def evolve_branch(contigs: Contigs, node: Node, sites: Sites, ledger: Ledger) -> Contigs:
    """The genome at the end of the branch that leads to `node`; `contigs`, at its start, stay as they are.

    Each branch has a random stream of its own, known by the node's name. Events come kind by kind: turnover of sites,
    substitutions, deletions, insertions, repeats, then rearrangements.
    """
    world, t, rng = sites.world, node.length, random_stream(sites.world, node.name)
    contigs = [contig.copy() for contig in contigs]
    sites.die(contigs, 1 - np.exp(-world.turnover * t), rng)
    for dataset, count in enumerate(world.sites):
        sites.give_birth(contigs, dataset, int(rng.poisson(world.turnover * t * count)), node.name, rng)
    for i, contig in enumerate(contigs):
        substitute(contig, t, sites, rng)
        contig = delete(contig, t, world, rng)
        contig = insert(contig, t, world, ledger, rng)
        contigs[i] = insert_repeats(contig, t, node.name, world, ledger, rng)
    return rearrange(contigs, t, world, ledger, rng)


def substitution_probabilities(gc: float, kappa: float, t: float) -> np.ndarray:
    """HKY85 (Hasegawa, Kishino, Yano 1985): probability that base i is base j after `t` substitutions per site, [4, 4].

    A and T are equally frequent, so are C and G; `kappa` is the rate of transitions (A↔G, C↔T) over transversions.
    Purines then make up one half of the bases, which shortens the closed form.
    """
    frequencies = np.array([1 - gc, gc, gc, 1 - gc]) / 2
    rate = 1 / (0.5 + kappa * gc * (1 - gc))
    any_change, within_class = np.exp(-rate * t), np.exp(-rate * t * (kappa + 1) / 2)
    codes = np.arange(4)
    same_class = codes[:, None] % 2 == codes % 2
    probabilities = np.where(
        same_class, frequencies * (1 + any_change - 2 * within_class), frequencies * (1 - any_change)
    )
    return probabilities + within_class * np.eye(4)


def substitute(bases: np.ndarray, t: float, sites: Sites, rng: np.random.Generator) -> None:
    """Substitutions on a branch of length `t` (in place): neutral, weakly selected in elements, strongly in sites."""
    world = sites.world
    probabilities = np.stack([substitution_probabilities(gc, world.kappa, t) for gc in world.gc_levels])
    stays = probabilities[:, range(4), range(4)]
    others = probabilities * (1 - np.eye(4))
    cumulative = (others / np.maximum(others.sum(axis=2, keepdims=True), 1e-300)).cumsum(axis=2)[:, :, :3]

    places = np.flatnonzero(rng.random(len(bases)) >= stays[bases["composition"], bases["code"]])
    in_site = bases["site"][places] >= 0
    in_element = (bases["composition"][places] == world.element) & ~in_site
    places = places[~in_element | (rng.random(len(places)) >= world.element_constraint)]
    draws = rng.random((len(places), 1))
    codes = (draws >= cumulative[bases["composition"][places], bases["code"][places]]).sum(axis=1).astype(np.uint8)
    in_site = bases["site"][places] >= 0
    bases["code"][places[~in_site]] = codes[~in_site]
    sites.accept(bases, places[in_site], codes[in_site], rng)


def delete(bases: np.ndarray, t: float, world: World, rng: np.random.Generator) -> np.ndarray:
    """Short deletions and losses of longer stretches: none touches a functional site, few an element."""
    short = rng.poisson(world.deletion_rate * t * len(bases))
    long = rng.poisson(world.loss_rate * t * len(bases) / 1e6)
    lengths = np.concatenate([_indel_lengths(short, world, rng), _log_uniform(long, world.loss_length, rng)])
    starts = rng.integers(0, len(bases), len(lengths))
    ends = np.minimum(starts + lengths, len(bases))
    in_sites = np.concatenate([[0], np.cumsum(bases["site"] >= 0)])
    in_elements = np.concatenate([[0], np.cumsum(bases["composition"] == world.element)])
    spared = rng.random(len(starts)) < world.element_constraint
    removed = (in_sites[ends] == in_sites[starts]) & ~(spared & (in_elements[ends] > in_elements[starts]))
    depth = np.zeros(len(bases) + 1, np.int32)
    np.add.at(depth, starts[removed], 1)
    np.add.at(depth, ends[removed], -1)
    return bases[np.cumsum(depth[:-1]) == 0]


def insert(bases: np.ndarray, t: float, world: World, ledger: Ledger, rng: np.random.Generator) -> np.ndarray:
    """Short insertions of random sequence with the composition of their place: none into a functional site."""
    places = rng.integers(0, len(bases), rng.poisson(world.insertion_rate * t * len(bases)))
    spared = (bases["composition"][places] == world.element) & (rng.random(len(places)) < world.element_constraint)
    places = places[may_break(bases)[places] & ~spared]
    where = np.repeat(places, _indel_lengths(len(places), world, rng))
    composition = bases["composition"][where]
    return np.insert(bases, where, new_bases(random_codes(composition, world.gc_levels, rng), composition, ledger))


def insert_repeats(
    bases: np.ndarray, t: float, lineage: str, world: World, ledger: Ledger, rng: np.random.Generator
) -> np.ndarray:
    """Copies of the lineage's own repeat family, either strand, soft-masked: outside elements."""
    shortest, longest = world.repeat_length
    family_stream = random_stream(world, f"repeat family of {lineage}")
    family = random_codes(np.zeros(family_stream.integers(shortest, longest + 1), np.uint8), (0.5,), family_stream)
    allowed = np.flatnonzero(may_break(bases)[:-1] & (bases["composition"] != world.element))
    count = rng.poisson(world.repeat_share * t * len(bases) / len(family)) if len(allowed) else 0
    places, copies = rng.choice(allowed, count) if count else np.empty(0, int), np.tile(family, (count, 1))
    changed = rng.random(copies.shape) < world.repeat_divergence
    copies = np.where(changed, (copies + rng.integers(1, 4, copies.shape)) % 4, copies)
    turned = rng.random(count) < 0.5
    copies[turned] = 3 - copies[turned, ::-1]
    where = np.repeat(places, len(family))
    return np.insert(bases, where, new_bases(copies.ravel(), bases["composition"][where], ledger, masked=True))


def rearrange(contigs: Contigs, t: float, world: World, ledger: Ledger, rng: np.random.Generator) -> Contigs:
    """Inversions, duplications (copies land anywhere, either strand) and exchanges of chromosome arms."""
    megabases = sum(map(len, contigs)) / 1e6
    for _ in range(rng.poisson(world.inversion_rate * t * megabases)):
        where, start, end = _segment(contigs, world.inversion_length, rng)
        contigs[where][start:end] = reversed_strand(contigs[where][start:end])
    for _ in range(rng.poisson(world.duplication_rate * t * megabases)):
        where, start, end = _segment(contigs, world.duplication_length, rng)
        copy = copied(contigs[where][start:end], ledger)
        target, place, _ = _segment(contigs, (1, 1), rng)
        copy = reversed_strand(copy) if rng.random() < 0.5 else copy
        contigs[target] = np.concatenate([contigs[target][:place], copy, contigs[target][place:]])
    for _ in range(rng.poisson(world.translocation_rate * t) if len(contigs) > 1 else 0):
        a, b = rng.choice(len(contigs), 2, replace=False)
        cut_a, cut_b = (_break_point(contigs[i], int(rng.uniform(0.2, 0.8) * len(contigs[i]))) for i in (a, b))
        (head_a, tail_a), (head_b, tail_b) = np.split(contigs[a], [cut_a]), np.split(contigs[b], [cut_b])
        contigs[a], contigs[b] = np.concatenate([head_a, tail_b]), np.concatenate([head_b, tail_a])
    return contigs


def _ancestral_chromosome(length: int, world: World, ledger: Ledger, rng: np.random.Generator) -> np.ndarray:
    """Isochores, regulatory elements and old repeats; no site yet."""
    composition = np.empty(0, np.uint8)
    while len(composition) < length:
        level = rng.integers(len(world.isochore_gc), dtype=np.uint8)
        composition = np.append(composition, np.full(1 + int(rng.exponential(world.isochore_length)), level))
    composition = composition[:length]
    start = int(rng.exponential(world.element_spacing))
    while start < length:
        end = start + int(rng.integers(world.element_length[0], world.element_length[1] + 1))
        composition[start:end] = world.element
        start = end + 1 + int(rng.exponential(world.element_spacing))
    bases = new_bases(random_codes(composition, world.gc_levels, rng), composition, ledger)
    return insert_repeats(bases, ANCESTRAL_REPEATS, world.root.name, world, ledger, rng)


def _genome_of_today(name: str, contigs: Contigs, world: World, ledger: Ledger) -> Genome:
    """Add decoys and one run of N; name the contigs: the human's and the tree's first are chr1 …, others chrB1 …."""
    rng = random_stream(world, f"{name} today")
    share = np.array([len(contig) for contig in contigs]) / sum(map(len, contigs))
    counts = rng.multinomial(world.decoys, share)
    contigs = [insert_decoys(c, int(n), world, ledger, rng) for c, n in zip(contigs, counts, strict=True)]
    where, place, _ = _segment(contigs, (1, 1), rng)
    unknown = new_bases(np.full(world.n_run, 4, np.uint8), 0, ledger)
    contigs[where] = np.concatenate([contigs[where][:place], unknown, contigs[where][place:]])
    rank = world.root.leaves().index(name)
    letter = "" if name == world.human or rank < 2 else chr(ord("A") + rank - 1)
    names = tuple(f"chr{letter}{number}" for number in range(1, len(contigs) + 1))
    return Genome(name, names, np.array([len(contig) for contig in contigs]), np.concatenate(contigs))


def _segment(contigs: Contigs, lengths: tuple[int, int], rng: np.random.Generator) -> tuple[int, int, int]:
    """A random segment (contig index, start, end) of log-uniform length whose ends break no functional site."""
    sizes = np.array([len(contig) for contig in contigs])
    where = int(rng.choice(len(contigs), p=sizes / sizes.sum()))
    length = int(_log_uniform(1, lengths, rng)[0])
    start = int(rng.integers(0, max(1, sizes[where] - length)))
    start, end = (_break_point(contigs[where], place) for place in (start, start + length))
    return where, start, end


def _break_point(bases: np.ndarray, place: int) -> int:
    """The first place from `place` on where the chain may be cut."""
    place = min(place, len(bases))
    allowed = may_break(bases[max(0, place - 1) : place + 100])
    return place + int(allowed[min(place, 1) :].argmax())


def _indel_lengths(n: int, world: World, rng: np.random.Generator) -> np.ndarray:
    """Lengths drawn from a power law that is cut off: int64 [n]."""
    lengths = np.arange(1, world.indel_longest + 1)
    weights = lengths**-world.indel_exponent
    return rng.choice(lengths, n, p=weights / weights.sum())


def _log_uniform(n: int, bounds: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Lengths whose logarithm is uniform between those of the bounds: int64 [n]."""
    return np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]), n)).astype(np.int64)

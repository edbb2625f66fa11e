"""Explicit evolution of whole genomes along a tree, base by base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regssl.progress import Progress
from regssl.simulate.genomes import (
    BaseIds,
    SimulatedGenome,
    can_break_at,
    create_bases,
    duplicate_segment,
    random_codes,
    reverse_segment,
)
from regssl.simulate.parameters import SimulationParameters, random_stream
from regssl.simulate.sites import Sites, insert_decoy_motifs
from regssl.simulate.tree import Node

Contigs = list[np.ndarray]

ANCESTRAL_REPEATS = 0.4
"""Repeats of the common ancestor, as the branch length that would add them."""


@dataclass(frozen=True, eq=False)
class EvolutionHistory:
    """Result of a simulated evolution.

    Attributes:
        parameters: parameters of the simulation.
        genomes: extant genomes by name.
        ancestors: for each ancestor the ids of its bases, int32.
        sites: all binding sites that ever arose.
        parents: for every base id that of the base it was copied from, or -1: int32.
    """

    parameters: SimulationParameters
    genomes: dict[str, SimulatedGenome]
    ancestors: dict[str, np.ndarray]
    sites: Sites
    parents: np.ndarray


def evolve(parameters: SimulationParameters) -> EvolutionHistory:
    """Simulate the evolution of the extant genomes from a common ancestor."""
    base_ids, sites = BaseIds(), Sites(parameters)
    genomes: dict[str, SimulatedGenome] = {}
    ancestors: dict[str, np.ndarray] = {}

    def descend(node: Node, contigs: Contigs) -> None:
        if not node.children:
            genomes[node.name] = _extant_genome(node.name, contigs, parameters, base_ids)
            progress.advance()
            return
        ancestors[node.name] = np.concatenate([contig["origin"] for contig in contigs])
        for child in node.children:
            descend(child, evolve_branch(contigs, child, sites, base_ids))

    root = parameters.root
    rng = random_stream(parameters, root.name)
    contigs = [
        _ancestral_chromosome(int(n), parameters, base_ids, rng)
        for n in np.linspace(*parameters.chromosome_lengths, parameters.chromosomes)
    ]
    for dataset, count in enumerate(parameters.sites):
        sites.gain(contigs, dataset, count, root.name, rng)
    with Progress("evolving genomes", len(root.leaves()), unit="genome") as progress:
        descend(root, contigs)
    return EvolutionHistory(parameters, genomes, ancestors, sites, base_ids.parents)


def evolve_branch(contigs: Contigs, node: Node, sites: Sites, base_ids: BaseIds) -> Contigs:
    """Return the genome at the end of the branch that leads to `node`; `contigs`, those at its start, are not changed.

    Each branch has a random stream of its own, named after the node. Events are applied by kind: turnover of sites,
    substitutions, deletions, insertions, repeats, rearrangements.
    """
    parameters, t, rng = sites.parameters, node.length, random_stream(sites.parameters, node.name)
    contigs = [contig.copy() for contig in contigs]
    sites.lose(contigs, 1 - np.exp(-parameters.site_turnover * t), rng)
    for dataset, count in enumerate(parameters.sites):
        sites.gain(contigs, dataset, int(rng.poisson(parameters.site_turnover * t * count)), node.name, rng)
    for i, contig in enumerate(contigs):
        substitute(contig, t, sites, rng)
        contig = delete(contig, t, parameters, rng)
        contig = insert(contig, t, parameters, base_ids, rng)
        contigs[i] = insert_repeats(contig, t, node.name, parameters, base_ids, rng)
    return rearrange(contigs, t, parameters, base_ids, rng)


def substitution_probabilities(gc: float, kappa: float, t: float) -> np.ndarray:
    """Return the substitution probabilities of the HKY85 model (Hasegawa, Kishino, Yano 1985).

    A and T are equally frequent, as are C and G, so half of the bases are purines, which shortens the closed form.

    Args:
        gc: GC content.
        kappa: rate of transitions (A↔G, C↔T) over transversions.
        t: branch length in substitutions per site.

    Returns:
        (4, 4): probability that base i becomes base j.
    """
    frequencies = np.array([1 - gc, gc, gc, 1 - gc]) / 2
    rate = 1 / (0.5 + kappa * gc * (1 - gc))
    any_change, within_class = np.exp(-rate * t), np.exp(-rate * t * (kappa + 1) / 2)
    codes = np.arange(4)
    same_class = codes[:, None] % 2 == codes % 2
    probabilities = np.where(
        same_class, frequencies * (1 + any_change - 2 * within_class), frequencies * (1 - any_change)
    )
    result: np.ndarray = probabilities + within_class * np.eye(4)
    return result


def substitute(bases: np.ndarray, t: float, sites: Sites, rng: np.random.Generator) -> None:
    """Apply the substitutions of a branch of length `t` (in place): neutral, or selected in elements and in sites."""
    parameters = sites.parameters
    probabilities = np.stack([substitution_probabilities(gc, parameters.kappa, t) for gc in parameters.gc_levels])
    unchanged = probabilities[:, range(4), range(4)]
    others = probabilities * (1 - np.eye(4))
    cumulative = (others / np.maximum(others.sum(axis=2, keepdims=True), 1e-300)).cumsum(axis=2)[:, :, :3]

    places = np.flatnonzero(rng.random(len(bases)) >= unchanged[bases["composition"], bases["code"]])
    in_site = bases["site"][places] >= 0
    in_element = (bases["composition"][places] == parameters.element) & ~in_site
    places = places[~in_element | (rng.random(len(places)) >= parameters.element_constraint)]
    draws = rng.random((len(places), 1))
    codes = (draws >= cumulative[bases["composition"][places], bases["code"][places]]).sum(axis=1).astype(np.uint8)
    in_site = bases["site"][places] >= 0
    bases["code"][places[~in_site]] = codes[~in_site]
    sites.select(bases, places[in_site], codes[in_site], rng)


def delete(bases: np.ndarray, t: float, parameters: SimulationParameters, rng: np.random.Generator) -> np.ndarray:
    """Apply short and long deletions: none overlaps a functional site, few an element."""
    short = rng.poisson(parameters.deletion_rate * t * len(bases))
    long = rng.poisson(parameters.long_deletion_rate * t * len(bases) / 1e6)
    lengths = np.concatenate(
        [_indel_lengths(short, parameters, rng), _log_uniform(long, parameters.long_deletion_length, rng)]
    )
    starts = rng.integers(0, len(bases), len(lengths))
    ends = np.minimum(starts + lengths, len(bases))
    in_sites = np.concatenate([[0], np.cumsum(bases["site"] >= 0)])
    in_elements = np.concatenate([[0], np.cumsum(bases["composition"] == parameters.element)])
    constrained = rng.random(len(starts)) < parameters.element_constraint
    removed = (in_sites[ends] == in_sites[starts]) & ~(constrained & (in_elements[ends] > in_elements[starts]))
    depth = np.zeros(len(bases) + 1, np.int32)
    np.add.at(depth, starts[removed], 1)
    np.add.at(depth, ends[removed], -1)
    kept: np.ndarray = bases[np.cumsum(depth[:-1]) == 0]
    return kept


def insert(
    bases: np.ndarray, t: float, parameters: SimulationParameters, base_ids: BaseIds, rng: np.random.Generator
) -> np.ndarray:
    """Apply short insertions of random sequence with the local composition: none is in a functional site."""
    places = rng.integers(0, len(bases), rng.poisson(parameters.insertion_rate * t * len(bases)))
    spared = (bases["composition"][places] == parameters.element) & (
        rng.random(len(places)) < parameters.element_constraint
    )
    places = places[can_break_at(bases)[places] & ~spared]
    where = np.repeat(places, _indel_lengths(len(places), parameters, rng))
    composition = bases["composition"][where]
    return np.insert(
        bases, where, create_bases(random_codes(composition, parameters.gc_levels, rng), composition, base_ids)
    )


def insert_repeats(
    bases: np.ndarray,
    t: float,
    lineage: str,
    parameters: SimulationParameters,
    base_ids: BaseIds,
    rng: np.random.Generator,
) -> np.ndarray:
    """Insert soft-masked copies of the lineage's own repeat family, on either strand, outside elements."""
    shortest, longest = parameters.repeat_length
    family_stream = random_stream(parameters, f"repeat family of {lineage}")
    family = random_codes(np.zeros(family_stream.integers(shortest, longest + 1), np.uint8), (0.5,), family_stream)
    allowed = np.flatnonzero(can_break_at(bases)[:-1] & (bases["composition"] != parameters.element))
    count = rng.poisson(parameters.repeat_fraction * t * len(bases) / len(family)) if len(allowed) else 0
    places, copies = rng.choice(allowed, count) if count else np.empty(0, int), np.tile(family, (count, 1))
    changed = rng.random(copies.shape) < parameters.repeat_divergence
    copies = np.where(changed, (copies + rng.integers(1, 4, copies.shape)) % 4, copies)
    reverse = rng.random(count) < 0.5
    copies[reverse] = 3 - copies[reverse, ::-1]
    where = np.repeat(places, len(family))
    return np.insert(bases, where, create_bases(copies.ravel(), bases["composition"][where], base_ids, masked=True))


def rearrange(
    contigs: Contigs, t: float, parameters: SimulationParameters, base_ids: BaseIds, rng: np.random.Generator
) -> Contigs:
    """Apply inversions, duplications (to anywhere, on either strand) and exchanges of chromosome arms."""
    megabases = sum(map(len, contigs)) / 1e6
    for _ in range(rng.poisson(parameters.inversion_rate * t * megabases)):
        where, start, end = _segment(contigs, parameters.inversion_length, rng)
        contigs[where][start:end] = reverse_segment(contigs[where][start:end])
    for _ in range(rng.poisson(parameters.duplication_rate * t * megabases)):
        where, start, end = _segment(contigs, parameters.duplication_length, rng)
        copy = duplicate_segment(contigs[where][start:end], base_ids)
        target, place, _ = _segment(contigs, (1, 1), rng)
        copy = reverse_segment(copy) if rng.random() < 0.5 else copy
        contigs[target] = np.concatenate([contigs[target][:place], copy, contigs[target][place:]])
    for _ in range(rng.poisson(parameters.translocation_rate * t) if len(contigs) > 1 else 0):
        a, b = rng.choice(len(contigs), 2, replace=False)
        cut_a, cut_b = (_break_point(contigs[i], int(rng.uniform(0.2, 0.8) * len(contigs[i]))) for i in (a, b))
        (head_a, tail_a), (head_b, tail_b) = np.split(contigs[a], [cut_a]), np.split(contigs[b], [cut_b])
        contigs[a], contigs[b] = np.concatenate([head_a, tail_b]), np.concatenate([head_b, tail_a])
    return contigs


def _ancestral_chromosome(
    length: int, parameters: SimulationParameters, base_ids: BaseIds, rng: np.random.Generator
) -> np.ndarray:
    """Make an ancestral chromosome of isochores, regulatory elements and old repeats, without sites."""
    composition = np.empty(0, np.uint8)
    while len(composition) < length:
        level = rng.integers(len(parameters.isochore_gc), dtype=np.uint8)
        composition = np.append(composition, np.full(1 + int(rng.exponential(parameters.isochore_length)), level))
    composition = composition[:length]
    start = int(rng.exponential(parameters.element_spacing))
    while start < length:
        end = start + int(rng.integers(parameters.element_length[0], parameters.element_length[1] + 1))
        composition[start:end] = parameters.element
        start = end + 1 + int(rng.exponential(parameters.element_spacing))
    bases = create_bases(random_codes(composition, parameters.gc_levels, rng), composition, base_ids)
    return insert_repeats(bases, ANCESTRAL_REPEATS, parameters.root.name, parameters, base_ids, rng)


def _extant_genome(name: str, contigs: Contigs, parameters: SimulationParameters, base_ids: BaseIds) -> SimulatedGenome:
    """Add decoys and one run of N, and name the contigs: chr1 … for human and the tree's first, others chrB1 …."""
    rng = random_stream(parameters, f"{name} today")
    fractions = np.array([len(contig) for contig in contigs]) / sum(map(len, contigs))
    counts = rng.multinomial(parameters.decoys, fractions)
    contigs = [insert_decoy_motifs(c, int(n), parameters, base_ids, rng) for c, n in zip(contigs, counts, strict=True)]
    where, place, _ = _segment(contigs, (1, 1), rng)
    unknown = create_bases(np.full(parameters.n_run, 4, np.uint8), 0, base_ids)
    contigs[where] = np.concatenate([contigs[where][:place], unknown, contigs[where][place:]])
    rank = parameters.root.leaves().index(name)
    letter = "" if name == parameters.human or rank < 2 else chr(ord("A") + rank - 1)
    names = tuple(f"chr{letter}{number}" for number in range(1, len(contigs) + 1))
    return SimulatedGenome(name, names, np.array([len(contig) for contig in contigs]), np.concatenate(contigs))


def _segment(contigs: Contigs, lengths: tuple[int, int], rng: np.random.Generator) -> tuple[int, int, int]:
    """Sample a segment (contig index, start, end) of log-uniform length whose ends are in no functional site."""
    sizes = np.array([len(contig) for contig in contigs])
    where = int(rng.choice(len(contigs), p=sizes / sizes.sum()))
    length = int(_log_uniform(1, lengths, rng)[0])
    start = int(rng.integers(0, max(1, sizes[where] - length)))
    start, end = (_break_point(contigs[where], place) for place in (start, start + length))
    return where, start, end


def _break_point(bases: np.ndarray, place: int) -> int:
    """Return the first position from `place` on at which the sequence can be broken."""
    place = min(place, len(bases))
    allowed = can_break_at(bases[max(0, place - 1) : place + 100])
    return place + int(allowed[min(place, 1) :].argmax())


def _indel_lengths(n: int, parameters: SimulationParameters, rng: np.random.Generator) -> np.ndarray:
    """Sample lengths from a truncated power law: int64 (n,)."""
    lengths = np.arange(1, parameters.indel_longest + 1)
    weights = lengths**-parameters.indel_exponent
    return rng.choice(lengths, n, p=weights / weights.sum())


def _log_uniform(n: int, bounds: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Sample lengths whose logarithm is uniform between those of the bounds: int64 (n,)."""
    return np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]), n)).astype(np.int64)

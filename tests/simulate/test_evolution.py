"""Evolution along a tree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from regssl.simulate import SimulationParameters
from regssl.simulate.evolution import EvolutionHistory, evolve, substitution_probabilities
from regssl.simulate.genomes import BASE, BaseIds, can_break_at, create_bases, reverse_segment
from regssl.simulate.homology import homologous_blocks, homologous_positions

NEUTRAL = replace(SimulationParameters.small(seed=3), element_constraint=0.0, sites=(0, 0, 0, 0), snps=0)


def jukes_cantor_identity(distance: float) -> float:
    return 1 - 0.75 * (1 - np.exp(-4 / 3 * distance))


def identity(history: EvolutionHistory, name: str) -> float:
    human, relative = history.genomes["simHuman"], history.genomes[name]
    blocks = homologous_blocks(human, relative, homologous_positions(human, relative, history))
    return blocks.matches.sum() / blocks["size"].sum()


@pytest.mark.parametrize(("gc", "kappa", "t"), [(0.5, 1.0, 0.3), (0.37, 2.5, 0.01), (0.56, 4.0, 1.5)])
def test_substitutions_follow_the_hky_rate_matrix(gc: float, kappa: float, t: float):
    frequencies = np.array([1 - gc, gc, gc, 1 - gc]) / 2
    rates = np.array([[frequencies[j] * (kappa if (i + j) % 2 == 0 else 1) for j in range(4)] for i in range(4)])
    np.fill_diagonal(rates, 0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    rates /= -(frequencies @ np.diag(rates))
    np.testing.assert_allclose(substitution_probabilities(gc, kappa, t), expm(rates * t), atol=1e-12)


def test_neutral_identity_falls_with_branch_length_as_in_jukes_and_cantor():
    history = evolve(NEUTRAL)
    for name in NEUTRAL.other_species:
        expected = jukes_cantor_identity(NEUTRAL.root.distance("simHuman", name))
        assert identity(history, name) == pytest.approx(expected, abs=0.03), name


def test_functional_sites_are_conserved_more_than_their_elements_and_these_more_than_the_rest(
    history: EvolutionHistory,
):
    human, mouse = history.genomes["simHuman"], history.genomes["simMouse"]
    homolog = homologous_positions(human, mouse, history)[0]
    ours = np.flatnonzero(homolog >= 0)
    theirs = homolog[ours]
    reverse = human.bases["minus"][ours] ^ mouse.bases["minus"][theirs]
    codes = mouse.bases["code"][theirs]
    same = human.bases["code"][ours] == np.where(reverse, 3 - codes, codes)
    in_site = (human.bases["site"][ours] >= 0) & (human.bases["site"][ours] == mouse.bases["site"][theirs])
    in_element = (human.bases["composition"][ours] == history.parameters.element) & (human.bases["site"][ours] < 0)
    rest = human.bases["composition"][ours] < history.parameters.element
    assert in_site.sum() > 300
    assert same[in_site].mean() > 0.85 > same[in_element].mean() > same[rest].mean() + 0.02


def test_functional_sites_stay_whole_and_strong(history: EvolutionHistory):
    for genome in history.genomes.values():
        for number, start, end, minus in history.sites.functional(genome.bases):
            codes = genome.bases["code"][start:end]
            assert (genome.bases["site"][start:end] == number).all()
            site, motif = history.sites.records[number], history.sites.motif(number)
            assert motif.score((3 - codes)[::-1] if minus else codes) >= site.min_score - 1e-9


def test_without_selection_sites_wear_off():
    history = evolve(replace(SimulationParameters.small(), selection=0.0, site_turnover=0.0))
    opossum = history.genomes["simOpossum"]
    scores = []
    for number, start, end, minus in history.sites.functional(opossum.bases):
        codes, motif = opossum.bases["code"][start:end], history.sites.motif(number)
        scores.append(motif.score((3 - codes)[::-1] if minus else codes) - history.sites.records[number].min_score)
    assert np.mean(np.array(scores) < 0) > 0.5


def test_turnover_leaves_the_expected_fraction_of_shared_sites():
    parameters = replace(SimulationParameters.small(), sites=(60, 60, 60, 60))
    history = evolve(parameters)
    alive = {name: {row[0] for row in history.sites.functional(g.bases)} for name, g in history.genomes.items()}
    for name in ("simChimp", "simMouse", "simOpossum"):
        shared = len(alive["simHuman"] & alive[name]) / len(alive["simHuman"])
        expected = np.exp(-parameters.site_turnover * (parameters.root.distance("simHuman", name)))
        assert shared == pytest.approx(expected, abs=0.12), name
    assert 180 < len(alive["simHuman"]) < 300


def test_no_turnover_no_deaths():
    history = evolve(replace(SimulationParameters.small(), site_turnover=0.0))
    alive = [{row[0] for row in history.sites.functional(genome.bases)} for genome in history.genomes.values()]
    assert all(numbers == set(range(len(history.sites.records))) for numbers in alive)


def test_every_base_has_its_own_number(history: EvolutionHistory):
    for genome in history.genomes.values():
        origins = genome.bases["origin"]
        assert len(np.unique(origins)) == len(origins)
        assert origins.max() < len(history.parents)


def test_composition_and_genome_size_stay_in_the_range_of_mammals(history: EvolutionHistory):
    for genome in history.genomes.values():
        codes = genome.bases["code"][genome.bases["code"] < 4]
        assert 0.38 < np.isin(codes, [1, 2]).mean() < 0.52
        assert 100_000 < len(codes) < 200_000
        assert 0.05 < genome.bases["masked"].mean() < 0.4


def test_genomes_differ_in_chromosome_structure(history: EvolutionHistory):
    human = history.genomes["simHuman"]
    split = 0
    for name in history.parameters.other_species:
        relative = history.genomes[name]
        blocks = homologous_blocks(human, relative, homologous_positions(human, relative, history))
        pairs = blocks.groupby(["contig", "relative_contig"])["size"].sum()
        split += len(pairs[pairs > 5_000]) > len(human.contigs)
    assert split >= 2
    assert len({genome.contigs for genome in history.genomes.values()}) >= 6


def test_reversing_a_segment_twice_changes_nothing():
    bases = create_bases(np.array([0, 1, 2, 3, 4], np.uint8), 0, BaseIds())
    reverse = reverse_segment(bases)
    assert reverse["code"].tolist() == [4, 0, 1, 2, 3]
    assert reverse["minus"].all()
    assert (reverse_segment(reverse) == bases).all()


def test_a_site_is_never_cut():
    bases = np.zeros(6, BASE)
    bases["site"] = [-1, 7, 7, 8, 8, -1]
    assert can_break_at(bases).tolist() == [True, True, False, True, False, True, True]

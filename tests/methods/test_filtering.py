"""The filter of homologs, against a slow, obvious version."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regssl.methods.filtering import genome_fractions, keep_homologs, label_probabilities
from regssl.methods.settings import Filtering

HOMOLOGS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30)


def test_both_limits_belong_to_what_is_kept() -> None:
    fraction = np.array([0.5, 0.49, 1.0, 1.0, np.nan])
    probability = np.array([0.5, 0.9, 0.49, 0.9, 0.9])
    assert keep_homologs(fraction, probability, Filtering()).tolist() == [True, False, False, True, False]
    off = Filtering(min_genome_fraction=0.0, min_label_probability=0.0)
    assert keep_homologs(fraction[:4], np.zeros(4), off).all()


@given(st.floats(0.001, 0.999), st.floats(0.01, 0.99), st.integers(0, 1))
def test_probabilities_at_equal_numbers_of_both_labels(p: float, prior: float, label: int) -> None:
    """By Bayes: divide by the prior of the training windows, and normalise."""
    positive = p / prior / (p / prior + (1 - p) / (1 - prior))
    found = label_probabilities([np.log(p / (1 - p))], [label], prior)
    assert found == pytest.approx([positive if label else 1 - positive], abs=1e-9)


def test_a_teacher_of_one_positive_in_21_agrees_with_much_less_than_a_half() -> None:
    logit = np.log(0.09 / 0.91)
    assert label_probabilities([logit, logit, -1000.0], [1, 0, 0], 1 / 21) == pytest.approx([0.664, 0.336, 1], abs=1e-3)


def test_a_teacher_that_could_not_be_trained_keeps_nothing() -> None:
    for positive_fraction in (0.0, 1.0):
        probability = label_probabilities([np.nan, np.nan], [1, 0], positive_fraction)
        assert not keep_homologs(np.ones(2), probability, Filtering()).any()


@given(HOMOLOGS)
def test_the_genomes_of_a_human_window_are_counted_once_each(homologs: list[tuple[int, int]]) -> None:
    sources, genomes = [source for source, _ in homologs], [genome for _, genome in homologs]
    expected = [len({genome for other, genome in homologs if other == source}) / 4 for source in sources]
    assert genome_fractions(sources, genomes, 4).tolist() == expected

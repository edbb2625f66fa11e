"""The filter of homologs, against a slow, obvious version."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from regssl.methods.filtering import genome_fractions, keep_homologs
from regssl.methods.settings import Filtering

HOMOLOGS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30)


def test_both_limits_belong_to_what_is_kept() -> None:
    fraction = np.array([0.5, 0.49, 1.0, 1.0, np.nan])
    probability = np.array([0.5, 0.9, 0.49, 0.9, 0.9])
    assert keep_homologs(fraction, probability, Filtering()).tolist() == [True, False, False, True, False]
    off = Filtering(min_genome_fraction=0.0, min_label_probability=0.0)
    assert keep_homologs(fraction[:4], np.zeros(4), off).all()


@given(HOMOLOGS)
def test_the_genomes_of_a_human_window_are_counted_once_each(homologs: list[tuple[int, int]]) -> None:
    sources, genomes = [source for source, _ in homologs], [genome for _, genome in homologs]
    expected = [len({genome for other, genome in homologs if other == source}) / 4 for source in sources]
    assert genome_fractions(sources, genomes, 4).tolist() == expected

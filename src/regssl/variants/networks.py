"""The networks that score variants: those that differ in their seed only are one model, with a mean and a spread."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import nn

from regssl.errors import DataError
from regssl.models.card import Card
from regssl.models.serialization import load, read_card

BOTH, FORWARD = "both", "+"
"""Strands over which logits are averaged, as the column `strand` tells them."""
_OF_SEED = {"seed", "metrics", "checksum"}


@dataclass(frozen=True)
class ScoringModel:
    """A model: one network, or several seeds of it.

    Attributes:
        name: of it, in the column `model`.
        paths: files of its networks.
        networks: byte codes to logits.
        width: of their windows, in bp.
        both_strands: whether logits are to be averaged over the two strands.
    """

    name: str
    paths: tuple[str, ...]
    networks: tuple[nn.Module, ...]
    width: int
    both_strands: bool

    @property
    def strand(self) -> str:
        """What the column `strand` tells: some networks, such as the best match of a motif, read both by themselves."""
        invariant = all(getattr(network, "strand_invariant", False) for network in self.networks)
        return BOTH if self.both_strands or invariant else FORWARD

    def describe(self) -> str:
        """Describe its networks in words: how many, and their files."""
        number = len(self.paths)
        return f"{number} network{'s' * (number > 1)} for {self.width} bp: {', '.join(self.paths)}"


class Spread(NamedTuple):
    """Scores of n variants over k seeds.

    Attributes:
        mean: float64 (n,).
        sd: standard deviation over seeds, with k − 1, float64 (n,); NaN for one seed.
        z: mean / sd, float64 (n,): by how many standard deviations of a seed the mean is not 0; NaN where sd is NaN or
            0.
    """

    mean: np.ndarray
    sd: np.ndarray
    z: np.ndarray


def measure_spread(scores: np.ndarray) -> Spread:
    """Measure mean and spread of scores, float (k, n)."""
    scores = np.asarray(scores, np.float64)
    mean = scores.mean(0)
    sd = scores.std(0, ddof=1) if len(scores) > 1 else np.full_like(mean, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Spread(mean, sd, np.where(sd > 0, mean / sd, np.nan))


def load_models(
    paths: Sequence[str | Path], names: Sequence[str] | None = None, architecture: str | None = None
) -> list[ScoringModel]:
    """Load networks, those of one name as one model.

    Args:
        paths: files of networks.
        names: one for each; without them, networks that differ only in their seed are one model, which has the name of
            their method.
        architecture: import path of a network of your own, as for `load`.

    Raises:
        DataError: a damaged file; not one name for each, or one that names no column; networks of one name with other
            windows or strands.
    """
    cards = [read_card(path) for path in paths]
    names = name_models(cards) if names is None else _check_names(names, len(cards))
    models = []
    for name in dict.fromkeys(names):
        own = [row for row, called in enumerate(names) if called == name]
        (width, both), *others = dict.fromkeys((cards[row].width, cards[row].reverse_complement) for row in own)
        if others:
            raise DataError(
                f"--names: networks called '{name}' are for windows of other widths or strands", "only seeds share one"
            )
        networks = tuple(load(paths[row], architecture) for row in own)
        models.append(ScoringModel(name, tuple(str(paths[row]) for row in own), networks, width, both))
    return models


def name_models(cards: Sequence[Card]) -> list[str]:
    """Name networks by what their files say: those that differ only in seed have one name.

    A name is the method, or without one the architecture, and a number where other networks have the same.
    """
    kinds = [
        (card.method or card.architecture, json.dumps({key: value for key, value in card if key not in _OF_SEED}))
        for card in cards
    ]
    seeds: dict[tuple[str, str], Counter[int]] = {kind: Counter() for kind in kinds}
    for kind, card in zip(kinds, cards, strict=True):
        seeds[kind][card.seed] += 1
    repeated = {kind for kind, own in seeds.items() if max(own.values()) > 1}  # no seeds of one run
    told = [(*kind, row if kind in repeated else -1) for row, kind in enumerate(kinds)]
    models = list(dict.fromkeys(told))
    same = Counter(name for name, *_ in models)
    number = Counter[str]()
    called = {}
    for model in models:
        number[model[0]] += 1
        called[model] = f"{model[0]}_{number[model[0]]}" if same[model[0]] > 1 else model[0]
    return [called[model] for model in told]


def _check_names(names: Sequence[str], n_models: int) -> list[str]:
    if len(names) != n_models:
        raise DataError(f"--names: {len(names)} given for {n_models} models", "give one for each, in order")
    for name in names:
        if not name or not name.isprintable() or '"' in name:
            raise DataError(f"--names: {name!r} names no model", "printable, without quotation marks")
    return list(names)

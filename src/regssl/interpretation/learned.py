"""What the filters of a trained network have learned: a table, and their motifs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import entropy

from regssl.data.dataset import WindowDataset
from regssl.errors import DataError
from regssl.interpretation.columns import COLUMNS
from regssl.interpretation.filters import best_hits, firing, first_layer, influence, site_counts
from regssl.interpretation.known import Match, best_match, cluster, own_matrices, q_values
from regssl.interpretation.settings import FilterSettings
from regssl.interpretation.tomtom import tomtom
from regssl.models.serialization import load, read_card
from regssl.sequences.encoding import decode
from regssl.sequences.motifs import Motif

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Learned:
    """What the filters of one network have learned.

    Attributes:
        table: COLUMNS; filters that fire in too few windows have no motif, and so neither information nor matches.
        motifs: of the others, named `filter<number>`, in their order.
        sites: number of windows of which each motif is made.
    """

    table: pd.DataFrame
    motifs: list[Motif]
    sites: list[int]


def explain_filters(
    model: str | Path,
    windows: str | Path,
    known: Sequence[Motif],
    own: str,
    settings: FilterSettings,
    architecture: str | None = None,
) -> Learned:
    """Make the motifs of a network's filters from held-out windows, and compare them with known ones.

    A model without weights, of a dataset that could not be trained, has none.

    A filter's motif is made of its best match in each window, on either strand, in which it fires: where its
    activation exceeds a share of its largest one. The frequencies of bases have pseudo-counts; bits of information
    are over a uniform background.

    Args:
        model: model file.
        windows: `X.npy`, with `X.parquet`; none that the network was trained on, which is logged where it is known.
        known: motifs to compare with.
        own: the factor's name, or id of one of its matrices, all of which are compared; empty: unknown.
        settings: thresholds and numbers.
        architecture: import path of a network of your own, as for `load`.

    Raises:
        DataError: a damaged file, windows of another width than the model's, or a network without filters of bases.
    """
    card = read_card(model)
    if card.failure:
        return Learned(pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS), [], [])
    network = load(model, architecture)
    layer = first_layer(network, str(model))
    loaded = WindowDataset.load([windows])
    if loaded.sha256() in card.data.values():
        _log.warning("%s: %s are windows that it was trained on or validated with, not held out", model, windows)
    codes, labels = _sample(loaded, settings.max_windows)
    if codes.shape[1] != card.width:
        raise DataError(f"{model}: made for {card.width} bp, but {windows} holds windows of {codes.shape[1]} bp")
    hits = best_hits(layer, codes)
    fires = firing(hits, settings.threshold)
    effect = influence(network, layer, codes, labels, fires)
    sites = fires.sum(0)
    active = np.flatnonzero(sites >= settings.min_windows).tolist()
    width = layer.weight.shape[2]
    motifs = [_motif(number, site_counts(codes, hits, fires, number, width), settings.pseudocount) for number in active]
    of_label = [fires[labels == label].sum(0) / max((labels == label).sum(), 1) for label in (1, 0)]
    table = pd.DataFrame(
        {
            "filter": np.arange(len(sites)),
            "windows": sites,
            "positive": of_label[0],
            "negative": of_label[1],
            "weight": effect.weight,
            "contribution": effect.contribution,
        }
    ).set_index("filter", drop=False)
    described = _describe(motifs, known, own, settings.cluster_p).set_index(pd.Index(active))
    table = table.join(described).reset_index(drop=True)
    missing = {name: {"str": "", "bool": False}[dtype] for name, dtype in COLUMNS.items() if dtype in ("str", "bool")}
    table = table[list(COLUMNS)].fillna(missing).astype(COLUMNS)
    return Learned(table, motifs, [int(sites[number]) for number in active])


def _sample(loaded: WindowDataset, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return windows and labels: all, or of a label with more so many at random, always the same ones."""
    codes, labels = loaded.codes.numpy(), loaded.labels.numpy().astype(np.int64)
    stream = np.random.default_rng(0)
    rows = [np.flatnonzero(labels == label) for label in (0, 1)]
    kept = np.sort(np.concatenate([of if len(of) <= most else stream.choice(of, most, replace=False) for of in rows]))
    return codes[kept], labels[kept]


def _motif(number: int, counts: np.ndarray, pseudocount: float) -> Motif:
    smoothed = counts + pseudocount / 4
    total = smoothed.sum(1, keepdims=True)
    frequencies = np.divide(smoothed, total, out=np.full(counts.shape, 0.25), where=total > 0)
    return Motif(f"filter{number}", f"filter{number}", frequencies)


def _describe(motifs: Sequence[Motif], known: Sequence[Motif], own: str, cluster_p: float) -> pd.DataFrame:
    """Describe motifs, one row each: information, consensus, cluster, best match, best match of the factor's own."""
    frequencies = [motif.frequencies for motif in motifs]
    matches = tomtom(frequencies, [motif.frequencies for motif in known])
    q = q_values(matches.p)
    kinds = {"best": range(len(known)), "own": own_matrices(own, known, f"'{own}'") if own else []}
    clusters = cluster(frequencies, cluster_p)
    rows = []
    for row, motif in enumerate(motifs):
        described = {
            "information": float((2 - entropy(motif.frequencies, base=2, axis=1)).sum()),
            "consensus": decode(motif.frequencies.argmax(1).astype(np.uint8)),
            "cluster": int(clusters[row]),
        }
        for kind, among in kinds.items():
            match = best_match(matches, q, row, known, among) if among else Match("", np.nan, np.nan, 0, False)
            described |= {f"{kind}_{name}": value for name, value in match._asdict().items()}
        rows.append(described)
    columns = [name for name in COLUMNS if name in ("information", "consensus", "cluster") or "_" in name]
    return pd.DataFrame(rows, columns=columns)

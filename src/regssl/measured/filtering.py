"""What the filter of `ssl_filtered` does to the share of true copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from regssl.data.folds import make_folds
from regssl.evaluation.proportions import wilson_interval
from regssl.measured.columns import FILTER
from regssl.measured.discrimination import RunKey, check_same_windows
from regssl.methods.filtering import genome_fractions, keep_homologs, label_probabilities
from regssl.methods.settings import CrossFitting, Filtering


def filter_table(
    identity: tuple[str, str],
    copies: pd.DataFrame,
    teachers: Mapping[RunKey, pd.DataFrame],
    sources: Sequence[np.ndarray],
    positive_fraction: ArrayLike,
    settings: Filtering,
) -> pd.DataFrame:
    """Filter the copies of training windows as each teacher would, and count the true among the kept.

    Args:
        identity: ids of dataset and genome.
        copies: as `copies.measure_copies` returns; those of training windows are used.
        teachers: by run, tables of `predict` for the copies, of `sl` models, or of `judge_copies`.
        sources: of each genome of the benchmark, the human training windows that have a homolog there: int (n,).
        positive_fraction: of the human training windows on which the teachers were trained, or (copies,) where each
            has its teacher.
        settings: of the filter.

    Returns:
        FILTER, two rows (labels 1 and 0) per teacher; NaN where there is no copy. A teacher without scores keeps none.

    Raises:
        DataError: a table of predictions is of other windows.
    """
    training = (copies["split"] == "train").to_numpy()
    label = copies["label"].to_numpy()[training]
    true = copies["bound"].to_numpy(bool)[training] == (label == 1)
    fraction = _fractions(copies["source"].to_numpy()[training], sources)
    prior = np.broadcast_to(np.asarray(positive_fraction, np.float64), len(copies))[training]
    rows = []
    for run, table in teachers.items():
        check_same_windows(copies, table, run)
        probability = label_probabilities(table["logit"].to_numpy()[training], label, prior)
        kept = keep_homologs(fraction, probability, settings)
        for of_label in (1, 0):
            chosen = label == of_label
            counts = [int(rows_.sum()) for rows_ in (chosen, chosen & kept, chosen & true, chosen & kept & true)]
            shares = [wilson_interval(counts[2], counts[0]), wilson_interval(counts[3], counts[1])]
            found = [value for share in shares for value in (share.value, *share.bounds)]
            rows.append((*identity, run[0], run[2], of_label, *counts, *found))
    return pd.DataFrame(rows, columns=list(FILTER))


def judge_copies(
    copies: pd.DataFrame, human: pd.DataFrame, predictions: Mapping[RunKey, pd.DataFrame], settings: CrossFitting
) -> tuple[dict[RunKey, pd.DataFrame], NDArray[np.float64]]:
    """Give each copy of a training window the prediction of the teacher that judges its fold.

    Args:
        copies: as `copies.measure_copies` returns.
        human: the human training windows: `source`, and the columns of `make_folds`.
        predictions: by run, tables of `predict` for the copies, the teachers of the folds in their order.
        settings: of the teachers.

    Returns:
        Tables of predictions by model, teaching method without fold, and seed; and the fraction of positives on which
        the teacher of each copy was trained, (copies,). Both mean nothing for copies of other windows.

    Raises:
        DataError: a table of predictions is of other windows, or there are no such folds.
    """
    labels = human["label"].to_numpy()
    if settings.folds == 1:
        return dict(predictions), np.full(len(copies), labels.mean())
    folds = make_folds(human, settings)
    fold_of_source = dict(zip(human["source"].tolist(), folds.of_window.tolist(), strict=True))
    fold = np.array([fold_of_source.get(source, 0) for source in copies["source"].tolist()], np.int64)
    logits: dict[RunKey, list[np.ndarray]] = {}
    for run, table in predictions.items():
        check_same_windows(copies, table, run)
        logits.setdefault((run[0], run[1].rpartition("-")[0], run[2]), []).append(table["logit"].to_numpy())
    places = copies[["chrom", "start", "end"]]
    judged = {
        run: places.assign(logit=np.stack(of_folds)[fold, np.arange(len(fold))]) for run, of_folds in logits.items()
    }
    return judged, np.array([labels[trains].mean() for trains in folds.trains])[fold]


def _fractions(source: np.ndarray, sources: Sequence[np.ndarray]) -> np.ndarray:
    """Return the fraction of genomes in which the human window of each copy has a homolog, float64 (n,)."""
    places = np.concatenate([np.asarray(of_genome, np.int64) for of_genome in sources])
    genomes = np.repeat(np.arange(len(sources)), [len(of_genome) for of_genome in sources])
    by_source = dict(zip(places.tolist(), genome_fractions(places, genomes, len(sources)).tolist(), strict=True))
    return np.array([by_source.get(place, 0.0) for place in source.tolist()])

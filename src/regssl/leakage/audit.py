"""Audit the leakage of one dataset: compare training windows with held-out ones, by place and by sequence.

*By place* is a leak and must not be: a training window that is lifted back into a held-out bin, or that overlaps a
homolog of one (`overlap`). *By sequence* is a fact to report, and no leak by itself: repeats and microsatellites are
similar everywhere, and so are members of a gene family (`similarity`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from regssl.data.packed import load_codes
from regssl.data.windows import window_width
from regssl.errors import DataError
from regssl.io.parquet import load_table
from regssl.leakage.clearing import are_cleared, load_cleared
from regssl.leakage.columns import COUNTS, EXAMPLES, LEAKS, REPEAT_CLASSES, SETTINGS
from regssl.leakage.overlap import (
    COLUMNS,
    check_chains,
    given_for_held_out,
    overlaps_held_out,
    overlaps_held_out_homologs,
    reciprocal_liftover,
)
from regssl.leakage.settings import LeakageSettings
from regssl.liftover.chain_file import read_chains

if TYPE_CHECKING:
    from regssl.leakage.similarity import HeldOutIndex, NearestNeighbors


@dataclass(frozen=True)
class TrainingSet:
    """Windows of one genome that are trained on.

    Attributes:
        kind: one of SETS. Mutated copies of human windows have human coordinates; negatives are human ones that were
            not drawn.
        genome: its id.
        path: the packed set, X.npy.
        chain, homologs: of homologs found by lift-over, the chain file from the human genome and the table of
            `find-homologs`; empty for homologs that are given as sequences.
        cleared: the table of `clear-homologs`: windows in it are not audited by place again. Empty: all are.
    """

    kind: str
    genome: str
    path: str | Path
    chain: str | Path = ""
    homologs: str | Path = ""
    cleared: str | Path = ""


@dataclass(frozen=True)
class AuditReport:
    """The result of an audit.

    Attributes:
        counts: one row per split and set, columns COUNTS; `reciprocal` counts homologs that are aligned to their own
            human bin, `held_out_with_homolog` held-out bins of which any base is aligned to the genome: whether there
            was anything to find. Where a count makes no sense (do human windows overlap homologs?), it is missing.
        examples: the worst of each kind, split and set, columns EXAMPLES.
        similarity: one row per held-out window: split, chrom, start, end, label, repeat_class; human, homologs:
            similarity to the nearest window of each; similarity: the larger of the two, NaN where the window was not
            compared; set, genome, train_chrom, train_start, train_end: the nearest.
    """

    counts: pd.DataFrame
    examples: pd.DataFrame
    similarity: pd.DataFrame


def audit(
    dataset: str,
    bins: pd.DataFrame,
    held_out: Mapping[str, str | Path],
    sets: Sequence[TrainingSet],
    settings: LeakageSettings,
) -> AuditReport:
    """Compare all training windows of a dataset with its held-out windows.

    Args:
        dataset: its id.
        bins: as `bins.make_bins` returns; or sequences, whose ids are the chromosomes of those without a place.
        held_out: packed sets, X.npy, by split.
        sets: what is trained on; the human windows first.
        settings: thresholds.

    Raises:
        DataError: a file is damaged, or the sets are of different widths.
    """
    targets = _HeldOut.load(held_out, sets, settings)
    counts, examples = [], list[pd.DataFrame]()
    nearest = {kind: _Nearest.of_none(len(targets.windows)) for kind in ("human", "homologs")}
    for number, training in enumerate(sets):
        windows = _load_windows(training.path)
        overlap = _find_overlaps(training, windows, bins)
        found = targets.index.nearest(load_codes(training.path), targets.group)
        if training.kind in nearest:
            nearest[training.kind].update(number, found)
        for split in held_out:
            known = {"dataset": dataset, "split": split, "set": training.kind, "genome": training.genome}
            leaks = {kind: _of_split(pairs, bins, split) for kind, pairs in overlap.leaks.items()}
            counts.append({
                **known, "windows": len(windows), "reciprocal": overlap.reciprocal,
                "held_out_with_homolog": overlap.count_with_homolog(bins, split),
                **{kind: pairs["window"].nunique() for kind, pairs in leaks.items()},
                **targets.count_similar(found, split), **targets.counts(split),
            })  # fmt: skip
            of_split = [
                _leak_examples(pairs, windows, bins, settings.examples).assign(kind=kind)
                for kind, pairs in leaks.items()
            ]
            of_split.append(_similar_examples(targets, found, split, training, windows).assign(kind="similar"))
            examples += [table.assign(**known) for table in of_split]
    integers = dict.fromkeys([*LEAKS, "reciprocal", "held_out_with_homolog"], "Int64")
    listed = pd.concat([table.astype(object) for table in examples if len(table)] or [pd.DataFrame()])
    return AuditReport(
        pd.DataFrame(counts, columns=list(COUNTS)).astype(integers),
        listed.reindex(columns=list(EXAMPLES)).reset_index(drop=True),
        _similarity_table(targets, sets, nearest),
    )


def check_leaks(report: AuditReport, settings: LeakageSettings) -> str:
    """Describe the largest leak of an audit; empty if there is none.

    Raises:
        DataError: there is one, and the settings are to stop at it.
    """
    leak = largest_leak(report)
    if leak and settings.fail_on_leak:
        raise DataError(leak, "`leakage.fail_on_leak: false` goes on, but scores of held-out bins then mean nothing")
    return leak


def largest_leak(report: AuditReport) -> str:
    """Describe the training window with most bases on a held-out bin or a homolog of one; empty if none has any."""
    leaks = report.examples[report.examples["kind"].isin(list(LEAKS))]
    if leaks.empty:
        return ""
    row = leaks.iloc[int(leaks["bases"].to_numpy(np.int64).argmax())]
    back, on = (int(report.counts[kind].fillna(0).sum()) for kind in LEAKS)
    return (
        f"dataset {row['dataset']}: training windows leak: {back:,} by back-lift, {on:,} on homologs; the worst: "
        f"{row['genome']} {row['chrom']}:{row['start']}-{row['end']} ({row['set']}) lies on {LEAKS[row['kind']]}, "
        f"{row['held_out_chrom']}:{row['held_out_start']}-{row['held_out_end']} ({row['split']}), by {row['bases']} bp"
    )


@dataclass(frozen=True)
class _HeldOut:
    """Held-out windows of all splits, indexed.

    Attributes:
        windows: their tables one below the other, with the split.
        splits: names of the splits.
        index: of their sequences.
        group: int (n,), one group per split and repeat class.
    """

    windows: pd.DataFrame
    splits: list[str]
    index: HeldOutIndex
    group: np.ndarray

    @classmethod
    def load(
        cls, held_out: Mapping[str, str | Path], sets: Sequence[TrainingSet], settings: LeakageSettings
    ) -> _HeldOut:
        """Read and index held-out windows; check that those of the training sets have the same width."""
        tables = [_load_windows(path).assign(split=split) for split, path in held_out.items()]
        codes = [load_codes(path) for path in held_out.values()]
        _check_widths(
            {**dict(zip(held_out.values(), codes, strict=True)), **{s.path: load_codes(s.path) for s in sets}}
        )
        from regssl.leakage.similarity import HeldOutIndex  # numba

        windows = pd.concat(tables, ignore_index=True)
        index = HeldOutIndex(np.concatenate(codes), settings)
        index.classify_repeats(load_codes(sets[0].path))
        split_code = windows["split"].map({split: i for i, split in enumerate(held_out)}).to_numpy()
        return cls(windows, list(held_out), index, split_code * len(REPEAT_CLASSES) + index.repeat_class)

    def rows(self, split: str) -> np.ndarray:
        """Row numbers of the windows of a split."""
        return np.flatnonzero(self.windows["split"] == split)

    def count_similar(self, found: NearestNeighbors, split: str) -> dict[str, int]:
        """Training windows that are similar to a held-out window of a split: all, and by its repeat class."""
        n = len(REPEAT_CLASSES)
        bits = found.similar >> (self.splits.index(split) * n)
        by_class = {
            f"similar_{name}": int(np.count_nonzero(bits & (1 << code))) for code, name in enumerate(REPEAT_CLASSES)
        }
        return {"similar": int(np.count_nonzero(bits & ((1 << n) - 1))), **by_class}

    def counts(self, split: str) -> dict[str, Any]:
        """What was compared, and how."""
        rows, settings = self.rows(split), self.index.settings
        return {
            "held_out": len(rows), "compared": int(self.index.compared[rows].sum()), "kmers": self.index.kmers,
            "frequent_kmers": self.index.frequent_kmers,
            **settings.model_dump(include=set(SETTINGS)),
        }  # fmt: skip


@dataclass(frozen=True)
class _Nearest:
    """The nearest training window of each of n held-out windows, among the sets searched so far.

    Attributes:
        shared: int32 (n,), looked-up k-mers that they share.
        of_set: int32 (n,), number of its set, -1 where none shares any; of equally near ones the first stays.
        row: int64 (n,), its row in the set.
    """

    shared: np.ndarray
    of_set: np.ndarray
    row: np.ndarray

    @classmethod
    def of_none(cls, n: int) -> _Nearest:
        """Before any search."""
        return cls(np.zeros(n, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int64))

    def update(self, number: int, found: NearestNeighbors) -> None:
        """Take up the search of a set."""
        better = found.shared > self.shared
        self.shared[better], self.row[better] = found.shared[better], found.row[better]
        self.of_set[better] = number


@dataclass(frozen=True)
class _Overlaps:
    """Leaking pairs of windows and bins by kind; reciprocal homologs; rows of the held-out bins with a homolog."""

    leaks: dict[str, pd.DataFrame]
    reciprocal: int | None = None
    with_homolog: np.ndarray | None = None

    def count_with_homolog(self, bins: pd.DataFrame, split: str) -> int | None:
        """Held-out bins of a split that have a homolog."""
        return None if self.with_homolog is None else int((bins["split"].iloc[self.with_homolog] == split).sum())


def _load_windows(path: str | Path) -> pd.DataFrame:
    """The table of a packed set; its rows must be those of the sequences."""
    table = load_table(Path(path).with_suffix(".parquet"))
    if len(table) != (sequences := len(load_codes(path))):
        raise DataError(f"{path}: {sequences:,} sequences, but {len(table):,} rows in its table", "make the set again")
    return table


def _check_widths(sets: Mapping[str | Path, np.ndarray]) -> None:
    widths = {path: codes.shape[1] for path, codes in sets.items()}
    (first, width), *others = widths.items()
    for path, other in others:
        if other != width:
            raise DataError(f"{path}: windows of {other} bp, but those of {first} have {width} bp", "make them again")


def _find_overlaps(training: TrainingSet, windows: pd.DataFrame, bins: pd.DataFrame) -> _Overlaps:
    if training.kind != "homologs":
        return _Overlaps({"back_lift": overlaps_held_out(windows, bins)})
    if not training.chain:
        back, of_held_out = given_for_held_out(windows, bins)
        return _Overlaps({"back_lift": back, "homolog": of_held_out}, len(windows) - len(of_held_out), np.empty(0, int))
    if not training.cleared:
        return _find_overlaps_by_chains(training, windows, bins)
    cleared = load_cleared(training.cleared, bins)
    known = are_cleared(windows, cleared, window_width(bins))
    reciprocal = int(cleared["reciprocal"].to_numpy()[windows["source"].to_numpy()[known]].sum())
    others = np.flatnonzero(~known)
    if not len(others):
        none = pd.DataFrame(columns=COLUMNS, dtype=np.int64)
        return _Overlaps({"back_lift": none, "homolog": none}, reciprocal, np.flatnonzero(cleared["aligned"]))
    found = _find_overlaps_by_chains(training, windows.iloc[others].reset_index(drop=True), bins)
    leaks = {kind: pairs.assign(window=others[pairs["window"]]) for kind, pairs in found.leaks.items()}
    return _Overlaps(leaks, reciprocal + (found.reciprocal or 0), found.with_homolog)


def _find_overlaps_by_chains(training: TrainingSet, windows: pd.DataFrame, bins: pd.DataFrame) -> _Overlaps:
    chains = read_chains(training.chain)
    check_chains(training.chain, chains, windows, bins)
    back, reciprocal = reciprocal_liftover(windows, chains, bins)
    on, with_homolog = overlaps_held_out_homologs(windows, chains, bins, load_table(training.homologs))
    return _Overlaps({"back_lift": back, "homolog": on}, int(reciprocal.sum()), with_homolog)


def _of_split(pairs: pd.DataFrame, bins: pd.DataFrame, split: str) -> pd.DataFrame:
    return pairs[(bins["split"] == split).to_numpy()[pairs["bin"]]]


def _leak_examples(pairs: pd.DataFrame, windows: pd.DataFrame, bins: pd.DataFrame, most: int) -> pd.DataFrame:
    """The windows with most bases on held-out bins or homologs of them."""
    worst = pairs.sort_values(["bases", "window"], ascending=[False, True]).head(most)
    places = bins.iloc[worst["bin"]]
    return _pair_table(windows.iloc[worst["window"].to_numpy()], places).assign(bases=worst["bases"].to_numpy())


def _similar_examples(
    targets: _HeldOut, found: NearestNeighbors, split: str, training: TrainingSet, windows: pd.DataFrame
) -> pd.DataFrame:
    """The held-out windows of a split that are most similar to a training window, unique ones first."""
    index, rows = targets.index, targets.rows(split)
    fraction = found.shared[rows] / np.maximum(index.looked_up[rows], 1)
    rows = rows[index.compared[rows] & (fraction >= index.settings.min_similarity)]
    similarity = index.similarity(rows, _take(training.path, found.row[rows]))
    order = np.lexsort((rows, -similarity, index.repeat_class[rows]))[: index.settings.examples]
    rows = rows[order]
    pairs = _pair_table(windows.iloc[found.row[rows]], targets.windows.iloc[rows])
    return pairs.assign(similarity=similarity[order], repeat_class=np.array(REPEAT_CLASSES)[index.repeat_class[rows]])


def _pair_table(windows: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Training windows and held-out places, row by row."""
    columns = {name: windows[name].astype(str).to_numpy() for name in ("chrom", "strand")}
    columns |= {name: windows[name].to_numpy() for name in ("start", "end", "source")}
    columns |= {f"held_out_{name}": places[name].to_numpy() for name in ("start", "end")}
    columns["held_out_chrom"] = places["chrom"].astype(str).to_numpy()
    return pd.DataFrame(columns)


def _take(path: str | Path, rows: np.ndarray) -> np.ndarray:
    """Some sequences of a packed set, read from the disk in its order."""
    codes = load_codes(path)
    places, back = np.unique(rows, return_inverse=True)
    return np.asarray(codes[places])[back.reshape(-1)] if len(rows) else np.empty((0, codes.shape[1]), np.uint8)


def _similarity_table(targets: _HeldOut, sets: Sequence[TrainingSet], nearest: Mapping[str, _Nearest]) -> pd.DataFrame:
    """One row per held-out window: its nearest training windows among human windows and among homologs."""
    index, columns = targets.index, ["split", "chrom", "start", "end", "label"]
    repeat_class = pd.Categorical.from_codes(index.repeat_class, pd.Index(REPEAT_CLASSES))
    table = targets.windows[columns].assign(repeat_class=repeat_class)
    best, best_set, best_row = np.full(len(table), -1.0), np.full(len(table), -1), np.full(len(table), -1)
    for kind, of_kind in nearest.items():
        similarity = np.zeros(len(table))
        for number in np.unique(of_kind.of_set[of_kind.of_set >= 0]):
            rows = np.flatnonzero(of_kind.of_set == number)
            similarity[rows] = index.similarity(rows, _take(sets[number].path, of_kind.row[rows]))
        better = similarity > best
        best[better] = similarity[better]
        best_set[better], best_row[better] = of_kind.of_set[better], of_kind.row[better]
        table[kind] = np.where(index.compared, similarity, np.nan)
    of_set = np.where(index.compared & (best > 0), best_set, -1)
    table["similarity"] = np.where(index.compared, best, np.nan)
    for name, values in (("set", [s.kind for s in sets]), ("genome", [s.genome for s in sets])):
        table[name] = pd.Categorical(np.array([*values, None], object)[of_set])
    return pd.concat([table, _training_places(sets, of_set, best_row)], axis=1)


def _training_places(sets: Sequence[TrainingSet], of_set: np.ndarray, row: np.ndarray) -> pd.DataFrame:
    """Where the nearest training windows lie: train_chrom (missing if there is none), train_start, train_end (-1)."""
    chrom = np.full(len(of_set), None, object)
    start, end = np.full(len(of_set), -1, np.int64), np.full(len(of_set), -1, np.int64)
    for number in np.unique(of_set[of_set >= 0]):
        rows = np.flatnonzero(of_set == number)
        places = load_table(Path(sets[number].path).with_suffix(".parquet"), ["chrom", "start", "end"])
        places = places.iloc[row[rows]]
        chrom[rows] = places["chrom"].astype(str).to_numpy()
        start[rows], end[rows] = places["start"], places["end"]
    return pd.DataFrame({"train_chrom": pd.Categorical(chrom), "train_start": start, "train_end": end})

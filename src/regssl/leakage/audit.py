"""The leakage audit of one dataset: training windows against held-out ones, by place and by sequence.

*Same place* is a leak and must not be: a training window whose back-lift lands in a held-out bin, or which lies on a
homolog of one (`leaks`). *Similar sequence* is a fact to be known, and no leak by itself: repeats and microsatellites
look alike everywhere, and so do members of a gene family (`similarity`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regssl.data.packed import load_codes
from regssl.errors import DataError
from regssl.io.parquet import load_table
from regssl.leakage.overlap import back_lifted, on_held_out, on_homologs
from regssl.leakage.settings import Audit
from regssl.leakage.similarity import NATURES, HeldOut, Nearest
from regssl.liftover.chain_file import read_chains
from regssl.liftover.chains import swap

HELD_OUT = ("validation", "test")
SETS = ("human", "homologs", "mutated")
LEAKS = {"back_lift": "a held-out bin", "homolog": "a homolog of a held-out bin"}
COUNTS = ["dataset", "split", "set", "genome", "windows", "home", "reachable", *LEAKS, "similar",
          *[f"similar_{nature}" for nature in NATURES], "held_out", "compared", "kmers", "frequent_kmers",
          "k", "sample", "near"]  # fmt: skip
EXAMPLES = ["dataset", "split", "kind", "set", "genome", "chrom", "start", "end", "strand", "source",
            "held_out_chrom", "held_out_start", "held_out_end", "similarity", "bases", "nature"]  # fmt: skip


@dataclass(frozen=True)
class TrainingSet:
    """Windows of one genome that are trained on.

    Attributes:
        kind: one of SETS. Mutated copies of human windows have human coordinates.
        genome: its id.
        path: the packed set, X.npy.
        chain, homologs: of homologs, the chain file from the human genome and the table of `find-homologs`.
    """

    kind: str
    genome: str
    path: str | Path
    chain: str | Path = ""
    homologs: str | Path = ""


@dataclass(frozen=True)
class Report:
    """What an audit found: tables with the columns COUNTS and EXAMPLES, and one row per held-out window."""

    counts: pd.DataFrame
    examples: pd.DataFrame
    similarity: pd.DataFrame


def audit(
    dataset: str,
    bins: pd.DataFrame,
    held_out: Mapping[str, str | Path],
    sets: Sequence[TrainingSet],
    settings: Audit,
) -> Report:
    """Compare all training windows of a dataset with its held-out windows.

    Args:
        dataset: its id.
        bins: as `windows.make_bins` returns.
        held_out: packed sets, X.npy, by split.
        sets: what is trained on; the human windows first.
        settings: thresholds.

    Returns:
        counts: one row per split and set; `home` counts homologs that are aligned to their own human bin, `reachable`
        held-out bins of which any base is aligned to the genome: whether there was anything to find. Where a question
        makes no sense (do human windows lie on homologs?), the count is missing.
        examples: the worst of each kind, split and set.
        similarity: split, chrom, start, end, label, nature; human, homologs: similarity to the nearest window of each;
        similarity: the larger of the two, NaN where the window was not compared; set, genome, train_chrom, train_start,
        train_end: the nearest.

    Raises:
        DataError: a file is damaged, or the sets are of different widths.
    """
    windows = {split: _labelled(path) for split, path in held_out.items()}
    codes = [load_codes(path) for path in held_out.values()]
    _check_widths({**dict(zip(held_out.values(), codes, strict=True)), **{s.path: load_codes(s.path) for s in sets}})
    targets = pd.concat([table.assign(split=split) for split, table in windows.items()], ignore_index=True)
    index = HeldOut(np.concatenate(codes), settings)
    index.tell_nature(load_codes(sets[0].path))
    split_code = targets["split"].map({split: i for i, split in enumerate(held_out)}).to_numpy()
    group = split_code * len(NATURES) + index.nature
    how = {"kmers": index.kmers, "frequent_kmers": index.frequent_kmers}
    how |= settings.model_dump(include={"k", "sample", "near"})

    counts, examples, searches = [], list[pd.DataFrame](), []
    for training in sets:
        table = _labelled(training.path)
        leaks, home, reachable = _same_place(training, table, bins)
        found = index.nearest(load_codes(training.path), group)
        searches.append(found)
        for number, split in enumerate(held_out):
            known = {"dataset": dataset, "split": split, "set": training.kind, "genome": training.genome}
            of_split = {kind: _of_split(pairs, bins, split) for kind, pairs in leaks.items()}
            rows = np.flatnonzero(targets["split"] == split)
            with_homologs = None if reachable is None else int((bins["split"].iloc[reachable] == split).sum())
            counts.append({
                **known, "windows": len(table), "home": home, "reachable": with_homologs,
                **{kind: pairs["window"].nunique() for kind, pairs in of_split.items()}, **_similar(found, number),
                "held_out": len(rows), "compared": int(index.compared[rows].sum()), **how,
            })  # fmt: skip
            examples += [
                _placed(pairs, table, bins, settings.examples, kind, known) for kind, pairs in of_split.items()
            ]
            examples.append(_alike(index, found, rows, training, table, targets, known))
    counted = pd.DataFrame(counts, columns=COUNTS).astype(dict.fromkeys([*LEAKS, "home", "reachable"], "Int64"))
    listed = pd.concat([table.astype(object) for table in examples if len(table)] or [pd.DataFrame()])
    return Report(
        counted, listed.reindex(columns=EXAMPLES).reset_index(drop=True), _nearest(index, targets, sets, searches)
    )


def worst_leak(report: Report) -> str:
    """The training window with most bases on a held-out bin or a homolog of one, in words; empty if none has any."""
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


def _labelled(path: str | Path) -> pd.DataFrame:
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


def _same_place(
    training: TrainingSet, table: pd.DataFrame, bins: pd.DataFrame
) -> tuple[dict[str, pd.DataFrame], int | None, np.ndarray | None]:
    """Leaking pairs of windows and bins by kind; how many homologs come home; which held-out bins have homologs."""
    if training.kind != "homologs":
        return {"back_lift": on_held_out(table, bins)}, None, None
    chains = read_chains(training.chain)
    back, home = back_lifted(table, swap(chains), bins)
    on, reachable = on_homologs(table, chains, bins, load_table(training.homologs))
    return {"back_lift": back, "homolog": on}, home, reachable


def _similar(found: Nearest, split: int) -> dict[str, int]:
    """Training windows that are near to a held-out window of a split, given by its number: all, and by its nature."""
    bits = found.near >> (split * len(NATURES))
    near = {f"similar_{nature}": int(np.count_nonzero(bits & (1 << code))) for code, nature in enumerate(NATURES)}
    return {"similar": int(np.count_nonzero(bits & ((1 << len(NATURES)) - 1))), **near}


def _of_split(pairs: pd.DataFrame, bins: pd.DataFrame, split: str) -> pd.DataFrame:
    return pairs[(bins["split"] == split).to_numpy()[pairs["bin"]]]


def _placed(
    pairs: pd.DataFrame, table: pd.DataFrame, bins: pd.DataFrame, most: int, kind: str, known: Mapping[str, Any]
) -> pd.DataFrame:
    """Examples of windows that lie where they must not."""
    worst = pairs.sort_values(["bases", "window"], ascending=[False, True]).head(most)
    places = bins.iloc[worst["bin"]]
    return _example(table, worst["window"].to_numpy(), places, kind, known).assign(bases=worst["bases"].to_numpy())


def _alike(
    index: HeldOut, found: Nearest, rows: np.ndarray, training: TrainingSet, table: pd.DataFrame,
    targets: pd.DataFrame, known: Mapping[str, Any],
) -> pd.DataFrame:  # fmt: skip
    """Examples of held-out windows that are nearly identical to a training window, unique ones first."""
    share = found.shared[rows] / np.maximum(index.looked_up[rows], 1)
    rows = rows[index.compared[rows] & (share >= index.settings.near)]
    similarity = index.share(rows, _take(training.path, found.row[rows]))
    order = np.lexsort((rows, -similarity, index.nature[rows]))[: index.settings.examples]
    rows = rows[order]
    natures = np.array(NATURES)[index.nature[rows]]
    pairs = _example(table, found.row[rows], targets.iloc[rows], "similar", known)
    return pairs.assign(similarity=similarity[order], nature=natures)


def _example(
    table: pd.DataFrame, windows: np.ndarray, places: pd.DataFrame, kind: str, known: Mapping[str, Any]
) -> pd.DataFrame:
    rows = table.iloc[windows]
    columns = {name: rows[name].astype(str).to_numpy() for name in ("chrom", "strand")}
    columns |= {name: rows[name].to_numpy() for name in ("start", "end", "source")}
    columns |= {f"held_out_{name}": places[name].to_numpy() for name in ("start", "end")}
    columns["held_out_chrom"] = places["chrom"].astype(str).to_numpy()
    return pd.DataFrame(columns).assign(kind=kind, **known)


def _take(path: str | Path, rows: np.ndarray) -> np.ndarray:
    """Some sequences of a packed set, read from the disk in its order."""
    codes = load_codes(path)
    places, back = np.unique(rows, return_inverse=True)
    return np.asarray(codes[places])[back.reshape(-1)] if len(rows) else np.empty((0, codes.shape[1]), np.uint8)


def _nearest(
    index: HeldOut, targets: pd.DataFrame, sets: Sequence[TrainingSet], searches: Sequence[Nearest]
) -> pd.DataFrame:
    """One row per held-out window: its nearest training windows among human windows and among homologs."""
    columns = ["split", "chrom", "start", "end", "label"]
    table = targets[columns].assign(nature=pd.Categorical.from_codes(index.nature, pd.Index(NATURES)))
    best = {"similarity": np.full(len(table), -1.0), "set": np.full(len(table), -1)}
    for kind in ("human", "homologs"):
        shared, of_set = np.zeros(len(table), np.int32), np.full(len(table), -1)
        for number, (training, found) in enumerate(zip(sets, searches, strict=True)):
            if training.kind == kind:
                better = found.shared > shared
                shared[better], of_set[better] = found.shared[better], number
        similarity = np.zeros(len(table))
        for number in np.unique(of_set[of_set >= 0]):
            rows = np.flatnonzero(of_set == number)
            similarity[rows] = index.share(rows, _take(sets[number].path, searches[number].row[rows]))
        better = similarity > best["similarity"]
        best["similarity"][better], best["set"][better] = similarity[better], of_set[better]
        table[kind] = np.where(index.compared, similarity, np.nan)
    of_set = np.where(index.compared & (best["similarity"] > 0), best["set"], -1)
    table["similarity"] = np.where(index.compared, best["similarity"], np.nan)
    for name, values in (("set", [s.kind for s in sets]), ("genome", [s.genome for s in sets])):
        table[name] = pd.Categorical(np.array([*values, None], object)[of_set])
    return pd.concat([table, _their_places(sets, searches, of_set)], axis=1)


def _their_places(sets: Sequence[TrainingSet], searches: Sequence[Nearest], of_set: np.ndarray) -> pd.DataFrame:
    """Where the nearest training windows lie: train_chrom (missing if there is none), train_start, train_end (-1)."""
    chrom = np.full(len(of_set), None, object)
    start, end = np.full(len(of_set), -1, np.int64), np.full(len(of_set), -1, np.int64)
    for number in np.unique(of_set[of_set >= 0]):
        rows = np.flatnonzero(of_set == number)
        places = load_table(Path(sets[number].path).with_suffix(".parquet"), ["chrom", "start", "end"])
        places = places.iloc[searches[number].row[rows]]
        chrom[rows] = places["chrom"].astype(str).to_numpy()
        start[rows], end[rows] = places["start"], places["end"]
    return pd.DataFrame({"train_chrom": pd.Categorical(chrom), "train_start": start, "train_end": end})

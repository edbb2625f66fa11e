"""Splits of labelled sequences, such that no split leaks into another.

The table of a dataset's sequences plays the part of the bins: the `source` of a window is a row of it. A sequence
without a place is a chromosome of its own, named by its id, so that it overlaps nothing and is a block by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from regssl.data.intervals import overlaps_any
from regssl.data.sequence_codes import DIGEST_OF_ALL, DIGESTS
from regssl.data.sequences import LabelledSequences
from regssl.data.settings import SPLITS, Splits
from regssl.errors import DataError
from regssl.evaluation.published import check_test_set

PLACE = ("chrom", "start", "end", "strand")
COUNTS = {"dataset": "str", "what": "str", "split": "str", "sequences": "int64"}
"""Columns of the table of what was read and left out, and their types."""


@dataclass(frozen=True)
class SplitSequences:
    """Sequences with splits and places, in the place of bins.

    Attributes:
        bins: chrom (category), start, end (int64), split (category), strand (category), id, and DIGESTS: n rows, one
            per sequence, and then one per place of validation and test sequences that were looked up and are not in one
            place. Those are in no set of windows, but nothing homologous to them may be trained on.
        labels: uint8 (n,).
        codes: uint8 (n, width).
        counts: columns of COUNTS without the dataset.
    """

    bins: pd.DataFrame
    labels: np.ndarray
    codes: np.ndarray
    counts: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """The rows of the sequences."""
        return self.bins.iloc[: len(self.labels)]

    def check_published(self, task: str) -> None:
        """Check that the test sequences are those of a published task.

        Raises:
            DataError: they are not.
        """
        is_test = (self.table["split"] == "test").to_numpy()
        check_test_set(task, self.table.loc[is_test, DIGEST_OF_ALL], self.labels[is_test])


def split_sequences(
    sequences: LabelledSequences, splits: Splits | None = None, located: pd.DataFrame | None = None
) -> SplitSequences:
    """Give each sequence its split and place, and leave out what would leak.

    The split is that of the file or column; without any, that of the chromosome of its place. A training sequence that
    is a validation or test sequence too, on either strand, or shares a base with one in any of its places, is left out,
    and likewise a validation sequence for test sequences: test stays whole.

    Args:
        sequences: as `read_sequences` returns.
        splits: chromosomes of each split, where no file or column gives the split.
        located: columns `located.LOCATED`, where each sequence was found in the human genome, in the order of
            `sequences`; None: it was not looked for. The place of one that was not found once is that of the file.

    Raises:
        DataError: nothing gives a split, a split has no sequence, or the id of a sequence without a place is the name
            of a chromosome of others.
    """
    table, further = sequences.table, sequences.table.iloc[:0]
    counts = [(what, "", n) for what, n in sequences.counts.items() if n]
    if located is not None:
        counts += _count_places(table, located)
        table, further = _take_places(table, located)
    if (table["split"] == "").all():
        chroms = table["chrom"].where(table["chrom"] != "", sequences.table["chrom"])
        table = table.assign(split=_splits_by_chromosome(chroms, splits))
    counts += [("read", split, n) for split, n in _by_split(table["split"])]
    if missing := int((table["split"] == "").sum()):
        counts.append(("in_no_split", "", missing))
    rows = np.flatnonzero(table["split"] != "")
    left_out = _leaking(table.iloc[rows].reset_index(drop=True), further)
    for what, leaks in left_out.items():
        counts += [(what, split, n) for split, n in _by_split(table["split"].iloc[rows[leaks]])]
    rows = rows[~np.logical_or.reduce(list(left_out.values()))]
    table = table.iloc[rows].reset_index(drop=True)
    counts += _repeats(table)
    counts += [("used", split, int((table["split"] == split).sum())) for split in SPLITS]
    counted = pd.DataFrame(counts, columns=list(COUNTS)[1:])
    for split in SPLITS:
        if not (table["split"] == split).any():
            raise _empty_split(split, counted[counted["split"] == split])
    held_out = table.loc[table["split"] != "train", ["id", "split", *DIGESTS]]
    bins = _as_bins(pd.concat([table, further[["id", *PLACE]].merge(held_out, on="id")], ignore_index=True))
    return SplitSequences(bins, table["label"].to_numpy(), sequences.codes[rows], counted)


def _count_places(table: pd.DataFrame, located: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Count how often sequences were found."""
    once = located.drop_duplicates("id")
    if list(once["id"]) != list(table["id"]):
        raise DataError("the table of located sequences is of others", "locate them again")
    places = once["places"]
    found = {"located_once": places == 1, "located_never": places == 0, "located_often": places > 1}
    return [(what, "", int(rows.sum())) for what, rows in found.items()]


def _take_places(table: pd.DataFrame, located: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give sequences that were found once their place, and others none.

    Returns:
        The table; and the places of the others, where they were found and where their file says: id, and PLACE.
    """
    width = int(table["end"].iloc[0] - table["start"].iloc[0])
    found = located[located["chrom"] != ""].astype({"start": np.int64})
    found = found.assign(end=found["start"] + width)[["id", "places", *PLACE]]
    once = table[["id"]].merge(found[found["places"] == 1], how="left", on="id")
    is_once = once["places"].notna().to_numpy()
    said = table.loc[~is_once & (table["chrom"] != "").to_numpy(), ["id", *PLACE]]
    placed = {"chrom": once["chrom"].fillna(""), "strand": once["strand"].fillna("+"), "start": once["start"].fillna(0)}
    table = table.assign(**placed).astype({"start": np.int64})
    further = pd.concat([found.loc[found["places"] > 1, ["id", *PLACE]], said], ignore_index=True)
    return table.assign(end=table["start"] + width), further


def _splits_by_chromosome(chroms: pd.Series, splits: Splits | None) -> pd.Series:
    """Return the split of each chromosome; empty where there is none."""
    named = [chrom for chrom in chroms.unique() if chrom]
    if splits is None or not named:
        hint = "name one file per split (train=…;validation=…;test=…), a column `split`, or one of places"
        raise DataError("nothing gives the splits of the sequences", hint)
    return chroms.map({chrom: splits.of(chrom) or "" for chrom in named}).fillna("")


def _leaking(table: pd.DataFrame, further: pd.DataFrame) -> dict[str, np.ndarray]:
    """Select what is not used because it is in, or overlaps, a split that is held out from it: bool (n,) by what.

    Args:
        table: n sequences.
        further: further places of some, by id.
    """
    rank = table["split"].map(SPLITS.index).to_numpy()
    both = table[list(DIGESTS)].melt()["value"].to_numpy()
    highest = pd.Series(np.tile(rank, 2)).groupby(both).transform("max").to_numpy().reshape(2, -1).max(axis=0)
    columns = ["id", *PLACE]
    places = pd.concat([table.loc[table["chrom"] != "", columns], further[columns]], ignore_index=True)
    row = pd.Index(table["id"]).get_indexer(places["id"])
    places, row = places[row >= 0], row[row >= 0]
    overlaps = np.zeros(len(table), bool)
    for held_out in (1, 2):
        others, intervals = places[rank[row] < held_out], places[rank[row] == held_out]
        shared = overlaps_any(intervals, others["chrom"], others["start"].to_numpy(), others["end"].to_numpy())
        overlaps[row[rank[row] < held_out][shared]] = True
    repeats = highest > rank
    return {"repeats_held_out": repeats, "overlaps_held_out": overlaps & ~repeats}


def _repeats(table: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Count sequences that are again in their split, on either strand, and those whose copies have both labels."""
    groups = table["label"].groupby([table["split"], table["digest"]])
    repeated, contradictory = groups.cumcount() > 0, groups.transform("nunique") > 1
    found = {"repeated": repeated, "of_both_labels": contradictory}
    return [(what, split, n) for what, rows in found.items() for split, n in _by_split(table.loc[rows, "split"])]


def _by_split(splits: pd.Series) -> list[tuple[str, int]]:
    return [(split, n) for split in SPLITS if (n := int((splits == split).sum()))]


def _empty_split(split: str, counts: pd.DataFrame) -> DataError:
    left_out = counts[counts["what"].isin(["repeats_held_out", "overlaps_held_out"])]
    if left_out.empty:
        return DataError(f"no sequence is in the {split} split", "name one file per split, or a column `split`")
    reasons = ", ".join(f"{what} {n:,}" for what, n in zip(left_out["what"], left_out["sequences"], strict=True))
    return DataError(f"no sequence is left in the {split} split: {reasons}", "are the splits of the same sequences?")


def _as_bins(table: pd.DataFrame) -> pd.DataFrame:
    unplaced = table["chrom"] == ""
    if (taken := table.loc[unplaced, "id"].isin(set(table.loc[~unplaced, "chrom"]))).any():
        name = table.loc[unplaced, "id"][taken].iloc[0]
        raise DataError(f"sequence '{name}' has no place, and the name of a chromosome of others", "rename it")
    chrom = table["chrom"].mask(unplaced, table["id"])
    return pd.DataFrame({
        "chrom": pd.Categorical(chrom), "start": table["start"].astype(np.int64), "end": table["end"].astype(np.int64),
        "split": pd.Categorical(table["split"], categories=SPLITS), "strand": pd.Categorical(table["strand"]),
        "id": table["id"], **{digest: table[digest] for digest in DIGESTS},
    })  # fmt: skip

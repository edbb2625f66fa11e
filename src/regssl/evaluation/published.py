"""Published scores of other models on benchmarks whose data anyone can take.

`resources/published_mcc.tsv` has one row per task and model: task, model, mcc, source, note. The MCC is that of the
task's test set, which `resources/published_tests.tsv` identifies: task, number of sequences and of positives, digest,
source. The tasks of GUE are those of human transcription factors, `gue_tf_0` to `gue_tf_4` (Zhou et al. 2023).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import as_file, files

import pandas as pd

from regssl.errors import DataError
from regssl.io.tsv import read_tsv

COLUMNS = {"task": "str", "model": "str", "mcc": "float64", "source": "str", "note": "str"}
TESTS = {"task": "str", "sequences": "int64", "positives": "int64", "digest": "str", "source": "str"}
DIGEST_BYTES = 16


@cache
def published_scores() -> pd.DataFrame:
    """Read the published scores, columns COLUMNS."""
    return _read("published_mcc.tsv", COLUMNS)


@cache
def published_tests() -> pd.DataFrame:
    """Read what identifies the test set of each task, columns TESTS."""
    return _read("published_tests.tsv", TESTS)


def _read(name: str, columns: dict[str, str]) -> pd.DataFrame:
    with as_file(files("regssl") / "resources" / name) as path:
        return read_tsv([path], columns)


def published_tasks() -> list[str]:
    """List the tasks that have a published score."""
    return list(dict.fromkeys(published_scores()["task"]))


def test_set_digest(sequences: Iterable[str], labels: Iterable[int]) -> str:
    """Return a digest of labelled sequences, whatever their order and strand.

    Args:
        sequences: the strandless digest of each, as of `data.sequence_codes`, before it was cropped or padded.
        labels: 0 or 1 of each.
    """
    lines = sorted(f"{sequence} {label}\n" for sequence, label in zip(sequences, labels, strict=True))
    return hashlib.blake2b("".join(lines).encode(), digest_size=DIGEST_BYTES).hexdigest()


def check_test_set(task: str, sequences: Iterable[str], labels: Iterable[int]) -> None:
    """Check that labelled sequences are the test set of a task.

    Args:
        task: one of `published_tasks`.
        sequences, labels: as of `test_set_digest`.

    Raises:
        DataError: they are others, or have other labels.
    """
    sequences, labels = list(sequences), list(labels)
    wanted = published_tests().set_index("task").loc[task]
    if test_set_digest(sequences, labels) != wanted["digest"]:
        raise DataError(
            f"its test set is not that of '{task}': {len(labels):,} sequences, {sum(labels):,} of them positive; that "
            f"of the task has {wanted['sequences']:,}, {wanted['positives']:,} of them positive",
            "leave the column `published` empty: scores on other sequences cannot be set beside published ones",
        )

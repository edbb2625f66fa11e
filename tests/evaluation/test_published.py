"""Which test set a published score is of."""

from __future__ import annotations

import csv
import hashlib
import random
from pathlib import Path

import pandas as pd
import pytest

from regssl.data.sequence_settings import SequenceFile, SequenceSettings
from regssl.data.sequences import read_sequences
from regssl.errors import DataError
from regssl.evaluation import published
from regssl.evaluation.published import check_test_set, published_scores, published_tests

OTHER_STRAND = str.maketrans("ACGT", "TGCA")
SEQUENCES = {"ACGTACGTACGTACGTAAAA": 1, "GGGGGCCCCCATATATATAT": 0, "TTTTTTTTTTTTTTTTTTTC": 1}


def turned(sequence: str) -> str:
    return sequence.translate(OTHER_STRAND)[::-1]


def digest_by_hand(labelled: list[tuple[str, int]]) -> str:
    """The digest, from letters: codes of bases are 0 to 3, which sort as their letters."""
    lines = []
    for sequence, label in labelled:
        codes = bytes("ACGT".index(letter) for letter in min(sequence, turned(sequence)))
        lines.append(f"{hashlib.blake2b(codes, digest_size=16).hexdigest()} {label}\n")
    return hashlib.blake2b("".join(sorted(lines)).encode(), digest_size=16).hexdigest()


def read(folder: Path, labelled: list[tuple[str, int]]) -> tuple[list[str], list[int]]:
    """Strandless digests and labels, as datasets have them; cropped, which does not count."""
    path = folder / "x.csv"
    path.write_text("sequence,label\n" + "".join(f"{sequence},{label}\n" for sequence, label in labelled))
    table = read_sequences([SequenceFile(str(path), "test")], SequenceSettings(width=20), "hg38").table
    return list(table["digest_of_all"]), list(table["label"])


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> str:
    digest = digest_by_hand(list(SEQUENCES.items()))
    rows = pd.DataFrame([{"task": "t", "sequences": 3, "positives": 2, "digest": digest, "source": ""}])
    monkeypatch.setattr(published, "published_tests", lambda: rows)
    return "t"


def test_the_test_set_of_a_task_in_any_order_and_on_either_strand(task: str, tmp_path: Path) -> None:
    labelled = [(turned(sequence), label) for sequence, label in reversed(SEQUENCES.items())]
    check_test_set(task, *read(tmp_path, labelled))


@pytest.mark.parametrize("change", ["label", "base", "one less", "one twice"])
def test_other_sequences_or_labels_are_refused(task: str, tmp_path: Path, change: str) -> None:
    labelled = list(SEQUENCES.items())
    (sequence, label), rest = labelled[0], labelled[1:]
    changed = {
        "label": [(sequence, 1 - label), *rest],
        "base": [("C" + sequence[1:], label), *rest],
        "one less": rest,
        "one twice": [*labelled, labelled[0]],
    }[change]
    with pytest.raises(
        DataError, match=r"its test set is not that of 't': .* that of the task has 3, 2 of them"
    ) as told:
        check_test_set(task, *read(tmp_path, changed))
    assert "leave the column `published` empty" in str(told.value)


def test_every_task_with_a_score_has_a_test_set() -> None:
    assert list(published_tests()["task"]) == list(dict.fromkeys(published_scores()["task"]))


def test_the_test_sets_are_those_of_the_published_files(shared: Path) -> None:
    files = sorted((shared / "mirror").glob("raw.githubusercontent.com/*/*/*/data/GUE/tf/*/test.csv"))
    found = []
    for path in files:
        with path.open(newline="") as lines:
            labelled = [(row["sequence"], int(row["label"])) for row in csv.DictReader(lines)]
        random.Random(1).shuffle(labelled)
        task = f"gue_tf_{path.parent.name}"
        found.append((task, len(labelled), sum(label for _, label in labelled), digest_by_hand(labelled)))
    assert found == list(
        published_tests()[["task", "sequences", "positives", "digest"]].itertuples(index=False, name=None)
    )

"""Homologs that are given as sequences: which are used, and why others are lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from regssl.data.given_homologs import GivenHomologs, judge_homologs, read_homologs
from regssl.data.pseudo_labels import pseudo_label
from regssl.data.sequence_codes import strandless_digests
from regssl.data.sequence_settings import SequenceFile, SequenceSettings
from regssl.data.settings import SPLITS, HomologSettings
from regssl.errors import DataError
from regssl.sequences.encoding import decode, encode, reverse_complement

IDS = ["a", "b", "c", "v", "t"]
SPLIT = ["train", "train", "train", "validation", "test"]
TEXTS = ["AAAAAAAAAA", "AAAAACCCCC", "ACACACACAC", "CCCCCCCCCC", "GGGGGGGGGA"]
DIGESTED = strandless_digests(encode(text) for text in TEXTS)
SEQUENCES = pd.DataFrame({
    "chrom": pd.Categorical(IDS), "start": 0, "end": 10, "split": pd.Categorical(SPLIT, categories=SPLITS), "id": IDS,
    "digest": DIGESTED, "digest_of_all": DIGESTED,
})  # fmt: skip


def read(folder: Path, *rows: str, header: str = "id,species,sequence") -> pd.DataFrame:
    (folder / "homologs.csv").write_text("\n".join([header, *rows, ""]))
    return read_homologs([SequenceFile(str(folder / "homologs.csv"))], SequenceSettings(), "hg38")


def judge(rows: pd.DataFrame, **settings: float) -> GivenHomologs:
    return judge_homologs(rows, ["mm10", "rn6"], SEQUENCES, HomologSettings(**settings))


def statuses(found: GivenHomologs, genome: str) -> list[str]:
    return found.statuses[genome]["lift_status"].astype(str).tolist()


def test_each_is_kept_or_lost_for_the_first_reason(tmp_path: Path) -> None:
    text = decode(reverse_complement(encode(TEXTS[4])))
    rows = read(
        tmp_path, "a,hg38,TTTTTTTTTT", "a,mm10,ACGTACGTAC", "b,mm10,ACGTACGTACGTACGTACGTA", "c,mm10,ACGTACG",
        f"a,rn6,{text}", "b,rn6,AAAA--AAAAAA", "c,rn6,----", "t,mm10,TTTTTTTTTG",
    )  # fmt: skip
    found = judge(rows)
    assert statuses(found, "mm10") == ["kept", "too_long", "n_content", "deleted", "kept"]
    assert statuses(found, "rn6") == ["leakage", "kept", "deleted", "deleted", "deleted"]
    assert decode(found.codes["mm10"][0]) == "ACGTACGTAC" and decode(found.codes["rn6"][1]) == "AAAAAAAAAA"
    assert decode(judge(rows, max_n_fraction=0.3).codes["mm10"][2]) == "NNACGTACGN"[:10]
    windows = pseudo_label(
        SEQUENCES.iloc[:1].assign(source=0, split="train", label=1), found.statuses["mm10"], "mm10", 10
    )
    assert windows.astype(object).to_numpy().tolist() == [["mm10", "a", 0, 10, "+", 1, "train", 0]]


def test_a_homolog_of_a_held_out_sequence_is_in_no_training_window(tmp_path: Path) -> None:
    same = "ACCCCCCCCT"
    rows = read(tmp_path, f"a,mm10,{same}", f"b,mm10,{decode(reverse_complement(encode(same)))}", f"v,rn6,{same}")
    assert statuses(judge(rows), "mm10")[:2] == ["leakage", "leakage"]
    assert statuses(judge(rows), "rn6")[3] == "kept", "it is not trained on, being of a validation sequence"
    assert statuses(judge(rows.iloc[:2]), "mm10")[:2] == ["kept", "kept"]


@pytest.mark.parametrize("text", ["CACCCCCCCG", "ACACACACACA", "ACCGTTACG"])
def test_a_reverse_complement_that_is_cropped_or_padded_to_others_is_the_same_sequence(
    tmp_path: Path, text: str
) -> None:
    mirrored = decode(reverse_complement(encode(text)))
    rows = read(tmp_path, f"a,mm10,{text}", f"v,mm10,{mirrored}")
    found = judge(rows, max_n_fraction=0.5)
    assert statuses(found, "mm10") == ["leakage", "deleted", "deleted", "kept", "deleted"]


def test_rows_that_are_passed_over_are_counted(tmp_path: Path) -> None:
    rows = read(
        tmp_path, "a,mm10,ACGTACGTAC", "a,mm10,AAAAAAAAAA", "z,mm10,ACGTACGTAC", "a,HPG,ACGT", "b,rn6,ACGTACGTAA"
    )
    found = judge(rows)
    assert found.counts.to_numpy().tolist() == [
        ["", "other_species", 1], ["mm10", "id_not_used", 1], ["mm10", "repeated", 1], ["mm10", "used", 1],
        ["rn6", "used", 1],
    ]  # fmt: skip
    assert decode(found.codes["mm10"][0]) == "ACGTACGTAC", "the first one"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["a,HPG,ACGT"], r"homologs\.csv: line 2: none of the species is in the genomes table: HPG"),
        (["x,mm10,ACGT"], "line 2: id 'x' is that of no human sequence, and so are all others \\(such as 'a'"),
        (["a,hg38,ACGT"], "no row is of another species than 'hg38'"),
        (["a,mm10,ACGT", "b,mm10,AC*T"], r"line 3: '\*' is not a base"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        judge(read(tmp_path, *rows))


def test_names_of_columns_that_only_human_sequences_have_are_no_error(tmp_path: Path) -> None:
    (tmp_path / "homologs.csv").write_text("of,species,sequence\na,mm10,ACGTACGTAC\n")
    settings = SequenceSettings(columns=["label=y", "split=fold", "id=of"])
    found = read_homologs([SequenceFile(str(tmp_path / "homologs.csv"))], settings, "hg38")
    assert found[["id", "sequence"]].to_numpy().tolist() == [["a", "ACGTACGTAC"]]


def test_a_file_without_ids_or_species_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column of id is found \(it has species, sequence: .*`sequence_columns`"):
        read(tmp_path, "mm10,ACGT", header="species,sequence")

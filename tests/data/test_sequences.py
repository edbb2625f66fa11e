"""Labelled sequences from files: labels, splits, places, and that no split leaks into another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regssl.data.sequence_codes import strandless_digests
from regssl.data.sequence_settings import SequenceFile, SequenceSettings, parse_sequence_file
from regssl.data.sequence_splits import split_sequences
from regssl.data.sequences import LabelledSequences, read_sequences
from regssl.data.settings import SPLITS, Splits
from regssl.errors import DataError
from regssl.sequences.encoding import decode, encode, reverse_complement

CHROMS = Splits(train=["chr1"], validation=["chr2"], test=["chr3"])
A, B, C, D = ("ACGT" * 5, "AACC" * 5, "GATTACA" * 2 + "GATTAC", "CCCCCCCCCCTTTTTTTTTT")


def read(
    folder: Path, text: str, cell: str = "x.csv", width: int | None = None, folds: Sequence[str] = (), **named: str
) -> LabelledSequences:
    """Read a file of some text, named in a cell of the table."""
    file = parse_sequence_file(cell)
    (folder / file.place).write_text(text)
    settings = SequenceSettings(columns=[f"{role}={name}" for role, name in named.items()], width=width, folds=folds)
    return read_sequences([file._replace(place=str(folder / file.place))], settings, "hg38")


def rows(header: str, *cells: str) -> str:
    return "\n".join([header, *cells, ""])


def counted(counts: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Counts of what was changed or left out."""
    remarks = counts[~counts["what"].isin(["read", "used"])]
    return {(row.what, row.split): row.sequences for row in remarks.itertuples()}


def test_files_by_split_and_label(tmp_path: Path) -> None:
    cells = ["train/1=a.fa", "train/0=b.fa", "validation/1=c.fa", "test/0=d.fa"]
    files = [parse_sequence_file(cell) for cell in cells]
    for file, sequence in zip(files, [A, B, C, D], strict=True):
        (tmp_path / file.place).write_text(f">{file.place}\n{sequence}\n")
    files = [file._replace(place=str(tmp_path / file.place)) for file in files]
    found = split_sequences(read_sequences(files, SequenceSettings(), "hg38"))
    table = found.table
    assert [decode(codes) for codes in found.codes] == [A, B, C, D]
    assert table["split"].tolist() == ["train", "train", "validation", "test"]
    assert found.labels.tolist() == [1, 0, 1, 0]
    assert table["id"].tolist() == table["chrom"].tolist() == ["a.fa", "b.fa", "c.fa", "d.fa"]
    assert (table["start"] == 0).all() and (table["end"] == 20).all() and (table["strand"] == "+").all()


def test_a_column_of_splits_and_labels_in_words(tmp_path: Path) -> None:
    text = rows("seq,y,set", f"{A},positive,training", f"{B},FALSE,dev", f"{C.lower()},1.0,Test", f"{D},neg,train")
    found = split_sequences(read(tmp_path, text))
    assert found.table["split"].tolist() == ["train", "validation", "test", "train"]
    assert found.labels.tolist() == [1, 0, 1, 0]
    assert found.table["id"].tolist() == ["train_1", "validation_1", "test_1", "train_2"], (
        "numbered where none is given"
    )


FOLDS = [A, B, C, D, A[1:] + "G", B[1:] + "G"]


@pytest.mark.parametrize(
    ("column", "names"),
    [("split", ["fold0", "fold1", "fold2", "fold3", "fold3", "fold4"]), ("fold", [0, 1, 2, 3, 3, 4]),
     ("CV_fold", ["0.0", "1.0", "2.0", "3.0", "3.0", "4.0"]),
     ("Fold", ["fold_00", "Fold 1", "fold-2", "3", "03", "4"])],
)  # fmt: skip
def test_folds_are_splits_by_name(tmp_path: Path, column: str, names: list[str | int]) -> None:
    """As CREsted's `split` column has them, `val_splits` and `test_splits`; train is the rest."""
    text = rows(f"sequence,label,{column}", *(f"{one},1,{name}" for one, name in zip(FOLDS, names, strict=True)))
    found = read(tmp_path, text, folds=["val=fold3", "test=4"]).table["split"].tolist()
    assert found == ["train", "train", "train", "validation", "validation", "test"]
    some = read(tmp_path, text, folds=["train=0", "train=1", "validation=3", "test=4"])
    assert some.table["split"].tolist() == ["train", "train", "", "validation", "validation", "test"]
    assert counted(split_sequences(some).counts) == {("in_no_split", ""): 1}


def test_of_folds_and_splits_those_that_are_asked_for_are_read(tmp_path: Path) -> None:
    text = rows("sequence,label,split,fold", f"{A},1,train,9", f"{B},0,val,8", f"{C},1,test,7", f"{D},1,train,")
    assert read(tmp_path, text).table["split"].tolist() == ["train", "validation", "test", "train"]
    by_fold = read(tmp_path, text, folds=["validation=9", "test=8"])
    assert by_fold.table["split"].tolist() == ["validation", "test", "train", ""] and "split" not in by_fold.columns
    with pytest.raises(DataError, match=r"no row is of fold '5' \(its folds are 7, 8, 9"):
        read(tmp_path, text, folds=["validation=5", "test=8"])
    with pytest.raises(DataError, match="no column of folds is found"):
        read(tmp_path, rows("sequence,label", f"{A},1"), folds=["validation=5", "test=8"])


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        (["8"], "'8' is not like validation=8"),
        (["validation=", "test=1"], "'validation=' is not like"),
        (["other=1", "test=2"], "'other=1' is not like"),
        (["validation=1", "test=fold1"], "fold '1' is named twice"),
        (["test=1"], "no fold is validation"),
    ],
)
def test_folds_that_say_nothing_are_refused(folds: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SequenceSettings(folds=folds)


def test_a_table_as_crested_writes_it(tmp_path: Path) -> None:
    """The `.var` of its AnnData as CSV, with sequences and labels: regions are the index, splits train, val, test."""
    var = pd.DataFrame({
        "chr": ["chr1", "chr2", "chr3"], "start": [10, 10, 10], "end": [30, 30, 30], "split": ["train", "val", "test"],
        "sequence": [A, B, C], "label": [1, 0, 1],
    }, index=pd.Index(["chr1:10-30", "chr2:10-30", "chr3:10-30"], name="region"))  # fmt: skip
    table = split_sequences(read(tmp_path, var.to_csv())).table
    assert table["split"].tolist() == list(SPLITS) and table["chrom"].tolist() == ["chr1", "chr2", "chr3"]
    assert (table["start"] == 10).all()


def test_files_by_other_names_of_splits() -> None:
    assert parse_sequence_file("val/1=a.fa") == SequenceFile("a.fa", "validation", "1")
    assert parse_sequence_file("training=a.fa") == SequenceFile("a.fa", "train")


def test_places_give_splits_and_stay(tmp_path: Path) -> None:
    text = rows(
        "hg38,species,sequence,label", f"chr1:100-120,hg38,{A},1", f"chr1:100-120,mm10,{D},1",
        f"chr2:1000-1022(-),hg38,{B},0", f"chr3:7-27,hg38,{C},0", f"chrX:7-27,hg38,{D},0",
    )  # fmt: skip
    read_ = read(tmp_path, text, id="hg38", place="hg38")
    found = split_sequences(read_, CHROMS)
    assert found.table.iloc[:, :5].astype(object).to_numpy().tolist() == [
        ["chr1", 100, 120, "train", "+"], ["chr2", 1001, 1021, "validation", "-"], ["chr3", 7, 27, "test", "+"],
    ]  # fmt: skip
    remarks = {("other_species", ""): 1, ("place_of_another_length", ""): 1, ("in_no_split", ""): 1}
    assert counted(found.counts) == remarks
    with pytest.raises(DataError, match="nothing gives the splits"):
        split_sequences(read_)


def test_places_as_a_browser_writes_them_are_one_based(tmp_path: Path) -> None:
    text = rows("region,sequence,label", f'"chr1:1,001-1,020",{A},1', f"chr2:1-20,{B},0", f"chr3:11-30,{C},0")
    assert split_sequences(read(tmp_path, text), CHROMS).table["start"].tolist() == [1000, 0, 10]


@pytest.mark.parametrize("width", [20, 21, 22, 23])
def test_a_place_has_the_bases_of_its_cropped_sequence(tmp_path: Path, width: int) -> None:
    genome = "".join(np.random.default_rng(3).choice(list("ACGT"), 100))
    minus = decode(reverse_complement(encode(genome[60:85])))
    text = rows(
        "place,sequence,label,split", f"chr1:20-45(+),{genome[20:45]},1,train", f"chr1:60-85(-),{minus},1,test",
        f",{A},0,dev",
    )  # fmt: skip
    found = split_sequences(read(tmp_path, text, width=width))
    for (start, end, strand), codes in zip(
        found.table[["start", "end", "strand"]].itertuples(index=False), found.codes, strict=True
    ):
        there = encode(genome[start:end])
        assert start == 0 or decode(codes) == decode(reverse_complement(there) if strand == "-" else there)


def test_places_that_are_ids_of_bedtools_getfasta(tmp_path: Path) -> None:
    headers = ["chr1:100-120(+)", "chr2:5-25(-)", "chr3:7-27(+)"]
    records = zip(headers, (A, B, C), strict=True)
    text = "".join(f">{header} label=1\n{sequence}\n" for header, sequence in records)
    table = split_sequences(read(tmp_path, text, "x.fa", place="id"), CHROMS).table
    assert table["id"].tolist() == headers and table["split"].tolist() == list(SPLITS)
    assert table["start"].tolist() == [100, 5, 7] and table["strand"].tolist() == ["+", "-", "+"]


def test_places_in_three_columns(tmp_path: Path) -> None:
    text = rows(
        "#chrom,start,end,sequence,label,split", f"chr1,5,25,{A},1,train", f",,,{B},0,dev", f"chr1,50,70,{C},0,test"
    )
    table = split_sequences(read(tmp_path, text)).table
    assert table["chrom"].tolist() == ["chr1", "validation_1", "chr1"] and table["start"].tolist() == [5, 0, 50]


def test_lengths_are_one_or_made_one(tmp_path: Path) -> None:
    text = rows("sequence,label,split", f"{A}AA,1,train", f"{B},0,dev", f"--{C[1:]}-N,0,test")
    with pytest.raises(DataError, match=r"line 3: a sequence of 20 bp, and .*line 2 has 22 bp \(.*`sequence_width`"):
        read(tmp_path, text)
    found = read(tmp_path, text, width=21)
    assert [decode(codes) for codes in found.codes] == [f"{A}A", f"N{B}", f"N{C[1:]}N"]
    assert {what: n for what, n in found.counts.items() if n} == {"cropped": 1, "padded": 2, "gaps_removed": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (rows("dna_,label", f"{A},1"), r"no column of sequences is found \(it has dna_, label"),
        (rows("sequence,bind", f"{A},1"), "no column of labels is found"),
        (rows("sequence,label", f"{A},1", f"{A},2"), r"line 3, column label: '2' is no label \(1 and 0"),
        (rows("sequence,label,split", f"{A},1,fold1"), r"line 2, column split: 'fold1' is no split \(train"),
        (rows("sequence,label,place", f"{A},1,chr1-7"), r"line 2, column place: 'chr1-7' is no place \(such as chr1:"),
        (rows("sequence,label,chrom,start,end", f"{A},1,chr1,-5,15"), "column start: '-5' is not a position"),
        (rows("sequence,label,chrom,start,end", f"{A},1,chr1,25,5"), "line 2, column end: '5' is not after the start"),
        (rows("sequence,label,place", f"{A},1,chr1:25-5"), "column place: 'chr1:25-5' is not after the start"),
        (rows("sequence,label", f"{A},1", f"{A[1:]}U,1"), r"line 3: 'U' is not a base \(is it RNA\? write T\)"),
        (rows("sequence,label", f"{A},1", "--,1"), "line 3: the sequence is empty"),
        (rows("sequence,label", "ACGT,1"), "line 2: sequences of 4 bp"),
        (
            rows("id,sequence,label", f"a,{A},1", f"b,{A},1", f"a,{A},1"),
            r"line 4: id 'a' is a duplicate of .*line 2 \(ids, of column id,",
        ),
        (rows("id,sequence,label", f"a b,{A},1"), "line 2: 'a b' cannot name a sequence"),
        (rows("species,sequence,label", f"mm10,{A},1"), r"column species: no row is of 'hg38'.*\(it has mm10\)"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_every_split_has_a_sequence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no sequence is in the validation split"):
        split_sequences(read(tmp_path, rows("sequence,label,split", f"{A},1,train", f"{B},0,test")))
    with pytest.raises(DataError, match=r"no sequence is left in the train split: repeats_held_out 1 \(are the splits"):
        split_sequences(read(tmp_path, rows("sequence,label,split", f"{A},1,train", f"{A},1,test", f"{B},0,dev")))


def labelled(
    codes: Sequence[np.ndarray], splits: Sequence[str], places: Sequence[tuple[str, int]]
) -> LabelledSequences:
    width, digests = len(codes[0]), strandless_digests(codes)
    table = pd.DataFrame({
        "id": [f"s{i}" for i in range(len(codes))], "label": np.arange(len(codes), dtype=np.uint8) % 2, "split": splits,
        "chrom": [chrom for chrom, _ in places], "start": [start for _, start in places],
        "end": [start + width for _, start in places], "strand": "+",
        "digest": digests, "digest_of_all": digests,
    })  # fmt: skip
    return LabelledSequences(table, np.stack(codes), {}, {})


def clash(a: set[str], b: set[str], place_a: tuple[str, int], place_b: tuple[str, int]) -> bool:
    """Whether two sequences of 3 bp are the same on some strand, or share a base."""
    return a == b or (place_a[0] == place_b[0] != "" and abs(place_a[1] - place_b[1]) < 3)


def test_nothing_that_is_held_out_or_overlaps_it_is_left_in_training() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        n = 60
        codes = list(random.integers(0, 4, (n, 3), np.uint8))
        splits = [*SPLITS, *random.choice(SPLITS, n - 3)]
        places = [(str(random.choice(["", "chr1", "chr2"])), int(random.integers(0, 400))) for _ in range(n)]
        codes[:3] = [encode("NAA"), encode("NCC"), encode("NGA")]  # so that no split can be left empty
        places[:3] = [("", 0)] * 3
        found = split_sequences(labelled(codes, splits, places))
        texts = [decode(code) for code in codes]

        strands = [{text, decode(reverse_complement(encode(text)))} for text in texts]
        rank = [SPLITS.index(split) for split in splits]
        kept = [
            i
            for i in range(n)
            if not any(clash(strands[i], strands[j], places[i], places[j]) for j in range(n) if rank[j] > rank[i])
        ]
        assert found.table["id"].tolist() == [f"s{i}" for i in kept]
        left_out = found.counts[found.counts["what"].str.endswith("held_out")]["sequences"].sum()
        assert left_out == n - len(kept) > 0


@pytest.mark.parametrize("width", [20, 21, 22, 23, 24, 25])
def test_a_sequence_that_is_held_out_is_left_out_however_it_is_cropped(tmp_path: Path, width: int) -> None:
    held_out = "GATTACAGATTACCCTGTTACA"
    mirrored = decode(reverse_complement(encode(held_out)))
    flanked = f"T{held_out}GG"
    text = rows("sequence,label,split", f"{mirrored},1,train", f"{flanked},1,train", f"{D},0,train", f"{A},0,dev")
    found = split_sequences(read(tmp_path, f"{text}{held_out},1,test\n", width=width))
    left = {decode(codes) for codes in found.codes[found.table["split"] == "train"]}
    assert not left & {decode(found.codes[-1]), decode(reverse_complement(found.codes[-1]))}
    assert "train_1" not in set(found.table["id"]), "the reverse complement"


def test_repeats_within_a_split_stay_and_are_counted() -> None:
    codes = [encode(text) for text in (A, B, C, "GGTT" * 5, B, D)]  # the fourth is B on the other strand
    splits = ["train", "train", "test", "train", "train", "validation"]
    found = split_sequences(labelled(codes, splits, [("", 0)] * 6))
    assert counted(found.counts) == {("repeated", "train"): 2, ("of_both_labels", "train"): 3}


def test_sequences_that_are_located_have_the_place_where_they_were_found() -> None:
    sequences = labelled(
        [encode(text) for text in (A, B, C, D)], ["train", "train", "validation", "test"], [("", 0)] * 4
    )
    located = pd.DataFrame({
        "id": ["s0", "s1", "s2", "s3"], "places": [1, 2, 0, 1], "chrom": ["chr7", "", "", "chr7"],
        "start": pd.array([50, None, None, 69], "Int64"), "strand": ["-", "", "", "+"],
    })  # fmt: skip
    found = split_sequences(sequences, located=located)
    assert len(found.bins) == 3
    assert found.table["chrom"].tolist() == ["s1", "s2", "chr7"], "the first overlaps the last"
    assert found.table["start"].tolist() == [0, 0, 69] and found.table["end"].tolist() == [20, 20, 89]
    assert counted(found.counts) == {
        ("located_once", ""): 2, ("located_never", ""): 1, ("located_often", ""): 1, ("overlaps_held_out", "train"): 1
    }  # fmt: skip
    with pytest.raises(DataError, match="located sequences is of others"):
        split_sequences(sequences, located=located.iloc[::-1])


def test_no_place_of_a_held_out_sequence_is_overlapped() -> None:
    random = np.random.default_rng(6)
    for _ in range(10):
        n = 40
        codes = [encode(format(i, "06b").translate(str.maketrans("01", "AC"))) for i in range(n)]  # all are different
        sequences = labelled(codes, [*SPLITS, *random.choice(SPLITS, n - 3)], [("", 0)] * n)
        sizes = [0, 0, 0, *random.choice([0, 1, 1, 2, 3], n - 3)]
        places = [[(f"chr{random.integers(2)}", int(random.integers(600))) for _ in range(size)] for size in sizes]
        rows_ = [(f"s{i}", len(own), *place) for i, own in enumerate(places) for place in own or [("", None)]]
        located = pd.DataFrame(rows_, columns=["id", "places", "chrom", "start"]).assign(strand="+")
        found = split_sequences(sequences, located=located.astype({"start": "Int64"}))

        rank = [SPLITS.index(split) for split in sequences.table["split"]]

        def overlap(i: int, j: int, places: list[list[tuple[str, int]]] = places) -> bool:
            return any(a[0] == b[0] and abs(a[1] - b[1]) < 6 for a in places[i] for b in places[j])

        kept = [i for i in range(n) if not any(overlap(i, j) for j in range(n) if rank[j] > rank[i])]
        assert found.table["id"].tolist() == [f"s{i}" for i in kept] and len(kept) < n
        held_out = {(f"s{i}", *place) for i in kept if rank[i] for place in places[i]}
        bins = found.bins[(found.bins["split"] != "train") & (found.bins["chrom"].astype(str) != found.bins["id"])]
        assert set(bins[["id", "chrom", "start"]].itertuples(index=False, name=None)) == held_out


def test_a_place_in_the_file_counts_where_a_sequence_is_not_located() -> None:
    places = [("chr1", 100), ("chr1", 110), ("chr2", 0), ("chr3", 0)]
    sequences = labelled([encode(text) for text in (A, B, C, D)], [""] * 4, places)
    table = sequences.table.assign(split=["train", "test", "test", "validation"])
    sequences = LabelledSequences(table, sequences.codes, {}, {})
    located = pd.DataFrame({
        "id": ["s0", "s1", "s2", "s3"], "places": [1, 0, 0, 1], "chrom": ["chr1", "", "", "chr9"],
        "start": pd.array([100, None, None, 7], "Int64"), "strand": ["+", "", "", "+"],
    })  # fmt: skip
    with pytest.raises(DataError, match="left in the train split: overlaps_held_out 1"):
        split_sequences(sequences, located=located)
    by_chromosome = LabelledSequences(table.assign(split=""), sequences.codes, {}, {})
    chroms = Splits(train=["chr1"], validation=["chr2"], test=["chr9"])
    found = split_sequences(by_chromosome, chroms, located)
    assert found.table["split"].tolist() == ["train", "train", "validation", "test"]
    assert found.table["chrom"].tolist() == ["chr1", "s1", "s2", "chr9"]
    assert found.bins.iloc[4:][["chrom", "start", "split"]].astype(object).to_numpy().tolist() == [
        ["chr2", 0, "validation"]
    ]


def test_an_id_is_no_chromosome_of_others() -> None:
    sequences = labelled([encode(text) for text in (A, B, C)], list(SPLITS), [("s1", 7), ("", 0), ("chr1", 0)])
    with pytest.raises(DataError, match="sequence 's1' has no place, and the name of a chromosome of others"):
        split_sequences(sequences)


def test_several_files_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(rows("sequence,label", f"{A},1"))
    (tmp_path / "b.tsv").write_text(rows("label\tsequence", f"x\t{B}"))
    files = [SequenceFile(str(tmp_path / "a.csv"), "train"), SequenceFile(str(tmp_path / "b.tsv"), "test")]
    with pytest.raises(DataError, match=r"b\.tsv: line 2, column label: 'x' is no label"):
        read_sequences(files, SequenceSettings(), "hg38")

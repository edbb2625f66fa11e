"""Outputs are gzipped by their name, whichever command writes them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from regssl.cli import main
from regssl.io.outputs import open_output
from regssl.io.tsv import read_tsv, write_tsv

CHAIN = "chain 9 t1 100 + 0 100 q1 100 + 0 100 1\n100\n\n"


@pytest.mark.parametrize("name", ["x.bed", "x.bed.gz", "x.gz.bed"])
def test_only_names_that_end_in_gz_are_gzipped_without_name_or_time(tmp_path: Path, name: str) -> None:
    written = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        with open_output(tmp_path / folder / name) as file:
            file.write(b"t1\t0\t5\n")
        written.append((tmp_path / folder / name).read_bytes())
    assert written[0] == written[1]
    assert (gzip.decompress(written[0]) if name.endswith(".gz") else written[0]) == b"t1\t0\t5\n"


def test_tables(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ["a", "ü"], "n": [1, 2]})
    for name in ("x.tsv", "x.tsv.gz"):
        write_tsv(table, tmp_path / name)
    assert gzip.decompress((tmp_path / "x.tsv.gz").read_bytes()) == (tmp_path / "x.tsv").read_bytes()
    pd.testing.assert_frame_equal(read_tsv([tmp_path / "x.tsv.gz"], {"id": "str", "n": "int64"}), table)


def test_lift(tmp_path: Path) -> None:
    (tmp_path / "in.bed").write_text("t1\t0\t5\nt1\t200\t205\n")
    (tmp_path / "x.chain").write_text(CHAIN)
    arguments = [str(tmp_path / name) for name in ("in.bed", "x.chain", "out.bed.gz", "unmapped.bed.gz")]
    assert main(["lift", *arguments]) == 0
    mapped, unmapped = (gzip.decompress(Path(path).read_bytes()).decode() for path in arguments[2:])
    assert mapped == "q1\t0\t5\n" and unmapped.endswith("\nt1\t200\t205\n")

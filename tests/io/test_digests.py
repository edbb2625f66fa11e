from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from regssl.errors import DataError
from regssl.io.atomic import write_text
from regssl.io.digests import check_digest, digest_path, digested_path
from regssl.io.parquet import load_table, save_table


def write(path: Path, text: str) -> Path:
    with digested_path(path) as aside:
        aside.write_text(text)
    return path


def test_the_digest_is_that_of_sha256sum(tmp_path: Path) -> None:
    write(tmp_path / "a.tsv", "x\n1\n")
    expected = hashlib.sha256(b"x\n1\n").hexdigest()
    assert digest_path(tmp_path / "a.tsv").read_text() == f"{expected}  a.tsv\n"
    check = ["sha256sum", "--check", "--strict", ".a.tsv.sha256"]
    subprocess.run(check, cwd=tmp_path, check=True, capture_output=True)
    check_digest(tmp_path / "a.tsv")


def test_a_changed_file_and_a_changed_digest_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "x\n1\n")
    path.write_text("x\n2\n")
    with pytest.raises(DataError, match=r"a\.tsv: not as it was written: .* delete \.a\.tsv\.sha256"):
        check_digest(path)
    write(path, "x\n2\n")
    check_digest(path)
    digest_path(path).write_bytes(b"\xff")
    with pytest.raises(DataError, match="not as it was written"):
        check_digest(path)
    digest_path(path).unlink()
    check_digest(path)


def test_a_file_that_replaces_another_has_not_its_digest(tmp_path: Path) -> None:
    path = write(tmp_path / "a.bed", "chr1\t1\t2\n")
    write_text(path, "chr1\t3\t4\n")
    check_digest(path)
    assert not digest_path(path).exists()


def test_what_is_no_file_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "null").symlink_to("/dev/null")
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    for name in ("null", "pipe"):
        write(tmp_path / name, "x")
    assert reader.communicate()[0] == b"x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["null", "pipe"]
    write(Path("/dev/null"), "x")
    assert not Path("/dev/.null.sha256").exists()


def test_a_write_that_fails_keeps_file_and_digest(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "x")
    with pytest.raises(ValueError, match="no"), digested_path(path):
        raise ValueError("no")
    check_digest(path)
    assert path.read_text() == "x"


def test_a_link_and_what_it_leads_to_have_one_digest(tmp_path: Path) -> None:
    path, link = tmp_path / "a.tsv", tmp_path / "link.tsv"
    link.symlink_to("a.tsv")
    for first, second in ((path, link), (link, path)):
        write(first, "x")
        write(second, "y")
        check_digest(first)
        check_digest(second)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".a.tsv.sha256", "a.tsv", "link.tsv"]
    subprocess.run(["sha256sum", "--check", ".a.tsv.sha256"], cwd=tmp_path, check=True, capture_output=True)


def test_a_table_that_pandas_wrote_again_is_refused_with_the_way_out(tmp_path: Path) -> None:
    save_table(pd.DataFrame({"start": [1, 2]}), tmp_path / "x.parquet")
    table = pd.read_parquet(tmp_path / "x.parquet")
    table["start"] += 1
    table.to_parquet(tmp_path / "x.parquet")
    with pytest.raises(DataError, match=r"x\.parquet: .*a digest is wrong .*call `table\.attrs\.clear\(\)` before"):
        load_table(tmp_path / "x.parquet")
    table.attrs.clear()
    table.to_parquet(tmp_path / "x.parquet")
    assert load_table(tmp_path / "x.parquet")["start"].tolist() == [2, 3]


def test_a_table_without_rows_is_as_it_was_written(tmp_path: Path) -> None:
    """Such are the homologs of a genome that has none; Parquet does not keep the type of categories without any."""
    empty = pd.DataFrame({"split": pd.Categorical([]), "chrom": pd.Categorical([], categories=["a"])})
    save_table(empty, tmp_path / "empty.parquet")
    assert list(load_table(tmp_path / "empty.parquet")) == ["split", "chrom"]


@pytest.mark.parametrize("categories", [[], ["a"], [1, 2]])
def test_categories_without_any_value_are_as_they_were_written(tmp_path: Path, categories: list[object]) -> None:
    """Such are the nearest training windows of an audit that finds none similar."""
    missing = pd.DataFrame({"chrom": pd.Categorical([None, None], categories=categories), "start": [1, 2]})
    save_table(missing, tmp_path / "missing.parquet")
    loaded = load_table(tmp_path / "missing.parquet")
    assert loaded["chrom"].isna().all() and isinstance(loaded["chrom"].dtype, pd.CategoricalDtype)
    assert list(missing["chrom"].cat.categories) == categories

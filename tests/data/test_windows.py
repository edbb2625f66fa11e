"""Tables of windows."""

from __future__ import annotations

import pandas as pd

from regssl.data.windows import COLUMNS, constant_column, window_names, window_table, window_width


def windows() -> pd.DataFrame:
    rows = [("hg38", "c", 10 * i, 10 * i + 10, "+", i % 2, "test", 200 + i) for i in range(3)]
    return window_table(pd.DataFrame(rows, columns=COLUMNS, index=[7, 8, 9]))


def test_names_give_the_place_of_a_window() -> None:
    assert window_names(windows())[1] == "hg38:c:10-20(+) label=1 split=test source=201"


def test_a_table_has_the_same_types_whatever_its_rows() -> None:
    table = windows()
    assert table.index.tolist() == [0, 1, 2] and list(table.columns) == COLUMNS
    types = {"genome": "category", "chrom": "category", "start": "int64", "end": "int64", "strand": "category",
             "label": "uint8", "split": "category", "source": "int64"}  # fmt: skip
    assert table.dtypes.astype(str).to_dict() == window_table(table.iloc[:0]).dtypes.astype(str).to_dict() == types
    assert window_width(table) == 10


def test_a_constant_column() -> None:
    column = constant_column("hg38", 3)
    assert list(column) == ["hg38"] * 3 and len(constant_column("hg38", 0)) == 0

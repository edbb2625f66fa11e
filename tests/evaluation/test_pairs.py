"""Which methods are compared with which, and the comparison of those that share fewer human windows."""

from __future__ import annotations

import pandas as pd

from regssl.evaluation.pairs import at_subset, pairs, train_subsets
from regssl.methods import Subset

HALF, QUARTER = Subset(train_percent=50), Subset(train_percent=25)


def test_who_is_compared_with_whom() -> None:
    others = ["sl", "sl_oversampled", "gc_logistic", "sl-train25", "ssl-train25", "ssl-nearest4"]
    found = pairs(["ssl", *others])
    assert found[:6] == [("ssl", other) for other in others]
    assert found[6:] == [("sl_oversampled", "sl"), ("ssl-train25", "sl-train25")]
    assert pairs(["sl", "gc_logistic"]) == []
    assert pairs(["sl_noise", "ssl_ns"]) == [("ssl_ns", "sl_noise")]


def test_methods_of_fewer_human_windows_are_compared_among_themselves_as_those_of_all() -> None:
    methods = ["sl", "ssl", "sl_noise", "ssl_ns"]
    on_all = pairs(methods)
    on_half = pairs([f"{method}-train50" for method in methods])
    assert on_half == [tuple(f"{method}-train50" for method in pair) for pair in on_all]
    both = pairs([*methods, "sl-train50", "sl_noise-train25", "ssl-train25"])
    assert [pair for pair in both if pair[0] != "ssl"] == [
        *(pair for pair in on_all if pair[0] != "ssl"),
        ("ssl-train25", "sl_noise-train25"),
    ], "never across sizes, but SSL on all data with everything"


def test_subsets_are_those_of_human_windows() -> None:
    methods = ["ssl", "sl-train50", "ssl-nearest4", "ssl-train25", "ssl-train50", "sl-fold1", "sl-train25-fold2"]
    assert train_subsets(methods) == [HALF, QUARTER]


def test_a_subset_is_a_comparison_of_its_own() -> None:
    table = pd.DataFrame({
        "method": ["ssl", "ssl", "ssl-train50", "sl_noise-train50", "ssl-train25"],
        "baseline": ["sl", "sl-train50", "sl-train50", "sl-train50", "sl-train25"],
        "p": [0.1, 0.2, 0.3, 0.4, 0.5],
    })  # fmt: skip
    own = at_subset(table, HALF)
    assert own.to_dict("list") == {"method": ["ssl", "sl_noise"], "baseline": ["sl", "sl"], "p": [0.3, 0.4]}
    assert at_subset(table.drop(columns="baseline"), QUARTER)["method"].tolist() == ["ssl"]


def test_a_comparison_may_have_no_row_of_a_subset() -> None:
    table = pd.DataFrame({"method": ["ssl"], "baseline": ["sl"], "p": [0.1]})
    for empty in (at_subset(table, HALF), at_subset(table.iloc[:0], HALF)):
        assert list(empty) == ["method", "baseline", "p"] and empty.empty

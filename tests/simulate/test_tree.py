"""Species trees."""

from __future__ import annotations

import pytest

from regssl.errors import ConfigError
from regssl.simulate.tree import parse_newick

SMALL = parse_newick("((human:0.1,mouse:0.4)ancestor:0.05,opossum:0.5)root;")


def test_leaves_paths_and_distances():
    assert SMALL.leaves() == ["human", "mouse", "opossum"]
    assert [node.name for node in SMALL.path("mouse")] == ["root", "ancestor", "mouse"]
    assert SMALL.path("dog") == []
    assert SMALL.last_common_ancestor("human", "mouse") == "ancestor"
    assert SMALL.last_common_ancestor("human", "opossum") == "root"
    assert SMALL.distance("human", "mouse") == pytest.approx(0.5)
    assert SMALL.distance("human", "opossum") == pytest.approx(0.65)


def test_spaces_and_missing_lengths():
    tree = parse_newick(" ( a , b:2 ) c ; ")
    assert [(child.name, child.length) for child in tree.children] == [("a", 0), ("b", 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(a:1,b:1)c", "unexpected end"),
        ("(a:1,b:1)c;d;", "unexpected ;d;"),
        ("(a:1,b:1;", "a bracket is not closed"),
        ("((a:1,b:1):1,c:1)d;", "a node has no name before ':1"),
        ("(a:1,b:1);", "a node has no name before ';'"),
        ("", "a node has no name"),
        ("(a:1,b:x)c;", "node b: length 'x' is not a number"),
        ("(a:1,a:1)c;", "node 'a' occurs twice"),
    ],
)
def test_damaged_trees(text: str, message: str):
    with pytest.raises(ConfigError, match=message):
        parse_newick(text)

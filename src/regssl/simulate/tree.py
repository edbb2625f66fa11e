"""The species tree of a simulation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regssl.errors import ConfigError


@dataclass(frozen=True)
class Node:
    """A node with the branch that leads to it.

    Attributes:
        name: species, or name of the ancestor.
        length: substitutions per site on the branch above (0 for the root).
        children: empty for an extant species.
    """

    name: str
    length: float
    children: tuple[Node, ...] = ()

    def leaves(self) -> list[str]:
        """Return the names of the extant species, in the order of the tree."""
        return [self.name] if not self.children else [leaf for child in self.children for leaf in child.leaves()]

    def path(self, leaf: str) -> list[Node]:
        """Return the nodes from this one down to `leaf`; empty if it is not a descendant."""
        if self.name == leaf:
            return [self]
        below = next((path for child in self.children if (path := child.path(leaf))), [])
        return [self, *below] if below else []

    def last_common_ancestor(self, a: str, b: str) -> str:
        """Return the name of the last common ancestor of two leaves."""
        shared = [node.name for node in self.path(a) if node in self.path(b)]
        return shared[-1]

    def distance(self, a: str, b: str) -> float:
        """Return the substitutions per site between two leaves, the sum of the branches between them."""
        one, other = self.path(a), self.path(b)
        return sum(node.length for node in one if node not in other) + sum(
            node.length for node in other if node not in one
        )


def parse_newick(text: str) -> Node:
    """Parse a Newick tree in which every node is named: `((human:0.1,mouse:0.4)ancestor:0.1,opossum:0.5)root;`.

    Raises:
        ConfigError: brackets do not match, a node has no name, a name occurs twice, a length is not a number.
    """
    tokens = re.findall(r"[(),;]|[^(),;\s]+", text)
    node, rest = _node(tokens, text)
    if rest != [";"]:
        raise ConfigError(
            f"tree {text!r}: unexpected {''.join(rest) or 'end'}", "a Newick tree ends with one semicolon"
        )
    names = _names(node)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"tree {text!r}: node {twice!r} occurs twice", "give every node its own name")
    return node


def _node(tokens: list[str], text: str) -> tuple[Node, list[str]]:
    """Parse the node at the head of `tokens`; return it and the tokens after it."""
    children: list[Node] = []
    if tokens[:1] == ["("]:
        while tokens[:1] in (["("], [","]) and tokens[1:]:
            child, tokens = _node(tokens[1:], text)
            children.append(child)
        if tokens[:1] != [")"]:
            raise ConfigError(f"tree {text!r}: a bracket is not closed", "each ( needs its )")
        tokens = tokens[1:]
    name, _, length = tokens[0].partition(":") if tokens else ("", "", "")
    if not name or name in "(),;":
        raise ConfigError(f"tree {text!r}: a node has no name before {''.join(tokens[:3])!r}", "name ancestors too")
    try:
        return Node(name, float(length or 0), tuple(children)), tokens[1:]
    except ValueError:
        raise ConfigError(f"tree {text!r}: node {name}: length {length!r} is not a number", "write name:0.1") from None


def _names(node: Node) -> list[str]:
    return [node.name, *(name for child in node.children for name in _names(child))]

"""Which code makes a result: a hash of what a command runs, so that an edited library reruns what it may change.

From the command's function, every name is followed to the function, class or constant it stands for, through all
modules of the package. Comments, docstrings and layout do not count, nor do other definitions of the same modules.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from regssl.models import ARCHITECTURES

Definition = tuple[str, str]
"""Module and name; the name "" stands for the statements of a module that define nothing, which run at its import."""

COMMANDS = tuple(f"regssl.cli.{path.stem}" for path in sorted(Path(__file__).parent.glob("cli/[a-z]*.py")))
NOT_FOLLOWED = ("regssl", "regssl.errors", "regssl.io.atomic", "regssl.training.provenance")
"""Modules that do not decide what a result is, but how it is written and described."""


@cache
def code_version(command: str, architecture: str | None = None) -> str:
    """Hash the code that a command of `regssl` runs.

    Args:
        command: such as `find-homologs`.
        architecture: for commands that build networks, the architecture: a registered name or `package.module:Class`.

    Returns:
        16 hexadecimal digits. They may change with the minor version of Python.
    """
    digest = hashlib.sha256()
    for (module, name), text in sorted(definitions(command, architecture).items()):
        digest.update(f"{module}:{name}\n{text}\n".encode())
    return digest.hexdigest()[:16]


def definitions(command: str, architecture: str | None = None) -> dict[Definition, str]:
    """All definitions that a command may use, with their source. Arguments as for `code_version`."""
    function = command.replace("-", "_")
    pending = [(group, function) for group in COMMANDS if function in _module(group).definitions]
    assert len(pending) == 1, f"no command '{command}'"
    if architecture:
        module, _, name = ARCHITECTURES.get(architecture, architecture).partition(":")
        pending.append((module, name))
    roots = {module.partition(".")[0] for module, _ in pending}
    found: dict[Definition, str] = {}
    while pending:
        definition = pending.pop()
        if definition not in found:
            found[definition], uses = _look(*definition)
            pending += [(module, name) for module, name in uses if module.partition(".")[0] in roots]
    return found


class _Module:
    """The definitions of a module by name, what it imports by name, and its other statements."""

    def __init__(self, name: str) -> None:
        path = _path(name)
        tree = ast.parse(path.read_text() if path else "")
        _drop_docstrings(tree)
        self.package = name if path and path.name == "__init__.py" else name.rpartition(".")[0]
        self.imports = _imports(tree.body, self.package)
        self.definitions: dict[str, ast.stmt] = {}
        self.others: list[ast.stmt] = []
        for statement in tree.body:
            names = _defined(statement)
            self.definitions |= dict.fromkeys(names, statement)
            if not names and not isinstance(statement, ast.Import | ast.ImportFrom):
                self.others.append(statement)


@cache
def _module(name: str) -> _Module:
    return _Module(name)


def _look(module: str, name: str) -> tuple[str, set[Definition]]:
    """The source of a definition, and the definitions it uses."""
    if module in NOT_FOLLOWED:
        return "", set()
    home = _module(module)
    if name == "*":  # a module as a whole
        return "", {(module, each) for each in ("", *home.definitions)}
    if name in home.imports:  # taken from another module and passed on
        return "", {home.imports[name]}
    if name and name not in home.definitions:
        return "", {(f"{module}.{name}", "*")} if _path(f"{module}.{name}") else set()
    statements = [home.definitions[name]] if name else home.others
    nodes = [node for statement in statements for node in ast.walk(statement)]
    imports = home.imports | _imports(nodes, home.package)
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    uses = {imports.get(each, (module, each)) for each in names if each in imports or each in home.definitions}
    return "\n".join(map(ast.unparse, statements)), uses | {(module, "")}


def _imports(nodes: Iterable[ast.AST], package: str) -> dict[str, Definition]:
    """The names that import statements make, and what they stand for."""
    found: dict[str, Definition] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            found |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0]: (alias.name, "*") for alias in node.names}
    return found


def _defined(statement: ast.stmt) -> list[str]:
    """The names that a statement of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def _path(module: str) -> Path | None:
    """The source file of a module, without importing it or, in this package, what it lies in."""
    root, _, rest = module.partition(".")
    if root != "regssl":
        spec = importlib.util.find_spec(module)
        return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
    place = Path(__file__).parent.joinpath(*rest.split(".") if rest else [])
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        for statements in (getattr(node, field, None) for field in ("body", "orelse")):
            if isinstance(statements, list):
                texts = [each for each in statements if isinstance(each, ast.Expr) and _is_text(each.value)]
                for text in texts:
                    statements.remove(text)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.body:
            node.body.append(ast.Pass())


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)

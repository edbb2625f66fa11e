"""Compilation of kernels by numba, with machine code kept on disk: it spares a command time, but never stops it.

It is kept in `NUMBA_CACHE_DIR`, in `__pycache__` beside the source, in the user's cache folder, or in the temporary
folder `regssl-UID`: the first that can be written. What is damaged, or of another source or numba, is compiled again.
Importing numba takes half a second: only modules of kernels import this one.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import numba
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from regssl.io.atomic import atomic_path

Function = TypeVar("Function", bound=Callable[..., Any])
_DIGEST_BYTES = hashlib.sha256().digest_size
_NoCache: Any = NullCache
_Compiled: Any = CompileResult


def njit(**options: Any) -> Callable[[Function], Function]:
    """Compile a function with `numba.njit(**options)`, kept on disk where that is possible."""

    def compile_lazily(function: Function) -> Function:
        compiled: Any = numba.njit(**options)(function)
        with suppress(OSError):  # a source that is no file
            compiled._cache = _Cache(function)
        return compiled  # type: ignore[no-any-return]

    return compile_lazily


class _Cache(_NoCache):  # type: ignore[misc]
    """A file for each function, closure, signature and processor; it begins with a digest of all that it depends on.

    numba's own cache knows no damage, no constants of other modules, and two processes at once can mix up its files.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._source = function, Path(function.__code__.co_filename)
        self._stamp = f"{numba.__version__} {_digest_sources(self._source)} {function.__code__.co_code!r}"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the machine code of a signature; None where there is none, or it is damaged or of something else."""
        target_context.refresh()
        name, identity = self._identify(sig, target_context.codegen())
        for folder in _folders(self._source):
            with suppress(Exception):
                data = (folder / name).read_bytes()
                machine_code = data[_DIGEST_BYTES:]  # as trusted as the `.pyc` files beside it
                if hashlib.sha256(identity + machine_code).digest() == data[:_DIGEST_BYTES]:
                    return _Compiled._rebuild(target_context, *pickle.loads(machine_code))
        return None

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Write machine code into the first folder that takes it."""
        if cres.lifted or cres.library.has_dynamic_globals:  # addresses of this process
            return
        name, identity = self._identify(sig, cres.codegen)
        for folder in _folders(self._source):
            with suppress(Exception), atomic_path(folder / name) as aside:
                machine_code = dumps(cres._reduce())
                aside.write_bytes(hashlib.sha256(identity + machine_code).digest() + machine_code)
                return

    def _identify(self, sig: Any, codegen: Any) -> tuple[str, bytes]:
        """Return the name of a file, and all that its content depends on."""
        which = (_describe(self._function), sig, codegen.magic_tuple())
        identity = repr((*which, sys.implementation.cache_tag))
        name = f"{self._source.stem}.{self._function.__name__}.{hashlib.sha256(identity.encode()).hexdigest()[:16]}.nbc"
        return name, f"{identity} {self._stamp}".encode()


def _describe(value: Any) -> str:
    """Describe a function by its file, name and closure, anything else as it prints: alike in every process."""
    function = getattr(value, "py_func", value)
    if not isinstance(function, FunctionType):
        return repr(value)
    closure = [_describe(cell.cell_contents) for cell in function.__closure__ or ()]
    return f"{function.__code__.co_filename} {function.__qualname__} {closure}"


def _digest_sources(file: Path) -> str:
    """Return a digest of a file of kernels and of the modules that it imports: their constants are compiled in."""
    text = file.read_text(encoding="utf-8")
    modules = [sys.modules.get(name) for name in re.findall(r"^from (\w[\w.]*) import", text, re.MULTILINE)]
    files = [Path(place) for module in modules if (place := getattr(module, "__file__", None))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in [file, *files])).hexdigest()


def _folders(source: Path) -> Iterator[Path]:
    """Give the folders where machine code may be kept, the best first."""
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(chosen)
    yield source.parent / "__pycache__"
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 (raises without a home)
    if os.path.isabs(home):  # noqa: PTH117
        yield Path(home, "regssl")
    own = Path(tempfile.gettempdir(), f"regssl-{os.geteuid()}")
    with suppress(OSError):
        own.mkdir(mode=0o700, exist_ok=True)
        found = own.lstat()  # in a folder that others may write, they could put their own code
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077:
            yield own

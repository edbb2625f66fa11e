"""Compilation of kernels by numba, with a cache of machine code that can slow a command down but never stop it.

The cache is in `NUMBA_CACHE_DIR`, in `__pycache__` beside the source, in the user's cache folder, or in the temporary
folder `regssl-UID`: the first that can be written. Where none can, the disk is full, or what is there is damaged or of
another version, the kernel is compiled again. Importing numba takes half a second: only modules of
kernels import this one.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)
from numba.core.serialize import dumps

from regssl.io.atomic import atomic_path

Function = TypeVar("Function", bound=Callable[..., Any])
_DIGEST_BYTES = hashlib.sha256().digest_size


def njit(**options: Any) -> Callable[[Function], Function]:
    """Compile a function with `numba.njit(**options)`, cached on disk where that is possible."""

    def compile_lazily(function: Function) -> Function:
        compiled: Any = numba.njit(**options)(function)
        if hasattr(compiled, "enable_caching"):  # not with NUMBA_DISABLE_JIT
            with suppress(Exception):  # no place for a cache, or another numba: compiled in every process
                compiled._cache = _Cache(function)
        return compiled  # type: ignore[no-any-return]

    return compile_lazily


_CompileResultCacheImpl: Any = CompileResultCacheImpl
_FunctionCache: Any = FunctionCache
_UserWideCacheLocator: Any = UserWideCacheLocator


class _InTemporaryFolder(_UserWideCacheLocator):  # type: ignore[misc]
    """A folder among the temporary ones that nobody but the user can write: machine code is taken from it."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        super().__init__(function, file)
        folder = Path(tempfile.gettempdir(), f"regssl-{os.geteuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError(folder)
        self._cache_path = str(folder / self.get_suitable_cache_subpath(file))


class _Places(_CompileResultCacheImpl):  # type: ignore[misc]
    """Where a cache may be; not in a folder called `~`, which numba makes for a user without a home."""

    _locator_classes = (
        UserProvidedCacheLocator,
        InTreeCacheLocator,
        *([UserWideCacheLocator] if os.path.isabs(os.path.expanduser("~")) else []),  # noqa: PTH111, PTH117
        _InTemporaryFolder,
    )


class _Cache(_FunctionCache):  # type: ignore[misc]
    """numba's cache of one function, of which nothing but a good answer comes."""

    _impl_class = _Places
    _cache_file: Any

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = (self._cache_file._source_stamp, _stamp_imports(function.__code__.co_filename))
        self._cache_file = _Overloads(Path(self._cache_path), self._impl.filename_base, stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(Exception):
            super().save_overload(sig, data)


def _stamp_imports(file: str) -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of the modules that a file of kernels imports: their constants are compiled in.

    numba itself looks at the file of the kernel only.
    """
    modules = re.findall(r"^from (\w[\w.]*) import", Path(file).read_text(encoding="utf-8"), re.MULTILINE)
    files = [(name, getattr(sys.modules.get(name), "__file__", None)) for name in modules]
    found = [(name, Path(place).stat()) for name, place in files if place]
    return tuple((name, stamp.st_mtime_ns, stamp.st_size) for name, stamp in found)


class _Overloads:
    """Machine code of one function, a file for each signature, with a digest of all that follows it.

    In place of numba's index and numbered files, which two processes that begin at once may mix up.
    """

    def __init__(self, folder: Path, base: str, stamp: Any) -> None:
        self._folder, self._base, self._version = folder, base, (numba.__version__, stamp)

    def load(self, key: Any) -> Any:
        """Return what was saved under `key` by the same source and the same numba; None if nothing was."""
        data = self._path(key).read_bytes()
        machine_code = data[_DIGEST_BYTES:]  # as trusted as the `.pyc` files beside it
        if hashlib.sha256(machine_code).digest() != data[:_DIGEST_BYTES]:
            return None
        version, saved_key, code = pickle.loads(machine_code)
        return code if (version, saved_key) == (self._version, key) else None

    def save(self, key: Any, code: Any) -> None:
        """Write a file whole or not at all."""
        content = dumps((self._version, key, code))
        path = self._path(key)
        with atomic_path(path) as aside:
            aside.write_bytes(hashlib.sha256(content).digest() + content)

    def _path(self, key: Any) -> Path:
        signature, processor, (_, closure) = key  # without the hash of the code: other code is written over
        name = hashlib.sha256(repr((signature, processor, closure)).encode()).hexdigest()[:16]
        return self._folder / f"{self._base}.{name}.nbc"

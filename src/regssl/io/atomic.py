"""Writing files so that a final name always holds a whole file.

A regular file, or a new one, is written into a hidden folder beside it, `.X.RANDOM/X`, synchronised with the disk and
renamed. Symbolic links are followed. What is no file (a pipe, `/dev/stdout`, `/dev/null`) is never replaced: it gets
the whole content once that is complete.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from regssl.errors import ConfigError, DataError, RegsslError
from regssl.io.scratch import LOCK, scratch_folder

MAX_LINKS = 40
"""Symbolic links followed one after the other, as Linux does."""
MAX_PREFIX_BYTES = 200
"""Bytes of a file's name in that of its hidden folder; a name has at most 255."""


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path; on success what was written there becomes `path`, on any error it is removed.

    The temporary name is that of `path`, so writers that look at suffixes do the right thing. A new file has the
    permissions of any new file, whatever the writer gave it; one that is replaced leaves its own to the new one.

    Raises:
        DataError: `path` is a folder, or cannot be written, or the disk is full.
    """
    path = Path(path)
    with ExitStack() as stack:
        with _naming(path):
            place = _place(path)
            if place.is_file:
                place.path.parent.mkdir(parents=True, exist_ok=True)
                prefix = os.fsdecode(os.fsencode(f".{place.path.name}")[:MAX_PREFIX_BYTES])
                folder = stack.enter_context(scratch_folder(place.path.parent, f"{prefix}."))
            else:
                folder = stack.enter_context(scratch_folder())
        aside = folder / path.name
        try:
            yield aside
        except RegsslError:
            raise
        except Exception as error:
            if is_disk_full(error):
                raise write_error(path, error) from error
            raise
        with _naming(path):
            if place.is_file:
                shutil.copymode(folder / LOCK, aside)
                rename_synchronised(aside, place.path)
            else:
                _copy_into(place, aside)


class _Place(NamedTuple):
    """Where a path leads: a file that is there or can be, a device or pipe, or an open descriptor."""

    path: Path
    is_file: bool
    descriptor: int | None = None


def _place(path: Path) -> _Place:
    """Follow the symbolic links of an output.

    Raises:
        OSError: nothing can be written there.
    """
    place = path
    for _ in range(MAX_LINKS):
        place = Path(os.path.realpath(place.parent), place.name)
        if place.name.isdigit() and str(place.parent) in (f"/proc/{os.getpid()}/fd", "/dev/fd"):
            os.fstat(int(place.name))  # raises where it is not open
            return _Place(place, False, int(place.name))
        if not place.is_symlink():
            return _Place(place, _is_file(place))
        place = place.parent / place.readlink()
    raise _os_error(errno.ELOOP)


def _is_file(place: Path) -> bool:
    """Check that a path is that of a file, or can be (True), or of a device or pipe (False).

    Raises:
        OSError: it is neither, or may not be written.
    """
    try:
        mode = place.stat().st_mode
    except FileNotFoundError:
        folder = next(parent for parent in place.parents if parent.exists())
        if not folder.is_dir():
            raise _os_error(errno.ENOTDIR) from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _os_error(errno.EACCES) from None
        return True
    if stat.S_ISDIR(mode):
        raise _os_error(errno.EISDIR)
    if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        raise _os_error(errno.EINVAL)
    if not os.access(place, os.W_OK):
        raise _os_error(errno.EACCES)
    return stat.S_ISREG(mode)


def _os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def rename_synchronised(aside: Path, target: Path) -> None:
    """Put a file in its place, so that after a power cut the place holds the old file or the new one, whole.

    The digest of the old file goes first: it must not condemn the new one.
    """
    with suppress(FileNotFoundError):
        shutil.copymode(target, aside)
    _synchronise(aside)
    with suppress(OSError):  # none, or the name would be too long for one
        digest_path(target).unlink()
    aside.replace(target)
    _synchronise(target.parent)


def digest_path(path: str | Path) -> Path:
    """Return the path of the digest of a file that has it beside it; of a symbolic link, beside what it leads to."""
    file = Path(os.path.realpath(path))
    return file.with_name(f".{file.name}.sha256")


def _synchronise(path: Path) -> None:
    """Have a file or folder on the disk, where the file system can."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def _copy_into(place: _Place, aside: Path) -> None:
    """Write a file's content into a device, pipe or open descriptor, where the last one's writing ended."""
    if place.descriptor is None:
        descriptor = os.open(place.path, os.O_WRONLY | os.O_NOCTTY)
    else:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        descriptor = os.dup(place.descriptor)
    with os.fdopen(descriptor, "wb") as out, aside.open("rb") as source:
        shutil.copyfileobj(source, out, 1 << 20)


def check_outputs(outputs: Iterable[str | Path], inputs: Iterable[str | Path] = ()) -> None:
    """Check, before anything is written, that outputs can be written, and none is an input or another output.

    Raises:
        ConfigError: an output is an input, or another output.
        DataError: an output is a folder, or cannot be written.
    """
    outputs = list(outputs)
    check_distinct(outputs, inputs)
    check_writable(outputs)


def check_distinct(outputs: Iterable[str | Path], inputs: Iterable[str | Path] = ()) -> None:
    """Check that no output is an input or another output.

    Names do not count: links to one file are one file. Terminals and `/dev/null` may be given several times.

    Raises:
        ConfigError: one is.
    """
    taken = {key: (str(path), "both input and output") for path in inputs for key in _identity(path)}
    for output in outputs:
        for key in _identity(output):
            if key in taken:
                other, problem = taken[key]
                names = str(output) if str(output) == other else f"{output} and {other}"
                raise ConfigError(f"{names}: {problem}", "give every output a name of its own")
        taken |= {key: (str(output), "the same output twice") for key in _identity(output)}


def check_writable(outputs: Iterable[str | Path]) -> None:
    """Check that outputs can be written.

    Raises:
        DataError: one is a folder, or cannot be written.
    """
    for output in outputs:
        with _naming(output):
            _place(Path(output))
            if str(output).endswith(os.sep):
                raise _os_error(errno.EISDIR)


def is_replaced(path: str | Path) -> bool:
    """Check whether an output is a file that gets its place by renaming; not a pipe, a device or a descriptor."""
    with _naming(path):
        return _place(Path(path)).is_file


def is_standard_output(path: str | Path) -> bool:
    """Check whether a path leads to where standard output goes."""
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(1))
    except OSError:
        return False


def _identity(path: str | Path) -> set[str | tuple[int, int]]:
    """What two names of one file have in common: the path without links, or the file's number; nothing for devices."""
    keys: set[str | tuple[int, int]] = {os.path.realpath(path)}
    with suppress(OSError):
        found = Path(path).stat()
        keys = set() if stat.S_ISCHR(found.st_mode) else keys | {(found.st_dev, found.st_ino)}
    return keys


def is_disk_full(error: BaseException) -> bool:
    """Check whether a write failed because the disk, or the user's quota, is full.

    Some libraries give an error without a number: its message is searched for the words.
    """
    number = getattr(error, "errno", None)
    return number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(
        os.strerror(known) in str(error) for known in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    )


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Name the output in errors of the system; that standard output was closed is left to the command line."""
    try:
        yield
    except OSError as error:
        if isinstance(error, BrokenPipeError) and is_standard_output(path):
            raise
        raise write_error(path, error) from error


def write_error(path: str | Path, error: BaseException) -> DataError:
    """Make the error for a file that cannot be written, in one line."""
    number = getattr(error, "errno", None)
    full = is_disk_full(error)
    reason = os.strerror(number) if number else os.strerror(errno.ENOSPC) if full else str(error)
    if number == errno.EISDIR:
        hint = "give the name of a file"
    else:
        hint = "free some space and run it again" if full else "check the path, and who may write there"
    return DataError(f"{path}: cannot be written: {reason}", hint)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    with atomic_path(path) as aside:
        aside.write_text(text, encoding="utf-8")

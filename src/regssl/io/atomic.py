"""Writing files so that a final name always holds a whole file.

Files are written into a hidden folder beside their final name, `.X.RANDOM/X`. A process that is killed leaves that
folder behind, which nothing reads: it may be deleted.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from regssl.errors import ConfigError, DataError


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it becomes `path`, on any error it is removed.

    The temporary name keeps the suffixes of `path`, so writers that look at them do the right thing.

    Raises:
        DataError: the folder cannot be written, or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise write_error(path, error) from error
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    except Exception as error:
        if is_disk_full(error):
            raise write_error(path, error) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_outputs(outputs: Iterable[str | Path], inputs: Iterable[str | Path] = ()) -> None:
    """Check, before anything is written, that no output is an input, or another output, by whatever name.

    Raises:
        ConfigError: one is.
    """
    others = [(path, "both input and output") for path in inputs]
    for output in outputs:
        for other, problem in others:
            if _is_same_file(output, other):
                names = f"{output}" if str(output) == str(other) else f"{output} and {other}"
                raise ConfigError(f"{names}: {problem}", "give every output a name of its own")
        others.append((output, "the same output twice"))


def _is_same_file(path: str | Path, other: str | Path) -> bool:
    try:
        return Path(path).resolve() == Path(other).resolve() or Path(path).samefile(other)
    except (OSError, RuntimeError):  # one of them is not there; a circle of symbolic links
        return False


def is_disk_full(error: BaseException) -> bool:
    """Check whether a write failed because the disk, or the user's quota, is full.

    Some libraries give an error without a number: its message is searched for the words.
    """
    number = getattr(error, "errno", None)
    return number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(
        os.strerror(known) in str(error) for known in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    )


def write_error(path: str | Path, error: BaseException) -> DataError:
    """Make the error for a file that cannot be written, in one line."""
    number = getattr(error, "errno", None)
    full = is_disk_full(error)
    reason = os.strerror(number) if number else os.strerror(errno.ENOSPC) if full else str(error)
    hint = "free some space and run it again" if full else "check the path, and who may write there"
    return DataError(f"{path}: cannot be written: {reason}", hint)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` to `path`, whole or not at all."""
    with atomic_path(path) as aside:
        aside.write_text(text)

"""Training that is killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from regssl.training.module import SequenceClassifier


class _Killed(BaseException):
    """What no handler of errors catches, as nothing catches SIGKILL."""


@contextmanager
def killed_after(steps: int) -> Iterator[None]:
    """Kill training within the block at the `training_step` after so many: one is a chunk of optimizer steps."""
    calls, training_step = 0, SequenceClassifier.training_step

    def dying(self: SequenceClassifier, chunk: int) -> None:
        nonlocal calls
        calls += 1
        if calls > steps:
            raise _Killed
        training_step(self, chunk)

    with pytest.MonkeyPatch.context() as patched, pytest.raises(_Killed):
        patched.setattr(SequenceClassifier, "training_step", dying)
        yield

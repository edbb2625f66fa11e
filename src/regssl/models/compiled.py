"""Calls of compiled kernels from torch: as functions with a gradient, on several threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor


class OneByOne:
    """A function of torch.autograd that runs the members of an `ensemble.Ensemble` one after the other."""

    @classmethod
    def vmap(cls, info: Any, in_dims: tuple[int | None, ...], *inputs: Any) -> tuple[tuple[Tensor, ...], Any]:
        """Map over the members."""
        turns = [
            [value if axis is None else value.select(axis, turn) for value, axis in zip(inputs, in_dims, strict=True)]
            for turn in range(info.batch_size)
        ]
        outputs = tuple(torch.stack(parts) for parts in zip(*(apply(cls, *turn) for turn in turns), strict=True))
        return outputs, (0,) * len(outputs)


def apply(function: Any, *inputs: Any) -> tuple[Tensor, ...]:
    """Apply a function of torch.autograd.

    Where nothing is mapped over it, its inputs are not bound to the names of its arguments, as torch does at each call:
    that takes half as long as a small kernel.
    """
    mapped = torch._C._are_functorch_transforms_active()  # type: ignore[attr-defined, unused-ignore]
    plainly: Any = function if mapped else super(torch.autograd.Function, function)
    outputs: tuple[Tensor, ...] = plainly.apply(*inputs)
    return outputs


def run_in_threads(kernel: Callable[..., None], parts: int, *args: Any) -> None:
    """Run a kernel over the parts [0, parts) on torch's number of threads; it must release the GIL."""
    threads = max(1, min(torch.get_num_threads(), parts))
    (_, own), *others = pairwise(parts * thread // threads for thread in range(threads + 1))
    waiting = [_pool(os.getpid(), threads - 1).submit(kernel, *args, *share) for share in others]
    kernel(*args, 0, own)
    for one in waiting:
        one.result()


@lru_cache(maxsize=1)
def _pool(_process: int, threads: int) -> ThreadPoolExecutor:
    """Return a pool of threads; each process has its own, because a forked process does not inherit threads."""
    return ThreadPoolExecutor(threads)

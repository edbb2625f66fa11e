"""The weights of a published model, as tensors by name. Reading them runs no code."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from regssl.errors import DataError
from regssl.io.digests import check_digest
from regssl.io.text import shorten
from regssl.models.layout import WEIGHTS


def find_weights(folder: str | Path, hint: str) -> Path:
    """Return the file of weights in a folder.

    Args:
        folder: of the model.
        hint: of the error.

    Raises:
        DataError: there is none.
    """
    for name in WEIGHTS:
        if (path := Path(folder) / name).is_file():
            return path
    raise DataError(f"{Path(folder) / WEIGHTS[-1]}: no such file, nor {WEIGHTS[0]}", hint)


def read_tensors(path: Path, hint: str) -> Mapping[str, Tensor]:
    """Read a file of weights, safetensors or torch's.

    Args:
        path: the suffix tells which.
        hint: of the error, where the file holds something else than weights by name.

    Raises:
        DataError: damaged, holding code, or not tensors by name.
    """
    check_digest(path)
    try:
        if zipfile.is_zipfile(path):  # torch does not ask for its checksums
            with zipfile.ZipFile(path) as archive:
                if damaged := archive.testzip():
                    raise ValueError(f"the checksum of {damaged} in it is wrong")
        if path.suffix == ".safetensors":
            return load_file(path)
        values: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise DataError(
            f"{path}: damaged, or holds more than weights: not read", "such a file can run code; fetch it again"
        ) from None
    except Exception as error:  # of damaged files torch and zipfile raise whatever they stumble on
        reason = shorten(" ".join(str(error).split()), 200) or "it ends too soon"
        raise DataError(f"{path}: cannot be read: {reason}", "fetch it again") from None
    if not isinstance(values, Mapping) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in values.items()
    ):
        raise DataError(f"{path}: holds no weights by name", hint)
    return values


def holds_numbers(tensor: Tensor) -> bool:
    """Check that a tensor is floating-point, dense, in memory, and without NaN or infinity."""
    plain = tensor.layout == torch.strided and not tensor.is_nested and tensor.device.type == "cpu"
    return plain and tensor.is_floating_point() and bool(tensor.isfinite().all())

"""Trained networks on disk: safetensors with JSON metadata. Loading a file never runs code from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.models import build


def save(network: nn.Module, metadata: dict[str, Any], path: str | Path) -> None:
    """Write a network.

    Args:
        network: its weights are written.
        metadata: at least `architecture`, `params` and `width`, from which `load` builds the network again. Where a
            network that started from files has a method `exportable_params`, the result, which needs no file, replaces
            `params`.
        path: `*.safetensors`.
    """
    if exportable := getattr(network, "exportable_params", None):
        metadata = {**metadata, "params": exportable()}
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    metadata = {**metadata, "checksum": _checksum(metadata, tensors)}
    with atomic_path(path) as aside:
        save_file(tensors, aside, metadata={"regssl": json.dumps(metadata, sort_keys=True)})


def save_failed(metadata: dict[str, Any], reason: str, path: str | Path) -> None:
    """Write a file without weights for a network that could not be trained, with the reason as `failure`."""
    with atomic_path(path) as aside:
        save_file({}, aside, metadata={"regssl": json.dumps({**metadata, "failure": reason}, sort_keys=True)})


def load(path: str | Path) -> nn.Module:
    """Load a trained network for prediction: byte codes, uint8 (batch, width), to logits (batch,).

    Raises:
        DataError: not a model file of regssl, damaged, or without weights because it could not be trained.

    Examples:
        >>> network = regssl.load("model.safetensors")
        >>> network(torch.zeros(3, 200, dtype=torch.uint8)).shape
        torch.Size([3])
    """
    metadata = read_metadata(path)
    if reason := metadata.get("failure"):
        raise DataError(f"{path}: holds no weights: {reason}", "the dataset could not be trained")
    tensors = _tensors(path)
    checksum = _checksum({key: value for key, value in metadata.items() if key != "checksum"}, tensors)
    if metadata.get("checksum", checksum) != checksum:
        raise DataError(f"{path}: not as it was written: its checksum is wrong", "a damaged file: train again")
    network = build(metadata["architecture"], metadata["width"], metadata["params"])
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise DataError(f"{path}: the weights do not fit '{metadata['architecture']}': {error}") from None
    return network.eval()


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Read the metadata that `save` wrote.

    Raises:
        DataError: as `load`.
    """
    with _opened(path) as file:
        metadata = json.loads((file.metadata() or {})["regssl"])
        if not isinstance(metadata, dict) or not metadata.keys() >= {"architecture", "params", "width"}:
            raise ValueError("its metadata do not describe a network")
        return metadata


def _tensors(path: str | Path) -> dict[str, Tensor]:
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)


def _checksum(metadata: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """SHA-256 of metadata and of names, types, shapes and values of weights."""
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


@contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DataError(f"{path}: not a trained model: {error}", "give the model.safetensors of a run") from None

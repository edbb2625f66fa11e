"""Trained networks on disk: safetensors with a JSON card in the metadata. Loading one never runs code from the file."""

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


def save(network: nn.Module, card: dict[str, Any], path: str | Path) -> None:
    """Write a network.

    Args:
        network: its weights are written.
        card: at least `architecture`, `params` and `width`, from which `load` builds the network again. A network that
            started from files has a method `portable_params`: what it gives, which needs no file, replaces `params`.
        path: `*.safetensors`.
    """
    if portable := getattr(network, "portable_params", None):
        card = {**card, "params": portable()}
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    card = {**card, "checksum": _checksum(card, tensors)}
    with atomic_path(path) as aside:
        save_file(tensors, aside, metadata={"regssl": json.dumps(card, sort_keys=True)})


def save_untrained(card: dict[str, Any], reason: str, path: str | Path) -> None:
    """Write, where a network could not be trained, a file without weights that says why: in its card, `untrained`."""
    with atomic_path(path) as aside:
        save_file({}, aside, metadata={"regssl": json.dumps({**card, "untrained": reason}, sort_keys=True)})


def load(path: str | Path) -> nn.Module:
    """Read a trained network, ready to predict: byte codes, uint8 (batch, width), to logits (batch,).

    Raises:
        DataError: not a model file of regssl, damaged, or without weights because it could not be trained.
    """
    card = read_card(path)
    if reason := card.get("untrained"):
        raise DataError(f"{path}: holds no weights: {reason}", "the dataset could not be trained")
    tensors = _tensors(path)
    checksum = _checksum({key: value for key, value in card.items() if key != "checksum"}, tensors)
    if card.get("checksum", checksum) != checksum:
        raise DataError(f"{path}: not as it was written: its checksum is wrong", "a damaged file: train again")
    network = build(card["architecture"], card["width"], card["params"])
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise DataError(f"{path}: the weights do not fit '{card['architecture']}': {error}") from None
    return network.eval()


def read_card(path: str | Path) -> dict[str, Any]:
    """What a trained network is: the card given to `save`.

    Raises:
        DataError: as `load`.
    """
    with _opened(path) as file:
        card = json.loads((file.metadata() or {})["regssl"])
        if not isinstance(card, dict) or not card.keys() >= {"architecture", "params", "width"}:
            raise ValueError("its card does not say what network it is")
        return card


def _tensors(path: str | Path) -> dict[str, Tensor]:
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)


def _checksum(card: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """SHA-256 of a card and of names, types, shapes and numbers of weights."""
    digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode())
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

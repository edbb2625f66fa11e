"""Trained networks on disk: safetensors with JSON metadata. Loading a file never runs code from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.io.atomic import atomic_path
from regssl.io.files import open_input
from regssl.io.formats import SAFETENSORS
from regssl.io.text import shorten
from regssl.models import REGISTERED, import_network
from regssl.models.card import Card, parse_card


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
    metadata = {**metadata, "failure": reason}
    metadata = {**metadata, "checksum": _checksum(metadata, {})}
    with atomic_path(path) as aside:
        save_file({}, aside, metadata={"regssl": json.dumps(metadata, sort_keys=True)})


def load(path: str | Path, architecture: Callable[..., nn.Module] | str | None = None) -> nn.Module:
    """Load a trained network for prediction: byte codes, uint8 (batch, width), to logits (batch,).

    A file chooses among the registered architectures and their parameters only; it can neither import nor call
    anything else.

    Args:
        path: `model.safetensors` of a run.
        architecture: for a network of your own: its class, or its import path `package.module:Class` if it is the one
            that the file names. Its code runs.

    Raises:
        DataError: not a model file of regssl, damaged, of an architecture that regssl does not have, or without weights
            because it could not be trained.
        ConfigError: no such class to import.

    Examples:
        >>> network = regssl.load("model.safetensors")
        >>> network(torch.zeros(3, 200, dtype=torch.uint8)).shape
        torch.Size([3])
    """
    card, tensors = _read(path)
    if card.failure:
        raise DataError(f"{path}: holds no weights: {card.failure}", "the dataset could not be trained")
    network_class = _network_class(path, card, architecture)
    try:
        if card.architecture in REGISTERED and not callable(architecture):
            with torch.device("meta"):  # takes no memory, whatever the sizes in the card
                _check_shapes(network_class(width=card.width, **card.params).state_dict(), tensors)
        network = network_class(width=card.width, **card.params)
        _check_shapes(network.state_dict(), tensors)
    except Exception as error:  # a constructor may raise anything at numbers that a stranger chose
        reason = " ".join(str(error).split())[:300]
        raise DataError(f"{path}: its weights are not of '{card.architecture}': {reason}", "train again") from None
    network.load_state_dict(tensors)
    return network.eval()


def read_card(path: str | Path) -> Card:
    """Read the card that `save` wrote.

    Raises:
        DataError: as `load`.
    """
    return _read(path)[0]


def _read(path: str | Path) -> tuple[Card, dict[str, Tensor]]:
    """Read card and weights, and compare them with their checksum."""
    try:
        if Path(path).is_fifo():
            raise ValueError("a pipe: save it first")  # the library would wait for it, deaf to all signals
        open_input(path, accept=[SAFETENSORS]).close()  # for the reason: it calls all that it cannot open absent
        with safe_open(path, framework="pt") as file:
            card, values = parse_card((file.metadata() or {})["regssl"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DataError(
            f"{path}: not a trained model: {shorten(str(error), 300)}", "give the model.safetensors of a run"
        ) from None
    if values.pop("checksum") != _checksum(values, tensors):
        raise DataError(f"{path}: not as it was written: its checksum is wrong", "a damaged file: train again")
    return card, tensors


def _network_class(
    path: str | Path, card: Card, architecture: Callable[..., nn.Module] | str | None
) -> Callable[..., nn.Module]:
    """Choose the class of a network: registered, or by the caller's word."""
    if architecture is not None and not isinstance(architecture, str):
        return architecture
    if card.architecture not in REGISTERED and card.architecture != architecture:
        raise DataError(
            f"{path}: is of the architecture '{card.architecture[:100]}', which regssl does not have",
            "if you trust its code, name it: --architecture package.module:Class, or load(path, architecture=MyNet)",
        )
    return import_network(card.architecture)


def _check_shapes(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    """Raise a ValueError unless names, shapes and types of weights are those of a network."""
    if differing := own.keys() ^ tensors.keys():
        name = min(differing)
        raise ValueError(f"{name} is {'missing' if name in own else 'too many'}")
    for name, tensor in tensors.items():
        if (tensor.shape, tensor.dtype) != (own[name].shape, own[name].dtype):
            raise ValueError(f"{name} is {tuple(tensor.shape)}, not {tuple(own[name].shape)} of {own[name].dtype}")


def _checksum(metadata: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """SHA-256 of metadata and of names, types, shapes and values of weights."""
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()

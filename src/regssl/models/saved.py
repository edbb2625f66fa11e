"""Trained networks on disk: safetensors with a JSON card in the metadata. Loading one never runs code from the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from regssl.errors import DataError
from regssl.files import atomic_path
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
    with atomic_path(path) as aside:
        save_file(tensors, aside, metadata={"regssl": json.dumps(card, sort_keys=True)})


def load(path: str | Path) -> nn.Module:
    """Read a trained network, ready to predict: byte codes, uint8 (batch, width), to logits (batch,).

    Raises:
        DataError: not a model file of regssl, or damaged.
    """
    card = read_card(path)
    tensors = _tensors(path)
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
        return json.loads((file.metadata() or {})["regssl"])


def _tensors(path: str | Path) -> dict[str, Tensor]:
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)


@contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DataError(f"{path}: not a trained model: {error}", "give the model.safetensors of a run") from None

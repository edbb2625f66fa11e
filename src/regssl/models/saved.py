"""Trained networks on disk: safetensors with a JSON card in the metadata. Loading one never runs code from the file."""

from __future__ import annotations

import json
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
        card: at least `architecture`, `params` and `width`, from which `load` builds the network again.
        path: `*.safetensors`.
    """
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    with atomic_path(path) as aside:
        save_file(tensors, aside, metadata={"regssl": json.dumps(card, sort_keys=True)})


def load(path: str | Path) -> nn.Module:
    """Read a trained network, ready to predict: byte codes, uint8 (batch, width), to logits (batch,).

    Raises:
        DataError: not a model file of regssl, or damaged.
    """
    card, tensors = _read(path)
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
    return _read(path)[0]


def _read(path: str | Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            card = json.loads((file.metadata() or {})["regssl"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DataError(f"{path}: not a trained model: {error}", "give the model.safetensors of a run") from None
    return card, tensors

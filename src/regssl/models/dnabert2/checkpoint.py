"""The files of a DNABERT-2 model in the published layout: config, tokenizer, weights. Reading them runs no code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import save_file
from torch import nn

from regssl.errors import DataError
from regssl.io.digests import check_digest, digested_path
from regssl.io.files import sha256
from regssl.io.text import shorten
from regssl.models.dnabert2.encoder import BertConfig
from regssl.models.dnabert2.tokenizer import Tokenizer
from regssl.models.layout import CONFIG, TOKENIZER, WEIGHTS
from regssl.models.weights import find_weights, holds_numbers, read_tensors

RANDOMLY_INITIALIZED = ("bert.pooler.", "classifier.")
"""Weights that a file may lack: they are initialised at random."""
IGNORED_KEYS = "cls."
"""Further weights that a file may have: the head of the masked language model."""


def read_config(folder: str | Path) -> BertConfig:
    """Read the sizes in `config.json`; its other keys are ignored.

    Raises:
        DataError: no such file, or not the sizes of a network.
    """
    path = Path(folder) / CONFIG
    check_digest(path)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise ValueError("it holds no keys")
        return BertConfig.of(values)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", _hint(folder)) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not the sizes of a DNABERT-2 model: {error}") from None


def read_tokenizer(folder: str | Path) -> Tokenizer:
    """Read the tokenizer in `tokenizer.json`.

    Raises:
        DataError: no such file, or not a byte-pair encoding of DNA.
    """
    path = Path(folder) / TOKENIZER
    check_digest(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file", _hint(folder))
    return Tokenizer.read(path)


def read_weights(folder: str | Path, network: nn.Module) -> str:
    """Load the weights of a folder into a network.

    Returns:
        Name and SHA-256 of the file.

    Raises:
        DataError: no such file, damaged, holding code, or not the weights of this network: all weights but those of
            pooler and classifier must be there, with the right shapes, and no others but the language model's head.
    """
    path = find_weights(folder, _hint(folder))
    tensors = read_tensors(path, _LAYOUT)
    own = network.state_dict()
    missing = [name for name in own if name not in tensors and not name.startswith(RANDOMLY_INITIALIZED)]
    if missing:
        raise DataError(f"{path}: has no weight {missing[0]}, and {len(missing) - 1} more are missing", _LAYOUT)
    unexpected = [name for name in tensors if name not in own and not name.startswith(IGNORED_KEYS)]
    if unexpected:
        raise DataError(
            f"{path}: {shorten(unexpected[0])} is not a weight of the network ({len(unexpected)} such)", _LAYOUT
        )
    for name in sorted(own.keys() & tensors.keys()):
        if not holds_numbers(tensors[name]):
            raise DataError(f"{path}: {name} is not an array of finite numbers", _LAYOUT)
        if tensors[name].shape != own[name].shape:
            shapes = f"{tuple(tensors[name].shape)}, not {tuple(own[name].shape)}"
            raise DataError(f"{path}: {name} has the shape {shapes}", f"it does not fit {Path(folder) / CONFIG}")
    network.load_state_dict({name: tensors.get(name, tensor) for name, tensor in own.items()})
    return f"{path.name} sha256={sha256(path)}"


def write_pretrained(folder: str | Path, network: nn.Module, config: BertConfig, tokenizer: Tokenizer) -> None:
    """Write the three files of a network, without pooler and classifier, as `read_…` read them, and their digests."""
    values = {"model_type": "bert", **asdict(config), "pad_token_id": tokenizer.padding}
    for name, content in ((CONFIG, values), (TOKENIZER, tokenizer.to_json())):
        with digested_path(Path(folder) / name) as aside:
            aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    weights = {
        name: tensor for name, tensor in network.state_dict().items() if not name.startswith(RANDOMLY_INITIALIZED)
    }
    with digested_path(Path(folder) / WEIGHTS[0]) as aside:
        save_file(weights, aside, metadata={"format": "pt"})


_LAYOUT = "they must be in the layout of zhihan1996/DNABERT-2-117M"


def _hint(folder: str | Path) -> str:
    files = f"{CONFIG}, {TOKENIZER} and {' or '.join(WEIGHTS)}"
    return f"put {files} of zhihan1996/DNABERT-2-117M into {folder}; see docs/how/networks.md for their source"

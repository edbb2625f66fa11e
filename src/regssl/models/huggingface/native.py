"""What transformers builds: the network of a `config.json`, of a class in transformers itself, and its weights.

No code but that of transformers is run, whatever a folder names or holds, and nothing is looked up on the internet:
transformers gets keys and tensors, and no folder.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from regssl.errors import DataError
from regssl.io.digests import check_digest
from regssl.io.files import sha256
from regssl.io.text import shorten
from regssl.models.layout import CONFIG, HUGGINGFACE
from regssl.models.weights import find_weights, holds_numbers, read_tensors

DROPPED = (
    "_", "architectures", "attn_implementation", "auto_map", "custom_pipelines", "dtype", "experts_implementation",
    "id2label", "kernel_config", "label2id", "num_labels", "output_", "problem_type", "return_dict",
    "task_specific_params", "torch_dtype", "torchscript", "transformers_version", "use_cache", "use_kernels",
)  # fmt: skip
"""Beginnings of keys that are not taken: they name code, other programs, unused outputs, or the past of a file."""
REFUSED = {"quantization_config": "quantized weights", "adapter_config": "adapters", "peft_config": "adapters"}
MOST_WEIGHTS = 2**31
MOST_OF_A_KIND = 256
"""Layers, heads, experts: a file with more is damaged or made to fill the memory."""
UNUSED = ("pooler.", "contact_head.")
"""Weights of the network that its states do not depend on: a file may lack them."""


def read_sizes(folder: str | Path) -> dict[str, Any]:
    """Read the keys of `config.json` that the network depends on.

    Raises:
        DataError: no such file, or values that no network has.
    """
    path = Path(folder) / CONFIG
    check_digest(path)
    try:
        return check_sizes(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", f"put {HUGGINGFACE.describe()} there") from None
    except DataError as error:
        raise DataError(f"{path}: {error.problem}", error.hint) from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not the sizes of a network: {shorten(str(error), 200)}") from None


def check_sizes(values: Any) -> dict[str, Any]:
    """Select the keys of a config that the network depends on.

    Raises:
        DataError: it holds none, quantized weights or adapters, or a value that no network has.
    """
    if not isinstance(values, Mapping) or not isinstance(values.get("model_type"), str):
        raise DataError("no `model_type`", "it must be the config of a model of transformers")
    if found := sorted(REFUSED.keys() & values.keys()):
        raise DataError(f"`{found[0]}`: {REFUSED[found[0]]} are not supported", "start from plain weights")
    kept = {name: value for name, value in values.items() if not str(name).startswith(DROPPED)}
    for name, value in kept.items():
        _check_value(str(name), value)
    return kept


def _check_value(name: str, value: Any, depth: int = 0) -> None:
    """Check that a value is a number, a short text or a small object or list of such."""
    if isinstance(value, Mapping | list | tuple) and depth < 3 and len(value) <= 1000:
        for part in value.items() if isinstance(value, Mapping) else ((name, part) for part in value):
            _check_value(str(part[0]), part[1], depth + 1)
        return
    is_plain = value is None or isinstance(value, bool | float | int) or (isinstance(value, str) and len(value) <= 200)
    counts = any(word in name for word in ("layers", "heads", "experts", "blocks"))
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_plain or (is_number and abs(value) > (MOST_OF_A_KIND if counts else 2**31)):
        raise DataError(f"`{shorten(name)}` is {shorten(repr(value))}", "no network is built of such a value")


def build_base(sizes: Mapping[str, Any]) -> nn.Module:
    """Build the network below the head, with random weights.

    Args:
        sizes: as `check_sizes` returns.

    Returns:
        A network of token ids, of transformers' own class for sequence classification of this type.

    Raises:
        DataError: transformers knows no such type by itself, it is not of one sequence, too large, or a value of a
            size is impossible.
    """
    from transformers import CONFIG_MAPPING, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, AutoModel
    from transformers import __version__ as version

    values = dict(sizes)
    kind = values.pop("model_type")
    if kind not in CONFIG_MAPPING or CONFIG_MAPPING[kind] not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
        raise DataError(
            f"transformers {version} itself has no sequence classification model of the type '{shorten(kind)}'",
            "code that comes with a model is never run",
        )
    try:
        with _silence():
            config = CONFIG_MAPPING[kind](**values)
            if config.is_encoder_decoder:
                raise ValueError("it is of two sequences: an encoder and a decoder")
            config.use_cache = False  # of states, for texts that are written word by word
            plain = {"attn_implementation": "eager", "experts_implementation": "eager", "dtype": torch.float32}
            with torch.device("meta"):
                skeleton = AutoModel.from_config(config, trust_remote_code=False, **plain)
            numbers = [tensor.numel() for tensor in (*skeleton.parameters(), *skeleton.buffers())]
            if sum(numbers) > MOST_WEIGHTS:
                raise ValueError(f"{sum(numbers):,} weights, at most {MOST_WEIGHTS:,} are supported")
            without = _without_pooler(type(skeleton))
            base: nn.Module = AutoModel.from_config(config, trust_remote_code=False, **plain, **without)
            if not isinstance(base.get_input_embeddings(), nn.Embedding):  # type: ignore[operator]
                raise ValueError("it does not embed tokens")
    except Exception as error:  # transformers raises whatever it stumbles on
        reason = shorten(" ".join(str(error).split()), 200)
        raise DataError(f"no network of tokens of the type '{kind}' can be built of these sizes: {reason}") from None
    return base


def load_base(folder: str | Path, base: nn.Module) -> tuple[nn.Module, str]:
    """Load the weights of a folder, under any names that transformers knows for them; heads are not taken.

    Args:
        folder: of the published model.
        base: as `build_base` returns: its class and config.

    Returns:
        A network like it with these weights; and name and SHA-256 of their file.

    Raises:
        DataError: no such file, damaged, holding code, or not the weights of this network.
    """
    path = find_weights(folder, f"put {HUGGINGFACE.describe()} there; weights in several files are not supported")
    tensors = read_tensors(path, "they must be those of a model of transformers")
    tensors = {name: one for name, one in tensors.items() if not name.endswith(("position_ids", "inv_freq"))}
    for name, tensor in tensors.items():
        if not holds_numbers(tensor):
            raise DataError(f"{path}: {shorten(name)} is not an array of finite numbers", "fetch it again")
    model_class: Any = type(base)
    try:
        with _silence():
            loaded, found = model_class.from_pretrained(
                None,
                config=base.config,
                state_dict={name: tensor.float() for name, tensor in tensors.items()},
                output_loading_info=True,
                attn_implementation="eager",
                experts_implementation="eager",
                dtype=torch.float32,
                **_without_pooler(model_class),
            )
    except Exception as error:
        reason = shorten(" ".join(str(error).split()), 300)
        raise DataError(f"{path}: the weights do not fit {Path(folder) / CONFIG}: {reason}") from None
    missing = sorted(name for name in found["missing_keys"] if not name.startswith(UNUSED))
    own = {name.split(".")[0] for name in loaded.state_dict()}
    prefix = f"{loaded.base_model_prefix}."
    unexpected = sorted(
        name
        for name in found["unexpected_keys"]
        if name.removeprefix(prefix).split(".")[0] in own and not name.removeprefix(prefix).startswith(UNUSED)
    )
    if missing or unexpected or found["mismatched_keys"]:
        wrong = f"no weight {missing[0]}" if missing else f"{[*unexpected, *map(str, found['mismatched_keys'])][0]}"
        problem = f"{path}: {shorten(wrong, 100)}, so it is not of the network that {CONFIG} describes"
        hint = "a model of its own code is not read as one of transformers" if missing or unexpected else ""
        raise DataError(problem, hint)
    check_states(loaded)
    return loaded, f"{path.name} sha256={sha256(path)}"


def check_states(base: nn.Module) -> None:
    """Check that a network maps token ids and a mask to one state for each token, by asking it.

    Raises:
        DataError: it does not.
    """
    config: Any = base.config
    ids = torch.zeros((1, 8), dtype=torch.long)
    try:
        with torch.inference_mode(), _silence():
            states = base.eval()(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        if tuple(states.shape) != (1, 8, config.hidden_size):
            raise ValueError(f"its states are {tuple(states.shape)}")
    except Exception as error:
        reason = shorten(" ".join(str(error).split()), 200)
        problem = f"a network of the type '{config.model_type}' has no state for each token: {reason}"
        raise DataError(problem, "it cannot be a classifier of windows here") from None


def positions_of(base: nn.Module) -> int | None:
    """Return the largest number of tokens that a network was made for; None: any."""
    config: Any = base.config
    most = getattr(config, "max_position_embeddings", None)
    if not isinstance(most, int) or most < 1:
        return None
    learned = [
        layer
        for name, layer in base.named_modules()
        if isinstance(layer, nn.Embedding) and name.endswith("position_embeddings") and layer.num_embeddings == most
    ]
    first = {layer.padding_idx + 1 for layer in learned if layer.padding_idx is not None}  # of RoBERTa and ESM
    return most - max(first, default=0)


def _without_pooler(model_class: type) -> dict[str, bool]:
    """Return the argument that leaves out a layer on the state of the first token, where a class has one."""
    return {"add_pooling_layer": False} if "add_pooling_layer" in inspect.signature(model_class).parameters else {}


@contextmanager
def _silence() -> Iterator[None]:
    """Keep transformers' reports and bars out of the logs; what matters of them is checked here."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        logging.enable_progress_bar()

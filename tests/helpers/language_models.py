"""Folders of tiny language models with random weights, as transformers writes them, one per family."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import torch

from regssl.models.dnabert2.tiny import TOKENS, small_tokenizer

KMERS = ["".join(letters) for letters in product("ACGT", repeat=3)]
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}


def write_language_model(folder: Path, family: str, seed: int = 0) -> Path:
    """Write config, tokenizer and weights of a family.

    `dnabert`: BERT of overlapping 3-mers; `grover`: BERT of byte pairs; `nucleotide_transformer`: ESM of 3-mers side by
    side, without a token at the end; `mistral`: Mixtral of byte pairs.
    """
    torch.manual_seed(seed)
    _MAKERS[family](folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return folder


def _dnabert(folder: Path) -> None:
    from transformers import BertConfig, BertForMaskedLM

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *KMERS]
    config = BertConfig(vocab_size=len(tokens), max_position_embeddings=128, pad_token_id=0, **SMALL)
    BertForMaskedLM(config).save_pretrained(folder)
    _write_vocabulary(folder, tokens, {"tokenizer_class": "BertTokenizer", "do_lower_case": False})


def _grover(folder: Path) -> None:
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(vocab_size=TOKENS, max_position_embeddings=128, pad_token_id=small_tokenizer().padding, **SMALL)
    BertForSequenceClassification(config).save_pretrained(folder)
    _write_json(folder / "tokenizer.json", small_tokenizer().to_json())


def _nucleotide_transformer(folder: Path) -> None:
    from transformers import EsmConfig, EsmForMaskedLM

    tokens = ["<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>", *KMERS, *"ATCGN"]
    config = EsmConfig(
        vocab_size=len(tokens), max_position_embeddings=130, pad_token_id=1, mask_token_id=2, token_dropout=True,
        emb_layer_norm_before=False, position_embedding_type="absolute", **SMALL,
    )  # fmt: skip
    EsmForMaskedLM(config).save_pretrained(folder)
    _write_vocabulary(folder, tokens, {"tokenizer_class": "EsmTokenizer", "eos_token": None})


def _mistral(folder: Path) -> None:
    from transformers import MixtralConfig, MixtralForSequenceClassification

    config = MixtralConfig(
        vocab_size=TOKENS, max_position_embeddings=128, num_key_value_heads=2, num_local_experts=4,
        num_experts_per_tok=2, pad_token_id=small_tokenizer().padding, **SMALL,
    )  # fmt: skip
    MixtralForSequenceClassification(config).save_pretrained(folder)
    _write_json(folder / "tokenizer.json", small_tokenizer().to_json())


_MAKERS = {
    "dnabert": _dnabert,
    "grover": _grover,
    "nucleotide_transformer": _nucleotide_transformer,
    "mistral": _mistral,
}
FAMILIES = list(_MAKERS)


def _write_vocabulary(folder: Path, tokens: list[str], settings: dict[str, Any]) -> None:
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n")
    _write_json(folder / "tokenizer_config.json", settings)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))

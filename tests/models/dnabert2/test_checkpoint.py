"""The files of DNABERT-2: what is read, what is refused."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from regssl.errors import DataError
from regssl.io.digests import digest_path
from regssl.models.dnabert2.checkpoint import write_pretrained
from regssl.models.dnabert2.encoder import BertConfig
from regssl.models.dnabert2.model import DNABERT2Classifier
from regssl.models.dnabert2.tokenizer import Tokenizer

SIZES = BertConfig(vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12)
TOKENIZER = Tokenizer({t: i for i, t in enumerate(["[UNK]", "[CLS]", "[SEP]", "[PAD]", *"ACGT", "AC"])}, [("A", "C")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    write_pretrained(tmp_path, DNABERT2Classifier(SIZES), SIZES, TOKENIZER)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):  # as if they were not ours
        digest_path(tmp_path / name).unlink()
    return tmp_path


def change(folder: Path, **changed: torch.Tensor | None) -> None:
    """Replace, add or (None) remove weights."""
    tensors = {**load_file(folder / "model.safetensors"), **changed}
    save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, folder / "model.safetensors")


def test_a_folder_comes_back_but_for_pooler_and_classifier(folder: Path) -> None:
    torch.manual_seed(0)
    written, read = DNABERT2Classifier(SIZES).state_dict(), DNABERT2Classifier.from_pretrained(folder).state_dict()
    assert set(load_file(folder / "model.safetensors")) == {
        name for name in written if not name.startswith(("bert.pooler", "classifier"))
    }
    same = {name for name in written if torch.equal(written[name], read[name])}
    assert {"bert.pooler.dense.weight", "classifier.weight"} == set(written) - same


def test_pickled_weights_and_the_language_models_head(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    head = {"cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"]}
    torch.save({**tensors, **head}, folder / "pytorch_model.bin")
    read = DNABERT2Classifier.from_pretrained(folder, num_labels=3).state_dict()
    assert all(torch.equal(read[name], tensor) for name, tensor in tensors.items())
    assert read["classifier.weight"].shape == (3, 8)


def test_a_classifiers_own_head_is_read_where_the_file_has_one(folder: Path) -> None:
    change(folder, **{"classifier.weight": torch.full((1, 8), 0.5)})
    assert torch.equal(DNABERT2Classifier.from_pretrained(folder).classifier.weight, torch.full((1, 8), 0.5))


class Trap:
    """What unpickles into a command."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.witness),)


def test_a_pickle_with_code_is_refused_and_not_run(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({"bert.pooler.dense.bias": Trap(folder / "code ran")}, folder / "pytorch_model.bin")
    with pytest.raises(DataError, match=r"pytorch_model\.bin: damaged, or holds more than weights"):
        DNABERT2Classifier.from_pretrained(folder)
    assert not (folder / "code ran").exists()


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        ("bert.encoder.layer.0.mlp.wo.bias", None, r"has no weight bert\.encoder\.layer\.0\.mlp\.wo\.bias"),
        ("bert.encoder.layer.7.mlp.wo.bias", torch.zeros(8), r"layer\.7\.mlp\.wo\.bias is not a weight of the network"),
        ("bert.embeddings.position_ids", torch.zeros(1), "position_ids is not a weight"),
        ("bert.embeddings.LayerNorm.bias", torch.zeros(9), r"has the shape \(9,\), not \(8,\)"),
    ],
)
def test_weights_of_another_network_are_refused(folder: Path, name: str, tensor: torch.Tensor, message: str) -> None:
    change(folder, **{name: tensor})
    with pytest.raises(DataError, match=message):
        DNABERT2Classifier.from_pretrained(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named_with_where_to_put_it(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(DataError, match=r"(?i)no such file") as caught:
        DNABERT2Classifier.from_pretrained(folder)
    named = "pytorch_model.bin: no such file, nor model.safetensors" if name.startswith("model") else f"{name}: "
    assert named in str(caught.value) and f"into {folder}" in str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_damaged_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    with pytest.raises(DataError, match=name.replace(".", r"\.")):
        DNABERT2Classifier.from_pretrained(folder)


@pytest.mark.parametrize("content", [b"", b"\x80\x02", b"PK\x03\x04 and no zip"])
def test_a_damaged_pickle_is_named(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(content)
    with pytest.raises(DataError, match=r"pytorch_model\.bin"):
        DNABERT2Classifier.from_pretrained(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "recursion"),
        ("[]", "holds no keys"),
        ('{"hidden_size": 9}', "not a multiple of 12"),
        ('{"layer_norm_eps": NaN}', "layer_norm_eps is nan"),
        ('{"hidden_dropout_prob": 5}', "hidden_dropout_prob is 5, at most 1"),
        ('{"initializer_range": "' + "x" * 5000 + '"}', "initializer_range is 'x{59}…$"),
    ],
)
def test_a_config_without_sizes_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(DataError, match=rf"config\.json: not the sizes.*{message}"):
        DNABERT2Classifier.from_pretrained(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda tensor: tensor.to_sparse(),
        lambda tensor: tensor.to(torch.complex64),
        lambda tensor: tensor.to(torch.int64),
        lambda tensor: tensor.to("meta"),
        lambda tensor: tensor * float("nan"),
        lambda tensor: torch.nested.nested_tensor([tensor]),
    ],
    ids=["sparse", "complex", "whole numbers", "meta", "NaN", "nested"],
)
@pytest.mark.filterwarnings("ignore:.*(nested tensors|TypedStorage|Validating sparse)")
def test_weights_that_are_no_arrays_of_numbers_are_refused(
    request: pytest.FixtureRequest, folder: Path, change: Any
) -> None:
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    name = "bert.embeddings.LayerNorm.bias"
    torch.save(tensors | {name: change(tensors[name])}, folder / "pytorch_model.bin")
    refused = f"{name} is not an array of finite numbers"
    if "nested" in request.node.name:
        refused += "|damaged, or holds more than weights"  # torch 2.15 reads none of them
    with pytest.raises(DataError, match=rf"pytorch_model\.bin: ({refused})"):
        DNABERT2Classifier.from_pretrained(folder)


def test_archives_and_pickles_made_to_break_their_readers(folder: Path) -> None:
    tensors, path = load_file(folder / "model.safetensors"), folder / "pytorch_model.bin"
    (folder / "model.safetensors").unlink()
    torch.save(tensors, path)
    whole = path.read_bytes()
    directory = whole.rindex(b"PK\1\2")  # of its last member, in the archive's directory
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    pickled = next(name for name in members if name.endswith("data.pkl"))
    made = [whole[:directory] + b"X" + whole[directory + 1 :]]
    for code in (
        b"",
        b"\x80\x02h\x05.",
        b"\x80\x020.",
        b"\x80\x02X\1\0\0\0aQ.",
        b"\x80\x02NK\1K\1s.",
        b"\x80\x02}K\1K\1s.",
    ):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, code if name == pickled else data)
        made.append(content.getvalue())
    for data in made:
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"pytorch_model\.bin: ") as caught:
            DNABERT2Classifier.from_pretrained(folder)
        assert len(str(caught.value)) < 600 and str(caught.value).isprintable()


def test_what_is_not_a_mapping_of_tensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save([torch.zeros(3)], folder / "pytorch_model.bin")
    with pytest.raises(DataError, match="holds no weights by name"):
        DNABERT2Classifier.from_pretrained(folder)


def test_the_written_config_names_the_sizes(folder: Path) -> None:
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == 8

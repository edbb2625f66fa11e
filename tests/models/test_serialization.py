"""Saved models that are refused."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest
import torch

import regssl
from helpers.training_sets import on_disk, run
from regssl.errors import DataError
from regssl.training.predict import predict_files


def test_models_of_another_width_or_damaged_ones_are_refused(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    model = tmp_path / "out/seed0/model.safetensors"
    with pytest.raises(DataError, match="made for 40 bp"):
        list(predict_files([model], on_disk(tmp_path, "wide", 10, 1, width=50)))
    (tmp_path / "cut.safetensors").write_bytes(model.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"cut\.safetensors: not a trained model"):
        regssl.load(tmp_path / "cut.safetensors")
    torch.save({"a": 1}, tmp_path / "pickle.safetensors")
    with pytest.raises(DataError, match="is zip, which is not read here"):
        regssl.load(tmp_path / "pickle.safetensors")


def test_a_model_that_cannot_be_opened_is_refused_with_the_reason(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    model = tmp_path / "out/seed0/model.safetensors"
    (tmp_path / "zipped").write_bytes(gzip.compress(model.read_bytes()))
    for path, reason in ((model.parent, "Is a directory"), (tmp_path / "none", "No such file"),
                         (tmp_path / "zipped", "is safetensors, compressed with gzip: decompress it")):  # fmt: skip
        with pytest.raises(DataError, match=reason):
            regssl.load(path)
    with subprocess.Popen(["cat", model], stdout=subprocess.PIPE) as cat:
        assert cat.stdout
        with pytest.raises(DataError, match="not a trained model: a pipe: save it first"):
            regssl.load(f"/dev/fd/{cat.stdout.fileno()}")

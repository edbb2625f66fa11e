"""Scores of windows on both strands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import regssl
from helpers.training_sets import in_memory, run
from regssl.models import build
from regssl.models.inputs import reverse_complement
from regssl.models.predict import predict, supported_precision


def test_both_strands_count_alike(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    network = regssl.load(tmp_path / "out/seed0/model.safetensors")
    data = in_memory(50, 9)
    flipped = reverse_complement(data.codes).numpy()
    np.testing.assert_allclose(predict(network, data.codes.numpy()), predict(network, flipped), atol=1e-5)
    plus, minus = (predict(network, codes, both_strands=False) for codes in (data.codes.numpy(), flipped))
    assert not np.allclose(plus, minus)


@pytest.mark.parametrize("has_bf16", [False, True])
def test_sixteen_bits_are_used_on_processors_that_multiply_them_by_networks_that_gain(
    has_bf16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("regssl.models.predict.processor_has_bf16", lambda: has_bf16)
    deepbind, deepsea = (build(name, 200, {}) for name in ("deepbind", "deepsea"))
    assert supported_precision("bf16-mixed", deepsea) == ("bf16-mixed" if has_bf16 else "32-true")
    assert supported_precision("bf16-mixed", deepbind) == "32-true", "tables of k-mers are of 32 bits"
    assert supported_precision("32-true", deepsea) == "32-true"

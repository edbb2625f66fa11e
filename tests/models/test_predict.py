"""Scores of windows on both strands."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import regssl
from helpers.training_sets import in_memory, run
from regssl.models.inputs import reverse_complement
from regssl.models.predict import predict


def test_both_strands_count_alike(tmp_path: Path) -> None:
    run(tmp_path, "sl")
    network = regssl.load(tmp_path / "out/seed0/model.safetensors")
    data = in_memory(50, 9)
    flipped = reverse_complement(data.codes).numpy()
    np.testing.assert_allclose(predict(network, data.codes.numpy()), predict(network, flipped), atol=1e-5)
    plus, minus = (predict(network, codes, both_strands=False) for codes in (data.codes.numpy(), flipped))
    assert not np.allclose(plus, minus)

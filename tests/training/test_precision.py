"""Training in 16 bits: on processors that multiply them, by networks whose logits stay exact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from helpers.killing import killed_after
from helpers.training_sets import SETTINGS, run
from regssl.sequences.encoding import one_hot
from regssl.training.module import SequenceClassifier

SMALL = {"channels": [8, 8, 8], "filter_width": 4, "hidden": 8, "pool": 2}
TRAINING = {**SETTINGS["training"], "precision": "bf16-mixed", "learning_rate": 0.003, "max_epochs": 3}


@pytest.fixture(autouse=True)
def _has_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("regssl.models.predict.processor_has_bf16", lambda: True)


def trained(folder: Path, **changed: Any) -> tuple[dict[str, Any], bytes]:
    """The record and the file of a small DeepSEA."""
    folder.mkdir(exist_ok=True)
    record = run(folder, architecture="deepsea", params=SMALL, training={**TRAINING, **changed})
    return record, (folder / "out/seed0/model.safetensors").read_bytes()


def test_a_killed_run_ends_in_the_same_bytes(tmp_path: Path) -> None:
    record, whole = trained(tmp_path / "whole")
    assert record["precision"] == "bf16-mixed"
    with killed_after(1):
        trained(tmp_path / "resumed")
    assert trained(tmp_path / "resumed")[1] == whole
    assert trained(tmp_path / "other", precision="32-true")[1] != whole


def test_a_run_does_not_go_on_in_other_arithmetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="regssl")
    with killed_after(1):
        trained(tmp_path / "moved")
    monkeypatch.setattr("regssl.models.predict.processor_has_bf16", lambda: False)
    record, moved = trained(tmp_path / "moved")
    assert record["precision"] == "32-true" and "going on after epoch" not in caplog.text
    assert moved == trained(tmp_path / "alone")[1]


class Plain(nn.Module):
    """A network of somebody who never thought of 16 bits."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layer = nn.Linear(4 * width, 1)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Map byte codes (batch, width) to logits (batch,)."""
        return self.layer(one_hot(codes).flatten(1)).squeeze(-1)


@pytest.mark.parametrize("architecture", ["deepsea", f"{__name__}:Plain"])
def test_validation_ranks_by_logits_that_do_not_tie(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the hardware takes 16 bits for every network, as GPUs do."""
    monkeypatch.setattr("regssl.training.fit.supported_precision", lambda precision, _: precision)
    seen = []
    ended = SequenceClassifier.on_validation_epoch_end

    def end(self: SequenceClassifier) -> None:
        seen.append(torch.cat(self._logits, dim=1).flatten())
        ended(self)

    monkeypatch.setattr(SequenceClassifier, "on_validation_epoch_end", end)
    params = SMALL if architecture == "deepsea" else {}
    run(tmp_path, architecture=architecture, params=params, training=TRAINING)
    assert seen and all(logits.dtype == torch.float32 and len(logits.unique()) > 70 for logits in seen), "of 80"

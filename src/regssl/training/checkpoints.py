"""Checkpoints with a digest: one that is not as it was written is never resumed from. Reading them runs no code."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from pathlib import Path
from typing import Any

import torch
from lightning_fabric.plugins.io.torch_io import TorchCheckpointIO

from regssl.io.atomic import atomic_path

_DIGEST = b"regssl sha256 "
_log = logging.getLogger(__name__)


class DigestedCheckpointIO(TorchCheckpointIO):
    """Lightning's way to checkpoints: torch files with the SHA-256 of their bytes at the end, whole or not at all."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, *_: Any, **_options: Any) -> None:
        """Write a checkpoint."""
        content = io.BytesIO()  # torch hides that a disk is full
        torch.save(checkpoint, content)
        with atomic_path(path) as aside, aside.open("wb") as file:
            file.write(content.getbuffer())
            file.write(_DIGEST + hashlib.sha256(content.getbuffer()).hexdigest().encode())

    def load_checkpoint(self, path: Any, *_: Any, **_options: Any) -> dict[str, Any]:
        """Read a checkpoint.

        Raises:
            ValueError: it is not as it was written.
        """
        with Path(path).open("rb") as file:
            end = os.fstat(file.fileno()).st_size - len(_DIGEST) - 64
            digest = hashlib.sha256()
            while part := file.read(min(1 << 20, end - file.tell()) if end > file.tell() else 0):
                digest.update(part)
            if end < 0 or file.read() != _DIGEST + digest.hexdigest().encode():
                raise ValueError("its digest is wrong")
            file.seek(0)
            checkpoint: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        return checkpoint


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a checkpoint; None if there is none, or it is damaged: such a file is deleted, with a warning."""
    try:
        return DigestedCheckpointIO().load_checkpoint(path)
    except FileNotFoundError:
        return None
    except Exception as error:  # whatever the damage, it costs the phase and no more
        _log.warning("%s: damaged, training starts again: %s", path, error)
        path.unlink()
        return None

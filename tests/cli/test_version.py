"""`regssl --version`."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from importlib import metadata
from types import SimpleNamespace

import pytest
import torch

from regssl import __version__
from regssl.cli import version
from regssl.cli.version import describe_version

PYTHON, TORCH = (re.escape(text) for text in (platform.python_version(), metadata.version("torch")))


def test_one_line_tells_versions_and_device() -> None:
    code = "import sys; from regssl.cli import main\ntry: main(['--version'])\nfinally: print('torch' in sys.modules)"
    line, imported = subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()
    assert re.fullmatch(rf"regssl {__version__} \(Python {PYTHON}, torch {TORCH}, .+\)", line)
    is_cpu_build = metadata.version("torch").endswith("+cpu")
    assert imported == str(not is_cpu_build)
    assert line.endswith(", CPU)") or not is_cpu_build


@pytest.mark.parametrize(("gpu", "device"), [(True, "NVIDIA H200"), (False, "CPU")])
def test_a_torch_that_may_know_a_gpu_is_asked(monkeypatch: pytest.MonkeyPatch, gpu: bool, device: str) -> None:
    cuda = SimpleNamespace(is_available=lambda: gpu, get_device_name=lambda: "NVIDIA H200")
    monkeypatch.setattr(torch, "cuda", cuda)
    monkeypatch.setattr(version, "version", lambda _: "2.9.0")
    assert describe_version().endswith(f", torch 2.9.0, {device})")

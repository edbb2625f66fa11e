"""What `regssl --version` tells: versions, and the device that torch computes on."""

from __future__ import annotations

import platform
from importlib.metadata import version

from regssl._version import __version__

CPU_BUILD = "+cpu"
"""How the version of a torch ends that knows no GPU."""


def describe_version() -> str:
    """Describe regssl, Python, torch and its device in one line.

    torch is imported, which takes seconds, only if it may know a GPU.
    """
    torch = version("torch")
    device = "CPU" if torch.endswith(CPU_BUILD) else _device()
    return f"regssl {__version__} (Python {platform.python_version()}, torch {torch}, {device})"


def _device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"

"""What a result was made with: versions, hardware, settings."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from regssl._version import __version__
from regssl.io.json_object import write_json_object

PACKAGES = ("torch", "pytorch-lightning", "numpy", "pandas", "pybedtools", "snakemake")


def versions() -> dict[str, str]:
    """Versions of Python, of regssl and of the packages that results depend on."""
    found = {"python": platform.python_version(), "regssl": __version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def hardware() -> dict[str, str]:
    """Processor architecture and, where torch sees one, the GPU."""
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {"machine": platform.machine(), "system": platform.system(), "gpu": gpu}


def describe_run(run: dict[str, Any], path: str | Path) -> None:
    """Write `run` as JSON together with versions, torch's with its build (`2.13.0+cpu`), and hardware."""
    import torch

    record = {**run, "versions": versions() | {"torch": str(torch.__version__)}, "hardware": hardware()}
    write_json_object(path, dict(sorted(record.items())))

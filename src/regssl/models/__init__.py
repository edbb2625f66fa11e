"""Network architectures, registered by name: start at `build`. Importing this package does not import torch.

A new architecture is one file with one class and one line in ARCHITECTURES; one outside the package needs no line: its
import path is given in the configuration. Names from a model file are looked up here and never imported.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from regssl.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "ARCHITECTURES",
    "EXTRAS",
    "NOTES",
    "PRETRAINED",
    "RANDOMLY_INITIALIZED",
    "REGISTERED",
    "WITH_FILTERS",
    "build",
    "check_installed",
    "import_network",
]

ARCHITECTURES = {
    "deepbind": "regssl.models.deepbind:DeepBind",
    "deepsea": "regssl.models.deepsea:DeepSEA",
    "dnabert2": "regssl.models.dnabert2.model:DNABERT2",
    "dnabert2_tiny": "regssl.models.dnabert2.tiny:TinyDNABERT2",
    "huggingface": "regssl.models.huggingface.model:HuggingFace",
}
REGISTERED = ARCHITECTURES | {
    "random": "regssl.models.baselines:RandomScores",
    "gc_logistic": "regssl.models.baselines:GCLogistic",
    "kmer_logistic": "regssl.models.baselines:KmerLogistic",
    "motif_scan": "regssl.models.baselines:MotifScan",
}
"""All that a model file may name: architectures, and baselines by the names of their methods."""
WITH_FILTERS = {"deepbind", "deepsea"}
"""Architectures whose first layer is filters of bases."""
PRETRAINED = {"dnabert2", "dnabert2_tiny", "huggingface"}
"""Architectures that start from files: a config, a tokenizer and weights (`layout`)."""
RANDOMLY_INITIALIZED = {"dnabert2_tiny": "random initialisation"}
"""Architectures of PRETRAINED whose files are generated, not published, with the label that display names add."""
NOTES = {
    "dnabert2": "pre-trained by its authors on the human genome, and so on the sequence of the test windows",
    "huggingface": "pre-trained by its authors, perhaps on the sequence of the test windows",
}
"""What must be said where numbers of an architecture stand."""

EXTRAS = {"huggingface": ("transformers", "5", "lm")}
"""Architectures that need a package which regssl does not: its name, its major version, the extra that installs it."""


def build(architecture: str, width: int, params: dict[str, Any]) -> nn.Module:
    """Build a network, initialised from torch's current random state.

    Args:
        architecture: a registered name, or an import path `package.module:Class`.
        width: length of the sequences in bp.
        params: further arguments of the class.

    Returns:
        A module that maps byte codes, uint8 (batch, width), to logits, float (batch,).

    Raises:
        ConfigError: no such class, or it does not take these parameters.
    """
    network = import_network(architecture)
    try:
        built: nn.Module = network(width=width, **params)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"architecture '{architecture}' with params {params}: {error}") from None
    return built


def import_network(architecture: str) -> Callable[..., nn.Module]:
    """Import the class of an architecture. Importing runs code: never call this with a name that a file chose.

    Raises:
        ConfigError: no such class, or a package that it needs is missing.
    """
    check_installed(architecture)
    module, _, name = REGISTERED.get(architecture, architecture).partition(":")
    try:
        network: Callable[..., nn.Module] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        known = ", ".join(ARCHITECTURES)
        raise ConfigError(f"architecture '{architecture}': {error}", f"known: {known}, or 'module:Class'") from None
    return network


def check_installed(architecture: str) -> None:
    """Check that the packages which an architecture needs are installed; imports none.

    Raises:
        ConfigError: one is not, or another version of it.
    """
    if architecture not in EXTRAS:
        return
    package, major, extra = EXTRAS[architecture]
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    if version.partition(".")[0] != major:
        found = f"version {version} is installed" if version else "it is not installed"
        problem = f"architecture '{architecture}' needs {package} {major}, and {found}"
        raise ConfigError(problem, f"pip install 'regssl[{extra}]'")

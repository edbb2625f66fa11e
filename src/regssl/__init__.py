"""regssl: semi-supervised learning with cross-species pseudo-labels for regulatory sequence prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regssl._version import __version__ as __version__

if TYPE_CHECKING:
    from regssl.models.serialization import load as load


def __getattr__(name: str) -> Any:
    """`regssl.load(path)` reads a trained model; torch is imported only then."""
    if name == "load":
        from regssl.models.serialization import load

        return load
    raise AttributeError(f"module 'regssl' has no attribute '{name}'")

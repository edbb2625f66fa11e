"""regssl: semi-supervised learning with cross-species pseudo-labels for regulatory sequence prediction.

For use from Python: `load` a trained network, `predict` windows, `score_variants` of a VCF file or of pairs of
sequences, hand a network to programs that explain it (`as_one_hot`), `read_chains` and `lift` intervals. Importing the
package imports none of them yet, so neither torch nor numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from regssl._version import __version__

if TYPE_CHECKING:
    from regssl.liftover.chain_file import read_chains
    from regssl.liftover.lift import lift
    from regssl.models.one_hot import as_one_hot
    from regssl.models.predict import predict
    from regssl.models.serialization import load
    from regssl.variants.allele_scores import score_variants

__all__ = ["__version__", "as_one_hot", "lift", "load", "predict", "read_chains", "score_variants"]

_MODULES = {
    "as_one_hot": "regssl.models.one_hot",
    "lift": "regssl.liftover.lift",
    "load": "regssl.models.serialization",
    "predict": "regssl.models.predict",
    "read_chains": "regssl.liftover.chain_file",
    "score_variants": "regssl.variants.allele_scores",
}


def __getattr__(name: str) -> Any:
    """Import a public function when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module 'regssl' has no attribute '{name}'")
    return getattr(import_module(_MODULES[name]), name)

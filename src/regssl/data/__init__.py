"""From genomes and peaks to labelled windows: bins, homologs, pseudo-labels, controls, and window sets on disk.

Start at `bins` (human bins, labels, splits), `homologs`, `leakage_rule` and `pseudo_labels`; where sequences come
without a genome, at `sequences` and `given_homologs`. `packed` writes window sets, `dataset` loads them for training;
only `dataset` imports torch.
"""

__all__ = [
    "bins",
    "dataset",
    "divergence",
    "homologs",
    "intervals",
    "leakage_rule",
    "mutation",
    "packed",
    "peaks",
    "pseudo_labels",
    "settings",
    "windows",
]

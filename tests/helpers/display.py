"""Display names for tests of figures."""

from __future__ import annotations

DATASETS = {
    "atf3": "ATF3", "ets1": "ETS1", "andr": "ANDR", "rest": "REST", "max": "MAX", "p300": "P300", "rad21": "RAD21",
    "ctcf": "CTCF", "h3k4me3": "H3K4me3", "pol2": "POL2", "atac": "ATAC-seq",
}  # fmt: skip
MODELS = {"deepbind": "CNN-27K", "deepsea": "DeepSEA", "dnabert2": "DNABERT-2"}
METHODS = {"sl": "SL", "ssl": "SSL", "ssl_ns": "SSL-NS", "sl_mutated": "SL, mutated", "ssl_shuffled": "SSL, shuffled"}


def first(mapping: dict[str, str], n: int) -> dict[str, str]:
    return dict(list(mapping.items())[:n])


HOSTILE = [
    r"$\alpha_1$ & $5", "{dataset} %s %(x)d {0}", '<b id="x">', "</script>", 'say "hi" \'', r"C:\new\table \\",
    "שלום 5", "_x_^2", "=1+1", "☺ ½ β", "url(#p) href=\"#", "-nan", "</svg></table>", "*a* `b` |c|", "W" * 80,
]  # fmt: skip
"""Display names that mean something to a tool on their way: each must be shown as it is."""

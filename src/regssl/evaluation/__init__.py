"""From predictions to numbers and conclusions; start at `metrics`, then `comparison`.

`metrics` and `mcc` score one run, `summary` means over seeds, `bootstrap` resamples test windows, `confidence` has the
intervals, `comparison` pairs methods of a dataset, `conclusions` puts them into words, `families` corrects for several
datasets, `significance` concludes and tests over them, `ablations` makes curves.
"""

__all__ = [
    "ablations",
    "bootstrap",
    "comparison",
    "conclusions",
    "confidence",
    "families",
    "mcc",
    "metrics",
    "settings",
    "significance",
    "summary",
]

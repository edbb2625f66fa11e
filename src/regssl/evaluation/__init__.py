"""From predictions to numbers and conclusions; start at `metrics`, then `comparison`.

`metrics` scores one run, `summary` means over seeds, `bootstrap` resamples test windows, `confidence` has the
intervals, `comparison` pairs methods of a dataset, `significance` tests over datasets, `conclusions` puts them into
words, `ablations` makes curves.
"""

__all__ = [
    "ablations",
    "bootstrap",
    "comparison",
    "conclusions",
    "confidence",
    "metrics",
    "settings",
    "significance",
    "summary",
]

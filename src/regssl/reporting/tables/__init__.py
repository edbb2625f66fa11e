"""Tables, one module each; `base` is what they share."""

__all__ = [
    "base",
    "comparison",
    "divergence",
    "label_errors",
    "leakage",
    "paper_comparison",
    "table1",
    "table2",
    "variants",
]

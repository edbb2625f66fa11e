"""Tables, figures and pages for readers, from the tables of `evaluation`, `leakage`, `variants` and `data`.

`tables` has one module per table, `figures` one per figure; `comparison_page` is the page "Is it the homologs?",
`results_page` that of all results. `format` formats every number; each report makes a `document`, which `html` renders.
"""

__all__ = ["comparison_page", "document", "figures", "format", "html", "results_page", "tables"]

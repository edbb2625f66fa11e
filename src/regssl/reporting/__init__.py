"""Tables, figures and pages for readers, from the tables of `evaluation`, `leakage`, `variants` and `data`.

`tables` has one module per table, `figures` one per figure; `comparison_page` is the page "Is it the homologs?".
`format` formats every number, `html` and `sections` make the pages.
"""

__all__ = ["comparison_page", "figures", "format", "html", "sections", "tables"]

"""Measured labels of another species: are the copied labels true, and how well is its own sequence predicted?

A *copy* is a homolog with the label of its human window. It is *true* where the measured label of the homolog, from
ChIP-seq in that species, agrees. *Own windows* are the consecutive windows of that genome. Start at `copies`, which
measures each copy; `rates` counts the true ones, `discrimination` asks which scores tell them apart, `filtering` what a
filter would do to them; `own_windows` and `own_scores` are about the species' own windows. Nothing trains on any of it.
"""

"""What trained networks have learned: the motifs of their filters, and what each base of a sequence counts.

Start at `learned.explain_filters` and at `sequences.explain_sequences`. Importing this package imports no torch.
"""

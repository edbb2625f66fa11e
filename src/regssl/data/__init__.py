"""Windows: human bins, peaks and labels, homologs, pseudo-labels, sets on disk."""

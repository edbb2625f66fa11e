"""Genomes and DNA as byte codes: start with `genome.Genome` (windows) and `encoding` (codes to text and back)."""

__all__ = ["encoding", "fasta", "genome", "intervals", "locate", "motifs", "twobit"]

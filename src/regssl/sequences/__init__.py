"""Genomes and DNA: 2bit and FASTA files, byte codes, motifs."""

"""Effects of variants: tables of variants, scores of their alleles, and correlations with observed effects.

Start with `readers.read_variants` and `dataset.make_variant_dataset` for variants with observed effects, or with
`allele_scores.score_variants` for a VCF file, or pairs of sequences.
"""

__all__ = ["agreement", "allele_scores", "dataset", "effects", "formats", "readers", "scoring", "training_overlap"]

"""Effects of variants: tables of variants, scores of their alleles, and correlations with observed effects.

Start with `readers.read_variants` and `dataset.make_variant_dataset` for variants with observed effects, or with
`score_vcf.score_variants` for a VCF file.
"""

__all__ = ["correlation", "dataset", "effects", "formats", "readers", "score_vcf", "scoring", "training_overlap"]

"""Variants: tables of SNPs, scores of alleles, correlation with observed effects."""

"""Genomes, peaks and variants of short regions, made from files that others published: start with `places`."""

__all__ = ["assembly", "contexts", "peaks", "places", "sequences", "variant_files"]

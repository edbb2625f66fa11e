"""UCSC liftOver's semantics on arrays: chain files, lifted intervals, BED files."""

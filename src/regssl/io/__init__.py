"""Files in and out, of every format but sequences and chains: `files` opens them, `atomic` writes them whole."""

__all__ = ["atomic", "bed", "bigbed", "files", "parquet", "text_table", "tsv", "vcf"]

# In: the sets of SNPs that the configuration names. Out: what the rules of variants.smk share; no rule.
SNPS = f"{RESULTS}/datasets/{{dataset}}/snps/{{snps}}"
SET_NAMES = json.dumps({id: row.name for id, row in PROJECT.snps.items()})
SNP_DATASETS = [dataset for dataset in PROJECT.datasets if dataset in {row.dataset for row in PROJECT.snps.values()}]
SNP_CORRELATIONS = expand("{results}/runs/{dataset}/snp_effects.tsv", results=RESULTS, dataset=SNP_DATASETS)


def windows_like_training(wildcards):
    """Whatever a network of the dataset was shown, for SNPs that bring a sequence of their own."""
    if PROJECT.snps[wildcards.snps].format not in CONTEXT_FORMATS:
        return []
    human = expand(f"{RESULTS}/datasets/{{dataset}}/human/{{split}}.npy", split=["train", "validation"], **wildcards)
    homologs = expand(
        f"{RESULTS}/datasets/{{dataset}}/homologs/{{genome}}.npy", genome=PROJECT.genomes, dataset=wildcards.dataset
    )
    return human + (homologs if any(resolve(method).extra_windows for method in PROJECT.methods[wildcards.dataset]) else [])


def reading(wildcards):
    """How a table of SNPs is read, as options."""
    row = PROJECT.snps[wildcards.snps]
    options = [f"--format={row.format}", f"--factor={row.factor}", f"--effect={row.effect}", f"--max-fdr={row.max_fdr}"]
    return options + option("--member", row.member)


def snp_identity(model):
    """What a run of a model on a set of SNPs is called, but for the seed."""
    return lambda wildcards: json.dumps({**wildcards, "model": model})


def snp_files(dataset, pattern):
    """A file of each set of SNPs of one dataset."""
    sets = [id for id, row in PROJECT.snps.items() if row.dataset == dataset]
    return expand(pattern, dataset=dataset, snps=sets, allow_missing=True)


def snp_results(dataset):
    """Files about SNPs in the folder of a dataset's runs: none for datasets without SNPs."""
    return ["snp_effects.tsv"] if dataset in SNP_DATASETS else []

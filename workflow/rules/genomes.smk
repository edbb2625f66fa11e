# In: genomes and chain files as downloaded. Out: genomes as 2bit, chains as an index; of each set of splits, human bins
# and their homologs in each genome. No dataset yet.
import re


rule index_genome:
    input:
        given(lambda wildcards: PROJECT.sequence(wildcards.genome)),
    output:
        f"{RESULTS}/genomes/{{genome}}.2bit",
    params:
        contents=lambda wildcards: contents([PROJECT.sequence(wildcards.genome)]),
    log:
        f"{RESULTS}/logs/index_genome/{{genome}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/index_genome/{{genome}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=60,
    shell:
        "regssl step index-genome {input:q} {output:q} > {log:q} 2>&1"


rule index_chain:
    input:
        given(lambda wildcards: PROJECT.given_chain(wildcards.chain)),
        lambda wildcards: PROJECT.made_chain(wildcards.chain),
    output:
        PROJECT.chain_index("{chain}"),
    params:
        contents=lambda wildcards: contents(PROJECT.given_chain(wildcards.chain)),
    wildcard_constraints:
        chain="|".join(map(re.escape, PROJECT.chains())),
    log:
        f"{RESULTS}/logs/index_chain/{{chain}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/index_chain/{{chain}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=30,
    shell:
        "regssl index-chain {input:q} {output:q} > {log:q} 2>&1"


rule make_bins:
    input:
        genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
        blacklist=given(PROJECT.blacklist()),
    output:
        PROJECT.bins(),
    wildcard_constraints:
        splits=any_of(PROJECT.splits),
    params:
        splits=lambda wildcards: options_of(PROJECT.splits[wildcards.splits], "{}-chroms"),
        width=CONFIG.bins.width,
        blacklist=lambda wildcards, input: option("--blacklist", input.get("blacklist", [])),
        contents=lambda wildcards: contents(PROJECT.blacklist()),
    log:
        f"{RESULTS}/logs/make_bins/{{splits}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/make_bins/{{splits}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=30,
    shell:
        "regssl step make-bins {input.genome:q} {output:q} {params.splits:q} --width {params.width} {params.blacklist:q}"
        " > {log:q} 2>&1"


rule find_homologs:
    input:
        bins=PROJECT.bins(),
        chain=PROJECT.chain_index("{genome}"),
        human=f"{RESULTS}/genomes/{HUMAN}.2bit",
        genome=f"{RESULTS}/genomes/{{genome}}.2bit",
    output:
        homologs=PROJECT.homologs(),
        counts=PROJECT.homologs("tsv"),
    params:
        settings=options_of(CONFIG.homologs),
    log:
        f"{RESULTS}/logs/find_homologs/{{splits}}/{{genome}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/find_homologs/{{splits}}/{{genome}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=60,
    shell:
        "regssl step find-homologs {input.bins:q} {input.chain:q} {input.human:q} {input.genome:q}"
        " {output.homologs:q} {output.counts:q} {params.settings:q} > {log:q} 2>&1"

# In: trained models and tables of SNPs with observed effects. Out: scores, their correlations, Figure 3.
# Only where the configuration names sets of SNPs.

if PROJECT.snps:

    wildcard_constraints:
        snps="|".join(PROJECT.snps),

    rule snps:
        input:
            table=lambda wildcards: PROJECT.local_path(PROJECT.snps[wildcards.snps].file),
            genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
            regions=lambda wildcards: [
                PROJECT.local_path(place) for place in [PROJECT.snps[wildcards.snps].regions] if place
            ],
            training=windows_like_training,
        output:
            codes=sequences(f"{SNPS}.npy"),
            table=f"{SNPS}.parquet",
            counts=f"{SNPS}.tsv",
        params:
            reading=reading,
            splits=as_json(CONFIG.splits),
            width=CONFIG.bins.width,
            regions=lambda wildcards, input: option("--regions", input.get("regions", [])),
            training=lambda wildcards, input: option("--training", input.get("training", [])),
        log:
            f"{RESULTS}/logs/snps/{{dataset}}/{{snps}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/snps/{{dataset}}/{{snps}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=30,
        shell:
            "regssl step prepare-variants {input.table:q} {input.genome:q} {output.codes:q} {params.reading:q}"
            " --splits {params.splits:q} --width {params.width} {params.regions:q} {params.training:q} > {log:q} 2>&1"

    for model, number, seeds in TRAINING_JOBS:

        rule:
            name:
                job_name("score_snps", model, number)
            input:
                models=runs(model, seeds, "model.safetensors"),
                codes=f"{SNPS}.npy",
                table=f"{SNPS}.parquet",
            output:
                runs(model, seeds, "snps/{snps}.parquet"),
            params:
                identity=snp_identity(model),
                seeds=seeds,
            log:
                f"{RESULTS}/logs/score_snps/{{dataset}}/{model}/{{method}}/{{snps}}.{number}.log",
            benchmark:
                f"{RESULTS}/benchmarks/score_snps/{{dataset}}/{model}/{{method}}/{{snps}}.{number}.tsv"
            conda:
                "../../envs/regssl.yaml"
            threads: 1
            resources:
                mem_mb=memory(CONFIG.model_settings[model].resources.mem_mb),
                runtime=60,
                gpu=CONFIG.gpus_of(model),
            shell:
                "regssl step score-variant-set {input.codes:q} {input.models:q} --out {output:q} --seeds {params.seeds}"
                " --identity {params.identity:q} --threads {threads} > {log:q} 2>&1"

    rule correlate_snps:
        input:
            lambda wildcards: snp_files(
                wildcards.dataset, runs_of([wildcards.dataset], "snps/{{snps}}.parquet", doses=False)
            ),
        output:
            effects=f"{RESULTS}/runs/{{dataset}}/snp_effects.tsv",
            means=f"{RESULTS}/runs/{{dataset}}/snp_scores.tsv",
        log:
            f"{RESULTS}/logs/correlate_snps/{{dataset}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/correlate_snps/{{dataset}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=30,
        shell:
            "regssl step correlate-variants {input:q} --effects {output.effects:q} --means {output.means:q} > {log:q} 2>&1"

    rule snp_table:
        input:
            effects=expand(rules.correlate_snps.output.effects, dataset=SNP_DATASETS),
            counts=[file for dataset in SNP_DATASETS for file in snp_files(dataset, f"{SNPS}.tsv")],
        output:
            tsv=f"{RESULTS}/snp_effects.tsv",
            html=report(
                f"{RESULTS}/snp_effects.html",
                category="Tables",
                labels={"table": "SNP effects: predicted against observed allelic imbalance"},
                caption="../report/snp_effects.rst",
            ),
            counts_tsv=f"{RESULTS}/snp_effects_counts.tsv",
            counts_html=report(
                f"{RESULTS}/snp_effects_counts.html",
                category="Tables",
                labels={"table": "SNP effects: SNPs scored and left out"},
                caption="../report/snp_counts.rst",
            ),
        params:
            names=NAMES,
            sets=SET_NAMES,
            out=subpath(output.tsv, strip_suffix=".tsv"),
        localrule: True
        log:
            f"{RESULTS}/logs/snp_table.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report variant-effects --effects {input.effects:q} --counts {input.counts:q} --names {params.names:q}"
            " --sets {params.sets:q} --out {params.out:q} > {log:q} 2>&1"

    rule figure3:
        input:
            effects=expand(rules.correlate_snps.output.effects, dataset=SNP_DATASETS),
            scores=expand(rules.correlate_snps.output.means, dataset=SNP_DATASETS),
        output:
            svg=report(
                f"{RESULTS}/figure3.svg",
                category="Figures",
                labels={"figure": "Figure 3: predicted and observed effects of SNPs"},
                caption="../report/figure3.rst",
            ),
            png=f"{RESULTS}/figure3.png",
            tsv=f"{RESULTS}/figure3.tsv",
        params:
            names=PAPER_NAMES,
            sets=SET_NAMES,
            out=subpath(output.svg, strip_suffix=".svg"),
        localrule: True
        log:
            f"{RESULTS}/logs/figure3.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report figure3 --effects {input.effects:q} --scores {input.scores:q} --names {params.names:q}"
            " --sets {params.sets:q} --out {params.out:q} > {log:q} 2>&1"

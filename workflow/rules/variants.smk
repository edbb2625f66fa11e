# In: trained models and tables of variants with observed effects. Out: scores, their correlations, Figure 3.
# Only where the configuration names sets of variants.

if PROJECT.variant_rows:

    wildcard_constraints:
        variants="|".join(PROJECT.variant_rows),

    rule prepare_variants:
        input:
            table=given(lambda wildcards: PROJECT.variant_table(wildcards.variants)),
            genome=f"{RESULTS}/genomes/{HUMAN}.2bit",
            regions=given(lambda wildcards: PROJECT.variant_regions(wildcards.variants)),
            training=lambda wildcards: PROJECT.variant_training(wildcards.variants),
        output:
            codes=sequences(f"{RESULTS}/datasets/{{dataset}}/variants/{{variants}}.npy"),
            table=f"{RESULTS}/datasets/{{dataset}}/variants/{{variants}}.parquet",
            counts=f"{RESULTS}/datasets/{{dataset}}/variants/{{variants}}.tsv",
        params:
            format=lambda wildcards: PROJECT.variant_options(wildcards.variants),
            splits=lambda wildcards: options_of(PROJECT.splits_of(wildcards.dataset), "{}-chroms"),
            width=CONFIG.bins.width,
            shifts=option("--shifts", CONFIG.variants.shifts),
            regions=lambda wildcards, input: option("--regions", input.get("regions", [])),
            training=lambda wildcards, input: option("--training", input.get("training", [])),
            contents=lambda wildcards: contents(
                [PROJECT.variant_table(wildcards.variants), *PROJECT.variant_regions(wildcards.variants)]
            ),
        log:
            f"{RESULTS}/logs/prepare_variants/{{dataset}}/{{variants}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/prepare_variants/{{dataset}}/{{variants}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=30,
        shell:
            "regssl step prepare-variants {input.table:q} {input.genome:q} {output.codes:q} {params.format:q}"
            " {params.splits:q} --width {params.width} --dataset {wildcards.dataset} --variant-set {wildcards.variants}"
            " {params.shifts:q} {params.regions:q} {params.training:q} > {log:q} 2>&1"

    for job in PROJECT.seed_jobs():

        rule:
            name:
                job.rule("score_variants")
            input:
                models=PROJECT.job_files(job, "model.safetensors"),
                codes=f"{RESULTS}/datasets/{{dataset}}/variants/{{variants}}.npy",
                table=f"{RESULTS}/datasets/{{dataset}}/variants/{{variants}}.parquet",
            output:
                PROJECT.job_files(job, "variants/{variants}.parquet"),
            params:
                model=job.model,
                seeds=job.seeds,
                own=option("--architecture", CONFIG.models[job.model].own_architecture),
            log:
                f"{RESULTS}/logs/score_variants/{{dataset}}/{job.model}/{{method}}/{{variants}}.{job.number}.log",
            benchmark:
                f"{RESULTS}/benchmarks/score_variants/{{dataset}}/{job.model}/{{method}}/{{variants}}.{job.number}.tsv"
            conda:
                "../../envs/regssl.yaml"
            threads: 1
            resources:
                mem_mb=memory(CONFIG.models[job.model].resources.mem_mb),
                runtime=60,
                gpu=lambda wildcards, job=job: CONFIG.gpus_of(job.model, wildcards.method),
            shell:
                "regssl step score-variant-set {input.codes:q} {input.models:q} --out {output:q} --seeds {params.seeds}"
                " --dataset {wildcards.dataset} --variant-set {wildcards.variants} --model {params.model}"
                " --method {wildcards.method} {params.own:q} --threads {threads} > {log:q} 2>&1"

    rule correlate_variants:
        input:
            lambda wildcards: PROJECT.variant_scores(wildcards.dataset),
        output:
            effects=f"{RESULTS}/runs/{{dataset}}/variant_effects.tsv",
            means=f"{RESULTS}/runs/{{dataset}}/variant_scores.tsv",
        log:
            f"{RESULTS}/logs/correlate_variants/{{dataset}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/correlate_variants/{{dataset}}.tsv"
        conda:
            "../../envs/regssl.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=30,
        shell:
            "regssl step correlate-variants {input:q} --effects {output.effects:q} --means {output.means:q} > {log:q} 2>&1"

    rule variant_effects_table:
        input:
            effects=expand(rules.correlate_variants.output.effects, dataset=PROJECT.variant_datasets()),
            counts=[
                f"{RESULTS}/datasets/{dataset}/variants/{variants}.tsv"
                for dataset in PROJECT.variant_datasets()
                for variants in PROJECT.variant_sets(dataset)
            ],
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/variant_effects.tsv",
            json=f"{RESULTS}/variant_effects.json",
            html=report(
                f"{RESULTS}/variant_effects.html",
                category="Tables",
                labels={"table": "Variant effects: predicted against observed allelic imbalance"},
                caption="../report/variant_effects.rst",
            ),
            directions_tsv=f"{RESULTS}/variant_effects_directions.tsv",
            directions_json=f"{RESULTS}/variant_effects_directions.json",
            directions_html=report(
                f"{RESULTS}/variant_effects_directions.html",
                category="Tables",
                labels={"table": "Variant effects: which allele is preferred"},
                caption="../report/variant_directions.rst",
            ),
            counts_tsv=f"{RESULTS}/variant_effects_counts.tsv",
            counts_json=f"{RESULTS}/variant_effects_counts.json",
            counts_html=report(
                f"{RESULTS}/variant_effects_counts.html",
                category="Tables",
                labels={"table": "Variant effects: variants scored and left out"},
                caption="../report/variant_counts.rst",
            ),
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
        localrule: True
        log:
            f"{RESULTS}/logs/variant_effects_table.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report variant-effects --effects {input.effects:q} --counts {input.counts:q} --names {input.names:q}"
            " --out {params.out:q} > {log:q} 2>&1"

    rule figure3:
        input:
            effects=expand(rules.correlate_variants.output.effects, dataset=PROJECT.variant_datasets()),
            scores=expand(rules.correlate_variants.output.means, dataset=PROJECT.variant_datasets()),
            names=rules.display_names.output,
        output:
            svg=report(
                f"{RESULTS}/figure3.svg",
                category="Figures",
                labels={"figure": "Figure 3: predicted and observed effects of variants"},
                caption=f"{CAPTIONS}/figure3.rst",
            ),
            png=f"{RESULTS}/figure3.png",
            json=f"{RESULTS}/figure3.json",
            tsv=f"{RESULTS}/figure3.tsv",
        params:
            out=subpath(output.svg, strip_suffix=".svg"),
        localrule: True
        log:
            f"{RESULTS}/logs/figure3.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report figure3 --effects {input.effects:q} --scores {input.scores:q} --names {input.names:q}"
            " --out {params.out:q} > {log:q} 2>&1"

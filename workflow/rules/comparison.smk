# In: test predictions of every run. Out: per dataset the comparison of its methods, and the page of all.


rule compare:
    input:
        predictions=lambda wildcards: PROJECT.run_files("predictions.parquet", wildcards.dataset),
        metrics=lambda wildcards: PROJECT.run_files("metrics.json", wildcards.dataset),
        records=lambda wildcards: PROJECT.run_files("run.json", wildcards.dataset),
    output:
        methods=f"{RESULTS}/runs/{{dataset}}/comparison/methods.tsv",
        differences=f"{RESULTS}/runs/{{dataset}}/comparison/differences.tsv",
        exposure=f"{RESULTS}/runs/{{dataset}}/comparison/exposure.tsv",
    params:
        folder=subpath(output.methods, parent=True),
        settings=[
            *options_of(CONFIG.comparison, exclude=["equivalence_margin_percent"]),
            *option("--further-metrics", CONFIG.further_metrics),
        ],
    log:
        f"{RESULTS}/logs/compare/{{dataset}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare/{{dataset}}.tsv"
    conda:
        "../../envs/regssl.yaml"
    threads: 2
    resources:
        mem_mb=memory(8000),
        runtime=240,
    shell:
        "regssl step compare {params.folder:q} --predictions {input.predictions:q} --metrics {input.metrics:q}"
        " --records {input.records:q} {params.settings:q} --threads {threads} > {log:q} 2>&1"


rule comparison_page:
    input:
        methods=expand(rules.compare.output.methods, dataset=PROJECT.datasets),
        differences=expand(rules.compare.output.differences, dataset=PROJECT.datasets),
        exposure=expand(rules.compare.output.exposure, dataset=PROJECT.datasets),
        names=rules.display_names.output,
    output:
        json=f"{RESULTS}/comparison.json",
        html=report(
            f"{RESULTS}/comparison.html",
            category="Comparison of methods",
            labels={"page": "Scores, conclusions, controls, tests"},
            caption="../report/comparison_page.rst",
        ),
        svg=report(
            f"{RESULTS}/comparison.svg",
            category="Comparison of methods",
            labels={"figure": "SSL minus every other method"},
            caption="../report/comparison_figure.rst",
        ),
        png=f"{RESULTS}/comparison.png",
        answer=f"{RESULTS}/comparison_answer.json",
        tables=expand(
            "{results}/comparison{part}.tsv",
            results=RESULTS,
            part=["", "_methods", "_differences", "_findings", "_tests", "_exposure", "_fewer_windows"],
        ),
    params:
        settings=options_of(CONFIG.comparison),
        out=subpath(output.html, strip_suffix=".html"),
    localrule: True
    log:
        f"{RESULTS}/logs/comparison_page.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report comparison --methods {input.methods:q} --differences {input.differences:q} --exposure {input.exposure:q}"
        " --names {input.names:q} {params.settings:q} --out {params.out:q} > {log:q} 2>&1"

# In: test predictions of every run; figures of doses and other parts of the page. Out: per dataset the comparison of its
# methods, and the page "Is it the homologs?".
# The page needs SL, SSL and something that could explain the gain away: a control or a floor.
WITH_PAGE = {"sl", "ssl"} <= set(CONFIG.methods) and any(resolve(id).kind != "paper" for id in CONFIG.methods)
COMPARISON = ["comparison/differences.tsv"] if WITH_PAGE else []
COMPARED = f"{RESULTS}/runs/{{dataset}}/comparison"
HOMOLOG_PAGE = expand("{results}/homolog_page.{kind}", results=RESULTS, kind=["html", "svg"] if WITH_PAGE else [])
PAGE_PARTS = {
    "doses": expand("{results}/dose_{kind}.svg", results=RESULTS, kind=DOSE_FIGURES),
    "wrong_labels": expand(
        "{results}/datasets/{dataset}/wrong_labels.html",
        results=RESULTS,
        dataset=PROJECT.datasets if CONFIG.simulate else [],
    ),
    "audit": expand("{results}/audit{part}.html", results=RESULTS, part=["", "_strata"]),
}


rule compare:
    input:
        predictions=lambda wildcards: runs_of([wildcards.dataset], "predictions.parquet"),
        metrics=lambda wildcards: runs_of([wildcards.dataset], "metrics.json"),
        records=lambda wildcards: runs_of([wildcards.dataset], "run.json"),
    output:
        methods=f"{COMPARED}/methods.tsv",
        differences=f"{COMPARED}/differences.tsv",
        exposure=f"{COMPARED}/exposure.tsv",
    params:
        folder=subpath(output.methods, parent=True),
        statistics=json.dumps(CONFIG.statistics.model_dump(exclude={"equivalent_percent"}), sort_keys=True),
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
        " --records {input.records:q} --statistics {params.statistics:q} --threads {threads} > {log:q} 2>&1"


rule homolog_page:
    input:
        **PAGE_PARTS,
        methods=expand(rules.compare.output.methods, dataset=PROJECT.datasets),
        differences=expand(rules.compare.output.differences, dataset=PROJECT.datasets),
        exposure=expand(rules.compare.output.exposure, dataset=PROJECT.datasets),
    output:
        html=report(
            f"{RESULTS}/homolog_page.html",
            category="Is it the homologs?",
            labels={"item": "Is it the homologs? Verdicts, controls, tests"},
            caption="../report/homolog_page.rst",
        ),
        svg=report(
            f"{RESULTS}/homolog_page.svg",
            category="Is it the homologs?",
            labels={"item": "SSL less every other method"},
            caption="../report/homolog_figure.rst",
        ),
        png=f"{RESULTS}/homolog_page.png",
        tables=expand(
            "{results}/homolog_page{part}.tsv",
            results=RESULTS,
            part=["", "_methods", "_differences", "_tests", "_exposure"],
        ),
    params:
        names=NAMES,
        statistics=as_json(CONFIG.statistics),
        out=subpath(output.html, strip_suffix=".html"),
        parts=lambda wildcards, input: [
            word for name in PAGE_PARTS for word in option(f"--{name.replace('_', '-')}", input.get(name, []))
        ],
    localrule: True
    log:
        f"{RESULTS}/logs/homolog_page.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report comparison --methods {input.methods:q} --differences {input.differences:q} --exposure {input.exposure:q}"
        " --names {params.names:q} --statistics {params.statistics:q} {params.parts:q} --out {params.out:q} > {log:q} 2>&1"

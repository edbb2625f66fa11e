# In: lift counts and metrics of all datasets. Out: Tables 1 and 2 and the paper comparison, each as TSV and HTML.


rule tables:
    input:
        expand("{results}/table1{part}.{kind}", results=RESULTS, part=["", "_genomes"], kind=["tsv", "html"]),
        expand(
            "{results}/{table}.{kind}",
            results=RESULTS,
            table=["table2", *expand("divergence/{splits}", splits=PROJECT.lifted_splits)],
            kind=["tsv", "html"],
        ),
        expand("{results}/paper_comparison.{kind}", results=RESULTS, kind=["tsv", "html"])
        if PROJECT.has_paper_numbers
        else [],
        expand("{results}/leakage{part}.{kind}", results=RESULTS, part=["", "_strata"], kind=["tsv", "html"]),
        expand("{results}/datasets/{dataset}/label_errors.html", results=RESULTS, dataset=PROJECT.peak_datasets)
        if CONFIG.simulation
        else [],
        expand("{results}/variant_effects{part}.html", results=RESULTS, part=["", "_directions", "_counts"])
        if PROJECT.variant_rows
        else [],
        expand("{results}/gain_components{part}.html", results=RESULTS, part=["", "_replicates"])
        if PROJECT.replicates
        else [],
        expand("{results}/measured.{kind}", results=RESULTS, kind=["tsv", "html"]) if PROJECT.measured_rows else [],
        expand("{results}/published.{kind}", results=RESULTS, kind=["tsv", "html"]) if PROJECT.published else [],
    localrule: True


rule table1:
    input:
        lift=PROJECT.lift_tables(),
        counts=expand("{results}/datasets/{dataset}/human/counts.tsv", results=RESULTS, dataset=PROJECT.datasets),
        peaks=[path for dataset in PROJECT.datasets for path in PROJECT.peak_counts(dataset)],
        names=rules.display_names.output,
    output:
        tsv=f"{RESULTS}/table1.tsv",
        json=f"{RESULTS}/table1.json",
        html=report(
            f"{RESULTS}/table1.html",
            category="Tables",
            labels={"table": "Table 1: positives before and after pseudo-labelling"},
            caption="../report/table1.rst",
        ),
        genomes_tsv=f"{RESULTS}/table1_genomes.tsv",
        genomes_json=f"{RESULTS}/table1_genomes.json",
        genomes_html=report(
            f"{RESULTS}/table1_genomes.html",
            category="Tables",
            labels={"table": "Table 1, per genome: windows found in each genome"},
            caption="../report/table1_genomes.rst",
        ),
    params:
        out=subpath(output.tsv, strip_suffix=".tsv"),
    localrule: True
    log:
        f"{RESULTS}/logs/table1.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report table1 --lift {input.lift:q} --counts {input.counts:q} --peaks {input.peaks:q} --names {input.names:q}"
        " --out {params.out:q} > {log:q} 2>&1"


rule table2:
    input:
        summary=rules.summarize_all.output,
        names=rules.display_names.output,
    output:
        tsv=f"{RESULTS}/table2.tsv",
        json=f"{RESULTS}/table2.json",
        html=report(
            f"{RESULTS}/table2.html",
            category="Tables",
            labels={"table": "Table 2: AUPR per dataset, model and method"},
            caption="../report/table2.rst",
        ),
    params:
        out=subpath(output.tsv, strip_suffix=".tsv"),
    localrule: True
    log:
        f"{RESULTS}/logs/table2.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report table2 --summary {input.summary:q} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"


if PROJECT.has_paper_numbers:

    rule paper_comparison:
        input:
            summary=rules.summarize_all.output,
            positives=rules.table1.output.tsv,
            correlations=expand(
                "{results}/runs/{dataset}/variant_effects.tsv", results=RESULTS, dataset=PROJECT.variant_datasets()
            ),
            components=[f"{RESULTS}/gain_components.tsv"] if PROJECT.replicates else [],
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/paper_comparison.tsv",
            json=f"{RESULTS}/paper_comparison.json",
            html=report(
                f"{RESULTS}/paper_comparison.html",
                category="Tables",
                labels={"table": "The paper's public numbers beside those found here"},
                caption="../report/paper_comparison.rst",
            ),
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
            same_data="--same-data" if CONFIG.paper_data else "",
            optional=lambda wildcards, input: [
                word for name in ("correlations", "components") for word in option(f"--{name}", input.get(name, []))
            ],
        localrule: True
        log:
            f"{RESULTS}/logs/paper_comparison.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report paper-comparison --summary {input.summary:q} --positives {input.positives:q} --names {input.names:q}"
            " --out {params.out:q} {params.optional:q} {params.same_data} > {log:q} 2>&1"


if PROJECT.published:

    rule published:
        input:
            methods=expand(
                "{results}/runs/{dataset}/comparison/methods.tsv", results=RESULTS, dataset=PROJECT.published
            ),
            summary=rules.summarize_all.output,
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/published.tsv",
            json=f"{RESULTS}/published.json",
            html=report(
                f"{RESULTS}/published.html",
                category="Tables",
                labels={"table": "Small networks on DNABERT-2's own tasks"},
                caption="../report/published.rst",
            ),
            svg=report(
                f"{RESULTS}/published.svg",
                category="Figures",
                labels={"figure": "Small networks on DNABERT-2's own tasks"},
                caption=f"{CAPTIONS}/published_figure.rst",
            ),
            png=f"{RESULTS}/published.png",
        params:
            out=subpath(output.tsv, strip_suffix=".tsv"),
            tasks=list(PROJECT.published.values()),
        localrule: True
        log:
            f"{RESULTS}/logs/published.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report published --methods {input.methods:q} --summary {input.summary:q} --tasks {params.tasks:q}"
            " --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"

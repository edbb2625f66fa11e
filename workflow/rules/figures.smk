# In: lift counts and metrics of all datasets. Out: Figure 2 and the lift-over figure, each as SVG and PNG.
FIGURES = ["figure2", *(["lift"] if PROJECT.genomes else []), *(["figure3"] if PROJECT.variant_rows else [])]
FIGURES += ["measured"] if PROJECT.measured_rows else []
FIGURES += ["published"] if PROJECT.published else []


rule figures:
    input:
        expand("{results}/{figure}.{kind}", results=RESULTS, figure=FIGURES, kind=["svg", "png"]),
        expand(
            "{results}/ablation_{ablation}.{kind}",
            results=RESULTS,
            ablation=PROJECT.ablation_kinds(),
            kind=["svg", "png"],
        ),
    localrule: True


rule figure2:
    input:
        summary=rules.summarize_all.output,
        names=rules.display_names.output,
    output:
        svg=report(
            f"{RESULTS}/figure2.svg",
            category="Figures",
            labels={"figure": "Figure 2: gain over supervised learning, and absolute AUPR"},
            caption=f"{CAPTIONS}/figure2.rst",
        ),
        png=f"{RESULTS}/figure2.png",
        json=f"{RESULTS}/figure2.json",
        tsv=f"{RESULTS}/figure2.tsv",
    params:
        out=subpath(output.svg, strip_suffix=".svg"),
    localrule: True
    log:
        f"{RESULTS}/logs/figure2.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report figure2 --summary {input.summary:q} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"


rule lift_figure:
    input:
        lift=PROJECT.lift_tables(),
        names=rules.display_names.output,
    output:
        svg=report(
            f"{RESULTS}/lift.svg",
            category="Figures",
            labels={"figure": "Lift-over: fraction of human windows found in each genome"},
            caption=f"{CAPTIONS}/lift.rst",
        ),
        png=f"{RESULTS}/lift.png",
        tsv=f"{RESULTS}/lift.tsv",
        json=f"{RESULTS}/lift.json",
    params:
        out=subpath(output.svg, strip_suffix=".svg"),
    localrule: True
    log:
        f"{RESULTS}/logs/lift_figure.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "regssl report lift-figure --lift {input.lift:q} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"

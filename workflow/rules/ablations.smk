# In: metrics of all runs, divergence, counts. Out: for each kind of ablation that was run, AUPR against its variable.
ABLATION_TITLES = {
    "genomes": "AUPR against the number of genomes",
    "divergence": "AUPR against the divergence of the genomes",
    "train_size": "Learning curve: AUPR against human positives",
    "permuted_labels": "AUPR against labels permuted",
}
DIVERGENCE = ("--divergence", [PROJECT.divergence_of(dataset) for dataset in PROJECT.datasets])
ABLATION_INPUTS = {
    "genomes": DIVERGENCE,
    "divergence": DIVERGENCE,
    "train_size": ("--counts", expand(f"{RESULTS}/datasets/{{dataset}}/human/counts.tsv", dataset=PROJECT.datasets)),
    "permuted_labels": (
        "--label-errors",
        expand(
            f"{RESULTS}/datasets/{{dataset}}/label_errors.tsv",
            dataset=PROJECT.peak_datasets if CONFIG.simulation else [],
        ),
    ),
}
"""What the figure of an ablation needs besides the summary: the option, and its files."""

for kind in PROJECT.ablation_kinds():

    rule:
        name:
            f"ablation_{kind}"
        input:
            summary=rules.summarize_all.output,
            others=ABLATION_INPUTS[kind][1],
            names=rules.display_names.output,
        output:
            svg=report(
                f"{RESULTS}/ablation_{kind}.svg",
                category="Ablations",
                labels={"figure": ABLATION_TITLES[kind]},
                caption=f"{CAPTIONS}/ablation_{kind}.rst",
            ),
            png=f"{RESULTS}/ablation_{kind}.png",
            json=f"{RESULTS}/ablation_{kind}.json",
            tsv=f"{RESULTS}/ablation_{kind}.tsv",
        params:
            kind=kind,
            out=subpath(output.svg, strip_suffix=".svg"),
            others=option(*ABLATION_INPUTS[kind]),
        localrule: True
        log:
            f"{RESULTS}/logs/ablation_{kind}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report ablation {params.kind:q} --summary {input.summary:q} {params.others:q} --names {input.names:q}"
            " --out {params.out:q} > {log:q} 2>&1"

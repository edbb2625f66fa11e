# In: metrics of all runs, divergence, counts. Out: for each kind of dose that was run, AUPR against it.
DOSE_TITLES = {
    "genomes": "AUPR against the number of genomes",
    "divergence": "AUPR against the divergence of the genomes",
    "train_size": "Learning curve: AUPR against human positives",
    "permuted_labels": "AUPR against labels permuted",
}
DIVERGENCE = ("--divergence", [rules.divergence_table.output.tsv])
DOSE_INPUTS = {
    "genomes": DIVERGENCE,
    "divergence": DIVERGENCE,
    "train_size": ("--counts", expand(f"{RESULTS}/datasets/{{dataset}}/human/counts.tsv", dataset=PROJECT.datasets)),
    "permuted_labels": (
        "--label-errors",
        expand(
            f"{RESULTS}/datasets/{{dataset}}/wrong_labels.tsv", dataset=PROJECT.datasets if CONFIG.simulation else []
        ),
    ),
}
"""What the figure of a kind of dose takes besides the summary: the option, and its files."""

for kind in PROJECT.ablation_kinds():

    rule:
        name:
            f"dose_{kind}"
        input:
            summary=rules.summarize_all.output,
            others=DOSE_INPUTS[kind][1],
            names=rules.display_names.output,
        output:
            svg=report(
                f"{RESULTS}/dose_{kind}.svg",
                category="Is it the homologs?",
                labels={"item": DOSE_TITLES[kind]},
                caption=f"../report/dose_{kind}.rst",
            ),
            png=f"{RESULTS}/dose_{kind}.png",
            tsv=f"{RESULTS}/dose_{kind}.tsv",
        params:
            kind=kind,
            out=subpath(output.svg, strip_suffix=".svg"),
            others=option(*DOSE_INPUTS[kind]),
        localrule: True
        log:
            f"{RESULTS}/logs/dose_{kind}.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report ablation {params.kind:q} --summary {input.summary:q} {params.others:q} --names {input.names:q}"
            " --out {params.out:q} > {log:q} 2>&1"

# In: scores of datasets and of their replicates. Out: how far SSL's gain would move with another training region, other
# negatives, seeds and test blocks. Only where rows of the datasets table are replicates of others.

if PROJECT.replicates:

    rule gain_components:
        input:
            summary=[f"{RESULTS}/runs/{row.replicate}/summary.tsv" for row in PROJECT.nested_design()],
            differences=[
                f"{RESULTS}/runs/{dataset}/comparison/differences.tsv"
                for dataset in dict.fromkeys(row.dataset for row in PROJECT.nested_design())
            ],
            audits=expand(rules.audit_leakage.output.counts, dataset=PROJECT.replicates),  # a leak stops here
            names=rules.display_names.output,
        output:
            tsv=f"{RESULTS}/gain_components.tsv",
            json=f"{RESULTS}/gain_components.json",
            html=report(
                f"{RESULTS}/gain_components.html",
                category="Comparison of methods",
                labels={"table": "SSL's gain: training regions, negatives, seeds, test blocks"},
                caption="../report/gain_components.rst",
            ),
            replicates_tsv=f"{RESULTS}/gain_components_replicates.tsv",
            replicates_json=f"{RESULTS}/gain_components_replicates.json",
            replicates_html=report(
                f"{RESULTS}/gain_components_replicates.html",
                category="Comparison of methods",
                labels={"table": "SSL's gain in each replicate"},
                caption="../report/gain_components.rst",
            ),
        params:
            datasets=[row.dataset for row in PROJECT.nested_design()],
            replicates=[row.replicate for row in PROJECT.nested_design()],
            splits=[row.splits for row in PROJECT.nested_design()],
            level=CONFIG.comparison.confidence_level,
            out=subpath(output.tsv, strip_suffix=".tsv"),
        localrule: True
        log:
            f"{RESULTS}/logs/gain_components.log",
        conda:
            "../../envs/regssl.yaml"
        shell:
            "regssl report gain-components --summary {input.summary:q} --differences {input.differences:q}"
            " --replicates {params.replicates:q} --datasets {params.datasets:q} --splits {params.splits:q}"
            " --confidence-level {params.level:q} --names {input.names:q} --out {params.out:q} > {log:q} 2>&1"

# In: the configuration and its tables. Out: the display names of all ids, which every table and figure reads.


rule display_names:
    output:
        f"{RESULTS}/display_names.json",
    params:
        names=lambda wildcards: json_text(PROJECT.display_names(), indent=None),  # braces are no wildcards
    localrule: True
    log:
        f"{RESULTS}/logs/display_names.log",
    conda:
        "../../envs/regssl.yaml"
    shell:
        "printf '%s' {params.names:q} > {output:q} 2> {log:q}"

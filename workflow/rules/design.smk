"""Design: what the study is, and what its results were made from.

Reads   nothing but the config; <results>/rounds/{round}.parquet of a study with rounds
Writes  <results>/design.parquet, <results>/config.yaml, <results>/provenance.json
"""


rule write_design:
    input:
        rounds=rounds_taken,
    output:
        design=ensure("<results>/design.parquet", non_empty=True),
        config=ensure("<results>/config.yaml", non_empty=True),
        provenance=ensure("<results>/provenance.json", non_empty=True),
    log:
        "<logs>/write_design.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_at_the_end(specs.record_spec, CODE),
        code=CODE["write_design"],
    message:
        "Write down the design of the study and what it is made from."
    script:
        "../scripts/write_design.py"

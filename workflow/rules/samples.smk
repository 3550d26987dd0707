"""Samples: the people that each replicate measures.

Reads   nothing but the config, and the data file of an empirical population
Writes  <results>/samples/{scenario}/{block}.parquet
"""


rule draw_samples:
    input:
        data=data_files,
    output:
        samples=ensure("<results>/samples/{scenario}/{block}.parquet", non_empty=True),
    log:
        "<logs>/draw_samples/{scenario}/{block}.log",
    threads: 1
    resources:
        mem_mb=mem_mb_of_block,
        runtime=by_attempt(10),
    params:
        spec=spec_of(specs.draw_spec),
        code=CODE["draw_samples"],
        origin=origin,
    message:
        "Draw block {wildcards.block} of {wildcards.scenario}."
    script:
        "../scripts/draw_samples.py"

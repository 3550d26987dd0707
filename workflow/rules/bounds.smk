"""Bounds: what can be known without data, limits of the estimators and smallest standard errors.

Reads   nothing but the config, and the data file of an empirical population
Writes  <results>/bounds/{scenario}.parquet
"""


rule derive_bounds:
    input:
        data=data_files,
    output:
        bounds=ensure("<results>/bounds/{scenario}.parquet", non_empty=True),
    log:
        "<logs>/derive_bounds/{scenario}.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        spec=bounds_spec,
        code=CODE["derive_bounds"],
        origin=origin,
    message:
        "Derive limits and bounds of {wildcards.scenario}."
    script:
        "../scripts/derive_bounds.py"

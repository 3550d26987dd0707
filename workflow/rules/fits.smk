"""Fits: what each estimator makes of the samples.

Reads   <results>/samples/{scenario}/{block}.parquet, and the files of an estimator from outside
Writes  <results>/fits/{scenario}/{estimator}/{block}.parquet
        <results>/traces/{scenario}/{estimator}/{block}.parquet
"""


rule fit_samples:
    input:
        samples="<results>/samples/{scenario}/{block}.parquet",
        outside=code_files,
    output:
        fits=ensure("<results>/fits/{scenario}/{estimator}/{block}.parquet", non_empty=True),
        traces=ensure("<results>/traces/{scenario}/{estimator}/{block}.parquet", non_empty=True),
    log:
        "<logs>/fit_samples/{scenario}/{estimator}/{block}.log",
    threads: 1
    resources:
        mem_mb=mem_mb_of_block,
        # A block should be fitted in half an hour at most, so that twice as long is a fault.
        runtime=by_attempt(60),
    params:
        spec=spec_of(specs.fit_spec),
        code=CODE["fit_samples"],
        origin=origin,
        made_from=made_from,
    message:
        "Fit {wildcards.estimator} to block {wildcards.block} of {wildcards.scenario}."
    script:
        "../scripts/fit_samples.py"

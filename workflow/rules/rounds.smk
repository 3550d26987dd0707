"""Rounds: whether a study with `precision` needs more replicates; others have no rounds.

Reads   <results>/fits/{scenario}/{estimator}/{block}.parquet, <results>/bounds/{scenario}.parquet
Writes  <results>/rounds/{round}/{scenario}.parquet, <results>/rounds/{round}.parquet
"""


rule measure_round:
    input:
        fits=fits_of_round,
        bounds="<results>/bounds/{scenario}.parquet",
    output:
        round=ensure("<results>/rounds/{round}/{scenario}.parquet", non_empty=True),
    log:
        "<logs>/measure_round/{round}/{scenario}.log",
    localrule: FITS_OF_SCENARIO < FITS_WORTH_A_JOB
    threads: 1
    resources:
        mem_mb=mem_mb_of_measures,
        runtime=runtime_of_others,
    params:
        spec=spec_of_round,
        code=CODE["measure_round"],
        origin=origin,
        made_from=made_from,
    message:
        "Measure how precisely {wildcards.scenario} is known after {wildcards.round} replicates."
    script:
        "../scripts/measure_round.py"


# A checkpoint: the jobs of the next round are planned when its table is there.
checkpoint judge_round:
    input:
        scenarios=collect("<results>/rounds/{{round}}/{scenario}.parquet", scenario=SCENARIOS),
    output:
        round=ensure("<results>/rounds/{round}.parquet", non_empty=True),
    log:
        "<logs>/judge_round/{round}.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        spec="{}",
        code=CODE["judge_round"],
        origin=origin,
        made_from=made_from,
    message:
        "Judge whether {wildcards.round} replicates are enough."
    script:
        "../scripts/judge_round.py"

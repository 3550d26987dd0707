"""Measures: how well the estimators did, each with its Monte-Carlo standard error.

Rounds judge by these errors whether a study with `precision` needs more replicates.

Reads   <results>/fits/{scenario}/{estimator}/{block}.parquet, <results>/bounds/{scenario}.parquet
Writes  <results>/{rounds/{round},measures,intervals}/{scenario}.parquet, <results>/rounds/{round}.parquet,
        <results>/{measures,settings,needed,pairs}.parquet, <results>/measures.csv
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
        mem_mb=by_attempt(specs.mb_of_measures(STUDY)),
        runtime=by_attempt(10),
    params:
        spec=spec_of(specs.round_spec),
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
        **LOCAL,
    params:
        spec="{}",
        code=CODE["judge_round"],
        origin=origin,
        made_from=made_from,
    message:
        "Judge whether {wildcards.round} replicates are enough."
    script:
        "../scripts/judge_round.py"


rule measure_fits:
    input:
        fits=fits_of_scenario,
        bounds="<results>/bounds/{scenario}.parquet",
    output:
        measures=ensure("<results>/measures/{scenario}.parquet", non_empty=True),
        intervals=ensure("<results>/intervals/{scenario}.parquet", non_empty=True),
    log:
        "<logs>/measure_fits/{scenario}.log",
    localrule: FITS_OF_SCENARIO < FITS_WORTH_A_JOB
    threads: 1
    resources:
        mem_mb=by_attempt(specs.mb_of_measures(STUDY)),
        runtime=by_attempt(10),
    params:
        spec=spec_of(specs.measure_spec),
        code=CODE["measure_fits"],
        origin=origin,
        made_from=made_from,
    message:
        "Measure how well the estimators did on {wildcards.scenario}."
    script:
        "../scripts/measure_fits.py"


rule gather_measures:
    input:
        measures=collect("<results>/measures/{scenario}.parquet", scenario=SCENARIOS),
        fits=fits_of(specs.paired_fits),
    output:
        table=ensure("<results>/measures.parquet", non_empty=True),
        sheet=report(
            ensure("<results>/measures.csv", non_empty=True),
            caption="../report/measures.rst",
            category="Tables",
            labels={"table": "measures"},
        ),
        settings=ensure("<results>/settings.parquet", non_empty=True),
        needed=ensure("<results>/needed.parquet", non_empty=True),
        pairs=ensure("<results>/pairs.parquet", non_empty=True),
    log:
        "<logs>/gather_measures.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_of(specs.gather_spec),
        code=CODE["gather_measures"],
        origin=origin,
        made_from=made_from,
    message:
        "Gather the measures of all scenarios, and pairs of estimates."
    script:
        "../scripts/gather_measures.py"

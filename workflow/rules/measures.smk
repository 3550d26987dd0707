"""Measures: how well the estimators did, each with its Monte-Carlo standard error.

Reads   <results>/fits/{scenario}/{estimator}/{block}.parquet, <results>/bounds/{scenario}.parquet
Writes  <results>/measures/{scenario}.parquet, <results>/intervals/{scenario}.parquet,
        <results>/measures.parquet, <results>/measures.csv, <results>/settings.parquet,
        <results>/pairs.parquet
"""


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
        mem_mb=mem_mb_of_measures,
        runtime=runtime_of_others,
    params:
        spec=measure_spec,
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
    output:
        table=ensure("<results>/measures.parquet", non_empty=True),
        sheet=report(
            ensure("<results>/measures.csv", non_empty=True),
            caption="../report/measures.rst",
            category="Tables",
            labels={"table": "measures"},
        ),
    log:
        "<logs>/gather_measures.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["gather_measures"],
        origin=origin,
        made_from=made_from,
    message:
        "Gather the measures of all scenarios."
    script:
        "../scripts/gather_measures.py"


rule gather_settings:
    input:
        measures="<results>/measures.parquet",
    output:
        settings=ensure("<results>/settings.parquet", non_empty=True),
    log:
        "<logs>/gather_settings.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec=specs.settings_spec(STUDY),
        code=CODE["gather_settings"],
        origin=origin,
        made_from=made_from,
    message:
        "Gather the measures against the numbers that the study varies."
    script:
        "../scripts/gather_settings.py"


rule gather_pairs:
    input:
        fits=fits_of_pairs,
    output:
        pairs=ensure("<results>/pairs.parquet", non_empty=True),
    log:
        "<logs>/gather_pairs.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec=specs.pairs_spec(STUDY),
        code=CODE["gather_pairs"],
        origin=origin,
        made_from=made_from,
    message:
        "Gather what estimators make of the same samples."
    script:
        "../scripts/gather_pairs.py"

"""Bounds and the lesson: what can be known without data, by theory alone.

Reads   nothing but the config, and the data file of an empirical population
Writes  <results>/bounds/{scenario}.parquet, <results>/lesson.parquet
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
        **LOCAL,
    params:
        spec=spec_of(specs.bounds_spec),
        code=CODE["derive_bounds"],
        origin=origin,
    message:
        "Derive limits and bounds of {wildcards.scenario}."
    script:
        "../scripts/derive_bounds.py"


rule derive_lesson:
    output:
        lesson=ensure("<results>/lesson.parquet", non_empty=True),
    log:
        "<logs>/derive_lesson.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_of(specs.lesson_spec),
        code=CODE["derive_lesson"],
        origin=origin,
    message:
        "Derive the likelihoods of the lesson."
    script:
        "../scripts/derive_lesson.py"

"""Report: the results checked against theory, and one page for people.

Reads   <results>/measures.parquet, <results>/provenance.json, <results>/figures/{figure}.svg,
        <results>/rounds/{round}.parquet
Writes  <results>/checks.parquet, <results>/report.html
"""


rule check_results:
    input:
        measures="<results>/measures.parquet",
        rounds=rounds_taken,
    output:
        checks=ensure("<results>/checks.parquet", non_empty=True),
    log:
        "<logs>/check_results.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_at_the_end(specs.check_spec),
        code=CODE["check_results"],
        origin=origin,
        made_from=made_from,
    message:
        "Check the results against theory and against themselves."
    script:
        "../scripts/check_results.py"


rule write_report:
    input:
        provenance="<results>/provenance.json",
        tables=["<results>/measures.parquet", "<results>/checks.parquet"],
        rounds=rounds_taken,
        figures=collect("<results>/figures/{figure}.svg", figure=DRAWN),
    output:
        page=ensure("<results>/report.html", non_empty=True),
    log:
        "<logs>/write_report.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_at_the_end(specs.report_spec),
        code=CODE["write_report"],
        made_from=made_from,
    message:
        "Write the report."
    script:
        "../scripts/write_report.py"

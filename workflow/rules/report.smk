"""Report: the results checked against theory and themselves, one page for people, and a verdict.

Reads   <results>/{measures,lesson}.parquet, <results>/provenance.json, <results>/figures/{figure}.svg,
        <results>/rounds/{round}.parquet, <results>/fits/{scenario}/{estimator}/{block}.parquet
Writes  <results>/checks.parquet, <results>/report.html, <results>/checks.txt
"""


rule write_report:
    input:
        measures="<results>/measures.parquet",
        provenance="<results>/provenance.json",
        lesson="<results>/lesson.parquet",
        rounds=rounds_taken,
        played=fits_of(specs.played_fits, specs.PLAYED_REPLICATES),
        figures=collect("<results>/figures/{figure}.svg", figure=DRAWN),
    output:
        checks=ensure("<results>/checks.parquet", non_empty=True),
        page=report(
            ensure("<results>/report.html", non_empty=True),
            caption="../report/page.rst",
            category="The page",
            labels={"page": "answer, figures, methods, tables"},
        ),
    log:
        "<logs>/write_report.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_at_the_end(specs.report_spec),
        code=CODE["write_report"],
        origin=origin,
        made_from=made_from,
    message:
        "Check the results, and write the report."
    script:
        "../scripts/write_report.py"


# After the report, which is to be looked at above all where the results are not what they must be.
rule check_results:
    input:
        checks="<results>/checks.parquet",
        page="<results>/report.html",
    output:
        verdict=ensure("<results>/checks.txt", non_empty=True),
    log:
        "<logs>/check_results.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_of(specs.rigour_spec),
        code=CODE["check_results"],
        made_from=made_from,
    message:
        "Fail if the results are not what they must be."
    script:
        "../scripts/check_results.py"

"""Figures: pictures for people, each drawn from one kind of table; those that the study can fill.

Reads   <results>/{lesson,measures,settings,needed,pairs}.parquet, <results>/intervals/{scenario}.parquet,
        <results>/traces/{scenario}/{estimator}/{block}.parquet
Writes  <results>/figures/{figure}.{svg,png,pdf}
"""


rule plot_figures:
    input:
        tables=collect(
            "<results>/{table}.parquet", table="lesson measures settings needed pairs".split()
        )
        + collect("<results>/intervals/{scenario}.parquet", scenario=SCENARIOS),
        traces=[tables_of("traces", scenario, TRACED_BLOCKS) for scenario in SCENARIOS],
    output:
        [as_shown(figure) for figure in DRAWN],
        ensure(
            collect("<results>/figures/{figure}.{format}", figure=DRAWN, format=["png", "pdf"]),
            non_empty=True,
        ),
    log:
        "<logs>/plot_figures.log",
    localrule: True
    threads: 1
    resources:
        **LOCAL,
    params:
        spec=spec_of(specs.figures_spec),
        code=CODE["plot_figures"],
        made_from=made_from,
    message:
        "Draw the figures."
    script:
        "../scripts/plot_figures.py"

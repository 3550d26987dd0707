"""Figures: pictures for people, each drawn from one table alone.

Reads   <results>/measures.parquet, <results>/traces/{scenario}/{estimator}/{block}.parquet,
        <results>/settings.parquet, <results>/pairs.parquet,
        <results>/intervals/{scenario}.parquet
Writes  <results>/figures/{figure}.{svg,png,pdf}
"""


rule plot_errors:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/errors.svg", non_empty=True),
            caption="../report/errors.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "errors"},
        ),
        png=ensure("<results>/figures/errors.png", non_empty=True),
        pdf=ensure("<results>/figures/errors.pdf", non_empty=True),
    log:
        "<logs>/plot_errors.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_errors"],
        made_from=made_from,
    message:
        "Draw the errors against the number of people."
    script:
        "../scripts/plot_errors.py"


rule plot_biases:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/biases.svg", non_empty=True),
            caption="../report/biases.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "biases"},
        ),
        png=ensure("<results>/figures/biases.png", non_empty=True),
        pdf=ensure("<results>/figures/biases.pdf", non_empty=True),
    log:
        "<logs>/plot_biases.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_biases"],
        made_from=made_from,
    message:
        "Draw the biases and where they lead."
    script:
        "../scripts/plot_biases.py"


rule plot_convergence:
    input:
        traces=traces_of_study(),
    output:
        svg=report(
            ensure("<results>/figures/convergence.svg", non_empty=True),
            caption="../report/convergence.rst",
            category="Figures",
            subcategory="Algorithms",
            labels={"figure": "convergence"},
        ),
        png=ensure("<results>/figures/convergence.png", non_empty=True),
        pdf=ensure("<results>/figures/convergence.pdf", non_empty=True),
    log:
        "<logs>/plot_convergence.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_convergence"],
        made_from=made_from,
    message:
        "Draw how EM climbs, step by step."
    script:
        "../scripts/plot_convergence.py"


rule plot_passes:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/passes.svg", non_empty=True),
            caption="../report/passes.rst",
            category="Figures",
            subcategory="Algorithms",
            labels={"figure": "passes"},
        ),
        png=ensure("<results>/figures/passes.png", non_empty=True),
        pdf=ensure("<results>/figures/passes.pdf", non_empty=True),
    log:
        "<logs>/plot_passes.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_passes"],
        made_from=made_from,
    message:
        "Draw the passes that a fit takes."
    script:
        "../scripts/plot_passes.py"


rule plot_coverage:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/coverage.svg", non_empty=True),
            caption="../report/coverage.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "coverage"},
        ),
        png=ensure("<results>/figures/coverage.png", non_empty=True),
        pdf=ensure("<results>/figures/coverage.pdf", non_empty=True),
    log:
        "<logs>/plot_coverage.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_coverage"],
        made_from=made_from,
    message:
        "Draw how often intervals cover the truth."
    script:
        "../scripts/plot_coverage.py"


rule plot_zip:
    input:
        intervals=collect("<results>/intervals/{scenario}.parquet", scenario=SCENARIOS),
    output:
        svg=report(
            ensure("<results>/figures/zip.svg", non_empty=True),
            caption="../report/zip.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "zip"},
        ),
        png=ensure("<results>/figures/zip.png", non_empty=True),
        pdf=ensure("<results>/figures/zip.pdf", non_empty=True),
    log:
        "<logs>/plot_zip.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_zip"],
        made_from=made_from,
    message:
        "Draw which intervals miss the truth."
    script:
        "../scripts/plot_zip.py"


rule plot_price:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/price.svg", non_empty=True),
            caption="../report/price.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "price"},
        ),
        png=ensure("<results>/figures/price.png", non_empty=True),
        pdf=ensure("<results>/figures/price.pdf", non_empty=True),
    log:
        "<logs>/plot_price.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_price"],
        made_from=made_from,
    message:
        "Draw the price of hidden labels."
    script:
        "../scripts/plot_price.py"


rule plot_hits:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/hits.svg", non_empty=True),
            caption="../report/hits.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "hits"},
        ),
        png=ensure("<results>/figures/hits.png", non_empty=True),
        pdf=ensure("<results>/figures/hits.pdf", non_empty=True),
    log:
        "<logs>/plot_hits.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_hits"],
        made_from=made_from,
    message:
        "Draw how often both means are within 2 cm."
    script:
        "../scripts/plot_hits.py"


rule plot_overview:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/overview.svg", non_empty=True),
            caption="../report/overview.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "overview"},
        ),
        png=ensure("<results>/figures/overview.png", non_empty=True),
        pdf=ensure("<results>/figures/overview.pdf", non_empty=True),
    log:
        "<logs>/plot_overview.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_overview"],
        made_from=made_from,
    message:
        "Draw the error of the means over scenarios and sizes."
    script:
        "../scripts/plot_overview.py"


rule plot_failures:
    input:
        measures="<results>/measures.parquet",
    output:
        svg=report(
            ensure("<results>/figures/failures.svg", non_empty=True),
            caption="../report/failures.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "failures"},
        ),
        png=ensure("<results>/figures/failures.png", non_empty=True),
        pdf=ensure("<results>/figures/failures.pdf", non_empty=True),
    log:
        "<logs>/plot_failures.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_failures"],
        made_from=made_from,
    message:
        "Draw how often fits fail or are suspect."
    script:
        "../scripts/plot_failures.py"


rule plot_strength:
    input:
        settings="<results>/settings.parquet",
    output:
        svg=report(
            ensure("<results>/figures/strength.svg", non_empty=True),
            caption="../report/strength.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "strength"},
        ),
        png=ensure("<results>/figures/strength.png", non_empty=True),
        pdf=ensure("<results>/figures/strength.pdf", non_empty=True),
    log:
        "<logs>/plot_strength.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_strength"],
        made_from=made_from,
    message:
        "Draw bias and error against the strength of a bias."
    script:
        "../scripts/plot_strength.py"


rule plot_labels:
    input:
        settings="<results>/settings.parquet",
    output:
        svg=report(
            ensure("<results>/figures/labels.svg", non_empty=True),
            caption="../report/labels.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "labels"},
        ),
        png=ensure("<results>/figures/labels.png", non_empty=True),
        pdf=ensure("<results>/figures/labels.pdf", non_empty=True),
    log:
        "<logs>/plot_labels.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_labels"],
        made_from=made_from,
    message:
        "Draw what a label is worth."
    script:
        "../scripts/plot_labels.py"


rule plot_scatter:
    input:
        pairs="<results>/pairs.parquet",
    output:
        svg=report(
            ensure("<results>/figures/scatter.svg", non_empty=True),
            caption="../report/scatter.rst",
            category="Figures",
            subcategory="Estimates",
            labels={"figure": "scatter"},
        ),
        png=ensure("<results>/figures/scatter.png", non_empty=True),
        pdf=ensure("<results>/figures/scatter.pdf", non_empty=True),
    log:
        "<logs>/plot_scatter.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_scatter"],
        made_from=made_from,
    message:
        "Draw what two estimators make of the same samples."
    script:
        "../scripts/plot_scatter.py"

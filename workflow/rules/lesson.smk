"""Lesson: the likelihoods that everything begins with, derived and drawn without any sample.

Reads   nothing but the config
Writes  <results>/lesson.parquet, <results>/figures/lesson.{svg,png,pdf}
"""


rule derive_lesson:
    output:
        lesson=ensure("<results>/lesson.parquet", non_empty=True),
    log:
        "<logs>/derive_lesson.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec=specs.lesson_spec(STUDY),
        code=CODE["derive_lesson"],
        origin=origin,
    message:
        "Derive the likelihoods of the lesson."
    script:
        "../scripts/derive_lesson.py"


rule plot_lesson:
    input:
        lesson="<results>/lesson.parquet",
    output:
        svg=report(
            ensure("<results>/figures/lesson.svg", non_empty=True),
            caption="../report/lesson.rst",
            category="Figures",
            subcategory="Lesson",
            labels={"figure": "lesson"},
        ),
        png=ensure("<results>/figures/lesson.png", non_empty=True),
        pdf=ensure("<results>/figures/lesson.pdf", non_empty=True),
    log:
        "<logs>/plot_lesson.log",
    localrule: True
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        spec="{}",
        code=CODE["plot_lesson"],
        made_from=made_from,
    message:
        "Draw the lesson: black balls and 100 boys."
    script:
        "../scripts/plot_lesson.py"

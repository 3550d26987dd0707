"""Stature: how well can the heights of two groups be learned?

The table of contents of the study. Data flow from top to bottom: each file of rules says what it
reads and what it writes. `snakemake --cores 8` makes everything below `rule all`.
"""

from snakemake.utils import min_version

min_version("9.27")


# With the default config, config/config.yaml.
include: "workflow/rules/common.smk"


pathvars:
    results=f"results/{STUDY.name}",
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",


include: "workflow/rules/design.smk"
include: "workflow/rules/bounds.smk"
include: "workflow/rules/samples.smk"
include: "workflow/rules/fits.smk"
include: "workflow/rules/measures.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        design="<results>/design.parquet",
        measures="<results>/measures.csv",
        checks="<results>/checks.txt",
        figures=rules.plot_figures.output,
        report="<results>/report.html",
        # Asked for here as well: where results are stored elsewhere, no other rule would.
        rounds=rounds_taken,

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


include: "workflow/rules/design.smk"
include: "workflow/rules/bounds.smk"
include: "workflow/rules/samples.smk"
include: "workflow/rules/fits.smk"
include: "workflow/rules/measures.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/report.smk"


# Jobs on this machine are forked from one process, since most take less time than Python's start.
onstart:
    if workflow.local_exec:
        warm.begin()
        # A limit of jobs a second is for clusters. It has Snakemake look at all jobs again and
        # again, more often with every job that has ended.
        workflow.scheduler.job_rate_limiter = None


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

"""The study, and what rules ask of it: the one place of the workflow with Python in it."""

import shlex
import sys
from pathlib import Path

from snakemake.exceptions import IncompleteCheckpointException

from stature.cli import warm
from stature.config import specs, study
from stature.plots.figures import FIGURES, TEXTS, caption
from stature.provenance import code_digests, edited_in_mid_run
from stature.store import parquet, records
from stature.writing import folder_problems, write_text

# Snakemake puts this without quotes into commands, and the name of a folder may have a space.
sys.executable = shlex.quote(sys.executable)

ROOT = Path(str(workflow.current_basedir)).parents[1]

if broken := study.unreadable("config/config.yaml", ROOT):
    raise WorkflowError("\n".join(broken))


configfile: "config/config.yaml"


report: "../report/workflow.rst"


# In the order in which they are merged: the default file, which Snakemake lists last, is first.
files = sorted(workflow.configfiles, key=workflow.overwrite_configfiles.__contains__)
try:
    STUDY = study.check(config, files, ROOT)
except study.ConfigError as error:
    raise WorkflowError(str(error)) from None  # sentences, which a traceback would hide
for warning in STUDY.warnings if workflow.is_main_process else ():
    print(f"warning: {warning}", file=sys.stderr)

# What is in the way of results is reported before any job.
STAGES = "bounds samples fits traces rounds measures intervals figures logs".split()
if in_the_way := folder_problems([Path("results", STUDY.name, one) for one in STAGES]):
    raise WorkflowError("\n".join(in_the_way))

SCENARIOS = [scenario.slug for scenario in STUDY.scenarios]
TRACED_BLOCKS = [block for block in STUDY.blocks if specs.traced_in(STUDY, block)]
DRAWN = specs.figures(STUDY)

# Digest of all code that the script of each rule runs.
CODE = code_digests(
    (ROOT / "workflow/scripts").glob("*.py"),
    lock=ROOT / "uv.lock",
    kept=Path(study.__file__).parents[1] / "__pycache__/sources.json",
)

STORED = workflow.storage_settings.default_storage_provider is not None

if STORED:

    def ensure(path, **conditions):
        """The path: Snakemake would look into the storage before the output is there."""
        return path


# Snakemake notes with each result what the first process planned, but a job that is sent elsewhere
# reads the study and the code once more. What an edit in between would make is refused.
if edited := edited_in_mid_run(specs.digest_of_run(STUDY, CODE), begins=workflow.is_main_process):
    raise WorkflowError(edited)


wildcard_constraints:
    # Without braces: Snakemake puts these between its own.
    scenario=r"[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+",
    estimator=r"[A-Za-z0-9_-]+",
    block=r"[0-9]+-[0-9]+",
    round=r"[0-9]+",


def spec_of(spec):
    """What a job depends on, by its wildcards."""
    return lambda wildcards: spec(STUDY, *wildcards)


def spec_at_the_end(spec, *more):
    """What a job depends on that is of all replicates, however many these turn out to be."""
    return lambda wildcards: spec(study_as_ended(), *more)


# Snakemake passes over parameters that are made of a job's files when it asks what has changed; the
# specs and inputs tell it the same.
def origin(wildcards, output):
    """What the tables that a job writes are made from."""
    return specs.origin(STUDY, output[0])


def made_from(wildcards, input):
    """The tables that a job reads, and what each of them should be made from."""
    return {path: specs.origin(STUDY, path) for path in input if path.endswith(".parquet")}


def rounds_judged():
    """Tables of the rounds up to the last; raises if one is still to come."""
    judged = []
    for end in STUDY.rounds if STUDY.precision else ():
        judged.append(path := str(checkpoints.judge_round.get(round=f"{end:06d}").output.round))
        try:
            parquet.demand({path: specs.origin(STUDY, path)})
            if all(records.ROUNDS.read(Path(path))["met"].to_pylist()):
                break
        except parquet.TableError as error:
            raise WorkflowError(str(error)) from None
    return judged


def round_to_come():
    """The table of the next round, if it is not there."""
    try:
        rounds_judged()
    except IncompleteCheckpointException as error:
        # What is stored elsewhere may be there and yet not here.
        if STORED or Path(error.targetfile).exists():
            raise
        # An input like any other. To wait for a checkpoint is no reason for Snakemake to make
        # results anew that are there, so nobody would ask for the round.
        return [str(error.targetfile)]
    return []


def rounds_taken(wildcards):
    """Tables of the rounds up to the last; to ask for one is to wait until it is there."""
    return round_to_come() or rounds_judged()


def study_as_ended():
    """The study with the number of replicates that it needs; without rounds that is known."""
    judged = rounds_judged()
    return STUDY.after(STUDY.rounds[len(judged) - 1]) if judged else STUDY


def data_files(wildcards):
    return [local(path) for path in specs.data_files(STUDY, wildcards.scenario, ROOT)]


def code_files(wildcards):
    return [local(path) for path in specs.code_files(STUDY, wildcards.estimator, ROOT)]


def tables_of(stage, scenario, blocks, estimators=()):
    """Fits or traces of a scenario, by the estimators that are for it or by some of them."""
    names = estimators or [one.name for one in STUDY.estimators_of(scenario)]
    folder = f"<results>/{stage}/{scenario}"
    return [f"{folder}/{name}/{block.name}.parquet" for name in names for block in blocks]


def fits_of_scenario(wildcards):
    return round_to_come() or tables_of("fits", wildcards.scenario, study_as_ended().blocks)


def fits_of_round(wildcards):
    return tables_of("fits", wildcards.scenario, STUDY.after(int(wildcards.round)).blocks)


def fits_of(asked, first=None):
    """Fits of pairs of a scenario and an estimator: all, or those that hold the first replicates."""
    return lambda wildcards: round_to_come() or [
        path
        for scenario, estimator in asked(STUDY)
        for path in tables_of("fits", scenario, study_as_ended().blocks_to(first), [estimator])
    ]


def as_shown(figure):
    """A figure that is in the report of Snakemake, too, with a caption in words of the study."""
    own, path = STUDY.quantity.say(caption(figure)), TEXTS / f"{figure}.rst"
    if own != caption(figure):
        path = Path(".snakemake/captions", STUDY.name, path.name).absolute()
        write_text(path, own)
    return report(
        ensure(f"<results>/figures/{figure}.svg", non_empty=True),
        caption=str(path),
        category="Figures",
        subcategory=FIGURES[figure].subcategory,
        labels={"figure": figure},
    )


# A job of a cluster costs as much as measuring so many fits.
FITS_WORTH_A_JOB = 500_000
FITS_OF_SCENARIO = specs.fits_of_scenario(STUDY)


# What a first attempt was ended for, the next one has more of.
def mem_mb_of_block(wildcards, attempt):
    return attempt * specs.mb_of_block(STUDY, wildcards.block)


def by_attempt(number):
    return lambda wildcards, attempt: attempt * number


LOCAL = {"mem_mb": specs.BASE_MB, "runtime": 10}

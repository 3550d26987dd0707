"""The study, and what rules ask of it: the one place of the workflow with Python in it."""

import shlex
import sys
from pathlib import Path

from snakemake.exceptions import IncompleteCheckpointException

from stature.config import specs, study
from stature.config.specs import origin as origin_of
from stature.config.specs import round_spec
from stature.provenance import belongs_to_run, code_digests
from stature.store import parquet, records
from stature.writing import folder_problems

# Snakemake puts this into the command of each script without quotes; it has to bear a folder whose
# name has a space.
sys.executable = shlex.quote(sys.executable)

ROOT = Path(str(workflow.current_basedir)).parents[1]

try:
    STUDY = study.check(config, workflow.configfiles, ROOT)
except study.ConfigError as error:
    # From None: the problems are sentences, and a traceback would hide them.
    raise WorkflowError(str(error)) from None

# What is in the way of results is told before any job.
STAGES = ["bounds", "samples", "fits", "traces", "rounds", "measures", "intervals"]
STAGES += ["figures", "logs", "benchmarks"]
in_the_way = folder_problems([Path("results", STUDY.name, stage) for stage in STAGES])
if in_the_way:
    raise WorkflowError("\n".join(in_the_way))

SCENARIOS = [scenario.slug for scenario in STUDY.scenarios]
TRACED_BLOCKS = [block.name for block in STUDY.blocks if specs.traced_in(STUDY, block)]
PAIRED = specs.paired(STUDY)
FIGURES = ["lesson", "errors", "biases", "convergence", "passes", "coverage", "price", "hits"]
FIGURES += ["strength", "labels", "scatter", "overview", "failures", "zip"]
FORMATS = ["svg", "png", "pdf"]

# Digest of all code that the script of each rule runs.
CODE = code_digests(
    (ROOT / "workflow/scripts").glob("*.py"),
    lock=ROOT / "uv.lock",
    kept=ROOT / "src/stature/__pycache__/sources.json",
)


STORED = workflow.storage_settings.default_storage_provider is not None

if STORED:

    def ensure(path, **conditions):
        """The path: Snakemake would look into the storage before the output is there."""
        return path


# Snakemake notes with each result what the first process planned, but a job that is sent elsewhere
# reads the study and the code once more. What an edit in between would make is refused.
if not belongs_to_run(specs.digest_of_run(STUDY, CODE), begins=workflow.is_main_process):
    raise WorkflowError(
        "expected the study and the code as they were when the run began, got others: they were "
        "edited in mid-run; let the run end, then give the same command again"
    )


wildcard_constraints:
    # Without braces: Snakemake puts these between its own.
    scenario=r"[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+",
    estimator=r"[A-Za-z0-9_-]+",
    block=r"[0-9]+-[0-9]+",
    round=r"[0-9]+",


def draw_spec(wildcards):
    return specs.draw_spec(STUDY, wildcards.scenario, wildcards.block)


def fit_spec(wildcards):
    return specs.fit_spec(STUDY, wildcards.scenario, wildcards.estimator, wildcards.block)


def bounds_spec(wildcards):
    return specs.bounds_spec(STUDY, wildcards.scenario)


def measure_spec(wildcards):
    return specs.measure_spec(STUDY, wildcards.scenario)


def spec_of_round(wildcards):
    return round_spec(STUDY, wildcards.scenario, int(wildcards.round))


def rounds_judged():
    """Tables of the rounds up to the last; Snakemake is told if one is still to come."""
    judged = []
    for end in STUDY.rounds if STUDY.precision else ():
        job = checkpoints.judge_round.get(round=f"{end:06d}")
        judged.append(str(job.output.round))
        if is_enough(judged[-1]):
            break
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


def is_enough(path):
    """Whether the table of a round, which is that of this study, asks for no other round."""
    try:
        parquet.demand({path: origin_of(STUDY, path)})
        return all(records.ROUNDS.read(Path(path))["met"].to_pylist())
    except parquet.TableError as error:
        raise WorkflowError(str(error)) from None


def study_as_ended():
    """The study with the number of replicates that it needs; without rounds that is known."""
    judged = rounds_judged()
    return STUDY.after(STUDY.rounds[len(judged) - 1]) if judged else STUDY


def record_spec(wildcards):
    return specs.record_spec(study_as_ended(), CODE)


def check_spec(wildcards):
    return specs.check_spec(study_as_ended())


def report_spec(wildcards):
    return specs.report_spec(study_as_ended())


# Snakemake passes over parameters that are made of a job's files when it asks what has changed; the
# specs and inputs tell it the same.
def origin(wildcards, output):
    """What the tables that a job writes are made from."""
    return origin_of(STUDY, output[0])


def made_from(wildcards, input):
    """The tables that a job reads, and what each of them should be made from."""
    return {path: origin_of(STUDY, path) for path in input if path.endswith(".parquet")}


def data_files(wildcards):
    """The data file that a scenario's population is, if it is one."""
    data = STUDY.scenario(wildcards.scenario).population.data
    return [] if data is None else [local(data.path)]


def fits_of_scenario(wildcards):
    return round_to_come() or fits_of(wildcards.scenario, study_as_ended())


def fits_of_round(wildcards):
    return fits_of(wildcards.scenario, STUDY.after(int(wildcards.round)))


def fits_of(scenario, ended):
    """Fits of the estimators that are for a scenario, to all its blocks."""
    return collect(
        "<results>/fits/{scenario}/{estimator}/{block}.parquet",
        scenario=scenario,
        estimator=[estimator.name for estimator in ended.estimators_of(scenario)],
        block=[block.name for block in ended.blocks],
    )


def traces_of_study():
    """Traces of every scenario by the estimators that are for it."""
    paths = [
        f"<results>/traces/{scenario}/{estimator.name}/{block}.parquet"
        for scenario in SCENARIOS
        for estimator in STUDY.estimators_of(scenario)
        for block in TRACED_BLOCKS
    ]
    return collect(paths)


def fits_of_pairs(wildcards):
    """Fits of the scenarios and estimators that are set against each other."""
    to_come = round_to_come()
    if to_come:
        return to_come
    blocks = study_as_ended().blocks
    paths = [
        f"<results>/fits/{paired.scenario}/{estimator}/{block.name}.parquet"
        for paired in PAIRED.scenarios
        for estimator in (paired.reference, *paired.others)
        for block in blocks
    ]
    return collect(paths)


# Memory in MB: what Python and its packages take, and what the tables of a block take in it. On a
# cluster two processes of Snakemake stand beside that of the job.
BASE_MB = 1000
MB_PER_PERSON = 60e-6
MB_PER_SKETCH = 0.3
MB_PER_FIT = 2e-3
# A job of a cluster costs as much as measuring so many fits.
FITS_WORTH_A_JOB = 500_000

# At most: an estimator may be for some scenarios alone.
FITS_OF_SCENARIO = STUDY.replicates * len(STUDY.sizes) * len(STUDY.estimators)


def people_mb(wildcards):
    first, last = map(int, wildcards.block.split("-"))
    per_replicate = MB_PER_PERSON * STUDY.people_kept + MB_PER_SKETCH * len(STUDY.sketched_sizes)
    return (last - first + 1) * per_replicate


# What a first attempt was ended for, the next one has more of.
def mem_mb_of_block(wildcards, attempt):
    return int(attempt * (BASE_MB + people_mb(wildcards)))


def mem_mb_of_measures(wildcards, attempt):
    return int(attempt * (BASE_MB + MB_PER_FIT * FITS_OF_SCENARIO))


# Minutes; a block should be fitted in half an hour at most, so that twice as long is a fault.
def runtime_of_fits(wildcards, attempt):
    return 60 * attempt


def runtime_of_others(wildcards, attempt):
    return 10 * attempt

"""What the workflow itself costs, by the number of jobs: ``python -m benchmarks.scale [JOBS…]``.

Plans, no-op runs, files, memory, and a study against the same computation in one
process; into ``benchmarks/scale.csv``. Studies of many jobs are made complete by dummy files and
``snakemake --touch``, so that a no-op run of 10,000 jobs can be measured without running them. CPU
seconds count the children too; a machine that does other work as well bends them far less than it
bends the wall clock.
"""

import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console

# Before anything that loads NumPy.
import benchmarks.threads  # noqa: F401  # pyright: ignore[reportUnusedImport]
from benchmarks.measurement import Measurement, write
from stature.config import specs, study
from stature.config.study import Study

ROOT = Path(__file__).parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
JOBS = (100, 1_000, 10_000)
BLOCKS_OF_TEN_SECONDS = 20
EM = {"labels": "none", "method": "em"}
CLOSED_FORM = {"labels": "all", "method": "closed-form"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took."""

    wall: float
    cpu: float
    memory_mb: float


def cost(*command: str | Path, folder: Path) -> Cost:
    """Run a command to its end; its time and that of its children, and the peak of its memory."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            raise RuntimeError(f"{command}: {said.read()[-2000:]}")
    wall = time.perf_counter() - started
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def snakemake(folder: Path, *arguments: str) -> Cost:
    """Cost of the workflow on the study of a folder, on one core."""
    profile = ["--workflow-profile", str(ROOT / "profiles/default")]
    fixed = ["--snakefile", str(ROOT / "Snakefile"), "--cores", "1", "--quiet", "all", *profile]
    return cost(SNAKEMAKE, *arguments, *fixed, folder=folder)


def study_in(
    folder: Path, replicates: int, block: int, sizes: list[int], **estimator: str
) -> Study:
    """Write a study of one scenario and one estimator, and read it."""
    groups = [
        {"name": "girls", "share": 0.5, "mean_cm": 163.0, "sd_cm": 6.5},
        {"name": "boys", "share": 0.5, "mean_cm": 176.0, "sd_cm": 7.0},
    ]
    written = {
        "study": "scale",
        "seed": 7,
        "replicates": replicates,
        "block": block,
        "sizes": sizes,
        "populations": [{"name": "school", "groups": groups}],
        "biases": [{"name": "none", "kind": "none"}],
        "estimators": [{"name": "one", **estimator}],
    }
    path = folder / "config/config.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(written), encoding="utf-8")
    return study.load([path], ROOT)


def outputs(folder: Path) -> list[str]:
    """All files that the study of a folder will have, from a dry run; relative to the folder."""
    command = [SNAKEMAKE, "--summary", "--snakefile", ROOT / "Snakefile"]
    result = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return [line.split("\t")[0] for line in result.stdout.splitlines()[1:]]


def jobs_planned(folder: Path) -> int:
    """Number of jobs that the study of a folder needs, from a dry run."""
    command = [SNAKEMAKE, "--dry-run", "--quiet", "rules", "--snakefile", ROOT / "Snakefile"]
    result = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    # Printed before the jobs and after them.
    totals = re.findall(r"^total +([0-9]+)$", result.stdout + result.stderr, flags=re.MULTILINE)
    return int(totals[-1])


def planning(jobs: int) -> Iterator[Measurement]:
    """Cost of planning a study of so many jobs, and of a run that finds nothing to be done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (first,) = study_in(folder, 1, 1, [30], **CLOSED_FORM).blocks
        replicates = (jobs - jobs_planned(folder)) // 2 + 1
        of_one = outputs(folder)
        blocks = study_in(folder, replicates, 1, [30], **CLOSED_FORM).blocks
        yield from rows("plan", jobs, snakemake(folder, "--dry-run"))
        # `--summary` of 10,000 jobs takes many minutes, so the files of one block stand for all.
        for path in {one.replace(first.name, block.name) for one in of_one for block in blocks}:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text("dummy")
        # Snakemake sleeps a tenth of a second after each job: 10,000 take half an hour.
        snakemake(folder, "--touch", "--forceall")
        yield from rows("nothing to be done", jobs, snakemake(folder))
        records = [path for path in (folder / ".snakemake/metadata").rglob("*") if path.is_file()]
        yield Measurement("records", "", jobs, "snakemake", "files", len(records))
        blocks = sum(path.stat().st_blocks for path in records)
        yield Measurement("records", "", jobs, "snakemake", "disk_mb", blocks * 512 / 1e6)


def rows(part: str, jobs: int, found: Cost) -> Iterator[Measurement]:
    """Measurements of a cost."""
    yield Measurement(part, "", jobs, "snakemake", "cpu_seconds", found.cpu)
    yield Measurement(part, "", jobs, "snakemake", "wall_seconds", found.wall)
    yield Measurement(part, "", jobs, "snakemake", "memory_mb", found.memory_mb)


def shortest_jobs(jobs: int = 100) -> Iterator[Measurement]:
    """Cost of running jobs of next to no work, and the disk that their files take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        replicates = jobs // 2
        study_in(folder, replicates, 1, [30], **CLOSED_FORM)
        found = snakemake(folder, "results/scale/measures.csv")
        yield from rows("run of the shortest jobs", jobs, found)
        for stage in ("samples", "fits", "traces", "logs", "benchmarks"):
            files = [path for path in (folder / "results/scale" / stage).rglob("*.*")]
            disk_kb = sum(path.stat().st_blocks for path in files) * 512 / 1e3
            yield Measurement("files of a block", "", jobs, stage, "kb", disk_kb / replicates)


def overhead() -> Iterator[Measurement]:
    """Cost of a study in blocks of about ten seconds, by the workflow and in one process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        block = ten_seconds(folder)
        asked = study_in(folder, BLOCKS_OF_TEN_SECONDS * block, block, [1000], **EM)
        yield Measurement("overhead", "", block, "em", "replicates_of_a_block", block)
        target = "results/scale/measures.csv"
        by_workflow = snakemake(folder, target)
        yield from rows("overhead", block, by_workflow)
        started = time.process_time()
        in_one_process(asked, folder / "alone")
        alone = time.process_time() - started
        yield Measurement("overhead", "", block, "one process", "cpu_seconds", alone)
        equal = (folder / target).read_bytes() == (folder / "alone/measures.csv").read_bytes()
        yield Measurement("overhead", "", block, "both", "equal_bytes", float(equal))


def ten_seconds(folder: Path) -> int:
    """Replicates whose drawing and fitting take ten seconds of CPU."""
    times: list[float] = []
    for replicates in (100, 100, 1000):  # the first loads the compiled code
        asked = study_in(folder, replicates, replicates, [1000], **EM)
        started = time.process_time()
        in_one_process(asked, folder / "trial")
        times.append(time.process_time() - started)
    return round(10.0 * 900 / (times[2] - times[1]))


def in_one_process(asked: Study, folder: Path) -> None:
    """Run what the jobs of a study run, one after another in this process."""
    script = {
        name: runpy.run_path(str(ROOT / f"workflow/scripts/{name}.py"))["main"]
        for name in (
            "derive_bounds", "draw_samples", "fit_samples", "measure_fits", "gather_measures",
        )
    }  # fmt: skip
    (scenario,) = (one.slug for one in asked.scenarios)
    fits: list[Path] = []
    for block in (one.name for one in asked.blocks):
        samples, traces = folder / f"samples/{block}", folder / f"traces/{block}"
        fits.append(folder / f"one/{block}")
        script["draw_samples"]([], specs.draw_spec(asked, scenario, block), "", samples)
        spec = specs.fit_spec(asked, scenario, "one", block)
        script["fit_samples"](samples, spec, [], "", [fits[-1], traces])
    bounds, measures = folder / "bounds", folder / "measures"
    script["derive_bounds"]([], specs.bounds_spec(asked, scenario), "", bounds)
    spec = specs.measure_spec(asked, scenario)
    script["measure_fits"](fits, bounds, spec, "", [measures, folder / "intervals"])
    names = (
        "measures.parquet",
        "measures.csv",
        "settings.parquet",
        "needed.parquet",
        "pairs.parquet",
    )
    gathered = [folder / name for name in names]
    script["gather_measures"]([measures], [], specs.gather_spec(asked), "", gathered)


def main() -> None:
    """Measure and write."""
    console = Console()
    found: list[Measurement] = []
    counts = [int(text) for text in sys.argv[1:]] or JOBS
    # Planning first: a process has the memory of its parent, which has loaded nothing yet.
    for part in (*map(planning, counts), shortest_jobs(), overhead()):
        for row in part:
            found.append(row)
            console.print(
                f"{row.value:12.4g} {row.quantity} of {row.method}, {row.part} {row.size}"
            )
            write(ROOT / "benchmarks/scale.csv", found)


if __name__ == "__main__":
    main()

"""The fixed cost of a job: CPU seconds from the start of the process to its first fit."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measurement import Measurement

STAGES = {
    "Python": "pass",
    "NumPy": "import numpy",
    "Numba": "import numba",
    "pandas and Arrow": "import pandas, pyarrow.parquet",
    "imports of a job": "import stature.estimators.fit\nfrom stature.store import fits, samples",
}
"""What a process does, each alone; the job itself does all and then one fit."""

FIT = """
import numpy as np
from stature.domain.model import Model
from stature.estimators.estimator import Estimator
from stature.estimators.fit import fit_heights, spec_of_one
from stature.store import fits, samples
people = np.random.default_rng(0).normal(170.0, 9.0, 200)
newton = Estimator("newton", Model("none"), "newton")
fit_heights(spec_of_one(newton, ("a", "b"), "0" * 32), people, None)
"""
STEPS_OF_A_JOB = {**STAGES, "job": FIT}
MOST_PACKAGES = 8
TOP_LEVEL = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\w+)")


def cpu_seconds(code: str) -> float:
    """CPU seconds of a Python process, its own and the system's for it."""
    process = subprocess.Popen([sys.executable, "-c", code])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"the process ended with {process.returncode}: {code}")
    return usage.ru_utime + usage.ru_stime


def fixed_cost(rounds: int) -> Iterator[Measurement]:
    """CPU seconds of the stages and of the job, in turns; then imports by package."""
    for code in STEPS_OF_A_JOB.values():
        cpu_seconds(code)  # warms what is cached on disk
    for _ in range(rounds):
        for stage, code in STEPS_OF_A_JOB.items():
            yield Measurement("fixed cost", "", 0, stage, "cpu_seconds", cpu_seconds(code))
    for package, seconds in list(import_seconds(FIT).items())[:MOST_PACKAGES]:
        yield Measurement("imports", "", 0, package, "seconds", seconds)


def import_seconds(code: str) -> dict[str, float]:
    """Seconds that imports take, by package, from ``python -X importtime``."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], check=True, capture_output=True, text=True
    )
    return by_package(result.stderr)


def by_package(result: str) -> dict[str, float]:
    """Sum the seconds of each top-level package of a listing of import times, longest first."""
    seconds: dict[str, float] = {}
    for microseconds, package in TOP_LEVEL.findall(result):
        seconds[package] = seconds.get(package, 0.0) + int(microseconds) / 1e6
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))

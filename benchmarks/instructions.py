"""Instructions of an EM step, counted by valgrind's callgrind: a figure without noise.

Valgrind knows no AVX-512, so the step is compiled for a processor that ends at AVX2, before and
outside of valgrind, and only the steps themselves are counted.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from shutil import which

import numpy as np

from benchmarks.measurement import Measurement

PEOPLE, STEPS = 256, 20_000
PROCESSOR = {
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+64bit,+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+cx8,+f16c,+fma,+fxsr,+lzcnt,"
    "+mmx,+movbe,+popcnt,+sahf,+sse,+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+xsave",
    "PYTHONHASHSEED": "0",
}
LONGEST_SECONDS = 240
COLLECTED = re.compile(r"Collected\s*:\s*(\d+)")


def instructions() -> Iterator[Measurement]:
    """Instructions a person and EM step; nothing where there is no valgrind."""
    if which("valgrind") is None or which("callgrind_control") is None:
        return
    command = [sys.executable, "-m", "benchmarks.instructions"]
    environment = os.environ | PROCESSOR
    subprocess.run([*command, "0"], check=True, env=environment)  # compiles
    valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no"]
    valgrind.append("--callgrind-out-file=/dev/null")
    try:
        result = subprocess.run(
            [*valgrind, *command, "1"],
            check=True,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return
    found = COLLECTED.search(result.stderr)
    if found is not None:
        each = int(found[1]) / (PEOPLE * STEPS)
        yield Measurement("instructions", "", PEOPLE, "em", "instructions", each)


def run_steps(count: bool) -> None:
    """Run the EM steps, with the counting switched on around them."""
    from benchmarks.ours import FREE
    from stature.domain.model import free_coordinates
    from stature.estimators.plain.methods import run_em
    from stature.estimators.plain.problem import SDS_FREE, Problem, make_workspace

    x = np.random.default_rng(1).standard_normal(PEOPLE)
    theta = np.array([0.5, 0.5, -0.8, 0.8, 0.6, 0.6])
    free = np.ascontiguousarray(free_coordinates(FREE, 2))
    problem, space = Problem(x, np.ones(PEOPLE), free, False, SDS_FREE), make_workspace(2, 5)
    run_em(problem, theta, 2, space)
    _switch("on", count)
    run_em(problem, theta, STEPS, space)
    _switch("off", count)


def _switch(state: str, count: bool) -> None:
    if count:
        command = ["callgrind_control", "-i", state, str(os.getpid())]
        subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    run_steps(sys.argv[1] == "1")

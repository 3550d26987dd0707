"""Whole runs, as their users see them: what set-up, a first fit and three studies take.

All in a clone of the last commit, so that nothing is there before; packages come from the cache of
`uv`. CPU seconds are those of all processes, user and system.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from benchmarks.measurement import Measurement

ROOT = Path(__file__).parents[1]
FIT = ("data/galton_1886_children.csv", "--unit", "in", "--group", "sex", "--hide-group")
SEPARATIONS = """
study: ten
sizes: [20, 50, 100, 200]
replicates: 100
block: 100
populations: [{populations}]
biases: [{{name: none, kind: none}}]
estimators:
  - {{name: mle, labels: all, method: closed-form}}
  - {{name: em, labels: none, method: em}}
  - {{name: em-equal-sds, labels: none, method: em, sds: equal}}
"""
"""12,000 fits of samples so small that their arithmetic takes seconds."""
POPULATION = """
  {{name: gap-{gap}, groups: [
    {{name: a, share: 0.5, mean_cm: 160.0, sd_cm: 6.5}},
    {{name: b, share: 0.5, mean_cm: {mean}, sd_cm: 6.5}}]}}"""
GAPS = range(1, 11)


def separations() -> str:
    """A study of ten populations whose means are 2, 4 … 20 cm apart."""
    each = (POPULATION.format(gap=gap, mean=160.0 + 2.0 * gap) for gap in GAPS)
    return SEPARATIONS.format(populations=",".join(each))


def runs() -> Iterator[Measurement]:
    """Set-up, fits and studies one after the other, each with what the ones before have left."""
    with TemporaryDirectory(prefix="stature-") as folder:
        clone = Path(folder) / "clone"
        _took(("git", "clone", "--quiet", str(ROOT), str(clone)), ROOT)
        _took(("make", "--silent", ".venv/.run"), clone)
        ten = clone / "ten.yaml"
        ten.write_text(separations(), encoding="utf-8")
        stature, snakemake = (str(clone / f".venv/bin/{one}") for one in ("stature", "snakemake"))
        steps: dict[str, Sequence[str]] = {
            "set-up": (stature, "setup"),
            "first fit": (stature, "fit", *FIT),
            "fit": (stature, "fit", *FIT),
            "default study": (snakemake, "--cores", "2"),
            "lesson": (snakemake, "--cores", "2", "--configfile", "config/lesson.yaml"),
            "12,000 fits": (snakemake, "--cores", "2", "--configfile", str(ten)),
        }
        total = {"cpu_seconds": 0.0, "seconds": 0.0}
        for name, command in steps.items():
            took = _took(command, clone)
            for quantity, value in took.items():
                yield Measurement("runs", "", 0, name, quantity, value)
                total[quantity] += value if name in ("set-up", "default study") else 0.0
        for quantity, value in total.items():
            yield Measurement("runs", "", 0, "make results", quantity, value)
        # With what Python has compiled of it by now.
        size = sum(path.lstat().st_blocks for path in (clone / ".venv").rglob("*")) * 512 / 2**20
        yield Measurement("runs", "", 0, "environment", "mb", size)
        for kept in (clone / "src").rglob("compiled-*"):
            rmtree(kept, ignore_errors=True)
        for quantity, value in _took((stature, "fit", *FIT), clone).items():
            yield Measurement("runs", "", 0, "fit with nothing compiled", quantity, value)


def _took(command: Sequence[str], folder: Path) -> dict[str, float]:
    """CPU seconds of a command with all its processes, and seconds."""
    # The environment that measures is not that of the clone, where Python keeps what it compiles,
    # as make tells it to.
    without = ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    variables = {name: value for name, value in os.environ.items() if name not in without}
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    stderr = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {stderr.decode(errors='replace')[-2000:]}")
    return {"cpu_seconds": usage.ru_utime + usage.ru_stime, "seconds": seconds}

"""Run the benchmarks, write what they found: ``python -m benchmarks [--quick|--runs|--report]``."""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

# Before anything that loads NumPy.
import benchmarks.threads  # noqa: F401  # pyright: ignore[reportUnusedImport]
from benchmarks import (
    agreement,
    catalogue,
    fixed_cost,
    instructions,
    limits,
    one_file,
    plot,
    race,
    runs,
    study,
)
from benchmarks.clock import one_core
from benchmarks.goals import goals
from benchmarks.goals import write as write_goals
from benchmarks.measurement import Measurement, read, write
from benchmarks.peers import RProcess, python_peers
from benchmarks.problems import PAIRS, SIZES, SMALL_SIZES
from benchmarks.report import report

FOLDER = Path(__file__).parent
HUNDRED_MILLION = 100_000_000


def measured(quick: bool, console: Console) -> list[Measurement]:
    """Run everything, with a line for each part."""
    rows: list[Measurement] = []

    def take(words: str, found: Iterable[Measurement]) -> None:
        started = time.perf_counter()
        with console.status(words):
            rows.extend(found)
        console.print(f"{words}: {time.perf_counter() - started:.0f} s")

    if not quick:
        take("whole runs", runs.runs())
    with one_core():
        with RProcess() as r:
            peers = [*python_peers(), *r.peers()]
            for name in r.absent:
                rows.append(Measurement("absent", "", 0, name, "absent", 1.0))
            for pair in PAIRS:
                for size in (*SMALL_SIZES, *SIZES):
                    effort = (race.TRIAL if quick else race.EFFORTS)[size]
                    take(f"{pair.name} pair, n = {size:,}", race.race(pair, size, effort, peers))
        rounds = 1 if quick else 5
        take("drawing", limits.drawing(rounds, 50 if quick else 200))
        heights = HUNDRED_MILLION // 10 if quick else HUNDRED_MILLION
        take(f"a file of {heights:.0e} heights", one_file.streaming(heights, min(rounds, 3)))
        take("scaling", study.scaling(min(rounds, 3), 100_000 if quick else 1_000_000))
        take("fixed cost", fixed_cost.fixed_cost(rounds))
        take("agreement", agreement.methods(400 if quick else agreement.SAMPLES))
        take("sketch", agreement.sketch())
        take("tables", agreement.tables())
        take("the catalogue", catalogue.catalogue(1 if quick else 3))
        take("instructions", instructions.instructions())
    replicates = 100 if quick else study.REPLICATES
    take("study", study.against_sklearn(replicates, 1 if quick else 2, 2 if quick else 8))
    take("cores", study.on_cores(replicates, 1 if quick else 3))
    return rows


def main() -> None:
    """Measure, or read what was measured, and write tables and plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a trial run, whose figures are rough")
    parser.add_argument("--runs", action="store_true", help="whole runs alone; the rest as it was")
    parser.add_argument("--report", action="store_true", help="tables and plot of the last run")
    arguments = parser.parse_args()
    console = Console()
    table = FOLDER / "measurements.csv"
    if arguments.runs:
        found = goals([*runs.runs()])
        write_goals(FOLDER / "summary.csv", found, others=True)
    else:
        if not arguments.report:
            write(table, measured(arguments.quick, console))
        rows = read(table)
        absent = [row.method for row in rows if row.part == "absent"]
        found = goals(rows)
        write_goals(FOLDER / "summary.csv", found)
        (FOLDER / "results.md").write_text(report(rows, found, absent))
        plot.save(plot.draw(rows), FOLDER)
    for goal in found:
        colour = "green" if goal.is_met else "red"
        console.print(
            f"[{colour}]{goal.value:10.4g} {goal.sense} {goal.goal:<6g} {goal.figure}",
            soft_wrap=True,
        )


if __name__ == "__main__":
    main()

"""Progress: a bar on standard error while estimators work, and only on a terminal."""

import sys
from collections.abc import Iterator

from stature.estimators.estimator import Estimator


def shown_progress(estimators: tuple[Estimator, ...]) -> Iterator[Estimator]:
    """Go through estimators, showing which one works."""
    if not sys.stderr.isatty():
        yield from estimators
        return
    # A library for terminals, slow to import where there is none.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Fit", total=len(estimators))
        for estimator in estimators:
            progress.update(task, description=f"Fit {estimator.name} (first use compiles)")
            yield estimator
            progress.advance(task)

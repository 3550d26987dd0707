"""What is written of the fit of one file: a picture, a page, and the memberships of its rows.

The page answers a question, shows why, and ends with what those need who judge it or do it again.
"""

import shlex
import tempfile
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from stature import writing
from stature.datafile.doctor import diagnose
from stature.datafile.fits import Finding, Fitted
from stature.datafile.pictures import SURE, memberships, picture, ridge
from stature.datafile.request import FitRequest, UsageError
from stature.datafile.units import UNIT_WORDS, after
from stature.estimators.estimator import Status
from stature.plots import fits
from stature.plots.style import save
from stature.report.drawings import drawing, palette
from stature.report.findings import (
    PLUS_MINUS,
    closing_sentences,
    estimates_table,
    expected_table,
    fit_sentences,
    opening_sentences,
    scoreboard,
)
from stature.report.models import choice_sentences, criteria_table
from stature.report.shared import Table, environment

FEWEST_ON_RIDGE = 5


def write(request: FitRequest, fitted: Fitted) -> None:
    """Write the files that were asked for, of the fit that is recommended."""
    one = drawn_fit(fitted)
    if one is None:
        asked = (name for name in ("plot", "page", "memberships") if getattr(request, name))
        words = (
            "expected a fit that has estimates, got none: see how each ended; nothing is written"
        )
        raise UsageError(*(f"--{name}: {words}" for name in asked))
    if request.plot:
        draw(one, fitted, Path(request.plot))
    if request.memberships:
        rows = memberships(one, fitted.runs)
        writing.write_text(Path(request.memberships), rows.to_csv(index=False, lineterminator="\n"))
    if request.page:
        writing.write_text(Path(request.page), page(request, one, fitted))


def drawn_fit(fitted: Fitted) -> Finding | None:
    """The fit that is recommended; else the first that has estimates at all."""
    there = (Status.CONVERGED, Status.STEP_LIMIT)
    return fitted.recommended or next((x for x in fitted.findings if x.status in there), None)


def draw(one: Finding, fitted: Fitted, path: Path) -> None:
    """Draw a fit into a file."""
    title = f"{Path(fitted.of.path).name}: {one.estimator.name}"
    save(fits.fitted(picture(one, fitted), title, value_axis(fitted)), [path])


def value_axis(fitted: Fitted) -> str:
    """What the axis of values is called."""
    of = fitted.of
    name = of.columns[0] if len(of.columns) == 1 else of.nouns.value
    return name if of.unit == "none" else f"{name}, {UNIT_WORDS[of.unit]}"


def page(request: FitRequest, one: Finding, fitted: Fitted) -> str:
    """The page of a fit."""
    of, runs = fitted.of, fitted.runs
    unit, span = after(of.unit), runs.span
    along = ridge(one, fitted.refit) if fitted.refit else pd.DataFrame()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.svg"
        draw(one, fitted, path)
        drawn, along_ridge = drawing(path), None
        if len(along) >= FEWEST_ON_RIDGE:
            save_as = path.with_stem("ridge")
            save(fits.ridge(along, one.group_names[0], float(one.mixture.shares[0])), [save_as])
            along_ridge = drawing(save_as)
    return (
        environment()
        .get_template("fit.html.j2")
        .render(
            name=Path(of.path).name,
            one=one,
            fitted=fitted,
            counts=list(dict.fromkeys(len(one.group_names) for one in fitted.findings)),
            opening=opening_sentences(fitted),
            choice=choice_sentences(fitted) or [f"The fit is {one.estimator.name}."],
            estimates=estimates_table(one, runs.total, unit.strip()),
            plus_minus=PLUS_MINUS,
            sentences=fit_sentences(one, span, unit),
            picture=drawn,
            criteria=criteria_table(fitted),
            others=[
                (estimates_table(each, runs.total, unit.strip()), fit_sentences(each, span, unit))
                for each in fitted.findings
                if each is not one
            ],
            ridge=along_ridge,
            palette=palette(filter(None, (drawn, along_ridge))),
            scored=scoreboard(fitted) if any(x.score for x in fitted.findings) else None,
            closing=closing_sentences(runs, fitted.findings, unit),
            expected=expected_table(fitted),
            members=None if of.cells else members_table(one, fitted),
            sure=SURE,
            verdicts=diagnose(request.path, request.reading, request).verdicts,
            version=version("stature"),
            command=shlex.join(request.command),
            sha256=of.sha256,
            seed=request.seed,
        )
    )


def members_table(one: Finding, fitted: Fitted) -> Table:
    """How many rows are likeliest of each group, and of how many of them that is unsure."""
    rows = memberships(one, fitted.runs)
    cells: list[tuple[str, ...]] = []
    for name in one.group_names:
        mine = rows[rows["group"] == name]
        ends = (mine["value"].min(), mine["value"].max()) if len(mine) else ()
        span = " to ".join(f"{end:.10g}" for end in ends) or "–"
        cells.append((name, str(len(mine)), str(int(mine["unsure"].sum())), span))
    return Table(
        "Rows by their likeliest group", ("group", "rows", "unsure", "values"), tuple(cells)
    )

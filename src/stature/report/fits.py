"""What is written of the fit of one file: a picture, a page, and the memberships of its rows.

The page answers a question, shows why, and ends with what those need who judge it or do it again.
"""

import shlex
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from stature import writing
from stature.datafile.choice import Fitted
from stature.datafile.digits import amount
from stature.datafile.doctor import diagnose
from stature.datafile.fits import Finding
from stature.datafile.people import People
from stature.datafile.pictures import SURE, memberships, picture, ridge
from stature.datafile.request import FitRequest, UsageError
from stature.datafile.units import UNIT_WORDS, after, in_unit
from stature.domain.observation import Exact, Rounded
from stature.estimators.estimator import Status
from stature.plots import fits
from stature.plots.style import save
from stature.report.drawings import drawing, palette
from stature.report.findings import (
    PLUS_MINUS,
    choice_sentences,
    closing_sentences,
    criteria_table,
    estimates_table,
    expected_table,
    fit_sentences,
    goodness_sentence,
    opening_sentences,
    scoreboard,
)
from stature.report.shared import Table, environment

FEWEST_ON_RIDGE = 5
CITE = (
    "The Stature developers. Stature: how well can the heights of two groups be learned? Version "
    "{}. Maximum likelihood of mixtures of normal distributions, by EM (Dempster, Laird & Rubin "
    "1977) and Newton's method."
)
RIDGE_CAPTION = (
    "The log-likelihood where the share of the lower group is held at each value and all else is "
    "estimated, and the ratio of the SDs there. A flat top says that the values do not tell the "
    "share: a larger share goes with a larger SD, and both fit."
)


def write(request: FitRequest, fitted: Fitted) -> None:
    """Write the files that were asked for, of the fit that is recommended."""
    one = drawn_fit(fitted)
    if one is None:
        asked = (name for name in ("plot", "page", "memberships") if getattr(request, name))
        words = (
            "expected a fit that has estimates, got none: see how each ended; nothing is written"
        )
        raise UsageError(tuple(f"--{name}: {words}" for name in asked))
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
    of, runs, cells = fitted.of, fitted.runs, fitted.cells
    unit, span = after(of.unit), (float(runs.values.min()), float(runs.values.max()))
    along = ridge(one, fitted.refit) if fitted.refit else pd.DataFrame()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.svg"
        draw(one, fitted, path)
        drawn, along_ridge = drawing(path), None
        if len(along) >= FEWEST_ON_RIDGE:
            save_as = path.with_stem("ridge")
            save(fits.ridge(along, one.group_names[0], float(one.mixture.shares[0])), [save_as])
            along_ridge = drawing(save_as)
    good = [each for each in fitted.of_cells if each.finding is one]
    return (
        environment()
        .get_template("fit.html.j2")
        .render(
            name=Path(of.path).name,
            one=one,
            opening=_opening(fitted),
            question=question(fitted),
            choice=choice_sentences(fitted) or [f"The fit is {one.estimator.name}."],
            estimates=estimates_table(one, runs.total, unit.strip()),
            plus_minus=PLUS_MINUS,
            sentences=fit_sentences(one, span, unit),
            picture=drawn,
            caption=caption(one, fitted),
            criteria=criteria_table(fitted),
            others=[
                (estimates_table(each, runs.total, unit.strip()), fit_sentences(each, span, unit))
                for each in fitted.findings
                if each is not one
            ],
            ridge=along_ridge,
            palette=palette(filter(None, (drawn, along_ridge))),
            ridge_caption=RIDGE_CAPTION,
            scored=scoreboard(fitted) if any(x.score for x in fitted.findings) else None,
            closing=closing_sentences(runs, fitted.findings, unit),
            expected=expected_table(fitted, cells.cells) if cells else None,
            goodness=" ".join(map(goodness_sentence, good)),
            members=None if cells else members_table(one, fitted),
            sure=SURE,
            verdicts=diagnose(request.path, request.reading, request).verdicts,
            assumptions=list(assumptions(one, fitted)),
            cite=CITE.format(version("stature")),
            command=shlex.join(request.command),
            sha256=of.sha256,
            seed=request.seed,
        )
    )


def _opening(fitted: Fitted) -> list[str]:
    """What was read."""
    of = fitted.of
    if isinstance(of, People):
        return opening_sentences(of, fitted.runs, fitted.findings)
    count, cells = amount(of.cells.count.sum()), len(of.cells.count)
    columns = f"columns {', '.join(of.columns)} {in_unit(of.unit)}"
    return [f"{of.path}: {count} {of.nouns.many} in {cells} cells, {columns}."]


def question(fitted: Fitted) -> str:
    """What a fit answers."""
    runs, things = fitted.runs, f"the {fitted.of.nouns.value}s"
    names = " and ".join(runs.group_names)
    if runs.labels == "seen":
        return f"What are the share, the mean and the SD of {things} of {names}?"
    if runs.labels == "hidden":
        return f"How well are {names} found again in {things} when nobody says who is who?"
    counts = list(dict.fromkeys(len(one.group_names) for one in fitted.findings))
    if counts == [1]:
        return f"What are the mean and the SD of {things}?"
    if len(counts) == 1:
        return (
            f"Which {counts[0]} groups, of which nobody has written down a label, are in {things}?"
        )
    listed = ", ".join(map(str, counts[:-1]))
    return f"How many groups are in {things}, {listed} or {counts[-1]}, and which?"


def caption(one: Finding, fitted: Fitted) -> str:
    """What the picture shows."""
    words = "Above: the values as bars, no narrower than their rounding, and the fitted densities. "
    if len(one.group_names) > 1:
        words += "Below: the probability of each group at a value. "
    words += "On the right: quantiles of the values against those of the fit; where the model is "
    words += "right, points lie along the line, and each within the grey band in 95 % of samples."
    if fitted.runs.labels == "hidden":
        words += " Dotted: the groups as labelled, which no fit without labels has seen."
    return words


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


def assumptions(one: Finding, fitted: Fitted) -> Iterator[str]:
    """What a fit takes for granted."""
    model, groups, of = one.estimator.model, len(one.group_names), fitted.of
    many, value = of.nouns.many, of.nouns.value
    shape = "Within each group" if groups > 1 else "All together"
    yield f"{shape}, the {value}s have a normal distribution; quantiles in the picture show if not."
    yield f"The {many} are independent of each other: no families, classes or repeats."
    if model.labels == "none" and groups > 1:
        yield (
            f"There are {groups} groups, and they are named in the order of their means: nothing "
            "in the values says who they are."
        )
        yield (
            "The likelihood of such a mixture has no highest value; the fit is its best maximum "
            "that does not rest on a few values."
        )
    if model.sds == "equal":
        yield "All groups have one SD."
    if "known" in (model.shares, model.sds):
        what = [w for w, rule in (("shares", model.shares), ("SDs", model.sds)) if rule == "known"]
        yield f"The {' and '.join(what)} that were given are right."
    view = model.observation
    if fitted.cells or isinstance(view, Rounded):
        yield f"Each {value} is known to lie in its cell, and no more."
    elif not isinstance(view, Exact):
        yield f"No {value} beyond the cut could be measured, and every one on this side could."
    else:
        yield f"The {value}s are taken as they stand, as if they were exact."
    if fitted.runs.sampling:
        yield "Weights are those of a survey without strata or clusters."
    yield (
        "Standard errors are those of the observed information: of many values, and of a model "
        "that is right. Sandwich errors, which hold where it is wrong, are in the output of --json."
    )

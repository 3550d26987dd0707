"""`stature fit`: a person's own file, read, fitted, scored and printed, for people or as JSON."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, astuple
from typing import Any

from stature.cli.terminal import begin, print_rows, refuse, shown_progress, while_working
from stature.datafile.examinations import FileError, examine
from stature.datafile.fits import CRITERIA, NUMBERS, Estimate, Finding, Fitted, fit_all, models_of
from stature.datafile.people import people_of
from stature.datafile.request import FitRequest, UsageError, check_kind, check_request
from stature.datafile.units import after
from stature.writing import WriteError

SUCCESS = 0
WIDTH = 80  # of what is printed where nobody sees how wide it is
PARAMETERS = ("share", "mean", "sd")
# What only tables of counts have.
# What stands behind the name of an estimate, and of its uncertainty.
ENDINGS = ("", "_se", "_robust_se", "_lower", "_upper")
OF_CELLS = ("expected", "chi_square", "joined_cells", "degrees_of_freedom", "p_value")


def run_fit(request: FitRequest) -> int:
    """Fit a file and print what was found."""
    try:
        check_request(request)
        with while_working(f"Reading {request.path}"):
            found = examine(request.path, request.reading)
        check_kind(request, found.kind, found.unit)
        people = people_of(found, request.reading.cuts)
        fitted = fit_all(request, people, shown_progress)
        if request.plot or request.page or request.memberships:
            # Matplotlib takes longer to import than a fit.
            from stature.report.fits import write

            write(request, fitted)
    except (FileError, UsageError, WriteError) as error:
        return refuse("fit", error)
    if request.json:
        print(fit_json(request, fitted))
    else:
        print_fit(fitted)
    return SUCCESS


def print_fit(fitted: Fitted) -> None:
    """Print what was found: of several numbers of groups of people, the fit that is recommended."""
    # Only people need sentences, and what they are made with takes time to import.
    from stature.report import findings as said
    from stature.report.models import choice_sentences, criteria_table

    of, runs, findings = fitted.of, fitted.runs, fitted.findings
    console, unit = begin(of.warnings, fitted.notes, WIDTH), after(of.unit)
    for sentence in said.opening_sentences(fitted):
        console.print(sentence)
    best, several = fitted.recommended, len({one.group_names for one in findings}) > 1
    for one in findings:
        if one is best or best is None or not several or one.counted:
            print_rows(console, said.estimates_table(one, runs.total, unit.strip()))
            for sentence in said.fit_sentences(one, runs.span, unit):
                console.print(sentence)
    console.print(said.PLUS_MINUS)
    if runs.labels == "hidden":
        print_rows(console, said.scoreboard(fitted))
    if len(models_of(findings)) > 1:
        print_rows(console, criteria_table(fitted))
    for sentence in choice_sentences(fitted):
        console.print(sentence)
    closing = said.closing_sentences(runs, findings, unit)
    for sentence in ["", *closing] if closing else []:
        console.print(sentence)
    if expected := said.expected_table(fitted):
        print_rows(console, expected)
    console.print(f"\n{said.MORE}")


def fit_json(request: FitRequest, fitted: Fitted) -> str:
    """Write what was found as one JSON object; null is what does not apply.

    Lengths are in `unit`. With two groups ``gap`` and ``cut`` are numbers, else lists, one for each
    pair of neighbours.
    """
    of, runs, findings, best = fitted.of, fitted.runs, fitted.findings, fitted.recommended
    blank, cells = len(of.rows) - len(runs.rows), of.cells
    counts = None if runs.sampling else runs.weights
    with_rows = request.rows and cells is None
    document: dict[str, Any] = {
        "file": of.path,
        "sha256": of.sha256,
        "columns": list(of.columns),
        "unit": of.unit,
        "group": of.group or None,
        "labels": runs.labels,
        "rows": len(runs.rows),
        "observations": float(len(runs.rows) if counts is None else counts.sum()),
        "dropped": dict(of.dropped) | ({"label blank": blank} if blank else {}),
        "unlabelled": runs.count_of(~runs.has_label) if runs.in_part else 0,
        "weight_kind": None if of.weights is None or cells else "counts",
        "effective_sample_size": None,
        "warnings": [*of.warnings, *fitted.notes],
        "seed": request.seed,
        "group_names": None if cells else list((best or runs).group_names),
        "labelled": {
            group.name: {"share": group.share, "mean": group.mean_cm, "sd": group.sd_cm}
            for group in runs.groups
        },
        "cells": cells
        and {end: getattr(cells, end).tolist() for end in ("lower", "upper", "count")},
        **_choice(findings, best),
        "tests": [asdict(one) for one in fitted.tests],
        "estimators": {one.estimator.name: _plain(one, with_rows) for one in findings},
    }
    if runs.weights is not None and runs.sampling:
        from stature.estimators.fit import effective_size

        document["weight_kind"] = "sampling"
        document["effective_sample_size"] = effective_size(runs.weights)
    if with_rows:
        # One more name at the end, of those of index -1.
        labels, index = (*runs.group_names, None), runs.group_index
        document["by_row"] = {
            "row": runs.rows.tolist(),
            "value": runs.values.tolist(),
            "label": None if index is None else [labels[k] for k in index.tolist()],
        }
    return json.dumps(_without_nan(document), indent=None if with_rows else 2, allow_nan=False)


def _choice(findings: Iterable[Finding], best: Finding | None) -> dict[str, Any]:
    """The models that are compared, and which of them is recommended."""
    return {
        "models": [
            {
                "groups": len(one.group_names),
                "model": one.estimator.name,
                **{key: getattr(one, key) for key in CRITERIA},
                "status": one.status.name.lower(),
            }
            for one in models_of(findings)
        ],
        "recommended": None if best is None else best.estimator.name,
    }


def _plain(one: Finding, with_rows: bool) -> dict[str, Any]:
    """Finding as builtin types, by the names of the output."""
    gaps = [estimate for (_, name), estimate in one.estimates.items() if name == "gap"]
    cuts, crossings = list(one.cuts), [list(pair) for pair in one.crossings]
    plain: dict[str, Any] = {
        "status": one.status.name.lower(),
        "se_status": one.se_status.name.lower(),
        **{name: getattr(one, name) for name in NUMBERS},
        "search": None if one.search is None else asdict(one.search),
        "labels": one.estimator.model.labels,
        "parameters": one.parameters,
        "bic": one.bic,
        "groups": {
            group: {
                key: number
                for parameter in PARAMETERS
                for key, number in _numbers(parameter, one.estimates[group, parameter]).items()
            }
            for group in one.group_names
        },
    }
    between: dict[str, list[Any]] = {
        f"gap{ending}": [astuple(gap)[at] for gap in gaps] for at, ending in enumerate(ENDINGS)
    }
    between |= {"cut": cuts, "crossings": crossings}
    is_one = len(one.group_names) == 2
    plain |= {name: found[0] if is_one else found for name, found in between.items()}
    plain |= dict.fromkeys(OF_CELLS)
    if one.counted:
        of, freedom = one.counted, one.counted.freedom if one.counted.cells else None
        values = list(of.expected), of.chi_square, of.cells, freedom, of.p_value
        plain |= dict(zip(OF_CELLS, values, strict=True))
    plain["scored"] = None
    if one.score is not None:
        errors = zip(one.group_names, one.score.mean_errors, strict=True)
        plain["scored"] = {
            "mean_error": dict(errors),
            "right": one.score.right,
            "of": one.score.people,
            "share_right": one.score.right / one.score.people,
        }
    if with_rows:
        columns = zip(one.group_names, one.probability.T.tolist(), strict=True)
        plain["probability"] = dict(columns)
    return plain


def _numbers(name: str, estimate: Estimate) -> dict[str, float]:
    """An estimate and its uncertainty, by the names that they have in the output."""
    return dict(zip([name + ending for ending in ENDINGS], astuple(estimate), strict=True))


def _without_nan(value: Any) -> Any:
    """The same with null for every number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value

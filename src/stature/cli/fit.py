"""`stature fit`: a person's own file, read, fitted, scored and printed, for people or as JSON."""

import json
import math
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from stature.cli.terminal import shown_progress, while_working
from stature.datafile.choice import Fitted, fit_all, fitted_cells, models_of
from stature.datafile.examinations import FileError, examine
from stature.datafile.fits import NUMBERS, Estimate, Finding, fit_cells
from stature.datafile.people import Counts, People, counts_of, people_of
from stature.datafile.request import FitRequest, UsageError, check_kind, check_request
from stature.datafile.runs import plan_cells
from stature.estimators.estimator import Estimator
from stature.writing import WriteError

SUCCESS, WRONG_USE = 0, 2
PARAMETERS = ("share", "mean", "sd")
CRITERIA = ("log_likelihood", "parameters", "aic", "bic", "icl")
# What only tables of counts have.
OF_CELLS = ("expected", "chi_square", "joined_cells", "degrees_of_freedom", "p_value")


def run_fit(request: FitRequest) -> int:
    """Fit a file and print what was found."""
    try:
        check_request(request)
        with while_working(f"Reading {request.path}"):
            found = examine(request.path, request.reading)
        check_kind(request, found.kind, found.unit)
        if found.kind == "cells":
            planned = plan_cells(request, found.unit)
            _fit_cells(request, counts_of(found, request.reading.cuts), planned)
            return SUCCESS
        people = people_of(found)
        fitted = fit_all(request, people, shown_progress)
        _write(request, fitted)
    except (FileError, UsageError, WriteError) as error:
        for message in getattr(error, "messages", (str(error),)):
            print(f"stature fit: {message}", file=sys.stderr)
        return WRONG_USE
    if request.json:
        print(people_json(request, people, fitted))
    else:
        # Only people need tables, and the library that draws them takes time to import.
        from stature.cli.page import print_page

        print_page(people, fitted)
    return SUCCESS


def _fit_cells(
    request: FitRequest, table: Counts, planned: Iterable[tuple[Estimator, int]]
) -> None:
    """Fit a table of counts and print what was found."""
    named = {estimator.name: (estimator, groups) for estimator, groups in planned}
    fits = tuple(fit_cells(request, table, *one) for one in shown_progress(named))
    fitted = fitted_cells(request, table, fits)
    _write(request, fitted)
    if request.json:
        print(cells_json(request, table, fitted))
    else:
        from stature.cli.page import print_cell_page

        print_cell_page(table, fitted)


def _write(request: FitRequest, fitted: Fitted) -> None:
    """Write the files that were asked for."""
    if request.plot or request.page or request.memberships:
        # Matplotlib takes longer to import than a fit.
        from stature.report.fits import write

        write(request, fitted)


def people_json(request: FitRequest, people: People, fitted: Fitted) -> str:
    """Write what was found of people as one JSON object."""
    runs, findings, best = fitted.runs, fitted.findings, fitted.recommended
    dropped = dict(people.dropped)
    blank = len(people.rows) - len(runs.rows)
    if blank:
        dropped["label blank"] = blank
    counts = None if runs.sampling else runs.weights
    index = runs.group_index
    # One more name at the end, of those of index -1.
    labels = (*runs.group_names, None)
    document = _document(request, people) | {
        "group": people.group or None,
        "labels": runs.labels,
        "rows": len(runs.rows),
        "observations": float(len(runs.rows) if counts is None else counts.sum()),
        "dropped": dropped,
        "unlabelled": runs.count_of(~runs.has_label) if runs.in_part else 0,
        "weight_kind": None if people.weights is None else "counts",
        "warnings": [*people.warnings, *fitted.notes],
        "group_names": list(runs.group_names if best is None else best.group_names),
        "labelled": {
            group.name: {"share": group.share, "mean": group.mean_cm, "sd": group.sd_cm}
            for group in runs.groups
        },
        **_choice(findings, best),
        "tests": [asdict(one) for one in fitted.tests],
        "estimators": {one.estimator.name: _plain(one, request.rows) for one in findings},
    }
    if runs.weights is not None and runs.sampling:
        from stature.estimators.fit import effective_size

        document["weight_kind"] = "sampling"
        document["effective_sample_size"] = effective_size(runs.weights)
    if request.rows:
        document["by_row"] = {
            "row": runs.rows.tolist(),
            "value": runs.values.tolist(),
            "label": None if index is None else [labels[k] for k in index.tolist()],
        }
    return json.dumps(_without_nan(document), indent=None if request.rows else 2, allow_nan=False)


def cells_json(request: FitRequest, table: Counts, fitted: Fitted) -> str:
    """Write the fits of a table of counts as one JSON object."""
    cells = table.cells
    document = _document(request, table) | {
        "rows": len(cells.rows),
        "observations": float(cells.count.sum()),
        "warnings": [*table.warnings, *table.notes],
        "cells": {end: getattr(cells, end).tolist() for end in ("lower", "upper", "count")},
        **_choice(fitted.findings, fitted.recommended),
        "estimators": {
            one.finding.estimator.name: _plain(one.finding, with_rows=False)
            | {
                "expected": list(one.expected),
                "chi_square": one.chi_square,
                "joined_cells": one.cells,
                "degrees_of_freedom": one.freedom if one.cells else None,
                "p_value": one.p_value,
            }
            for one in fitted.of_cells
        },
    }
    return json.dumps(_without_nan(document), indent=2, allow_nan=False)


def _document(request: FitRequest, of: People | Counts) -> dict[str, Any]:
    """What every JSON object says, whatever was fitted; null is what does not apply.

    Lengths are in `unit`. With two groups ``gap`` and ``cut`` are numbers, else lists, one for each
    pair of neighbours.
    """
    return {
        "file": of.path,
        "sha256": of.sha256,
        "columns": list(of.columns),
        "unit": of.unit,
        "group": None,
        "labels": "absent",
        "rows": 0,
        "observations": 0.0,
        "dropped": {},
        "unlabelled": 0,
        "weight_kind": None,
        "effective_sample_size": None,
        "warnings": [],
        "seed": request.seed,
        "group_names": None,
        "labelled": {},
        "cells": None,
        "models": [],
        "recommended": None,
        "tests": [],
        "estimators": {},
    }


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
    if len(one.group_names) == 2:
        plain |= _numbers("gap", gaps[0])
        plain |= {"cut": cuts[0], "crossings": crossings[0]}
    else:
        plain |= {
            "gap": [gap.value for gap in gaps],
            "gap_se": [gap.std_error for gap in gaps],
            "cut": cuts,
            "crossings": crossings,
        }
    plain |= dict.fromkeys(OF_CELLS)
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
    return {
        name: estimate.value,
        f"{name}_se": estimate.std_error,
        f"{name}_robust_se": estimate.robust_std_error,
        f"{name}_lower": estimate.lower,
        f"{name}_upper": estimate.upper,
    }


def _without_nan(value: Any) -> Any:
    """The same with null for every number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value

"""`stature fit`: a person's own file, read, fitted, scored and printed."""

import sys
from dataclasses import replace

import numpy as np

from stature.cli.findings import Finding, finding
from stature.cli.json_text import json_text
from stature.cli.progress import shown_progress
from stature.cli.request import (
    FitRequest,
    UsageError,
    check_grouped_request,
    check_people_request,
    check_request,
)
from stature.cli.runs import Runs, plan_runs
from stature.datafile.columns import CountColumns, count_columns
from stature.datafile.examinations import PeopleError, Reading
from stature.datafile.frequencies import header_of, read_frequencies
from stature.datafile.people import People, take_people
from stature.design.streams import stream_key
from stature.estimators.estimator import Estimator, Fits

SUCCESS, WRONG_USE = 0, 2


def run_fit(request: FitRequest) -> int:
    """Fit a file and print what was found."""
    try:
        check_request(request)
        people = None
        columns = count_columns(header := header_of(request.path))
        if columns and request.height is None and not request.weights:
            if request.group is not None:
                request, people = _cells_as_people(request)
            elif not request.points:
                return run_cell_fit(request)
            else:
                request = _points_as_people(request, columns, header)
        if people is None:
            check_people_request(request)
            people = take_people(request.path, reading_of(request))
        runs = plan_runs(request, people)
    except (PeopleError, UsageError) as error:
        for message in error.messages:
            print(f"stature fit: {message}", file=sys.stderr)
        return WRONG_USE
    findings = fit_all(request, people, runs)
    if request.json:
        print(json_text(request, people, runs, findings))
    else:
        # Only people need tables, and the library that draws them takes time to import.
        from stature.cli.page import print_page

        print_page(people, runs, findings)
    return SUCCESS


def _points_as_people(
    request: FitRequest, columns: CountColumns, header: tuple[str, ...]
) -> FitRequest:
    """The request for a table of values whose counts are weights of exact heights."""
    if not columns.are_points:
        raise UsageError(("--points: expected a column of values, got cells; leave it out",))
    names = header[columns.lower], header[columns.count]
    return replace(request, height=names[0], weights=names[1], points=False)


def _cells_as_people(request: FitRequest) -> tuple[FitRequest, People]:
    """The request for a table of counts with groups, whose cells are those of a rounding."""
    check_grouped_request(request)
    # Only such tables need it.
    from stature.datafile.grouped_cells import read_grouped_cells

    reading, empty = reading_of(request), request.gaps_are_empty
    people = read_grouped_cells(request.path, reading, gaps_are_empty=empty)
    return replace(request, rounded_cm=people.cell_cm), people


def reading_of(request: FitRequest) -> Reading:
    """How to read a file of people."""
    return Reading(
        height=request.height,
        unit=request.unit,
        group=request.group,
        bad_rows=request.bad_rows,
        height_range=request.height_range,
        merge_labels=request.merge_labels,
        weights=request.weights,
        cuts_cm=(request.below_cm, request.above_cm),
    )


def run_cell_fit(request: FitRequest) -> int:
    """Fit a table of counts and print what was found."""
    # Only tables of counts need these, and they take time to import.
    from stature.cli.cell_fits import fit_cells, planned_estimators
    from stature.cli.cell_page import cell_json, print_cell_page

    planned_estimators(request)
    table = read_frequencies(
        request.path,
        request.unit,
        gaps_are_empty=request.gaps_are_empty,
        height_range=request.height_range,
        below_cm=request.below_cm,
        above_cm=request.above_cm,
    )
    fits = fit_cells(request, table)
    if request.json:
        print(cell_json(request, table, fits))
    else:
        print_cell_page(request, table, fits)
    return SUCCESS


def fit_all(request: FitRequest, people: People, runs: Runs) -> tuple[Finding, ...]:
    """Fit every estimator, with a progress bar on a terminal.

    What was found, in the order of the estimators.
    """
    # Random starts belong to the seed and to the bytes of the file.
    key = stream_key(request.seed, people.sha256)
    findings: list[Finding] = []
    for estimator in shown_progress(runs.estimators):
        fits = _fits(estimator, runs, key)
        findings.append(finding(estimator, fits, runs))
    return tuple(findings)


def _fits(estimator: Estimator, runs: Runs, key: str) -> Fits:
    """One estimator on all people."""
    # Compiled code is slow to import: only for a file that can be fitted.
    from stature.estimators.fit import fit_heights, spec_of_one

    shares = runs.known_shares if estimator.model.shares == "known" else None
    sds_cm = runs.known_sds_cm if estimator.model.sds == "known" else None
    labels = estimator.model.labels
    there = runs.has_label if labels == "all" else np.ones(len(runs.rows), np.bool_)
    index = None if labels == "none" or runs.group_index is None else runs.group_index[there]
    weights = None if runs.weights is None else runs.weights[there]
    spec = spec_of_one(estimator, runs.group_names, key, shares, sds_cm)
    return fit_heights(spec, runs.heights_cm[there], index, weights)

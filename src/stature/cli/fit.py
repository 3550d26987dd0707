"""`stature fit`: a person's own file, read, fitted, scored and printed."""

import sys

from stature.cli.findings import Finding, finding
from stature.cli.json_text import json_text
from stature.cli.progress import shown_progress
from stature.cli.request import FitRequest, UsageError, check_people_request, check_request
from stature.cli.runs import Runs, plan_runs
from stature.design.streams import stream_key
from stature.tables.columns import count_columns
from stature.tables.examinations import PeopleError
from stature.tables.frequencies import header_of, read_frequencies
from stature.tables.people import People, read_people

SUCCESS, WRONG_USE = 0, 2


def run_fit(request: FitRequest) -> int:
    """Fit a file and print what was found.

    Parameters
    ----------
    request : FitRequest
        What was asked.

    Returns
    -------
    int
        Exit code: 0, also when a fit did not converge; 2 for wrong use or a bad file, whose
        faults are printed on standard error.
    """
    try:
        check_request(request)
        if request.height is None and count_columns(header_of(request.path)):
            return run_cell_fit(request)
        check_people_request(request)
        people = read_people(
            request.path,
            request.height,
            request.unit,
            request.group,
            bad_rows=request.bad_rows,
            height_range=request.height_range,
            merge_labels=request.merge_labels,
        )
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


def run_cell_fit(request: FitRequest) -> int:
    """Fit a table of counts and print what was found.

    Parameters
    ----------
    request : FitRequest
        What was asked.

    Returns
    -------
    int
        Exit code 0, also when a fit did not converge.
    """
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

    Parameters
    ----------
    request : FitRequest
        What was asked.
    people : People
        What was read.
    runs : Runs
        What is fitted.

    Returns
    -------
    tuple of Finding
        What was found, in the order of the estimators.
    """
    # Compiled code is slow to import: only for a file that can be fitted.
    from stature.estimators.fit import fit_heights

    # Random starts belong to the seed and to the bytes of the file.
    key = stream_key(request.seed, people.sha256)
    findings: list[Finding] = []
    for estimator in shown_progress(runs.estimators):
        fits = fit_heights(
            estimator,
            runs.heights_cm,
            runs.group_index if estimator.model.labels == "all" else None,
            runs.group_names,
            runs.known_shares if estimator.model.shares == "known" else None,
            runs.known_sds_cm if estimator.model.sds == "known" else None,
            key,
        )
        findings.append(finding(estimator, fits, runs))
    return tuple(findings)

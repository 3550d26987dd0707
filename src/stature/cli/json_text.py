"""JSON of findings: one object for programs, with null for what is not known."""

import json
import math
from typing import Any

from stature.cli.findings import Estimate, Finding
from stature.cli.request import FitRequest
from stature.cli.runs import Runs
from stature.datafile.people import People

PARAMETERS = ("share", "mean_cm", "sd_cm")


def json_text(
    request: FitRequest, people: People, runs: Runs, findings: tuple[Finding, ...]
) -> str:
    """Write findings as one JSON object.

    The object, indented. With two groups ``gap_cm`` and ``cut_cm`` are numbers, else lists, one for
    each pair of neighbours.
    """
    dropped = dict(people.dropped)
    blank = len(people.rows) - len(runs.rows)
    if blank:
        dropped["label blank"] = blank
    document: dict[str, Any] = {
        "file": people.path,
        "sha256": people.sha256,
        "height": people.height,
        "unit": people.unit,
        "group": people.group or None,
        "labels": runs.labels,
        "rows": len(runs.rows),
        "dropped": dropped,
        **({"unlabelled": runs.count_of(~runs.has_label)} if runs.in_part else {}),
        "warnings": [*people.warnings, *runs.notes],
        "seed": request.seed,
        "group_names": list(runs.group_names),
        "labelled": {
            group.name: {"share": group.share, "mean_cm": group.mean_cm, "sd_cm": group.sd_cm}
            for group in runs.groups
        },
        "estimators": {one.estimator.name: plain_finding(one, request.rows) for one in findings},
    }
    if request.rows:
        index = runs.group_index
        # One more name at the end, of those of index -1.
        labels = (*runs.group_names, None)
        names = None if index is None else [labels[k] for k in index.tolist()]
        document["people"] = {
            "row": runs.rows.tolist(),
            "height_cm": runs.heights_cm.tolist(),
            "label": names,
        }
    return json.dumps(without_nan(document), indent=None if request.rows else 2, allow_nan=False)


def plain_finding(one: Finding, with_people: bool) -> dict[str, Any]:
    """Finding as builtin types.

    The names of the output; what is not known is NaN.
    """
    pairs = len(one.group_names) - 1
    gaps = [estimate for (_, name), estimate in one.estimates.items() if name == "gap_cm"]
    plain: dict[str, Any] = {
        "status": one.status.name.lower(),
        "se_status": one.se_status.name.lower(),
        "log_likelihood": one.log_likelihood,
        "decrement": one.decrement,
        "passes": one.passes,
        "steps": one.steps,
        "starts": one.starts,
        "starts_agreeing": one.starts_agreeing,
        "suspect": one.suspect,
        "near_tie": one.near_tie,
        "labels": one.estimator.model.labels,
        "groups": {
            group: {
                key: number
                for parameter in PARAMETERS
                for key, number in _numbers(parameter, one.estimates[group, parameter]).items()
            }
            for group in one.group_names
        },
    }
    if pairs == 1:
        plain |= _numbers("gap_cm", gaps[0])
        plain |= {"cut_cm": one.cuts_cm[0], "crossings_cm": list(one.crossings_cm[0])}
    else:
        plain |= {
            "gap_cm": [gap.value for gap in gaps],
            "gap_cm_se": [gap.std_error for gap in gaps],
            "cut_cm": list(one.cuts_cm),
            "crossings_cm": [list(pair) for pair in one.crossings_cm],
        }
    plain["scored"] = None
    if one.score is not None:
        errors = zip(one.group_names, one.score.mean_errors_cm, strict=True)
        plain["scored"] = {
            "mean_error_cm": dict(errors),
            "right": one.score.right,
            "people": one.score.people,
            "share_right": one.score.right / one.score.people,
        }
    if with_people:
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


def without_nan(value: Any) -> Any:
    """The same document with null for every number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    return value

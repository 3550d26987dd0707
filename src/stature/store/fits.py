"""Fits: what an estimator made of each sample, one row a replicate, size, group and parameter.

Beside them traces: iterations on the first replicates, one row an iteration, group and parameter.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from stature.design.scenarios import names_of
from stature.domain.model import parameter_rows
from stature.estimators.estimator import Fits, IntervalStatus, SeStatus, Status
from stature.store.parquet import (
    codes_of,
    given,
    kind_with,
    may_lack,
    of_names,
    of_numbers,
    values_of,
)

if TYPE_CHECKING:
    from stature.estimators.plain.traces import Traces

WORDS = {
    name: tuple(status.name.lower() for status in kind)
    for name, kind in {
        "interval_status": IntervalStatus,
        "status": Status,
        "se_status": SeStatus,
    }.items()
}
PARAMETERS = ("share", "mean_cm", "sd_cm", "gap_cm")

# Columns that differ between the rows of a fit, and columns that are the same in all of them.
PER_PARAMETER = ("estimate", "std_error", "robust_std_error", "lower", "upper")
OF_QUANTITIES = ("estimate", "std_error", "lower", "upper")
PER_FIT = {
    "log_likelihood": pa.float64(),
    "decrement": pa.float64(),
    "passes": pa.int32(),
    "steps": pa.int32(),
    "starts": pa.int16(),
    "starts_agreeing": pa.int16(),
    "suspect": pa.bool_(),
    "near_tie": pa.bool_(),
    "resamples_failed": pa.int32(),
}

AT_CONSTRAINT = pa.field("at_constraint", pa.bool_())  # where an estimator has a constraint

_name = pa.dictionary(pa.int8(), pa.string())
FITS = kind_with(
    "fits",
    2,
    given(pa.int32(), "replicate", "size"),
    given(_name, "group", "parameter"),
    may_lack(pa.float64(), *PER_PARAMETER),
    given(_name, *WORDS),
    [pa.field(name, kind) for name, kind in PER_FIT.items()],
    may_have=(AT_CONSTRAINT,),
)

TRACED_PARAMETERS = ("share", "mean_cm", "sd_cm")
TRACE_COUNTS = ("replicate", "size", "start", "step", "passes")
TRACE_VALUES = ("log_likelihood", "gap", "decrement", "distance")
TRACES = kind_with(
    "traces",
    1,
    given(pa.int32(), *TRACE_COUNTS),
    may_lack(pa.float64(), *TRACE_VALUES),
    given(_name, "group", "parameter"),
    may_lack(pa.float64(), "estimate"),
)


def write(path: Path, fits: Fits, origin: str = "") -> None:
    """Write fits, by replicate, size and parameter."""
    FITS.write(path, table(fits), origin)


def table(fits: Fits) -> pa.Table:
    """Fits as a table, by replicate, size and parameter."""
    # The empty name of the gap comes last among the groups.
    groups, parameters = (*fits.group_names, ""), (*PARAMETERS, *fits.quantities)
    pairs = [*parameter_rows(fits.group_names), *(("", name) for name in fits.quantities)]
    group = np.array([groups.index(name) for name, _ in pairs], dtype=np.int8)
    parameter = np.array([parameters.index(name) for _, name in pairs], dtype=np.int8)
    (replicates, sizes), rows, by_row = fits.status.shape, len(pairs), _by_row(fits)
    columns = [
        of_numbers(np.repeat(fits.replicates, sizes * rows)),
        of_numbers(np.tile(np.repeat(fits.sizes, rows), replicates)),
        of_names(np.tile(group, replicates * sizes), groups),
        of_names(np.tile(parameter, replicates * sizes), parameters),
        *(of_numbers(by_row[name].ravel(), nan_is_null=True) for name in PER_PARAMETER),
        of_names(by_row["interval_status"].ravel(), WORDS["interval_status"]),
        *(
            of_names(np.repeat(getattr(fits, name).ravel(), rows), WORDS[name])
            for name in ("status", "se_status")
        ),
        *(
            of_numbers(np.repeat(getattr(fits, name).ravel(), rows), nan_is_null=True)
            for name in PER_FIT
        ),
    ]
    schema = FITS.schema
    if fits.at_constraint is not None:
        schema = schema.append(AT_CONSTRAINT)
        columns.append(of_numbers(np.repeat(fits.at_constraint.ravel(), rows)))
    return pa.Table.from_arrays(columns, schema=schema)


def _by_row(fits: Fits) -> dict[str, Any]:
    """Columns that differ between the rows of a fit: its parameters, then its quantities."""
    columns = {name: getattr(fits, name) for name in (*PER_PARAMETER, "interval_status")}
    if fits.of_quantities is None:
        return columns
    estimate, std_error, lower, upper = np.moveaxis(fits.of_quantities, 2, 0)
    status = np.where(np.isnan(lower), IntervalStatus.NONE, IntervalStatus.OK).astype(np.int8)
    others = estimate, std_error, np.full_like(estimate, np.nan), lower, upper, status
    pairs = zip(columns.items(), others, strict=True)
    return {name: np.concatenate([own, other], axis=-1) for (name, own), other in pairs}


def read(path: Path) -> Fits:
    """Read the fits of a block."""
    stored = FITS.read(path)
    names = tuple(stored["group"].chunk(0).dictionary.to_pylist())[:-1]
    quantities = tuple(stored["parameter"].chunk(0).dictionary.to_pylist())[len(PARAMETERS) :]
    replicates, sizes = (np.unique(values_of(stored[name])) for name in ("replicate", "size"))
    rows = len(parameter_rows(names))
    shape = (len(replicates), len(sizes), rows + len(quantities))
    arrays = {name: codes_of(stored[name], words) for name, words in WORDS.items()}
    per_fit = [
        *PER_FIT,
        *([AT_CONSTRAINT.name] if AT_CONSTRAINT.name in stored.schema.names else []),
    ]
    arrays |= {name: values_of(stored[name]) for name in (*PER_PARAMETER, *per_fit)}
    per_row = (*PER_PARAMETER, "interval_status")
    columns: dict[str, Any] = {
        name: values.reshape(shape)[..., :rows]
        if name in per_row
        else values.reshape(shape)[..., 0]
        for name, values in arrays.items()
    }
    if quantities:
        claims = [arrays[name].reshape(shape)[..., rows:] for name in OF_QUANTITIES]
        columns |= {"quantities": quantities, "of_quantities": np.stack(claims, axis=2)}
    return Fits(replicates.astype(np.int32), sizes.astype(np.int32), names, **columns)


def read_all(paths: Sequence[Path]) -> Fits:
    """Read the fits of several blocks of one estimator as one."""
    parts = sorted((read(path) for path in paths), key=lambda fits: int(fits.replicates[0]))
    first = parts[0]
    for part in parts[1:]:
        if part.group_names != first.group_names or not np.array_equal(part.sizes, first.sizes):
            raise ValueError(
                f"expected fits of sizes {first.sizes.tolist()} and groups {first.group_names}, "
                f"got sizes {part.sizes.tolist()} and groups {part.group_names}"
            )
    shared = ("sizes", "group_names", "quantities")
    names = [
        field.name
        for field in fields(Fits)
        if field.name not in shared and getattr(first, field.name) is not None
    ]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    if (np.diff(joined["replicates"]) <= 0).any():
        raise ValueError("expected every replicate once, got one in two blocks")
    return replace(first, **joined)


def read_estimators(paths: Sequence[Path]) -> dict[str, Fits]:
    """Read the fits of all estimators of a scenario, in the order of their names."""
    return {name: read_all(own) for name, own in _by_folder(paths, -2).items()}


def read_scenarios(paths: Sequence[Path]) -> dict[str, dict[str, Fits]]:
    """Read the fits of all estimators of several scenarios."""
    return {name: read_estimators(own) for name, own in _by_folder(paths, -3).items()}


def _by_folder(paths: Sequence[Path], place: int) -> dict[str, list[Path]]:
    """Paths by the folder at a place in them, sorted by its name."""
    names = sorted({path.parts[place] for path in paths})
    return {name: [path for path in paths if path.parts[place] == name] for name in names}


def write_traces(path: Path, traces: "Traces", origin: str = "") -> None:
    """Write traces, by replicate, size, step, group and parameter."""
    TRACES.write(path, traces_table(traces), origin)


def traces_table(traces: "Traces") -> pa.Table:
    """Traces as a table, by replicate, size, step, group and parameter."""
    steps, groups = len(traces.step), len(traces.group_names)
    rows = len(TRACED_PARAMETERS) * groups
    # theta holds all shares, all means, all SDs; a row of the table is a group's parameter.
    estimate = traces.theta.reshape(steps, len(TRACED_PARAMETERS), groups).transpose(0, 2, 1)
    columns = [
        *(of_numbers(np.repeat(getattr(traces, name), rows)) for name in TRACE_COUNTS),
        *(
            of_numbers(np.repeat(getattr(traces, name), rows), nan_is_null=True)
            for name in TRACE_VALUES
        ),
        of_names(
            np.tile(np.repeat(np.arange(groups), len(TRACED_PARAMETERS)), steps), traces.group_names
        ),
        of_names(np.tile(np.arange(len(TRACED_PARAMETERS)), steps * groups), TRACED_PARAMETERS),
        of_numbers(estimate.ravel(), nan_is_null=True),
    ]
    return pa.Table.from_arrays(columns, schema=TRACES.schema)


def read_traces(paths: Sequence[Path]) -> pa.Table:
    """Read traces of several scenarios and estimators as one table."""
    tables = [named_traces(TRACES.read(path), *path.parts[-3:-1]) for path in sorted(paths)]
    tables.append(named_traces(TRACES.schema.empty_table(), "none.none", "none"))
    return pa.concat_tables(tables).unify_dictionaries()


def named_traces(table: pa.Table, scenario: str, estimator: str) -> pa.Table:
    """Traces with the names of what they are of in front."""
    population, bias = names_of(scenario)
    names = {"estimator": estimator, "scenario": scenario, "bias": bias, "population": population}
    for name, value in names.items():
        table = table.add_column(0, name, pa.array([value] * table.num_rows, pa.string()))
    return table

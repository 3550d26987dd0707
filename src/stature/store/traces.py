"""Traces: iterations on the first replicates, one row an iteration, group and parameter."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.design.scenarios import names_of
from stature.estimators.plain.traces import Traces
from stature.store.arrays import of_names, of_numbers
from stature.store.parquet import given, kind_with, may_lack

PARAMETERS = ("share", "mean_cm", "sd_cm")
COUNTS = ("replicate", "size", "start", "step", "passes")
VALUES = ("log_likelihood", "gap", "decrement", "distance")

_name = pa.dictionary(pa.int8(), pa.string())
TRACES = kind_with(
    "traces",
    1,
    given(pa.int32(), *COUNTS),
    may_lack(pa.float64(), *VALUES),
    given(_name, "group", "parameter"),
    may_lack(pa.float64(), "estimate"),
)


def write(path: Path, traces: Traces, origin: str = "") -> None:
    """Write traces, by replicate, size, step, group and parameter."""
    TRACES.write(path, to_table(traces), origin)


def to_table(traces: Traces) -> pa.Table:
    """Traces as a table, by replicate, size, step, group and parameter."""
    steps, groups = len(traces.step), len(traces.group_names)
    rows = len(PARAMETERS) * groups
    # theta holds all shares, all means, all SDs; a row of the table is a group's parameter.
    estimate = traces.theta.reshape(steps, len(PARAMETERS), groups).transpose(0, 2, 1)
    columns = [
        *(of_numbers(np.repeat(getattr(traces, name), rows)) for name in COUNTS),
        *(of_numbers(np.repeat(getattr(traces, name), rows), nan_is_null=True) for name in VALUES),
        of_names(np.tile(np.repeat(np.arange(groups), len(PARAMETERS)), steps), traces.group_names),
        of_names(np.tile(np.arange(len(PARAMETERS)), steps * groups), PARAMETERS),
        of_numbers(estimate.ravel(), nan_is_null=True),
    ]
    return pa.Table.from_arrays(columns, schema=TRACES.schema)


def read_all(paths: Sequence[Path]) -> pa.Table:
    """Read traces of several scenarios and estimators as one table."""
    tables = [named(TRACES.read(path), *path.parts[-3:-1]) for path in sorted(paths)]
    tables.append(named(TRACES.schema.empty_table(), "none.none", "none"))
    return pa.concat_tables(tables).unify_dictionaries()


def named(table: pa.Table, scenario: str, estimator: str) -> pa.Table:
    """Traces with the names of what they are of in front."""
    population, bias = names_of(scenario)
    names = {"estimator": estimator, "scenario": scenario, "bias": bias, "population": population}
    for name, value in names.items():
        table = table.add_column(0, name, pa.array([value] * table.num_rows, pa.string()))
    return table

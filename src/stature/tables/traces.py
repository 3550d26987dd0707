"""Traces: steps of the climbs of the first replicates, one row a step, group and parameter."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from stature.design.scenarios import names_of
from stature.estimators.traces import Traces
from stature.tables import store
from stature.tables.arrays import of_numbers
from stature.tables.names import coded

KIND = "traces"
VERSION = 1

PARAMETERS = ("share", "mean_cm", "sd_cm")
COUNTS = ("replicate", "size", "start", "step", "passes")
VALUES = ("log_likelihood", "gap", "decrement", "distance")

_name = pa.dictionary(pa.int8(), pa.string())
SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.int32(), nullable=False) for name in COUNTS),
        *(pa.field(name, pa.float64()) for name in VALUES),
        pa.field("group", _name, nullable=False),
        pa.field("parameter", _name, nullable=False),
        pa.field("estimate", pa.float64()),
    ]
)


def write(path: Path, traces: Traces, origin: str = "") -> None:
    """Write traces, by replicate, size, step, group and parameter.

    Parameters
    ----------
    path : Path
        Where the table goes.
    traces : Traces
        The steps; there may be none.
    origin : str
        Digest of all that they were made from.
    """
    store.write(path, to_table(traces), KIND, VERSION, origin)


def to_table(traces: Traces) -> pa.Table:
    """Traces as a table, by replicate, size, step, group and parameter.

    Parameters
    ----------
    traces : Traces
        The steps; there may be none.

    Returns
    -------
    pyarrow.Table
        One row a step, group and parameter.
    """
    steps, groups = len(traces.step), len(traces.group_names)
    rows = len(PARAMETERS) * groups
    # theta holds all shares, all means, all SDs; a row of the table is a group's parameter.
    estimate = traces.theta.reshape(steps, len(PARAMETERS), groups).transpose(0, 2, 1)
    columns = [
        *(of_numbers(np.repeat(getattr(traces, name), rows)) for name in COUNTS),
        *(of_numbers(np.repeat(getattr(traces, name), rows), nan_is_null=True) for name in VALUES),
        coded(np.tile(np.repeat(np.arange(groups), len(PARAMETERS)), steps), traces.group_names),
        coded(np.tile(np.arange(len(PARAMETERS)), steps * groups), PARAMETERS),
        of_numbers(estimate.ravel(), nan_is_null=True),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def read(path: Path) -> pa.Table:
    """Read traces as a table.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    pyarrow.Table
        The rows.

    Raises
    ------
    stature.tables.store.TableError
        If the file is not such a table.
    """
    return store.read(path, KIND, VERSION, SCHEMA)


def read_all(paths: Sequence[Path]) -> pa.Table:
    """Read traces of several scenarios and estimators as one table.

    Parameters
    ----------
    paths : sequence of Path
        The files, in any order; the folders of a file are its scenario and its estimator. There
        may be none: a study of closed forms alone traces nothing.

    Returns
    -------
    pyarrow.Table
        The rows, by scenario and estimator, with the columns `population`, `bias`, `scenario` and
        `estimator` in front.
    """
    tables = [labelled(read(path), *path.parts[-3:-1]) for path in sorted(paths)]
    tables.append(labelled(SCHEMA.empty_table(), "none.none", "none"))
    return pa.concat_tables(tables).unify_dictionaries()


def labelled(table: pa.Table, scenario: str, estimator: str) -> pa.Table:
    """Traces with what they are of in front.

    Parameters
    ----------
    table : pyarrow.Table
        Traces of one estimator in one scenario.
    scenario : str
        Slug of the scenario.
    estimator : str
        Name of the estimator.

    Returns
    -------
    pyarrow.Table
        The rows, with the columns `population`, `bias`, `scenario` and `estimator` in front.
    """
    population, bias = names_of(scenario)
    labels = {
        "estimator": estimator,
        "scenario": scenario,
        "bias": bias,
        "population": population,
    }
    for name, value in labels.items():
        table = table.add_column(0, name, pa.array([value] * table.num_rows, pa.string()))
    return table

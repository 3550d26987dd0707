"""Estimates in the columns that the R package rsimsum reads: for people who measure for themselves.

One row is a replicate, size, estimator and parameter. In R, for one parameter:
``simsum(data, estvarname = "est", true = "true", se = "se", methodvar = "method", by = "n")``.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from stature.domain.model import parameter_rows
from stature.domain.population import Population
from stature.estimators.estimator import Fits, Status
from stature.measures.cells import true_parameters


def estimates(fits: Mapping[str, Fits], population: Population) -> pa.Table:
    """Estimates of all estimators of a scenario beside the truth.

    Columns dataset (number of the replicate), n (people), method (estimator), group, parameter,
    est, se and true (cm, or none for a share); est and se are null for a fit that did not converge,
    as in the measures of policy ``available``. Sorted by method, parameter, n and dataset.
    """
    tables = [_of_estimator(name, fits[name], population) for name in sorted(fits)]
    return pa.concat_tables(tables)


def _of_estimator(name: str, fits: Fits, population: Population) -> pa.Table:
    """Estimates of one estimator."""
    if fits.group_names != population.group_names:
        raise ValueError(
            f"fits of {name} have the groups {fits.group_names}, expected those of population "
            f"{population.name!r}, {population.group_names}; fit its samples again"
        )
    rows = parameter_rows(population.group_names)
    order = np.argsort(fits.replicates)
    shape = (len(rows), fits.sizes.size, fits.replicates.size)
    parameter, size, replicate = np.indices(shape).reshape(3, -1)
    failed = (fits.status[order] != Status.CONVERGED).T
    missing = np.broadcast_to(failed, shape).ravel()

    def column(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> pa.Array:
        turned = np.transpose(values[order], (2, 1, 0)).ravel()
        return pa.array(np.where(missing, np.nan, turned), from_pandas=True)

    def names(values: list[str]) -> pa.Array:
        return pa.array(np.array(values, dtype=object)[parameter], type=pa.string())

    return pa.table(
        {
            "dataset": pa.array(fits.replicates[order][replicate], type=pa.int32()),
            "n": pa.array(fits.sizes[size], type=pa.int32()),
            "method": pa.array([name] * parameter.size, type=pa.string()),
            "group": names([group for group, _ in rows]),
            "parameter": names([what for _, what in rows]),
            "est": column(fits.estimate),
            "se": column(fits.std_error),
            "true": pa.array(true_parameters(population)[parameter]),
        }
    )

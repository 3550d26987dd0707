"""The table of the design: what a study measures, one row a scenario and size."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from stature.design.canonical import is_unset
from stature.tables import store

KIND = "design"
VERSION = 1

_NAME = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("population", _NAME),
        ("bias", _NAME),
        ("scenario", _NAME),
        ("size", pa.int32()),
        ("replicates", pa.int32()),
        ("blocks", pa.int32()),
        ("estimators", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class DesignScenario:
    """Names of a scenario.

    Attributes
    ----------
    population, bias : str
        Names of the two.
    slug : str
        Name of its folders.
    estimators : tuple of str
        Names of the estimators that are fitted to it; empty: all.
    """

    population: str
    bias: str
    slug: str
    estimators: Annotated[tuple[str, ...], Field(exclude_if=is_unset)] = ()


@dataclass(frozen=True, slots=True)
class DesignSpec:
    """All that the table of the design depends on.

    Attributes
    ----------
    scenarios : tuple of DesignScenario
        The scenarios, in the order of the study.
    sizes : tuple of int
        Numbers of people, ascending.
    replicates, blocks : int
        Replicates of each scenario, and the blocks that they are drawn in.
    estimators : tuple of str
        Names of the estimators, in the order of the study.
    """

    scenarios: tuple[DesignScenario, ...]
    sizes: tuple[int, ...]
    replicates: int
    blocks: int
    estimators: tuple[str, ...]


def write(path: Path, spec: DesignSpec) -> None:
    """Write the design of a study.

    Parameters
    ----------
    path : Path
        Where the file goes.
    spec : DesignSpec
        The design. Rows are in its order, sizes within scenarios.
    """
    rows = [
        {
            "population": scenario.population,
            "bias": scenario.bias,
            "scenario": scenario.slug,
            "size": size,
            "replicates": spec.replicates,
            "blocks": spec.blocks,
            "estimators": list(scenario.estimators or spec.estimators),
        }
        for scenario in spec.scenarios
        for size in spec.sizes
    ]
    store.write(path, pa.Table.from_pylist(rows, schema=_SCHEMA), KIND, VERSION)


def read(path: Path) -> pa.Table:
    """Read the design of a study.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    pyarrow.Table
        One row a scenario and size: population, bias, scenario, size (people), replicates,
        blocks, estimators (a list of names).

    Raises
    ------
    stature.tables.store.TableError
        If the file is not the design of a study, or of another version.
    """
    return store.read(path, KIND, VERSION, _SCHEMA)

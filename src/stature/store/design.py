"""The table of the design: what a study measures, one row a scenario and size."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from stature.design.canonical import is_unset
from stature.store import store

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
    """Names of a scenario."""

    population: str  # names of the two
    bias: str
    slug: str  # name of its folders
    # names of the estimators that are fitted to it; empty: all
    estimators: Annotated[tuple[str, ...], Field(exclude_if=is_unset)] = ()


@dataclass(frozen=True, slots=True)
class DesignSpec:
    """All that the table of the design depends on."""

    scenarios: tuple[DesignScenario, ...]  # the scenarios, in the order of the study
    sizes: tuple[int, ...]  # numbers of people, ascending
    replicates: int  # replicates of each scenario, and the blocks that they are drawn in
    blocks: int
    estimators: tuple[str, ...]  # names of the estimators, in the order of the study


def write(path: Path, spec: DesignSpec) -> None:
    """Write the design of a study."""
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
    """Read the design of a study."""
    return store.read(path, KIND, VERSION, _SCHEMA)

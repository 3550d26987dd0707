"""What the tests of files share: files to read, refusals, and fits that cost nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.datafile.cells import CellTable
from stature.datafile.examinations import FileError
from stature.datafile.people import People, read_people
from stature.datafile.request import Reading
from stature.datafile.runs import Runs
from stature.domain.model import parameter_rows
from stature.domain.population import Group
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits


def cells_of(found: People) -> CellTable:
    """The table of counts that a file is."""
    assert found.cells is not None
    return found.cells


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "people.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def refusals() -> Callable[..., tuple[str, ...]]:
    """Messages of a refused file, without the path that each must begin with."""

    def refusals(path: Path, **options: Any) -> tuple[str, ...]:
        with pytest.raises(FileError) as caught:
            read_people(path, Reading(**options))
        for message in caught.value.messages:
            assert message.startswith(f"{path}: ")
            assert "\n" not in message
            assert "Error" not in message
        return tuple(message.removeprefix(f"{path}: ") for message in caught.value.messages)

    return refusals


@pytest.fixture
def made_up() -> Callable[..., Fits]:
    """Fits with estimates that a test chooses: share, mean and SD of each group."""

    def made_up(
        groups: dict[str, tuple[float, float, float]], std_error: float = 0.5, **fields: int
    ) -> Fits:
        names = tuple(groups)
        means = [mean for _, mean, _ in groups.values()]
        values = [number for group in groups.values() for number in group]
        values += np.diff(means).tolist()
        assert len(values) == len(parameter_rows(names))
        estimate = np.array(values)[None, None, :]
        error = np.full_like(estimate, std_error)

        def code(name: str, default: int, kind: type) -> np.ndarray:
            return np.array([[fields.get(name, default)]], dtype=kind)

        return Fits(
            replicates=np.zeros(1, np.int32),
            sizes=np.array([100], np.int32),
            group_names=names,
            estimate=estimate,
            std_error=error,
            robust_std_error=error,
            lower=estimate - 2 * error,
            upper=estimate + 2 * error,
            interval_status=np.zeros(estimate.shape, np.int8),
            status=code("status", 0, np.int8),
            se_status=code("se_status", 0, np.int8),
            log_likelihood=np.array([[-350.0]]),
            decrement=np.array([[1e-9]]),
            passes=code("passes", 40, np.int32),
            steps=code("steps", 20, np.int32),
            starts=code("starts", 3, np.int16),
            starts_agreeing=code("starts_agreeing", 3, np.int16),
            suspect=code("suspect", 0, np.bool_),
            near_tie=code("near_tie", 0, np.bool_),
            resamples_failed=code("resamples_failed", 0, np.int32),
        )

    return made_up


@pytest.fixture
def runs() -> Callable[..., Runs]:
    """Four people in two groups, whose labels a test chooses; without any, groups are absent."""

    def runs(labels: list[int] | None = None) -> Runs:
        groups = (Group("f", 0.5, 164.0, 4.0), Group("m", 0.5, 176.0, 4.0))
        return Runs(
            labels="absent" if labels is None else "hidden",
            group_names=("f", "m"),
            values=np.array([160.0, 168.0, 172.0, 180.0]),
            group_index=None if labels is None else np.array(labels, np.int8),
            rows=np.arange(2, 6),
            known_shares=None,
            known_sds=None,
            groups=() if labels is None else groups,
            estimators=(CATALOGUE["em"],),
            notes=(),
        )

    return runs

from pathlib import Path

import numpy as np
import pytest

from stature.measures.ranked import Ranked
from stature.store import intervals
from stature.store.store import TableError, write


def ranked(estimator: str, lower: list[float], upper: list[float]) -> Ranked:
    """Intervals for a true mean of 163 cm."""
    count = len(lower)
    return Ranked(
        population="school",
        bias="none",
        scenario="school.none",
        estimator=estimator,
        size=200,
        group="girls",
        parameter="mean_cm",
        truth=163.0,
        replicate=np.arange(count, dtype=np.int32),
        centile=np.where(np.isnan(lower), np.nan, 50.0),
        estimate=np.full(count, 162.0),
        lower=np.array(lower),
        upper=np.array(upper),
    )


def test_what_is_written_is_read_and_whether_it_covers(tmp_path: Path) -> None:
    wald = ranked("wald", [160.0, 164.0, np.nan], [164.0, 166.0, np.nan])
    other = ranked("profile", [-np.inf, 163.0, 150.0], [np.inf, 170.0, 151.0])
    intervals.write(tmp_path / "a.parquet", [wald, other])
    rows = intervals.read_all([tmp_path / "a.parquet"]).to_pylist()
    assert [row["covers"] for row in rows] == [True, False, None, True, True, False]
    assert [row["estimator"] for row in rows] == ["wald"] * 3 + ["profile"] * 3
    assert rows[2]["lower"] is None
    assert rows[3]["upper"] == np.inf
    assert rows[0]["truth"] == 163.0


def test_the_same_intervals_are_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        intervals.write(tmp_path / name, [ranked("wald", [160.0], [164.0])], "{}")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_another_table_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a", intervals.SCHEMA.empty_table(), "fits", 1)
    with pytest.raises(TableError, match="expected a table of intervals"):
        intervals.read_all([tmp_path / "a"])

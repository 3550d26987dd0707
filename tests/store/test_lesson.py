from pathlib import Path

import pyarrow as pa
import pytest

from stature.store import lesson, store
from stature.theory.lesson import LessonRow

ROWS = (
    LessonRow("balls", "counting", 0, 0.7, 0.002, None),
    LessonRow("boys", "surface", 1, 176.0, 7.0, -0.5),
)


def test_points_come_back_as_they_were_written(tmp_path: Path):
    lesson.write(tmp_path / "lesson.parquet", ROWS)
    assert (
        tuple(LessonRow(**row) for row in lesson.read(tmp_path / "lesson.parquet").to_pylist())
        == ROWS
    )


def test_the_same_points_give_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        lesson.write(tmp_path / name, ROWS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_table_is_refused(tmp_path: Path):
    store.write(tmp_path / "other", pa.table({"panel": ["balls"]}), "fits", 1)
    with pytest.raises(store.TableError, match="lesson"):
        lesson.read(tmp_path / "other")

from dataclasses import replace
from pathlib import Path

import pytest

from stature.measures.precision import Judged
from stature.store import rounds
from stature.store.store import TableError

CELL = Judged(200, "school.none", "em", 50, "girls", "mean_cm", "rmse", 0.01, 0.02, True)
FAR = replace(CELL, size=20, mcse=None, met=False)


def test_cells_come_back_sorted(tmp_path: Path) -> None:
    rounds.write(tmp_path / "a.parquet", [CELL, FAR])
    assert rounds.read([tmp_path / "a.parquet"]) == (FAR, CELL)


def test_tables_of_scenarios_are_one_after_the_other(tmp_path: Path) -> None:
    rounds.write(tmp_path / "a.parquet", [CELL])
    rounds.write(tmp_path / "b.parquet", [FAR])
    assert rounds.read([tmp_path / "b.parquet", tmp_path / "a.parquet"]) == (FAR, CELL)


def test_a_round_is_precise_when_every_cell_is(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rounds.write(path, [CELL])
    assert rounds.is_precise(path)
    rounds.write(path, [CELL, FAR])
    assert not rounds.is_precise(path)


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    rounds.store.write(path, rounds.SCHEMA.empty_table(), "fits", 1)
    with pytest.raises(TableError, match="expected a table of rounds"):
        rounds.read([path])

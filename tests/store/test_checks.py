from pathlib import Path

import pytest

from stature.measures.check import Check
from stature.store import checks as table
from stature.store import measures
from stature.store.store import TableError

CHECKS = (
    Check("rows", "school.none", "em", 20, "", "", 9.0, 9.0, None, None, passed=True),
    Check("rows", "school.none", "em", None, "", "", 7.0, None, None, None, passed=False),
    Check("limit", "school.none", "mle", 20, "boys", "sd_cm", -0.1, 0.3, 0.2, 2.0, passed=True),
)


def test_checks_are_read_as_they_were_written_in_the_order_of_their_key(tmp_path: Path) -> None:
    path = tmp_path / "checks.parquet"
    table.write(path, CHECKS, "{}")
    assert table.read(path) == (CHECKS[2], CHECKS[0], CHECKS[1])


def test_the_same_checks_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    table.write(one, CHECKS)
    table.write(other, reversed(CHECKS))
    assert one.read_bytes() == other.read_bytes()


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "measures.parquet"
    measures.write(path, ())
    with pytest.raises(TableError, match="expected a table of checks"):
        table.read(path)

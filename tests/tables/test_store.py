from pathlib import Path

import pyarrow as pa
import pytest

from stature.tables import store

TABLE = pa.table({"x": [1.0, 2.0]})


def test_a_table_comes_back_with_its_kind_and_version(tmp_path: Path):
    store.write(tmp_path / "deep" / "a.parquet", TABLE, "numbers", 3)
    assert store.read(tmp_path / "deep" / "a.parquet", "numbers", 3)["x"].to_pylist() == [1, 2]


@pytest.mark.parametrize(("kind", "version"), [("numbers", 2), ("letters", 3)])
def test_another_kind_or_version_is_refused_with_advice(tmp_path: Path, kind: str, version: int):
    store.write(tmp_path / "a", TABLE, "numbers", 3)
    with pytest.raises(store.TableError, match="run the study again"):
        store.read(tmp_path / "a", kind, version)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store.write(tmp_path / "a", TABLE, "numbers", 3)
    before = (tmp_path / "a").read_bytes()

    def fail(*arguments: object, **options: object) -> None:
        Path(str(arguments[1])).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(store.pq, "write_table", fail)
    with pytest.raises(OSError, match="disk full"):
        store.write(tmp_path / "a", TABLE, "numbers", 3)
    assert (tmp_path / "a").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]

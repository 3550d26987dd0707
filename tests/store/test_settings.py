from pathlib import Path

from stature.measures.measure import Measure
from stature.measures.settings import Set
from stature.store import measures, settings

ROW = Measure(
    "school", "cut", "school.cut", "mle", 200, "girls", "mean_cm", "bias", "", "available",
    1.5, 0.1, 1.3, 1.7, None, 198, 2, 200,
)  # fmt: skip


def test_a_row_is_a_measure_with_its_setting_in_front(tmp_path: Path) -> None:
    rows = [Set("minimum height, cm", "bias", 160.0, ROW)]
    settings.write(tmp_path / "settings.parquet", rows)
    table = settings.read_table(tmp_path / "settings.parquet")
    front = ["axis", "varies", "setting"]
    assert table.select(front).to_pylist() == [
        dict(zip(front, ("minimum height, cm", "bias", 160.0), strict=True))
    ]
    assert measures.from_table(table.drop_columns(front)) == (ROW,)


def test_a_study_that_varies_nothing_has_an_empty_table(tmp_path: Path) -> None:
    settings.write(tmp_path / "settings.parquet", [])
    assert settings.read_table(tmp_path / "settings.parquet").num_rows == 0


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        settings.write(tmp_path / name, [Set("x", "estimator", 0.5, ROW)], "{}")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()

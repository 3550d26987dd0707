from dataclasses import replace
from pathlib import Path

import pytest

from stature.cli.orphans import OTHER, Orphans, orphans
from stature.config.study import load
from stature.measures.precision import Precision

ROOT = Path(__file__).parents[2]
BLOCK = "000000-000009"


@pytest.mark.parametrize(
    ("path", "item"),
    [
        (f"samples/moon.none/{BLOCK}.parquet", "populations[moon]"),
        (f"fits/school.gone/em/{BLOCK}.parquet", "biases[gone]"),
        (f"logs/fit_samples/school.none/old/{BLOCK}.log", "estimators[old]"),
        (f"benchmarks/draw_samples/moon.none/{BLOCK}.tsv", "populations[moon]"),
        ("bounds/school.gone.parquet", "biases[gone]"),
        ("samples/school.none/000000-000006.parquet", "blocks of another width or number"),
        ("rounds/000020.parquet", "precision"),
        ("logs/measure_round/000020/school.none.log", "precision"),
        ("notes.txt", OTHER),
    ],
)
def test_files_are_told_by_what_is_gone(tmp_path: Path, path: str, item: str) -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"12345")
    assert orphans(tmp_path, [], study) == (Orphans(item, 1, 5),)
    assert orphans(tmp_path, [str(file)], study) == ()


@pytest.mark.parametrize("path", ["rounds/000040.parquet", f"samples/school.none/{BLOCK}.parquet"])
def test_files_of_rounds_that_are_not_planned_yet_are_no_orphans(tmp_path: Path, path: str) -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    aim = Precision("rmse", "mean_cm", 0.02, 10, study.replicates)
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
    assert orphans(tmp_path, [], replace(study, precision=aim)) == ()

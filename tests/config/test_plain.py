from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml

from stature.config.plain import plain, study_yaml
from stature.config.record import Study
from stature.config.study import load

ROOT = Path(__file__).parents[2]


def test_the_config_as_run_gives_the_study_again(tmp_path: Path) -> None:
    for overlay in ("smoke.yaml", "lesson.yaml"):
        study = load([ROOT / "config/config.yaml", ROOT / "config" / overlay], ROOT)
        again = tmp_path / overlay
        again.write_text(study_yaml(study), encoding="utf-8")
        assert replace(load([again], ROOT), warnings=()) == replace(study, warnings=())
        assert study_yaml(load([again], ROOT)) == study_yaml(study)


def test_every_kind_of_item_is_written_back(read: Callable[..., Study]) -> None:
    changes = {
        "title": "'身高: wie groß?'",
        "biases": "\n  - {name: a, kind: selection, log_odds_per_cm: 0.1, group: boys, why: x}"
        "\n  - {name: b, kind: truncation, above_cm: 190}"
        "\n  - {name: c, kind: rounding, step_cm: 2.54}\n  - {name: 'no', kind: none}",
        "estimators": "\n  - {name: e, labels: none, method: em, shares: [0.4, 0.6], sds: [6, 7]}"
        "\n  - {name: f, labels: all, method: newton, sds: equal, starts: 2, tolerance: 1.0e-10}",
    }
    study = read(**changes)
    assert read(study_yaml(study)) == study
    rounds = read(traced="1", precision="{measure: coverage, mcse: 0.01, min: 2, max: 9}")
    assert read(study_yaml(rounds)) == rounds


def test_sizes_are_a_sorted_list(read: Callable[..., Study]) -> None:
    assert plain(read(sizes="[100, 40]"))["sizes"] == [40, 100]
    assert yaml.safe_load(study_yaml(read(sizes="100")))["sizes"] == [100]


def test_the_path_of_a_file_is_the_one_that_was_written(read: Callable[..., Study]) -> None:
    study = read(
        populations="\n  - {name: g, file: data/galton_1886_children.csv, height: height_in, "
        "unit: in, group: sex}"
    )
    assert str(ROOT) not in study_yaml(study)

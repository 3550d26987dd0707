from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stature.config.record import ConfigError, Study, plan_line
from stature.config.study import load

ROOT = Path(__file__).parents[2]


def test_counts_follow_from_the_study() -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    counts = study.counts
    # 2 populations x 4 biases; 9 sizes; 6 estimators; 1000 replicates in 2 blocks.
    assert counts.scenarios == 8
    assert counts.samples == 8 * 1000
    assert counts.fits == 8 * 9 * 6 * 1000
    # Each scenario: draws and fits of 2 blocks, bounds, measures.
    assert counts.jobs == 8 * (2 * (1 + 6) + 2)
    # 9 bytes a person, 40 a parameter; two groups have 7 parameters.
    assert counts.bytes == 8 * 1000 * 10000 * 9 + 8 * 9 * 6 * 1000 * 7 * 40


def test_the_plan_is_one_line() -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    assert plan_line(study).startswith(
        "8 scenarios × 9 sizes × 6 estimators × 1,000 replicates = 432,000 fits in 128 jobs, about "
    )


def test_one_is_not_several() -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/lesson.yaml"], ROOT)
    assert plan_line(study, cores=1).startswith("1 scenario × 1 size × 6 estimators × ")
    assert " on 1 core, " in plan_line(study, cores=1)


def test_scenarios_are_every_population_with_every_bias(read: Callable[..., Study]) -> None:
    study = read(biases="\n  - {name: a, kind: none}\n  - {name: b, kind: rounding, step_cm: 1}")
    assert [scenario.slug for scenario in study.scenarios] == ["school.a", "school.b"]
    assert study.scenario("school.b").bias.name == "b"


def test_a_config_error_is_all_of_its_messages() -> None:
    with pytest.raises(ConfigError, match=r"^one\ntwo$"):
        raise ConfigError(("one", "two"))


def test_sketches_take_room_by_their_number_and_not_by_their_sizes() -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    large = replace(study, sizes=(100, 10_000, 10**6, 10**8))
    sketched = replace(large, samples="sketch", sketch_from=10_000)
    assert large.people_kept == 10**8
    assert (sketched.kept_sizes, sketched.sketched_sizes) == ((100, 10_000), (10**6, 10**8))
    assert replace(sketched, sizes=(10**8,)).people_kept == 0
    # 9 bytes a person, 12 000 a sketch, 40 a parameter; two groups have 7 parameters.
    rows = 8 * 4 * 6 * 1000 * 7
    assert sketched.counts.bytes == 8 * 1000 * (10_000 * 9 + 2 * 12_000) + rows * 40


def test_intervals_that_take_long_are_in_the_time(read: Callable[..., Study]) -> None:
    def seconds(settings: str) -> float:
        item = f"\n  - {{name: e, labels: none, method: newton, {settings}}}"
        return read(estimators=item).counts.cpu_seconds

    assert seconds("interval: sandwich") == seconds("interval: wald")
    assert seconds("interval: profile") > seconds("interval: wald")
    # Twice the samples add the same time once more.
    base, once, twice = (
        seconds(f"interval: {settings}")
        for settings in (
            "wald",
            "bootstrap, bootstrap_samples: 100",
            "bootstrap, bootstrap_samples: 200",
        )
    )
    assert twice - once == pytest.approx(once - base)

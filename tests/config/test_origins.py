from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stature.config.origins import origin
from stature.config.record import Study
from stature.config.study import load

ROOT = Path(__file__).parents[2]
BLOCK = "000000-000009"
OF_BLOCKS = (
    f"samples/school.none/{BLOCK}",
    f"fits/school.none/em/{BLOCK}",
    f"traces/school.none/em/{BLOCK}",
)
OF_SCENARIOS = ("measures/school.none", "intervals/school.none", "rounds/000010/school.none")
OF_STUDIES = ("measures", "checks", "settings", "pairs", "rounds/000010")
OF_THEORY = ("bounds/school.none", "lesson")
TABLES = (*OF_BLOCKS, *OF_SCENARIOS, *OF_STUDIES, *OF_THEORY)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    aim = tmp_path_factory.mktemp("config") / "aim.yaml"
    aim.write_text("precision: {mcse: 0.02, min: 10}\n", encoding="utf-8")
    return load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml", aim], ROOT)


def path(study: Study, name: str) -> str:
    return f"results/{study.name}/{name}.parquet"


def changed(study: Study, other: Study) -> set[str]:
    """Tables that would be made from something else in another study."""
    return {
        name
        for name in TABLES
        if origin(study, path(study, name)) != origin(other, path(other, name))
    }


def test_a_seed_reaches_all_that_is_drawn_and_what_is_made_from_it(study: Study) -> None:
    assert changed(study, replace(study, seed=1)) == {*TABLES} - {"bounds/school.none"}


def test_a_size_reaches_all_but_the_lesson(study: Study) -> None:
    # A larger one: a smaller one leaves the people as they are.
    largest = replace(study, sizes=(*study.sizes, 2 * study.sizes[-1]))
    assert changed(study, largest) == {*TABLES} - {"lesson"}


def test_a_setting_reaches_the_fits_and_what_is_made_from_them(study: Study) -> None:
    others = [one for one in study.estimators if one.name != "em"]
    stricter = replace(study.estimator("em"), tolerance=1e-10)
    not_reached = {*OF_THEORY, OF_BLOCKS[0]}
    assert changed(study, replace(study, estimators=(*others, stricter))) == {*TABLES} - not_reached


@pytest.mark.parametrize("stage", ["samples", "fits", "traces"])
def test_blocks_scenarios_and_estimators_are_told_apart(study: Study, stage: str) -> None:
    estimators = [""] if stage == "samples" else ["/em", "/mle"]
    found = {
        origin(study, path(study, f"{stage}/{scenario.slug}{estimator}/{block}"))
        for scenario in study.scenarios
        for estimator in estimators
        for block in (BLOCK, "000010-000019")
    }
    assert len(found) == len(study.scenarios) * len(estimators) * 2


@pytest.mark.parametrize("stage", ["bounds", "measures", "intervals", "rounds/000010"])
def test_tables_of_scenarios_are_told_apart(study: Study, stage: str) -> None:
    found = {origin(study, path(study, f"{stage}/{scenario.slug}")) for scenario in study.scenarios}
    assert len(found) == len(study.scenarios)


@pytest.mark.parametrize(
    "edit",
    [
        lambda study: replace(study, replicates=2 * study.replicates),
        lambda study: replace(study, block=study.block // 2),
        lambda study: replace(study, estimators=study.estimators[::-1]),
        lambda study: replace(study, title="x", why="y", warnings=("z",)),
    ],
    ids=["replicates", "block", "order", "words"],
)
def test_what_changes_no_number_changes_no_origin(
    study: Study, edit: Callable[[Study], Study]
) -> None:
    assert changed(study, edit(study)) == set()


def test_the_order_of_scenarios_changes_no_origin(study: Study) -> None:
    assert changed(study, replace(study, biases=study.biases[::-1])) == set()


@pytest.mark.parametrize("folder", ["fits", "samples", "bounds", "rounds", "measures", "a.b"])
def test_a_study_may_have_the_name_of_a_stage_and_lie_in_any_folder(
    study: Study, folder: str
) -> None:
    for name in TABLES:
        moved = origin(study, f".store/{folder}/results/{folder}/{name}.parquet")
        assert moved == origin(study, path(study, name))


def test_an_estimator_may_have_the_name_of_a_stage(study: Study) -> None:
    for name in ("bounds", "samples", "rounds", "fits"):
        named = replace(study, estimators=(replace(study.estimator("em"), name=name),))
        blocks = {
            origin(named, path(study, f"fits/school.none/{name}/{block}"))
            for block in (BLOCK, "000010-000019")
        }
        assert len(blocks) == 2


def test_a_path_of_no_table_is_refused(study: Study) -> None:
    with pytest.raises(ValueError, match=r"results/x/heights\.parquet: expected a table of "):
        origin(study, "results/x/heights.parquet")

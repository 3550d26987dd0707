from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stature.config import specs
from stature.config.specs import origin, round_spec
from stature.config.study import Study, load
from stature.design.samples import DrawSpec
from stature.design.scenarios import blocks
from stature.design.streams import decode, encode, population_definition, stream_key
from stature.domain.model import Model
from stature.estimators.estimator import Alternative, Choice, Estimator, FitSpec
from stature.measures.measure import MeasureSpec, Precision, RoundSpec
from stature.provenance import StudyRecord
from stature.theory.bounds import BoundsSpec
from stature.theory.lesson import LessonSpec

ROOT = Path(__file__).parents[2]
BLOCK = "000000-000009"
OF_ALL = {"record", "report"}
"""Rules that look at the whole study."""


@pytest.fixture
def study() -> Study:
    return load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)


def of_all_rules(study: Study) -> dict[str, str]:
    """Specs of one job of each rule, of a scenario with a data file."""
    return {
        "draw": specs.draw_spec(study, "galton.none", BLOCK),
        "fit": specs.fit_spec(study, "galton.none", "em-known-shares", BLOCK),
        "bounds": specs.bounds_spec(study, "galton.none"),
        "measure": specs.measure_spec(study, "galton.none"),
        "record": specs.record_spec(study, {"draw_samples": "0"}),
        "report": specs.report_spec(study),
        "lesson": specs.lesson_spec(study),
    }


def changed(study: Study, other: Study) -> set[str]:
    """Rules whose job has another spec in another study."""
    before, after = of_all_rules(study), of_all_rules(other)
    return {rule for rule, spec in before.items() if after[rule] != spec}


def test_a_run_is_another_when_its_study_or_its_code_is(study: Study) -> None:
    runs = [
        specs.digest_of_run(one, {"draw_samples": code})
        for one, code in [(study, "0"), (study, "1"), (replace(study, seed=study.seed + 1), "0")]
    ]
    assert len(set(runs)) == 3


def test_specs_are_canonical_json_of_their_records(study: Study) -> None:
    kinds = {
        "draw": DrawSpec,
        "fit": FitSpec,
        "bounds": BoundsSpec,
        "measure": MeasureSpec,
        "record": StudyRecord,
        "report": Study,
        "lesson": LessonSpec,
    }
    for rule, spec in of_all_rules(study).items():
        assert encode(decode(kinds[rule], spec)) == spec


def test_more_replicates_change_no_job_that_was_there(study: Study) -> None:
    assert changed(study, replace(study, replicates=30)) == OF_ALL


def test_a_study_without_precision_has_the_spec_that_it_always_had(study: Study) -> None:
    assert "precision" not in specs.report_spec(study)


def test_another_size_draws_nothing_anew_unless_it_is_the_largest(study: Study) -> None:
    smaller = replace(study, sizes=(20, 50, 100, 200))
    assert changed(study, smaller) == {"fit", "bounds", *OF_ALL}
    assert "draw" in changed(study, replace(study, sizes=(20, 50, 200, 500)))


def test_other_scenarios_change_no_job_of_this_one(study: Study) -> None:
    fewer = replace(
        study,
        populations=study.populations[1:],
        written_files=study.written_files[1:],
        sources=study.sources[1:],
        biases=study.biases[:1],
    )
    assert changed(study, fewer) == OF_ALL


def test_the_order_of_items_changes_no_job_of_a_scenario(study: Study) -> None:
    turned = replace(
        study,
        populations=study.populations[::-1],
        written_files=study.written_files[::-1],
        sources=study.sources[::-1],
        biases=study.biases[::-1],
        estimators=study.estimators[::-1],
    )
    assert changed(study, turned) <= OF_ALL


def test_another_estimator_refits_nothing_and_redraws_nothing(study: Study) -> None:
    one_more = Estimator("more", Model("none", sds="known", assumed_sds_cm=(6.0, 7.0)), "em")
    more = replace(study, estimators=(*study.estimators, one_more))
    assert changed(study, more) == {"bounds", "measure", *OF_ALL}


def test_a_setting_of_an_estimator_refits_that_one_alone(study: Study) -> None:
    others = [item for item in study.estimators if item.name != "em"]
    stricter = replace(study.estimator("em"), tolerance=1e-10)
    after = replace(study, estimators=(*others, stricter))
    for estimator in study.estimators:
        before = specs.fit_spec(study, "school.none", estimator.name, BLOCK)
        now = specs.fit_spec(after, "school.none", estimator.name, BLOCK)
        assert (before != now) == (estimator.name == "em")


def test_words_change_the_report_and_the_record_alone(study: Study) -> None:
    other = replace(
        study, title="x", aims="y", why="z", warnings=("w",), allow_large=True, name="n"
    )
    assert changed(study, other) == {"record", "report"}


def test_the_seed_changes_draws_starts_and_the_lesson(study: Study) -> None:
    assert changed(study, replace(study, seed=1)) == {"draw", "fit", "lesson", "record", "report"}


def test_a_fit_knows_of_the_truth_only_what_its_model_is_told(study: Study) -> None:
    def told(name: str) -> FitSpec:
        return decode(FitSpec, specs.fit_spec(study, "school.none", name, BLOCK))

    assert (told("em").known_shares, told("em").known_sds_cm) == (None, None)
    assert told("em-known-shares").known_shares == (0.5, 0.5)
    assert told("em-known-shares").known_sds_cm is None
    assert told("em-known-sds").known_sds_cm == (6.5, 7.0)
    assert "163" not in specs.fit_spec(study, "school.none", "em-known-sds", BLOCK)


def test_assumed_numbers_are_told_instead_of_the_truth(study: Study) -> None:
    model = Model("none", shares="known", assumed_shares=(0.4, 0.6))
    wrong = replace(study, estimators=(Estimator("em-wrong", model, "em"),))
    spec = decode(FitSpec, specs.fit_spec(wrong, "school.none", "em-wrong", BLOCK))
    assert spec.known_shares == (0.4, 0.6)


def test_a_choice_is_told_the_sds_whose_ratio_it_takes(study: Study) -> None:
    choices = {
        sds: Choice("bic", (Alternative("free"), Alternative(sds))) for sds in ("equal", "ratio")
    }
    told = {
        sds: decode(FitSpec, specs.fit_spec(choosing, "school.none", "em", BLOCK)).known_sds_cm
        for sds, one in choices.items()
        for choosing in (
            replace(study, estimators=(Estimator("em", Model("none"), "em", choose=one),)),
        )
    }
    assert told == {"equal": None, "ratio": (6.5, 7.0)}


def test_starts_are_keyed_by_seed_and_population_alone(study: Study) -> None:
    keys = {
        decode(FitSpec, specs.fit_spec(study, scenario, estimator, BLOCK)).stream_key
        for scenario in ("school.none", "school.minimum-height")
        for estimator in ("em", "em-known-sds")
    }
    school = study.populations[0]
    assert keys == {stream_key(study.seed, population_definition(school))}


@pytest.mark.parametrize(
    ("traced", "width", "counts"),
    [
        (3, 10, [3, 0]),
        (3, 2, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        (0, 10, [0, 0]),
        (12, 10, [10, 2]),
        (99, 10, [10, 10]),
    ],
)
def test_traced_replicates_are_counted_block_by_block(
    study: Study, traced: int, width: int, counts: list[int]
) -> None:
    of_study = replace(study, traced=traced, block=width)
    assert [specs.traced_in(of_study, block) for block in blocks(20, width)] == counts


def test_models_of_bounds_are_each_there_once(study: Study) -> None:
    models = decode(BoundsSpec, specs.bounds_spec(study, "school.none")).models
    # mle and mle-numeric are two ways to one model.
    assert [model.slug for model in models] == [
        "hidden",
        "hidden-equal-sds",
        "hidden-known-sds",
        "hidden-known-shares",
        "labelled",
    ]


def test_no_job_knows_the_folder_in_which_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    monkeypatch.chdir(ROOT)
    here = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    assert here.populations != elsewhere.populations
    assert changed(here, replace(elsewhere, warnings=here.warnings)) == set()


def test_a_scenario_or_estimator_that_is_not_there_is_told_with_those_that_are(
    study: Study,
) -> None:
    with pytest.raises(KeyError, match=r"no scenario 'school\.x'; this study has: school\.none, "):
        specs.draw_spec(study, "school.x", BLOCK)
    with pytest.raises(KeyError, match="no estimator 'x'; this study has: mle, mle-numeric, em, "):
        specs.fit_spec(study, "school.none", "x", BLOCK)


def test_a_draw_is_told_of_sizes_where_they_are_sketched_and_nowhere_else(study: Study) -> None:
    def asked(other: Study) -> DrawSpec:
        return decode(DrawSpec, specs.draw_spec(other, "school.none", BLOCK))

    large = replace(study, sizes=(100, 1000, 30_000, 10**7))
    assert asked(large).largest_size == 10**7
    assert asked(large).sketched_sizes == ()
    sketched = replace(large, samples="sketch", sketch_from=20_000)
    assert asked(sketched).largest_size == 1000
    assert asked(sketched).sketched_sizes == (30_000, 10**7)
    # Without a size to sketch it is the draw that it always was.
    small = replace(study, samples="sketch")
    assert specs.draw_spec(small, "school.none", BLOCK) == specs.draw_spec(
        study, "school.none", BLOCK
    )
    assert changed(study, small) == {"record", "report"}


def test_figures_that_a_study_cannot_fill_are_not_asked_for(study: Study) -> None:
    def without(**changes: object) -> set[str]:
        return set(specs.figures(study)) - set(specs.figures(replace(study, **changes)))

    assert not {"strength", "labels"} & set(specs.figures(study))
    assert without(traced=0) == {"convergence"}
    assert without(replicates=1) == {"price"}  # a ratio of errors takes two
    labelled = study.estimator("mle")
    assert without(estimators=(labelled,)) == {
        *("price", "scatter", "steps"),
        *("passes", "convergence"),
    }
    counted = replace(labelled, name="counted", method="hard-em", model=Model("none"))
    assert without(estimators=(counted,)) == {"price", "scatter", "zip", "coverage"}


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
def aimed(tmp_path_factory: pytest.TempPathFactory) -> Study:
    aim = tmp_path_factory.mktemp("config") / "aim.yaml"
    aim.write_text("precision: {mcse: 0.02, min: 10}\n", encoding="utf-8")
    return load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml", aim], ROOT)


def path(aimed: Study, name: str) -> str:
    return f"results/{aimed.name}/{name}.parquet"


def reached(aimed: Study, other: Study) -> set[str]:
    """Tables that would be made from something else in another aimed."""
    return {
        name
        for name in TABLES
        if origin(aimed, path(aimed, name)) != origin(other, path(other, name))
    }


def test_a_seed_reaches_all_that_is_drawn_and_what_is_made_from_it(aimed: Study) -> None:
    assert reached(aimed, replace(aimed, seed=1)) == {*TABLES} - {"bounds/school.none"}


def test_a_size_reaches_all_but_the_lesson(aimed: Study) -> None:
    # A larger one: a smaller one leaves the people as they are.
    largest = replace(aimed, sizes=(*aimed.sizes, 2 * aimed.sizes[-1]))
    assert reached(aimed, largest) == {*TABLES} - {"lesson"}


def test_a_setting_reaches_the_fits_and_what_is_made_from_them(aimed: Study) -> None:
    others = [one for one in aimed.estimators if one.name != "em"]
    stricter = replace(aimed.estimator("em"), tolerance=1e-10)
    not_reached = {*OF_THEORY, OF_BLOCKS[0]}
    assert reached(aimed, replace(aimed, estimators=(*others, stricter))) == {*TABLES} - not_reached


@pytest.mark.parametrize("stage", ["samples", "fits", "traces"])
def test_blocks_scenarios_and_estimators_are_told_apart(aimed: Study, stage: str) -> None:
    estimators = [""] if stage == "samples" else ["/em", "/mle"]
    found = {
        origin(aimed, path(aimed, f"{stage}/{scenario.slug}{estimator}/{block}"))
        for scenario in aimed.scenarios
        for estimator in estimators
        for block in (BLOCK, "000010-000019")
    }
    assert len(found) == len(aimed.scenarios) * len(estimators) * 2


@pytest.mark.parametrize("stage", ["bounds", "measures", "intervals", "rounds/000010"])
def test_tables_of_scenarios_are_told_apart(aimed: Study, stage: str) -> None:
    found = {origin(aimed, path(aimed, f"{stage}/{scenario.slug}")) for scenario in aimed.scenarios}
    assert len(found) == len(aimed.scenarios)


@pytest.mark.parametrize(
    "edit",
    [
        lambda aimed: replace(aimed, replicates=2 * aimed.replicates),
        lambda aimed: replace(aimed, block=aimed.block // 2),
        lambda aimed: replace(aimed, estimators=aimed.estimators[::-1]),
        lambda aimed: replace(aimed, title="x", why="y", warnings=("z",)),
    ],
    ids=["replicates", "block", "order", "words"],
)
def test_what_changes_no_number_changes_no_origin(
    aimed: Study, edit: Callable[[Study], Study]
) -> None:
    assert reached(aimed, edit(aimed)) == set()


def test_the_order_of_scenarios_changes_no_origin(aimed: Study) -> None:
    assert reached(aimed, replace(aimed, biases=aimed.biases[::-1])) == set()


@pytest.mark.parametrize("folder", ["fits", "samples", "bounds", "rounds", "measures", "a.b"])
def test_a_study_may_have_the_name_of_a_stage_and_lie_in_any_folder(
    aimed: Study, folder: str
) -> None:
    for name in TABLES:
        moved = origin(aimed, f".store/{folder}/results/{folder}/{name}.parquet")
        assert moved == origin(aimed, path(aimed, name))


def test_an_estimator_may_have_the_name_of_a_stage(aimed: Study) -> None:
    for name in ("bounds", "samples", "rounds", "fits"):
        named = replace(aimed, estimators=(replace(aimed.estimator("em"), name=name),))
        blocks = {
            origin(named, path(aimed, f"fits/school.none/{name}/{block}"))
            for block in (BLOCK, "000010-000019")
        }
        assert len(blocks) == 2


def test_a_path_of_no_table_is_refused(aimed: Study) -> None:
    with pytest.raises(ValueError, match=r"results/x/heights\.parquet: expected a table of "):
        origin(aimed, "results/x/heights.parquet")


AIM = Precision(0.02, "rmse", "mean_cm", 20, 40)


@pytest.fixture
def in_rounds() -> Study:
    fixed = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    return replace(fixed, replicates=40, precision=AIM)


def test_a_spec_is_canonical_json_of_its_record(in_rounds: Study) -> None:
    spec = round_spec(in_rounds, "000020", "galton.none")
    assert encode(decode(RoundSpec, spec)) == spec


def test_a_higher_cap_decides_no_round_anew_and_another_target_does(in_rounds: Study) -> None:
    higher = replace(in_rounds, replicates=80, precision=replace(AIM, max=80))
    stricter = replace(in_rounds, precision=replace(AIM, mcse=0.01))
    before = round_spec(in_rounds, "000020", "galton.none")
    assert round_spec(higher, "000020", "galton.none") == before
    assert round_spec(stricter, "000020", "galton.none") != before


def test_a_fixed_number_of_replicates_has_no_rounds(in_rounds: Study) -> None:
    with pytest.raises(ValueError, match="it has no precision"):
        round_spec(replace(in_rounds, precision=None), "000020", "galton.none")


def test_a_study_that_has_ended_has_the_blocks_of_its_rounds(in_rounds: Study) -> None:
    ended = in_rounds.after(20)
    assert ended.rounds == (20,)
    assert set(ended.blocks) < set(in_rounds.blocks)

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from stature.config.checks import SHARES_TOLERANCE
from stature.config.study import (
    ConfigError,
    Study,
    check,
    load,
    load_traced,
    plain,
    plan_line,
    study_yaml,
    unreadable,
)
from stature.design.streams import decode, encode
from stature.domain.bias import NoBias, Rounding, Selection, Truncation
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import BOOTSTRAP_SAMPLES, Estimator
from stature.measures.measure import Precision
from tests.config.conftest import KEYS, Read, Refused, Write

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "config"
FEW = settings(derandomize=True, deadline=None, max_examples=25)


def valid() -> dict[str, Any]:
    """A config that is right."""
    groups = [
        {"name": "girls", "share": 0.5, "mean_cm": 163.0, "sd_cm": 6.5},
        {"name": "boys", "share": 0.5, "mean_cm": 176.0, "sd_cm": 7.0},
    ]
    return {
        "study": "mine",
        "seed": 1,
        "replicates": 4,
        "sizes": [100, 40],
        "populations": [{"name": "school", "groups": groups}],
        "biases": [{"name": "none", "kind": "none"}],
        "estimators": [{"name": "em", "labels": "none", "method": "em"}],
    }


NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,8}", fullmatch=True)
POSITIVE = st.floats(0.5, 50.0)
BIASES = st.one_of(
    st.just({"kind": "none"}),
    st.builds(lambda slope: {"kind": "selection", "log_odds_per_cm": slope}, st.floats(-0.2, 0.2)),
    st.builds(lambda cut: {"kind": "truncation", "below_cm": cut}, st.floats(100.0, 165.0)),
    st.builds(lambda step: {"kind": "rounding", "step_cm": step}, POSITIVE),
)
ESTIMATORS = st.fixed_dictionaries(
    {"labels": st.just("none"), "method": st.just("em")},
    optional={
        "shares": st.sampled_from(["free", "known"]) | st.just([0.25, 0.75]),
        "sds": st.sampled_from(["free", "equal", "known"])
        | st.lists(POSITIVE, min_size=2, max_size=2),
        "starts": st.integers(3, 50),
        "tolerance": st.floats(1e-12, 0.5),
    },
)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Studies of names, biases and estimators that are right."""

    def unique(strategy: SearchStrategy[Any]) -> list[dict[str, Any]]:
        names = draw(
            st.lists(NAMES, min_size=1, max_size=4, unique_by=lambda name: name.casefold())
        )
        names = [name for name in names if name.casefold() not in ("con", "prn", "aux", "nul")]
        return [{"name": name} | draw(strategy) for name in names or ["a"]]

    groups = valid()["populations"][0]["groups"]
    return check(
        valid()
        | {
            "populations": unique(st.just({"groups": groups})),
            "biases": unique(BIASES),
            "estimators": unique(ESTIMATORS),
            "sizes": draw(st.lists(st.integers(2, 500), min_size=1, max_size=4, unique=True)),
        },
        [],
        ROOT,
    )


@FEW
@given(studies())
def test_y30_scenarios_never_share_a_slug(study: Study) -> None:
    slugs = [scenario.slug.casefold() for scenario in study.scenarios]
    assert len(set(slugs)) == len(study.populations) * len(study.biases)


@FEW
@given(studies())
def test_canonical_json_gives_the_study_back(study: Study) -> None:
    assert decode(Study, encode(study)) == study


def test_the_default_study_is_the_one_described() -> None:
    study = load([CONFIGS / "config.yaml"], ROOT)
    assert (study.name, study.seed, study.replicates) == ("heights", 20261122, 1000)
    assert study.sizes == (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
    assert [population.name for population in study.populations] == ["school", "galton"]
    assert [(named.name, named.bias) for named in study.biases] == [
        ("none", NoBias()),
        ("tall-volunteers", Selection(0.05)),
        ("minimum-height", Truncation(below_cm=160.0)),
        ("rounding-5cm", Rounding(5.0)),
    ]
    # The catalogue's own settings; its two quicker ways to one maximum are left out.
    quicker = {"em-squarem", "newton"}
    named = {estimator.name: estimator for estimator in study.estimators}
    assert named == {name: one for name, one in CATALOGUE.items() if name not in quicker}


def test_the_lesson_has_exactly_100_girls_and_100_boys() -> None:
    study = load([CONFIGS / "config.yaml", CONFIGS / "lesson.yaml"], ROOT)
    scenario = study.scenarios[0]
    assert (scenario.slug, scenario.sampling) == ("lesson.none", "stratified")
    assert 200 in study.sizes
    assert scenario.population.shares.tolist() == [0.5, 0.5]
    assert study.warnings == ()


def test_the_smoke_study_has_the_shape_of_the_default_one() -> None:
    default = load([CONFIGS / "config.yaml"], ROOT)
    smoke = load([CONFIGS / "config.yaml", CONFIGS / "smoke.yaml"], ROOT)
    assert smoke.scenarios == default.scenarios
    assert smoke.estimators == default.estimators
    assert smoke.counts.fits < default.counts.fits / 100


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.name)
def test_ready_studies_name_their_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    target = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / target).resolve() == ROOT / "workflow/schemas/study.schema.json"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.name)
def test_ready_studies_are_strict(path: Path) -> None:
    assert load([CONFIGS / "config.yaml", path], ROOT).checks == "strict"


def test_y25_one_size_is_a_list_of_one(read: Read) -> None:
    assert read(sizes="100").sizes == (100,)


def test_y32_sizes_have_no_order(read: Read) -> None:
    assert read(sizes="[100, 40, 60]") == read(sizes="[40, 60, 100]")


def test_y43_shares_need_not_give_whole_people(read: Read) -> None:
    assert read(sizes="[41]").sizes == (41,)


@pytest.mark.parametrize(("block", "last"), [("3", "000003-000003"), ("9", "000000-000003")])
def test_y46_any_width_of_a_block_is_taken(read: Read, block: str, last: str) -> None:
    assert read(block=block).blocks[-1].name == last


def test_y55_groups_are_in_the_order_of_their_means(read: Read) -> None:
    groups = (
        "\n  - name: school\n    groups:"
        "\n      - {name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}"
        "\n      - {name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}"
    )
    assert read(populations=groups).populations == read().populations


def test_all_problems_are_told_in_the_order_of_the_file(refused: Refused) -> None:
    messages = refused(
        "populations: []\n"
        "sizes: [40, 0]\n"
        "seed: 010\n"
        "biases:\n  - {name: x, kind: rounding, step_cm: -1}\n  - {kind: none}\n"
        "colour: red\n"
        "study: no\n"
    )
    places = [message.split(":")[0].split(";")[0] for message in messages]
    assert places == [
        "replicates",  # what is missing stands nowhere, and comes first
        "estimators",
        "populations",
        "sizes",
        "seed",
        "biases[x].step_cm",
        "biases",
        "unknown key 'colour'",
        "study",
    ]


def test_messages_name_no_class_and_no_module(refused: Refused) -> None:
    text = "\n".join(
        refused(populations="3", biases="[1, {kind: 2}]", estimators="[{name: []}]", seed="{}")
    )
    for word in ("Error", "pydantic", "Item", "dict", "Input should", "Traceback", "NoneType"):
        assert word not in text


def test_a_file_may_lie_in_a_folder_of_any_name(
    write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(seed="-1")
    elsewhere = folder / "my studies 身高"
    elsewhere.mkdir()
    moved = path.rename(elsewhere / "my trial.yaml")
    with pytest.raises(ConfigError) as error:
        load([moved], ROOT)
    assert str(error.value).startswith("my studies 身高/my trial.yaml: seed: ")


def test_the_tolerance_of_shares_is_one_of_rounding() -> None:
    # A thousand shares of 0.001 sum to 1 but for a few units of rounding.
    assert abs(sum([0.001] * 1000) - 1.0) < SHARES_TOLERANCE


def test_a_list_of_numbers_is_known_and_assumed(read: Read) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: none, method: em, shares: [0.4, 0.6], sds: [6, 7]}"
    ).estimators
    assert estimator.model == Model("none", "known", "known", (0.4, 0.6), (6.0, 7.0))


def test_rounds_end_at_the_replicates_unless_they_have_a_cap_of_their_own(read: Read) -> None:
    study = read(replicates="16", traced="1", precision="{mcse: 0.5, min: 4}")
    assert study.precision == Precision(0.5, "rmse", "mean_cm", 4, 16)
    assert (study.replicates, study.rounds) == (16, (4, 8, 16))
    capped = read(replicates="16", traced="1", precision="{mcse: 0.5, min: 4, max: 32}")
    assert (capped.replicates, capped.rounds) == (32, (4, 8, 16, 32))
    # The first blocks are those of a study with fewer rounds.
    assert set(study.blocks) < set(capped.blocks)


def test_no_more_starts_are_kept_than_made(read: Read) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: none, method: em, starts: 1}"
    ).estimators
    assert (estimator.starts, estimator.kept_starts) == (1, 1)


def test_a_closed_form_has_no_settings_of_a_climb(read: Read) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: all, method: closed-form, step_limit: 5}"
    ).estimators
    assert estimator == Estimator("e", Model("all"), "closed-form")


def test_intervals_are_walds_and_out_of_the_json_unless_asked_for(read: Read) -> None:
    plain, boot, few = read(
        estimators="""
  - {name: a, labels: none, method: em}
  - {name: b, labels: none, method: em, interval: bootstrap}
  - {name: c, labels: none, method: em, interval: bootstrap, bootstrap_samples: 50}"""
    ).estimators
    assert (plain.interval, plain.bootstrap_samples) == ("wald", 0)
    assert "interval" not in encode(plain)
    assert "bootstrap_samples" not in encode(plain)
    assert (boot.bootstrap_samples, few.bootstrap_samples) == (BOOTSTRAP_SAMPLES, 50)


def test_a_closed_form_may_have_sandwich_intervals(read: Read) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: all, method: closed-form, interval: sandwich}"
    ).estimators
    assert estimator == Estimator("e", Model("all"), "closed-form", interval="sandwich")


def test_a_selection_without_a_group_is_one_of_all(read: Read) -> None:
    (one, all_) = read(
        biases="\n  - {name: a, kind: selection, log_odds_per_cm: 0.1, group: boys}"
        "\n  - {name: b, kind: selection, log_odds_per_cm: 0.1}"
    ).biases
    assert (one.bias, all_.bias) == (Selection(0.1, "boys"), Selection(0.1))


def test_the_config_as_run_gives_the_study_again(tmp_path: Path) -> None:
    for overlay in ("smoke.yaml", "lesson.yaml"):
        study = load([ROOT / "config/config.yaml", ROOT / "config" / overlay], ROOT)
        again = tmp_path / overlay
        again.write_text(study_yaml(study), encoding="utf-8")
        assert replace(load([again], ROOT), warnings=()) == replace(study, warnings=())
        assert study_yaml(load([again], ROOT)) == study_yaml(study)


def test_every_kind_of_item_is_written_back(read: Read) -> None:
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


def test_sizes_are_a_sorted_list(read: Read) -> None:
    assert plain(read(sizes="[100, 40]"))["sizes"] == [40, 100]
    assert yaml.safe_load(study_yaml(read(sizes="100")))["sizes"] == [100]


def test_the_path_of_a_file_is_the_one_that_was_written(read: Read) -> None:
    study = read(
        populations="\n  - {name: g, file: data/galton_1886_children.csv, height: height_in, "
        "unit: in, group: sex}"
    )
    assert str(ROOT) not in study_yaml(study)


def test_counts_follow_from_the_study() -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    counts = study.counts
    # 2 populations x 4 biases; 9 sizes; 7 estimators; 1000 replicates in 2 blocks.
    assert counts.scenarios == 8
    assert counts.samples == 8 * 1000
    assert counts.fits == 8 * 9 * 7 * 1000
    # Each scenario: draws and fits of 2 blocks, bounds, measures.
    assert counts.jobs == 8 * (2 * (1 + 7) + 2)
    # 9 bytes a person, 40 a parameter; two groups have 7 parameters.
    assert counts.bytes == 8 * 1000 * 10000 * 9 + 8 * 9 * 7 * 1000 * 7 * 40


def test_the_plan_is_one_line() -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    assert plan_line(study).startswith(
        "8 scenarios × 9 sizes × 7 estimators × 1,000 replicates = 504,000 fits in 144 jobs, "
    )


def test_one_is_not_several() -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/lesson.yaml"], ROOT)
    study = replace(study, biases=study.biases[:1], sizes=(200,))
    assert plan_line(study).startswith("1 scenario × 1 size × 4 estimators × ")


def test_scenarios_are_every_population_with_every_bias(read: Read) -> None:
    study = read(biases="\n  - {name: a, kind: none}\n  - {name: b, kind: rounding, step_cm: 1}")
    assert [scenario.slug for scenario in study.scenarios] == ["school.a", "school.b"]
    assert study.scenario("school.b").bias.name == "b"


def test_sketches_take_room_by_their_number_and_not_by_their_sizes() -> None:
    study = load([ROOT / "config/config.yaml"], ROOT)
    large = replace(study, sizes=(100, 10_000, 10**6, 10**8))
    sketched = replace(large, samples="sketch", sketch_from=10_000)
    assert large.people_kept == 10**8
    assert (sketched.kept_sizes, sketched.sketched_sizes) == ((100, 10_000), (10**6, 10**8))
    assert replace(sketched, sizes=(10**8,)).people_kept == 0
    # 9 bytes a person, 12 000 a sketch, 40 a parameter; two groups have 7 parameters.
    rows = 8 * 4 * 7 * 1000 * 7
    assert sketched.counts.bytes == 8 * 1000 * (10_000 * 9 + 2 * 12_000) + rows * 40


def test_intervals_that_take_long_are_in_the_time(read: Read) -> None:
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


SUBJECTS = ("populations", "biases", "estimators")
STATED = "study: heights\ntitle: T\naims: A\nwhy: W\nseed: 1\nreplicates: 4\nsizes: [40]\n"


@pytest.fixture
def files(folder: Path) -> Callable[..., list[Path]]:
    """The default study in its place, and more files after it."""

    def files(*texts: str) -> list[Path]:
        items = "".join(f"{key}: {KEYS[key]}\n" for key in SUBJECTS)
        paths = [Path("config/config.yaml"), *(Path(f"{number}.yaml") for number in "abc")]
        paths[0].parent.mkdir()
        for path, text in zip(paths, (STATED + items, *texts), strict=False):
            path.write_text(text, encoding="utf-8")
        return paths[: 1 + len(texts)]

    return files


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ((), ("T", "A", "W")),
        (("sizes: [50]\n",), ("T", "A", "W")),
        (("study: own\n",), ("", "", "")),
        (("study: own\ntitle: Own\n",), ("Own", "", "")),
        (("study: own\ntitle: Own\n", "sizes: [50]\n"), ("Own", "", "")),
        (("study: own\naims: Own\n", "biases: [{name: none, kind: none}]\n"), ("", "", "")),
        ((f"estimators: {KEYS['estimators']}\n",), ("", "", "")),
    ],
)
def test_words_belong_to_the_file_that_says_them(
    files: Callable[..., list[Path]], texts: tuple[str, ...], words: tuple[str, ...]
) -> None:
    study = load(files(*texts), ROOT)
    assert (study.title, study.aims, study.why) == words


def test_words_of_the_command_line_are_kept(files: Callable[..., list[Path]]) -> None:
    study, _ = load_traced(files("study: own\n"), ROOT, {"title": "Typed"})
    assert (study.title, study.aims) == ("Typed", "")


@pytest.mark.parametrize(
    ("text", "typed", "changed"),
    [
        ("block: 7\nsizes: [41]\n", {}, "other settings (block, sizes):"),
        ("study: heights\nreplicates: 3\n", {}, "other settings (replicates):"),
        ("study: own\nreplicates: 3\n", {}, ""),
        ("study: heights\ntitle: other words\nsampling: stratified\n", {}, ""),
        ("", {"replicates": 3}, "other settings (replicates):"),
    ],
)
def test_a_study_that_takes_the_name_of_the_default_one_is_told(
    files: Callable[..., list[Path]], text: str, typed: dict[str, Any], changed: str
) -> None:
    study, _ = load_traced(files(*[text] if text else []), ROOT, typed)
    found = [one for one in study.warnings if "the name of the default study" in one]
    assert len(found) == bool(changed)
    assert all(changed in one and ("--configfile" in one) == bool(text) for one in found)


def test_the_default_study_as_run_is_the_default_study(files: Callable[..., list[Path]]) -> None:
    (default,) = files()
    Path("run.yaml").write_text(study_yaml(load([default], ROOT)), encoding="utf-8")
    assert load([default, Path("run.yaml")], ROOT) == load([default], ROOT)


def test_a_file_that_breaks_off_is_told_by_its_line(folder: Path) -> None:
    Path("broken.yaml").write_text("study: x\nsizes: [20\nreplicates: 3\n", encoding="utf-8")
    (sentence,) = unreadable("broken.yaml", ROOT)
    assert sentence.startswith("broken.yaml: not valid YAML at line 3, column 11: ")
    with pytest.raises(ConfigError) as by_command:
        load(["broken.yaml"], ROOT)
    assert by_command.value.messages == (sentence,)
    assert unreadable("missing.yaml", ROOT) == ()  # Snakemake has words for that

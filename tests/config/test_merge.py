import math
from collections.abc import Callable
from pathlib import Path

import pytest
from snakemake.cli import parse_config
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

from stature.config.merge import merge, same
from stature.config.study import ConfigError, check, load

ROOT = Path(__file__).parents[2]


def typed(path: Path, *entries: str):
    """What `check` makes of a file and `--config` entries, parsed and merged by Snakemake."""
    config = load_configfile(path)
    update_config(config, parse_config(entries))
    return check(config, [path], ROOT)


def refused_typed(path: Path, *entries: str) -> str:
    with pytest.raises(ConfigError) as error:
        typed(path, *entries)
    return str(error.value)


def test_maps_merge_at_all_depths_as_in_snakemake() -> None:
    one = {"a": {"b": {"c": 1, "d": [1, 2]}}, "e": 1, "f": {"g": 1}}
    other = {"a": {"b": {"d": [3]}}, "e": {"h": 2}, "f": 3}
    theirs = {}
    update_config(theirs, one)
    update_config(theirs, other)
    assert merge([one, other]) == theirs


def test_y33_lists_of_a_later_file_replace_whole(write: Callable[..., Path], folder: Path) -> None:
    overlay = folder / "overlay.yaml"
    overlay.write_text("study: other\nestimators:\n  - {name: em, labels: none, method: em}\n")
    study = load([write(), overlay], ROOT)
    assert [estimator.name for estimator in study.estimators] == ["em"]
    assert [population.name for population in study.populations] == ["school"]


def test_y34_a_file_may_state_only_the_study(write: Callable[..., Path], folder: Path) -> None:
    overlay = folder / "overlay.yaml"
    overlay.write_text("study: other\n")
    study = load([write(), overlay], ROOT)
    assert study.name == "other"
    assert study.sizes == load([write()], ROOT).sizes


def test_problems_name_the_file_that_they_stand_in(
    write: Callable[..., Path], folder: Path
) -> None:
    overlay = folder / "overlay.yaml"
    overlay.write_text("study: other\nsizes: [0]\n")
    with pytest.raises(ConfigError) as error:
        load([write(replicates="0"), overlay], ROOT)
    assert str(error.value).splitlines() == [
        "mine.yaml: replicates: expected a whole number ≥ 1, at most 10^6, got 0",
        "overlay.yaml: sizes: item 1: expected a whole number ≥ 2, at most 10^8, got 0",
    ]


def test_a_key_that_no_file_states_names_them_all(folder: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (folder / name).write_text("study: a\n")
    with pytest.raises(ConfigError) as error:
        load([folder / "one.yaml", folder / "two.yaml"], ROOT)
    assert str(error.value).startswith("one.yaml + two.yaml: seed: missing; expected ")


@pytest.mark.parametrize(
    ("entry", "sizes"),
    [
        pytest.param("sizes=100", (100,), id="Y35-one"),
        pytest.param("sizes=[10,20]", (10, 20), id="Y35-list"),
        pytest.param("sizes=1e3", (1000,), id="Y35-real"),
    ],
)
def test_sizes_may_be_typed(write: Callable[..., Path], entry: str, sizes: tuple[int, ...]) -> None:
    assert typed(write(), entry).sizes == sizes


@pytest.mark.parametrize(
    ("entry", "seed"),
    [pytest.param("seed=007", 7, id="Y35-zeros"), pytest.param("seed=1e3", 1000, id="Y35-1e3")],
)
def test_seeds_may_be_typed(write: Callable[..., Path], entry: str, seed: int) -> None:
    assert typed(write(), entry).seed == seed


def test_y35_a_list_without_brackets_is_told_with_the_right_spelling(
    write: Callable[..., Path],
) -> None:
    assert refused_typed(write(), "sizes=10,20") == (
        "--config: sizes: expected a list of whole numbers ≥ 2, got the text '10,20'; in a file "
        "write [10, 20], on the command line --config 'sizes=[10,20]'"
    )


def test_y36_an_unknown_key_that_is_typed_is_told(write: Callable[..., Path]) -> None:
    assert refused_typed(write(), "sizs=100") == (
        "--config: unknown key 'sizs'; did you mean 'sizes'?"
    )


def test_texts_in_a_file_are_not_taken_for_typed_ones(refused: Callable[..., list[str]]) -> None:
    assert refused(sizes="['10', '20']")[0].endswith("got the text '10': write 10, without quotes")


def test_snakemakes_own_key_is_left_out(write: Callable[..., Path]) -> None:
    path = write()
    config = load_configfile(path) | {"pathvars": {"results": "elsewhere"}}
    assert check(config, [path], ROOT) == load([path], ROOT)


def test_a_config_handed_over_by_a_module_needs_no_file(write: Callable[..., Path]) -> None:
    path = write()
    assert check(load_configfile(path), [], ROOT) == load([path], ROOT)
    seedless = {key: value for key, value in load_configfile(path).items() if key != "seed"}
    with pytest.raises(ConfigError, match=r"^config: seed: missing"):
        check(seedless, [], ROOT)


def test_y16_a_template_is_judged_by_what_it_becomes(write: Callable[..., Path]) -> None:
    template = write().read_text() + "__use_yte__: true\n?if True:\n  traced: 2\n"
    path = write(template)
    assert check(load_configfile(path), [path], ROOT).traced == 2
    with pytest.raises(ConfigError) as error:
        load([path], ROOT)
    assert "mine.yaml: unknown key '__use_yte__'; " in str(error.value)


def test_values_are_the_same_type_by_type() -> None:
    assert same({"a": [1, math.nan]}, {"a": [1, math.nan]})
    assert not same(1, True)
    assert not same(1, 1.0)
    loop: list[object] = []
    loop.append(loop)
    assert not same(loop, [loop])

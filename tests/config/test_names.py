"""Names: those of groups stand in tables and pages and may be of any script, others in paths."""

from typing import Any

import pytest

from stature.config.study import ConfigError, Study, check
from tests.report.conftest import CONFIG, ROOT

GROUPS = CONFIG["populations"][0]["groups"]


def named(*names: str, **more: Any) -> Study:
    groups = [group | {"name": name} for group, name in zip(GROUPS, names, strict=True)]
    return check(CONFIG | {"populations": [{"name": "school", "groups": groups} | more]}, [], ROOT)


@pytest.mark.parametrize(
    "names", [("女生", "男生"), ("Mädchen", "Buben"), ("लड़कियाँ", "लड़के"), ("girls_1", "bois-é")]
)
def test_groups_have_names_of_any_script(names: tuple[str, str]) -> None:
    study = named(*names)
    assert study.populations[0].group_names == names
    assert all(one.slug.isascii() for one in study.scenarios)


@pytest.mark.parametrize(
    "name", ["", "-a", "two words", "女/男", "a.b", "女\u200b", "a\n", "女" * 65]
)
def test_a_name_of_a_group_holds_letters_and_digits(name: str) -> None:
    with pytest.raises(ConfigError, match=r"groups.*name"):
        named(name, "boys")


@pytest.mark.parametrize("key", ["study", "populations", "biases", "estimators"])
def test_names_that_become_paths_stay_plain(key: str) -> None:
    given = "学校" if key == "study" else [CONFIG[key][0] | {"name": "学校"}, *CONFIG[key][1:]]
    with pytest.raises(ConfigError, match="names are folders: use letters, digits, '-' and '_'"):
        check(CONFIG | {key: given}, [], ROOT)


def test_paths_and_levels_with_such_names_become_plain_names_and_columns() -> None:
    study = named("女生", "男生", vary={"groups[女生].share": [0.5, 0.3]})
    assert [one.name for one in study.populations] == ["school-0_5", "school-0_3"]
    assert [one.name for one in study.factors] == ["女生_share"]
    kept = {"name": "one", "kind": "selection", "log_odds_per_cm": 0.1}
    populations = [
        {"name": "school", "groups": [g | {"name": n} for g, n in zip(GROUPS, "女男", strict=True)]}
    ]
    biases = [kept | {"vary": {"group": ["女", "男"]}}]
    of = check(CONFIG | {"populations": populations, "biases": biases}, [], ROOT)
    assert [one.name for one in of.biases] == ["one-u5973", "one-u7537"]

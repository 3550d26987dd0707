"""What to do, by how many people it takes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stature.config.study import load
from stature.domain.observation import Truncated
from stature.measures.needed import Needed
from stature.report import answer, tables

ROOT = Path(__file__).parents[2]
SIZES = {"mle": 60.0, "em": 4000.0, "em-map": 250.0, "em-known-shares": 95.0}

Advise = Callable[..., answer.Advice]


@pytest.fixture
def advise(monkeypatch: pytest.MonkeyPatch) -> Advise:
    """Advice of the default study where estimators need so many people, each with an error."""
    study = load([ROOT / "config/config.yaml"], ROOT)

    def advise(mcse: float = 10.0, **sizes: float) -> answer.Advice:
        bounds = {0.0: ("<", 20.0, None), 1e9: (">", 10000.0, None)}
        rows = [
            Needed("school", "none", "school.none", name, 0.8, *bounds.get(size, ("", size, mcse)))  # type: ignore[arg-type]
            for name, size in (
                SIZES | {key.replace("_", "-"): n for key, n in sizes.items()}
            ).items()
        ]
        monkeypatch.setattr(answer, "needed", lambda _: rows)
        return answer.advice(study, tables.lookup([]))

    return advise


def test_the_title_names_every_way(advise: Advise) -> None:
    assert advise().title == (
        "To find all means within 2 cm in 80 % of the samples takes 60 people with labels, 4,000 "
        "without labels by em, 250 by em-map and 95 if only the shares are known."
    )
    assert advise(mle=0.0, em_map=1e9, em=1e9).title == (
        "To find all means within 2 cm in 80 % of the samples takes fewer than 20 people with "
        "labels, more than 10,000 without labels by em and 95 if only the shares are known."
    )


def test_advice_has_the_numbers_of_the_table(advise: Advise) -> None:
    assert advise().do == (
        "Record who belongs to which group: 60 people with labels do what takes 250 without them, "
        "even by the best estimator here (em-map).",
        "Where labels are lost, find out the shares of the groups: then 95 do.",
        "Where neither is known, say beforehand that shares and SDs are not far apart (em-map): "
        "then 250 do.",
    )


@pytest.mark.parametrize("helps", [True, False])
def test_a_prior_is_advised_where_it_needs_fewer_people(advise: Advise, helps: bool) -> None:
    said = " ".join(advise(em_map=250.0 if helps else 5000.0).do)
    assert "Record who belongs to which group" in said
    assert ("not far apart (em-map): then 250 do." in said) == helps
    assert ("em-map" in said) == helps


def test_nothing_is_advised_that_is_not_shown(advise: Advise) -> None:
    # Errors of differences are 10 sqrt(2) = 14: 20 more people are within two of them, 40 are not.
    near = advise(mle=100.0, em_known_shares=120.0, em_map=120.0, em=120.0)
    assert near.do == ()
    far = advise(mle=80.0, em_known_shares=120.0, em_map=120.0, em=160.0).do
    assert [one.partition(",")[0].partition(":")[0] for one in far] == [
        "Record who belongs to which group",
        "Where neither is known",
    ]


def test_where_nobody_finds_the_means_no_estimator_is_the_best(advise: Advise) -> None:
    first, *_ = advise(em=1e9, em_map=1e9, em_equal_sds=1e9).do
    assert first.endswith("takes more than 10,000 without them, by any estimator here.")


@pytest.mark.parametrize("right", [True, False])
def test_an_estimator_that_allows_for_a_bias_is_named_where_it_does(ran: Any, right: bool) -> None:
    mle = ran.study.estimator("mle")
    own = replace(mle, name="cut", model=replace(mle.model, observation=Truncated(below_cm=160.0)))
    study = replace(ran.study, estimators=(*ran.study.estimators, own))
    rows = [
        replace(row, estimator="cut", value=0.1 if right else 0.9, mcse=0.2)
        for row in ran.measures
        if (row.estimator, row.bias, row.measure) == ("mle", "minimum", "bias")
    ]
    *_, last = answer.advice(study, tables.lookup([*ran.measures, *rows])).do
    assert last.startswith("Find out how people came into the sample, and take an estimator that")
    assert (", here cut: more people do not cure" in last) == right


# RMSE of both means together, over 5, where those of the girls and the boys are as 3 to 4.
ERRORS = {"em": (1, 4, 2), "em-equal-sds": (2, 2, 6), "em-map": (1.5, 3, 3)}


def test_the_estimator_is_advised_that_is_nearest_over_all_populations(tmp_path: Path):
    path = tmp_path / "three.yaml"
    groups = (
        "[{name: girls, share: 0.5, mean_cm: 163, sd_cm: 6}, "
        "{name: boys, share: 0.5, mean_cm: 176, sd_cm: SD}]"
    )
    of = [f"  - {{name: p{sd}, groups: {groups.replace('SD', str(sd))}}}" for sd in (6, 7, 8)]
    names = ["  - {name: mle, labels: all, method: closed-form}"]
    settings = {"em": "", "em-equal-sds": ", sds: equal", "em-map": ", prior: {}"}
    for name, more in settings.items():
        names.append(f"  - {{name: {name}, labels: none, method: em{more}}}")
    text = ["study: three", "sizes: [200]", "biases: [{name: none, kind: none}]"]
    path.write_text("\n".join([*text, "populations:", *of, "estimators:", *names]))
    study = load([ROOT / "config/config.yaml", path], ROOT)
    rows: dict[Any, Any] = {
        (f"p{sd}.none", name, 200, group, "mean_cm", "rmse"): SimpleNamespace(
            measure="rmse", value=part * error, mcse=part * error / 10
        )
        for name, errors in ERRORS.items()
        for sd, error in zip((6, 7, 8), errors, strict=True)
        for group, part in (("girls", 3), ("boys", 4))
    }
    said = answer.advice(study, tables.Lookup(rows, {})).do
    # Over the best, which are 1, 2, 2: em 1, 2, 1, whose mean is the cube root of 2; equal SDs 2,
    # 1, 3; em-map 1.5 everywhere. The error of an RMSE is a tenth of it for each group: together
    # sqrt(3^4 + 4^4) / 250 of the ratio for each of the two that are compared.
    assert 2 * np.sqrt(2 * (3**4 + 4**4)) / 250 == pytest.approx(0.2, abs=0.05)
    assert said[-2:] == (
        "If you do not know which of these populations yours is like, take em: with 200 people its "
        "error of the means is on average 1.26 times that of the best of 3 estimators, which is "
        "not the same one everywhere, and at worst 2.0 (0.2) times (p7.none).",
        "Where that is too much, take em-map: at worst 1.5 times that of the best.",
    )
    fewer = {key: row for key, row in rows.items() if key[0] != "p8.none"}
    assert not [one for one in answer.advice(study, tables.Lookup(fewer, {})).do if "yours" in one]

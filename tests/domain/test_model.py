import numpy as np
import pytest

from stature.domain.model import (
    Model,
    SdsRule,
    SharesRule,
    coordinates,
    estimates_of,
    free_coordinates,
    gradients,
    parameter_rows,
    theta_at,
)
from stature.domain.observation import (
    Exact,
    Grid,
    Heaped,
    MiddleSelected,
    Observation,
    Rounded,
    Selected,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
    log_chance,
    standardised,
)


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
@pytest.mark.parametrize("shares", ["free", "known"])
@pytest.mark.parametrize("sds", ["free", "equal", "known"])
def test_a_model_has_as_many_coordinates_as_free_parameters(
    groups: int, shares: SharesRule, sds: SdsRule
):
    free = free_coordinates(Model("none", shares, sds), groups)
    expected = groups + {"free": groups, "equal": 1, "known": 0}[sds]
    expected += groups - 1 if shares == "free" else 0
    assert free.shape == (3 * groups - 1, expected)
    assert np.linalg.matrix_rank(free) == expected
    # Every free number goes to its own place, and that of equal SDs to all of theirs.
    eta, mu = (np.arange(1.0, groups + at) for at in (0, 1))
    lam = {"free": np.arange(1.0, groups + 1), "equal": np.array([7.0]), "known": np.empty(0)}[sds]
    own = np.concatenate([eta if shares == "free" else [], mu, lam])
    log_sds = np.resize(lam, groups) if lam.size else np.zeros(groups)
    of_all = np.concatenate([eta * (shares == "free"), mu, log_sds])
    assert (free @ own).tolist() == of_all.tolist()


def test_models_have_slugs_of_their_own():
    models = [
        Model(labels, shares, sds, assumed)
        for labels in ("all", "none")
        for shares in ("free", "known")
        for sds in ("free", "equal", "known")
        for assumed in (None, (0.4, 0.6))
        if shares == "known" or assumed is None
    ]
    assert len({model.slug for model in models}) == len(models)
    assert Model("none", "known", assumed_shares=(0.4, 0.6)).slug == "hidden-known-shares-0.4-0.6"


EVERY: list[Observation] = [
    Exact(), Rounded(5.0), Truncated(160.0), Truncated(150.0, 190.0), Selected(0.1, 170.0),
    Tilted(0.05), SizeBiased(), MiddleSelected(170.0, 9.0), Weighted(0.1, 170.0),
    Heaped((Grid(5.0, 0.3), Grid(2.54, 0.1))),
]  # fmt: skip


@pytest.mark.parametrize("observation", EVERY, ids=str)
def test_other_units_change_a_chance_by_a_constant_at_most(observation: Observation):
    x = np.array([155.0, 162.0, 170.0, 189.0, 200.0])
    chance = log_chance(observation, x)
    other = log_chance(standardised(observation, 168.0, 7.0), (x - 168.0) / 7.0)
    there = np.isfinite(chance)
    np.testing.assert_array_equal(np.isfinite(other), there)
    assert np.ptp(chance[there] - other[there]) < 1e-12


def test_a_model_of_plain_heights_keeps_its_name_and_others_have_their_own():
    assert Model("none", sds="equal").slug == "hidden-equal-sds"
    slugs = [Model("none", observation=one).slug for one in EVERY]
    assert len(set(slugs)) == len(slugs)
    assert Model("some", labelled_share=0.1, freedom=4.0).slug == "partly-labelled-0.1-t-4"


def test_gaps_are_named_by_their_lower_group_unless_there_is_one() -> None:
    assert parameter_rows(("a",)) == (("a", "share"), ("a", "mean_cm"), ("a", "sd_cm"))
    for names, gaps in ((("a", "b"), [""]), (("a", "b", "c"), ["a", "b"])):
        rows = parameter_rows(names)
        assert [group for group, name in rows if name == "gap_cm"] == gaps
        assert len(rows) == 4 * len(names) - 1


def test_a_plain_model_is_of_normal_groups_exact_heights_and_all_labels_or_none() -> None:
    assert all(Model(labels, "known", "equal").is_plain for labels in ("all", "none"))
    others = (
        *(Model(labels) for labels in ("some", "recorded")),
        *(Model("none", observation=one) for one in EVERY[1:]),
        Model("all", freedom=5.0),
        Model("all", unlabelled="ignored"),
    )
    assert not any(model.is_plain for model in others)


THETAS = [
    np.array([1.0, 170.0, 6.0]),
    np.array([0.3, 0.7, 163.0, 176.0, 6.5, 7.0]),
    np.array([0.2, 0.5, 0.3, 150.0, 163.0, 176.0, 5.0, 6.5, 7.0]),
]


def test_estimates_stand_in_the_order_of_the_tables():
    names = [parameter for _, parameter in parameter_rows(("girls", "boys"))]
    values = dict(zip(names[3:], estimates_of(THETAS[1])[3:], strict=True))
    assert values == {"share": 0.7, "mean_cm": 176.0, "sd_cm": 7.0, "gap_cm": 13.0}


@pytest.mark.parametrize("theta", THETAS, ids=["1", "2", "3"])
def test_coordinates_lead_there_and_back_and_gradients_are_the_slopes(theta: np.ndarray):
    u, step = coordinates(theta), 1e-5
    np.testing.assert_allclose(theta_at(u), theta, rtol=1e-14)
    differences = [
        (estimates_of(theta_at(u + step * e)) - estimates_of(theta_at(u - step * e))) / (2 * step)
        for e in np.eye(len(u))
    ]
    # Central differences: step^2 = 1e-10 of truncation, 1e-16 x 176 / 1e-5 = 2e-9 of rounding.
    np.testing.assert_allclose(gradients(theta), np.transpose(differences), rtol=0, atol=2e-8)
    # The same of many at once.
    many = np.stack([theta, 2 * theta])
    np.testing.assert_array_equal(gradients(many)[0], gradients(theta))
    np.testing.assert_array_equal(estimates_of(many)[1], 2 * estimates_of(theta))
    np.testing.assert_array_equal(coordinates(many)[0], u)

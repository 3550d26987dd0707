from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, t

from stature.arrays import Floats, Ints
from stature.domain.model import Model
from stature.domain.observation import (
    Grid,
    Heaped,
    MiddleSelected,
    Observation,
    SizeBiased,
    Tilted,
    Truncated,
    Weighted,
)
from stature.estimators.estimator import Estimator, FitSpec, Status
from stature.estimators.fit import spec_of_one
from stature.estimators.general.solve import People, Solution, solve, solve_cells
from stature.estimators.plain.starts import starts
from stature.theory.likelihood import HIDDEN
from tests.estimators.laws import KEY, samples

FILE = Path(__file__).parents[3] / "data/macdonell_1902_heights_binned.csv"
LOWER_IN, UPPER_IN, COUNT = np.loadtxt(FILE, delimiter=",", skiprows=1).T
ONE = starts(np.full((1, 1, 3), 0.5), None, 1)[0]
TWO = starts(np.random.default_rng(3).random((1, 6, 6)), None, 2)[0]


def newton(
    model: Model,
    groups: int = 2,
    shares: tuple[float, ...] | None = None,
    sds_cm: tuple[float, ...] | None = None,
    penalty: float = 0.0,
) -> FitSpec:
    """Newton from six starts, with what it takes as known."""
    estimator = Estimator("one", model, "newton", 6, 5, 3, tolerance=1e-12, penalty=penalty)
    return spec_of_one(estimator, ("a", "b")[:groups], KEY, shares, sds_cm)


def solution_of(
    model: Model | FitSpec, heights_cm: Floats, group: Ints | None = None, starts: Floats = TWO
) -> Solution:
    """A solution for two groups, without labels unless they are given."""
    labels = np.full(len(heights_cm), HIDDEN) if group is None else group
    spec = newton(model) if isinstance(model, Model) else model
    return solve(People(heights_cm, np.ones(len(heights_cm)), labels), spec, starts)


@pytest.mark.parametrize(
    ("lowest", "mean_cm", "mean_se", "sd_cm", "sd_se", "value"),
    [
        (55.5625, 166.4601802841, 0.1185938777, 6.4541371463, 0.0843925104, -7073.7111705298),
        (-np.inf, 166.4601154052, 0.1186242394, 6.4557281504, 0.0844536899, -7073.3071724916),
    ],
)
def test_macdonells_men_in_their_cells(
    lowest: float, mean_cm: float, mean_se: float, sd_cm: float, sd_se: float, value: float
):
    # Computed for this project at 40 digits.
    lower_cm, upper_cm = 2.54 * LOWER_IN, 2.54 * UPPER_IN
    lower_cm[0] = 2.54 * lowest
    upper_cm[-1] = upper_cm[-1] if np.isfinite(lowest) else np.inf
    solution = solve_cells((lower_cm, upper_cm, COUNT), newton(Model("none"), 1), ONE)
    assert solution.status == Status.CONVERGED
    np.testing.assert_allclose(solution.theta, [1.0, mean_cm, sd_cm], rtol=1e-11)
    np.testing.assert_allclose(
        np.sqrt(np.diag(solution.observed)) * [1.0, sd_cm], [mean_se, sd_se], rtol=1e-8
    )
    np.testing.assert_allclose(solution.log_likelihood, value, rtol=1e-13)


@pytest.mark.parametrize(
    ("first", "truncated", "value", "tall", "true"),
    [
        (7, (166.182526, 0.219464, 6.629016, 0.156154), -5570.512055,
         (165.952731, 0.168198), (166.346391, 0.153938)),
        (9, (165.957298, 0.554884, 6.713819, 0.273443), -3539.990353,
         (165.684366, 0.243032), (166.421639, 0.220375)),
        (10, (165.182518, 1.090106, 6.980664, 0.420351), -2472.981281,
         (165.478035, 0.314774), (166.424027, 0.284369)),
        (11, (162.314377, 2.821015, 7.763674, 0.799961), -1554.697658,
         (165.235350, 0.430184), (166.410395, 0.387407)),
    ],
)  # fmt: skip
def test_macdonells_men_cut_from_below(
    first: int,
    truncated: tuple[float, ...],
    value: float,
    tall: tuple[float, float],
    true: tuple[float, float],
):
    # Computed for this project; an SD of 6.86 cm is what historians of armies assumed.
    cells = (2.54 * LOWER_IN[first:], 2.54 * UPPER_IN[first:], COUNT[first:])
    cut = Truncated(below_cm=2.54 * LOWER_IN[first])
    solution = solve_cells(cells, newton(Model("none"), 1), ONE, cut)
    errors = np.sqrt(np.diag(solution.observed)) * [1.0, solution.theta[2]]
    got = (solution.theta[1], errors[0], solution.theta[2], errors[1])
    np.testing.assert_allclose(got, truncated, atol=2e-6)
    np.testing.assert_allclose(solution.log_likelihood, value, atol=1e-6)
    for sd_cm, expected in ((6.86, tall), (2.5410 * 2.54, true)):
        known = newton(Model("none", sds="known"), 1, None, (sd_cm,))
        solution = solve_cells(cells, known, ONE, cut)
        error = np.sqrt(solution.observed[0, 0])
        np.testing.assert_allclose((solution.theta[1], error), expected, atol=2e-6)


def test_a_sample_more_spread_than_an_exponential_has_no_maximum():
    # Below a cut there is a maximum if and only if the SD of x - a is less than its mean.
    for power, status in ((1.5, Status.NO_MAXIMUM), (0.7, Status.CONVERGED)):
        quantiles = -np.log(1 - (np.arange(200) + 0.5) / 200)
        spec = newton(Model("none", observation=Truncated(160.0)), 1)
        heights_cm = 160.0 + 5.0 * quantiles**power
        assert solution_of(spec, heights_cm, starts=ONE).status == status


@pytest.mark.parametrize("groups_seen", [False, True])
def test_the_tilt_is_the_naive_fit_mapped_back(groups_seen: bool):
    people = samples(1, 1500, 20.0)
    heights_cm = people.heights_cm[0]
    group = people.group_index[0].astype(np.int64) if groups_seen else None
    naive = solution_of(Model("none"), heights_cm, group).theta
    slope = 0.02
    shares, means, sds = np.split(naive, 3)
    means = means - slope * sds**2  # mu = mu* - c v*
    chance = np.exp(slope * means + (slope * sds) ** 2 / 2)
    back = np.concatenate([shares / chance / (shares / chance).sum(), means, sds])
    solution = solution_of(Model("none", observation=Tilted(slope)), heights_cm, group).theta
    np.testing.assert_allclose(solution, back, rtol=1e-9)


def test_selection_of_the_middle_is_the_naive_fit_mapped_back():
    heights_cm = samples(1, 1500, 20.0).heights_cm[0]
    _, means, sds = np.split(solution_of(Model("none"), heights_cm).theta, 3)
    observation = MiddleSelected(172.0, 25.0)
    v = 1 / (1 / sds**2 - 1 / 25.0**2)
    expected = np.concatenate([v * (means / sds**2 - 172.0 / 25.0**2), np.sqrt(v)])
    solution = solution_of(Model("none", observation=observation), heights_cm).theta
    np.testing.assert_allclose(solution[2:], expected, rtol=1e-9)


@pytest.mark.parametrize("observation", [Weighted(0.0, 170.0), Truncated(0.0, 900.0)], ids=str)
def test_a_chance_that_is_the_same_for_all_gives_the_ordinary_fit(observation: Observation):
    heights_cm = samples(1, 700, 20.0).heights_cm[0]
    plain, other = (
        solution_of(model, heights_cm)
        for model in (Model("none"), Model("none", observation=observation))
    )
    np.testing.assert_allclose(other.theta, plain.theta, rtol=1e-9)
    np.testing.assert_allclose(other.sandwich, plain.sandwich, rtol=1e-8)


def test_a_small_penalty_is_none_and_a_large_one_draws_the_sds_together():
    heights_cm = samples(1, 700, 20.0).heights_cm[0]
    ratios = []
    for penalty in (0.0, 1e-9, 1e4):
        solution = solution_of(newton(Model("none"), penalty=penalty), heights_cm)
        assert solution.status == Status.CONVERGED
        ratios.append(solution.theta[5] / solution.theta[4])
    assert abs(ratios[0] - ratios[1]) < 1e-8
    assert abs(ratios[2] - 1) < abs(ratios[0] - 1)


@pytest.mark.parametrize(
    "model",
    [
        Model("none", sds="known", freedom=4.0),
        Model("all", sds="known", freedom=2.5),
        Model("none", shares="known", sds="known", observation=Truncated(160.0)),
        Model("some", sds="known", labelled_share=0.5),
    ],
    ids=str,
)
def test_a_known_sd_is_reported_as_it_was_given(model: Model):
    heights_cm, group = two_groups()
    labels = {"all": group, "none": np.full_like(group, HIDDEN)}.get(model.labels)
    labels = np.where(np.arange(len(group)) % 2, HIDDEN, group) if labels is None else labels
    there = heights_cm > 160.0
    shares = (0.4, 0.6) if model.shares == "known" else None
    # Given in numbers that no unit leaves as they are.
    sds_cm = 6.1, 7.3
    solution = solution_of(newton(model, 2, shares, sds_cm), heights_cm[there], labels[there])
    assert solution.status == Status.CONVERGED
    assert tuple(solution.theta[4:]) == sds_cm


@pytest.mark.parametrize("freedom", [2.1, 4.0, 30.0])
def test_a_known_sd_of_students_distribution_is_its_sd_and_not_its_scale(freedom: float):
    heights_cm, group = two_groups()
    model = Model("all", sds="known", freedom=freedom)
    solution = solution_of(newton(model, 2, None, (6.1, 7.3)), heights_cm, group)
    for k, sd_cm in enumerate((6.1, 7.3)):
        away = heights_cm[group == k] - solution.theta[2 + k]
        square = freedom * (sd_cm / float(t.std(freedom))) ** 2
        # The likelihood equation of a mean is that of people with weights that fall with distance.
        weight = 1.0 / (square + away**2)
        assert abs(weight @ away) < 1e-9 * (weight @ np.abs(away))


def two_groups() -> tuple[Floats, Ints]:
    """Two hundred people of each of two groups, at the quantiles of their normals."""
    z = norm.ppf((np.arange(200) + 0.5) / 200.0)
    return np.concatenate([163.0 + 6.5 * z, 176.0 + 7.0 * z]), np.repeat([0, 1], 200)


def test_size_bias_lowers_the_estimated_mean():
    heights_cm = samples(1, 700, 20.0).heights_cm[0]
    plain = solution_of(Model("none"), heights_cm).theta
    shifted = solution_of(Model("none", observation=SizeBiased()), heights_cm).theta
    # E x = mu + v / mu
    np.testing.assert_allclose(plain[2:4] - shifted[2:4], plain[4:] ** 2 / plain[2:4], rtol=0.02)


@pytest.mark.parametrize("labels", [True, False])
def test_modelled_heaps_mend_the_sds_that_they_widen(labels: bool):
    # Half the people round to 10 cm: ignored, that adds some .5 * 100 / 12 to a variance of 30.
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1], 4000)
    x = np.array([160.0, 185.0])[group] + 5.5 * rng.standard_normal(8000)
    x = np.where(rng.random(8000) < 0.5, np.rint(x / 10.0) * 10.0, x)
    seen = group if labels else np.full(8000, HIDDEN)
    people = People(x, np.ones(8000), seen)

    def fitted(model: Model) -> np.ndarray:
        found = solve(people, newton(model), TWO)
        assert found.status == Status.CONVERGED
        return np.concatenate([found.theta, np.sqrt(np.diag(found.observed))])

    heaped = fitted(Model("all" if labels else "none", observation=Heaped((Grid(10.0, 0.5),))))
    naive = fitted(Model("all" if labels else "none"))
    # 4 standard errors of an SD, which are those of its logarithm times the SD.
    errors = 4 * heaped[-2:] * 5.5
    assert (np.abs(heaped[4:6] - 5.5) < errors).all()
    assert (naive[4:6] - 5.5 > 2 * errors / 4).all()

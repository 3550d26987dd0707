import numpy as np
import pytest
from scipy.stats import norm

from stature.domain.model import Model
from stature.domain.observation import Grid, Heaped
from stature.estimators.estimator import Estimator, Status
from stature.estimators.fit import spec_of_one
from stature.estimators.general.solve import People, solve
from stature.estimators.plain.starts import starts
from stature.theory.likelihood import HIDDEN, Rows, likelihood
from stature.theory.terms import heaps_of, of_cells, of_heaps

SEEN = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
X = np.array([165.0, 162.5, 161.0, 170.0, 177.5, 181.3])
MEANS, SDS = np.array([163.0, 176.0]), np.array([6.5, 7.0])
# eta, mu, lambda of shares .4 and .6.
U = np.concatenate([[np.log(0.4 / 0.6)], MEANS, np.log(SDS)])
TWO = starts(np.random.default_rng(3).random((1, 6, 6)), None, 2)[0]


def rows(x: np.ndarray, seen: Heaped) -> Rows:
    one = np.ones(len(x))
    hidden = np.full(len(x), HIDDEN)
    return Rows(x, x, one, one, hidden, one > 0, heaps=heaps_of(seen, x, 1.0))


def test_a_height_on_a_grid_is_the_sum_of_its_cells():
    # 165: a cell of 5 cm of three tenths and one of 2.5 of two; 162.5 one of 2.5; 161 is exact.
    def mass(low: float, high: float) -> np.ndarray:
        return norm.cdf((high - MEANS) / SDS) - norm.cdf((low - MEANS) / SDS)

    found = np.exp(of_heaps(X[:2], heaps_of(SEEN, X[:2], 1.0), MEANS, SDS).log_mass)
    both = 0.3 * mass(162.5, 167.5) + 0.2 * mass(163.75, 166.25)
    np.testing.assert_allclose(found, [both, 0.2 * mass(161.25, 163.75)], rtol=1e-12)
    value = likelihood(U, rows(X[:3], SEEN)).value
    share = np.array([0.4, 0.6])
    exact = share @ (norm.pdf((161.0 - MEANS) / SDS) / SDS)
    expected = np.log(share @ both) + np.log(share @ found[1]) + np.log(exact)
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_one_grid_of_everybody_is_rounding():
    heaps = heaps_of(Heaped((Grid(2.5, 1.0),)), X[:2], 1.0)
    one, other = (
        of_heaps(X[:2], heaps, MEANS, SDS),
        of_cells(X[:2] - 1.25, X[:2] + 1.25, MEANS, SDS),
    )
    for part, expected in zip(one, other, strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-12)


def test_score_and_information_are_differences_of_the_likelihood():
    seen = rows(X, SEEN)
    at, step = likelihood(U, seen), 1e-3
    weights = np.array([1.0, -8.0, 8.0, -1.0]) / (12 * step)
    for i in range(5):
        moved = [U + k * step * np.eye(5)[i] for k in (-2, -1, 1, 2)]
        value = sum(w * likelihood(u, seen).value for w, u in zip(weights, moved, strict=True))
        score = sum(w * likelihood(u, seen).score for w, u in zip(weights, moved, strict=True))
        np.testing.assert_allclose(at.score[i], value, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(at.information[i], -score, rtol=1e-7, atol=1e-8)


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
        estimator = Estimator("one", model, "newton", 4, 5, 2, tolerance=1e-12)
        found = solve(people, spec_of_one(estimator, ("a", "b"), "0" * 32), TWO[:4])
        assert found.status == Status.CONVERGED
        return np.concatenate([found.theta, np.sqrt(np.diag(found.observed))])

    heaped = fitted(Model("all" if labels else "none", observation=Heaped((Grid(10.0, 0.5),))))
    naive = fitted(Model("all" if labels else "none"))
    # 4 standard errors of an SD, which are those of its logarithm times the SD.
    errors = 4 * heaped[-2:] * 5.5
    assert (np.abs(heaped[4:6] - 5.5) < errors).all()
    assert (naive[4:6] - 5.5 > 2 * errors / 4).all()

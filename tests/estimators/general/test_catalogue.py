"""Laws of every estimator of the catalogue: a new one is tested by being listed."""

from dataclasses import replace

import numpy as np
import pytest

from stature.design.samples import Samples
from stature.domain.observation import Exact, Heaped, standardised
from stature.estimators.catalogue import CATALOGUE as PLAIN
from stature.estimators.catalogue import GENERAL as CATALOGUE
from stature.estimators.estimator import Estimator, SeStatus, Status
from stature.estimators.fit import fit_block, fit_heights, spec_of_one
from stature.estimators.general.em_steps import m_step
from stature.estimators.general.objective import (
    Objective,
    coordinates_of,
    evaluate,
    within_ratio,
)
from stature.estimators.general.optimise import maximise, trimmed_at
from stature.estimators.general.standardise import people_of, standardise
from stature.estimators.refusals import why_refused
from tests.estimators.laws import (
    KEY,
    NAMES,
    SDS_CM,
    SHARES,
    fit,
    moved,
    samples,
    spec_of,
    twice,
)

EVERYBODY = samples(2, 1000)
ALL = sorted(CATALOGUE)
IN_ANY_ORDER = [name for name in ALL if CATALOGUE[name].model.labels != "some"]


def people_for(name: str, everybody: Samples = EVERYBODY) -> Samples:
    """Everybody; some of them round their heights, where the estimator believes that."""
    if not isinstance(CATALOGUE[name].model.observation, Heaped):
        return everybody
    turn = np.arange(everybody.heights_cm.shape[1]) % 10
    heights_cm = everybody.heights_cm
    for step_cm, whose in ((5.0, turn < 3), (2.5, (turn == 3) | (turn == 4))):
        heights_cm = np.where(whose, np.rint(heights_cm / step_cm) * step_cm, heights_cm)
    return replace(everybody, heights_cm=heights_cm)


def in_other_units(estimator: Estimator, scale: float, shift_cm: float) -> Estimator:
    """What it would be told if heights were ``scale x + shift``."""
    model = estimator.model
    seen = standardised(model.observation, -shift_cm / scale, 1.0 / scale)
    return replace(estimator, model=replace(model, observation=seen))


@pytest.mark.parametrize("name", ALL)
def test_every_fit_is_a_row_with_a_status(name: str):
    fits = fit(CATALOGUE[name], people_for(name), 2, 3, 20, 1000)
    assert fits.estimate.shape == (2, 4, 7)
    assert set(np.unique(fits.status)) <= set(map(int, Status))
    assert set(np.unique(fits.se_status)) <= set(map(int, SeStatus))
    assert (fits.status[:, -1] == Status.CONVERGED).all()
    assert np.isfinite(fits.estimate[:, -1]).all()
    if CATALOGUE[name].method == "newton":
        errors = SeStatus.NONE if CATALOGUE[name].trimmed else SeStatus.OK
        assert (fits.se_status[:, -1] == errors).all()
        assert (fits.decrement[:, -1] < 1e-12).all()
    assert (fits.at_constraint is not None) == bool(CATALOGUE[name].sd_ratio)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("heights_cm", "expected"),
    [([170.0], Status.TOO_FEW), ([170.0] * 40, Status.DEGENERATE), ([170.0, np.nan], None)],
)
def test_data_that_tell_nothing_end_with_a_status(
    name: str, heights_cm: list[float], expected: Status | None
):
    model = CATALOGUE[name].model
    told = SHARES if model.shares == "known" else None, SDS_CM if model.sds == "known" else None
    labels = (np.arange(len(heights_cm)) % 2).astype(np.int8)
    people = spec_of_one(CATALOGUE[name], NAMES, KEY, *told), np.array(heights_cm), labels
    if expected is None:
        with pytest.raises(ValueError, match="heights_cm must be finite"):
            fit_heights(*people)
        return
    fits = fit_heights(*people)
    assert fits.status[0, 0] == expected
    assert fits.se_status[0, 0] != SeStatus.OK


def keeps_its_unit(estimator: Estimator) -> bool:
    """Whether it stops where a log-likelihood per cm, relative to its size, says so."""
    return estimator.stop is not None and estimator.stop.gain == "relative"


@pytest.mark.parametrize("name", [n for n in ALL if not keeps_its_unit(CATALOGUE[n])])
def test_shifting_and_scaling_people_shifts_and_scales_estimates(name: str):
    people = people_for(name)
    fits = fit(CATALOGUE[name], people)
    told = in_other_units(CATALOGUE[name], 2.0, -100.0)
    other = fit(told, moved(people, 2.0, -100.0), sds_cm=(2 * SDS_CM[0], 2 * SDS_CM[1]))
    np.testing.assert_allclose(other.estimate[..., [0, 3]], fits.estimate[..., [0, 3]], rtol=1e-8)
    means = 2 * fits.estimate[..., [1, 4]] - 100
    np.testing.assert_allclose(other.estimate[..., [1, 4]], means, rtol=1e-8)
    rows = [2, 5, 6]
    np.testing.assert_allclose(other.estimate[..., rows], 2 * fits.estimate[..., rows], rtol=1e-8)
    np.testing.assert_allclose(other.std_error[..., rows], 2 * fits.std_error[..., rows], rtol=1e-6)
    # Densities are per cm, of everybody who counts; cells have probabilities.
    of_cells = name.endswith("rounded")
    counted = np.full(2, 0.0 if of_cells else 1000.0)
    if CATALOGUE[name].model.unlabelled == "ignored":
        counted[:] = 100
    if CATALOGUE[name].trimmed:
        counted[:] = 950
    if name.endswith("heaped"):
        counted[:] = 500
    if name.endswith(("truncated", "restricted")):
        counted = (people.heights_cm >= 160.0).sum(axis=1)
    expected = fits.log_likelihood - (counted * np.log(2))[:, None]
    np.testing.assert_allclose(other.log_likelihood, expected, rtol=1e-10)


@pytest.mark.parametrize("name", IN_ANY_ORDER)
def test_the_order_of_people_does_not_matter(name: str):
    people = people_for(name)
    backwards = replace(
        people, heights_cm=people.heights_cm[:, ::-1], group_index=people.group_index[:, ::-1]
    )
    fits, other = fit(CATALOGUE[name], people), fit(CATALOGUE[name], backwards)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-8)


@pytest.mark.parametrize("name", [n for n in ALL if CATALOGUE[n].variances == "likelihood"])
def test_everybody_twice_gives_the_same_estimates_and_twice_the_information(name: str):
    estimator, people = CATALOGUE[name], people_for(name)
    fits = fit(estimator, people)
    # What is weighed against the likelihood, or compared with its rise, is so of twice as much.
    told = replace(
        estimator,
        penalty=2 * np.sqrt(2) * estimator.penalty,  # it is divided by the root of n
        share_penalty=2 * estimator.share_penalty,
    )
    if estimator.stop is not None and estimator.stop.gain == "total":
        told = replace(told, stop=replace(estimator.stop, below=2 * estimator.stop.below))
    other = fit(told, twice(people))
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-8)
    np.testing.assert_allclose(other.log_likelihood, 2 * fits.log_likelihood, rtol=1e-10)
    for error in ("std_error", "robust_std_error"):
        expected = getattr(fits, error) / np.sqrt(2)
        np.testing.assert_allclose(getattr(other, error), expected, rtol=1e-6)


@pytest.mark.parametrize("name", IN_ANY_ORDER)
def test_a_sketch_gives_what_its_people_give(name: str):
    # A group of up to 400 distinct heights is fitted as it is, a larger one through its nodes.
    people = people_for(name)
    few = replace(people, heights_cm=np.round(people.heights_cm, 1))
    shaken = replace(few, heights_cm=few.heights_cm + 1e-9 * np.arange(1000) / 1000)
    fits, other = fit(CATALOGUE[name], few), fit(CATALOGUE[name], shaken)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-7)


def objective_of(name: str, size: int = 400) -> tuple[Objective, np.ndarray]:
    """What an estimator maximises of the first people, and where it begins."""
    estimator = (PLAIN | CATALOGUE)[name]
    model = estimator.model
    people = samples(1, size) if name in PLAIN else people_for(name, samples(1, size))
    sample = standardise(people_of(people, 0, size, model), model, "random", np.inf)
    shares = np.array(SHARES) if model.shares == "known" else None
    sds = np.array(SDS_CM) / sample.scale_cm if model.sds == "known" else None
    objective = Objective(sample.rows, estimator, 2, shares, sds)
    start = coordinates_of(np.array([0.45, 0.55, -0.8, 0.8, 0.4, 0.7]), objective)
    return objective, within_ratio(start, estimator.sd_ratio)


def goes_by_steps(estimator: Estimator) -> bool:
    """Whether EM has its step in closed form: heights of normal groups."""
    return isinstance(estimator.model.observation, Exact) and not estimator.model.freedom


@pytest.mark.parametrize(
    "name", [name for name in sorted(PLAIN | CATALOGUE) if goes_by_steps((PLAIN | CATALOGUE)[name])]
)
def test_em_never_lowers_the_likelihood(name: str):
    everybody, u = objective_of(name)
    before = -np.inf
    for _ in range(25):
        objective = trimmed_at(u, everybody) if everybody.estimator.trimmed else everybody
        at = evaluate(u, objective)
        assert at.value >= before - 1e-10 * abs(at.value)
        u, before = m_step(at.posterior, u, objective), at.value


@pytest.mark.parametrize("name", [name for name in ALL if CATALOGUE[name].method == "newton"])
def test_newton_never_lowers_the_likelihood(name: str):
    objective, u = objective_of(name)
    values = [evaluate(u, objective).value]
    values += [maximise(u, objective, 3, steps, 1e-12).at.value for steps in range(1, 12)]
    assert (np.diff(values) >= -1e-10 * abs(values[-1])).all()


@pytest.mark.parametrize("name", [name for name in ALL if not why_refused(CATALOGUE[name], 3)])
def test_three_groups_are_found(name: str):
    rng = np.random.default_rng(4)
    which = rng.integers(0, 3, (1, 1500)).astype(np.int8)
    centres_cm, names = np.array([175.0, 200.0, 225.0]), ("a", "b", "c")
    three = Samples(
        np.zeros(1, np.int32), centres_cm[which] + 5 * rng.standard_normal((1, 1500)), which, names
    )
    estimator = CATALOGUE[name]
    spec = replace(
        spec_of(estimator, (1500,), 1),
        group_names=names,
        known_shares=(1 / 3,) * 3 if estimator.model.shares == "known" else None,
        known_sds_cm=(5.0,) * 3 if estimator.model.sds == "known" else None,
    )
    fits, _ = fit_block(spec, people_for(name, three))
    assert fits.estimate.shape == (1, 1, 11)
    assert fits.status[0, 0] == Status.CONVERGED
    means, sds = fits.estimate[0, 0, [1, 4, 7]], fits.estimate[0, 0, [2, 5, 8]]
    # Nobody was selected: who believes it finds means lower by .05 * 25 at most, in cm. With a
    # tenth of the labels alone 50 people have a standard error of .7.
    assert (np.abs(means - centres_cm) < 3.0).all()
    assert (np.abs(sds - 5.0) < 2.0).all()

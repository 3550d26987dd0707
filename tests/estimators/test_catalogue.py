"""Laws of every estimator of the catalogue: a new one is tested by being listed."""

from dataclasses import replace

import numpy as np
import pytest

from stature.arrays import Floats
from stature.design.samples import Samples
from stature.domain.observation import Exact, Heaped, Weighted, standardised
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator, SeStatus, Status, why_refused
from stature.estimators.fit import fit_block, fit_heights, spec_of_one
from stature.estimators.general.objective import Objective, coordinates_of, within_ratio
from stature.estimators.general.optimise import m_step, maximise, trimmed_at
from stature.estimators.general.standardise import people_of, standardise
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
ESTIMATORS = CATALOGUE | GENERAL
ALL = sorted(ESTIMATORS)
PAIR = samples(2, 250)
HARDLY_LABELLED = replace(
    PAIR, labels=np.where(np.arange(250) % 20 == 0, PAIR.group_index, -1).astype(np.int8)
)
IN_ANY_ORDER = [name for name in ALL if ESTIMATORS[name].model.labels != "some"]


def exactness(name: str) -> float:
    """How far estimates may move, relative, where they should not."""
    if ESTIMATORS[name].estimate == "posterior":
        return 1e-6  # draws are made about maxima, which have a digit or two less
    return 1e-9 if name in CATALOGUE else 1e-8


def people_for(name: str, everybody: Samples = EVERYBODY) -> Samples:
    """Everybody; some of them round their heights, where the estimator believes that."""
    if not isinstance(ESTIMATORS[name].model.observation, Heaped):
        return everybody
    turn = np.arange(everybody.heights_cm.shape[1]) % 10
    heights_cm = everybody.heights_cm
    for step_cm, whose in ((5.0, turn < 3), (2.5, (turn == 3) | (turn == 4))):
        heights_cm = np.where(whose, np.rint(heights_cm / step_cm) * step_cm, heights_cm)
    return replace(everybody, heights_cm=heights_cm)


def in_other_units(estimator: Estimator, scale: float, shift_cm: float) -> Estimator:
    """Its settings if heights were ``scale x + shift``."""
    model = estimator.model
    observation = standardised(model.observation, -shift_cm / scale, 1.0 / scale)
    return replace(estimator, model=replace(model, observation=observation))


def known(name: str, groups: int = 2) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """Shares and SDs that an estimator takes as known."""
    model = ESTIMATORS[name].model
    shares, sds = (SHARES, SDS_CM) if groups == 2 else ((1 / groups,) * groups, (5.0,) * groups)
    return shares if model.shares == "known" else None, sds if ESTIMATORS[name].takes_sds else None


def test_estimators_differ_in_more_than_their_name():
    assert not CATALOGUE.keys() & GENERAL.keys()
    described = {(one.model, one.method, one.prior) for one in CATALOGUE.values()}
    assert len(described) == len(CATALOGUE) == 9
    assert len(GENERAL) == 29 + 8  # lines, and rules of popular programs


@pytest.mark.parametrize("name", ALL)
def test_every_fit_is_a_row_with_a_status_and_stands_at_a_maximum(name: str):
    estimator = ESTIMATORS[name]
    fits = fit(estimator, people_for(name), 2, 3, 20, 500, 1000)
    assert fits.estimate.shape == (2, 5, 7)
    assert set(np.unique(fits.status)) <= set(map(int, Status))
    assert set(np.unique(fits.se_status)) <= set(map(int, SeStatus))
    assert (fits.status[:, -1] == Status.CONVERGED).all()
    assert np.isfinite(fits.estimate[:, -1]).all()
    if estimator.ends_at_maximum or estimator.trimmed:
        errors = SeStatus.NONE if estimator.trimmed else SeStatus.OK
        assert (fits.se_status[:, -1] == errors).all()
        assert (fits.decrement[:, -1] < 1e-12).all()
    if name in CATALOGUE:
        assert (fits.decrement[:, 3] < 1e-12).all()
    assert (fits.at_constraint is not None) == bool(estimator.sd_ratio)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("heights_cm", "expected"),
    [
        ([170.0], Status.TOO_FEW),
        ([170.0, 171.0, 172.0], Status.TOO_FEW),
        ([170.0] * 40, Status.DEGENERATE),
    ],
)
def test_data_that_tell_nothing_end_with_a_status(
    name: str, heights_cm: list[float], expected: Status
):
    labels = (np.arange(len(heights_cm)) % 2).astype(np.int8)
    spec = spec_of_one(ESTIMATORS[name], NAMES, KEY, *known(name))
    fits = fit_heights(spec, np.array(heights_cm), labels)
    assert fits.status[0, 0] == expected
    assert fits.se_status[0, 0] != SeStatus.OK


@pytest.mark.parametrize("name", ALL)
def test_a_height_that_is_not_a_number_is_wrong_use(name: str):
    spec = spec_of_one(ESTIMATORS[name], NAMES, KEY, *known(name))
    with pytest.raises(ValueError, match="heights_cm must be finite"):
        fit_heights(spec, np.array([170.0, np.nan]), np.zeros(2, np.int8))


def keeps_its_unit(estimator: Estimator) -> bool:
    """Whether it stops where a log-likelihood per cm, relative to its size, says so."""
    return estimator.stop is not None and estimator.stop.gain == "relative"


def counted(name: str, people: Samples) -> Floats:
    """How many densities, per cm, the log-likelihood of each sample is made of."""
    if name.endswith(("truncated", "restricted")):
        return (people.heights_cm >= 160.0).sum(axis=1).astype(np.float64)
    if name.endswith("rounded"):  # cells have probabilities
        return np.zeros(2)
    few = {"heaped": 500.0, "labelled-only": 100.0, "trimmed": 950.0}
    return np.full(2, few.get("heaped" if name.endswith("heaped") else name, 1000.0))


@pytest.mark.parametrize("name", [n for n in ALL if not keeps_its_unit(ESTIMATORS[n])])
def test_shifting_and_scaling_people_shifts_and_scales_estimates(name: str):
    people, rtol = people_for(name), exactness(name)
    fits = fit(ESTIMATORS[name], people)
    moved_estimator = in_other_units(ESTIMATORS[name], 2.0, -100.0)
    other = fit(moved_estimator, moved(people, 2.0, -100.0), sds_cm=(2 * SDS_CM[0], 2 * SDS_CM[1]))
    factor = np.array([1.0, 2.0, 2.0, 1.0, 2.0, 2.0, 2.0])
    shift = np.array([0.0, -100.0, 0.0, 0.0, -100.0, 0.0, 0.0])
    np.testing.assert_allclose(other.estimate, factor * fits.estimate + shift, rtol=rtol)
    np.testing.assert_allclose(other.std_error, factor * fits.std_error, rtol=1e-6)
    expected = fits.log_likelihood - (counted(name, people) * np.log(2))[:, None]
    np.testing.assert_allclose(other.log_likelihood, expected, rtol=rtol / 100)


@pytest.mark.parametrize("name", IN_ANY_ORDER)
def test_the_order_of_people_does_not_matter(name: str):
    people = people_for(name)
    backwards = replace(
        people, heights_cm=people.heights_cm[:, ::-1], group_index=people.group_index[:, ::-1]
    )
    fits, other = fit(ESTIMATORS[name], people), fit(ESTIMATORS[name], backwards)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=exactness(name))
    if name in CATALOGUE:
        np.testing.assert_allclose(other.log_likelihood, fits.log_likelihood, rtol=1e-12)


# Of twice the people, an average weighs its models otherwise, and a posterior is not as wide: its
# mean is another where it is skewed.
@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in sorted(ESTIMATORS.items())
        if one.variances == "likelihood" and name not in ("em-average", "em-posterior")
    ],
)
def test_everybody_twice_gives_the_same_estimates_and_twice_the_information(name: str):
    estimator, people = ESTIMATORS[name], people_for(name)
    fits = fit(estimator, people)
    prior = estimator.prior
    if prior is not None:
        prior = replace(prior, shares=2 * prior.shares, sd_ratio=prior.sd_ratio / np.sqrt(2))
    # What is weighed against the likelihood, or compared with its rise, is so of twice as much.
    doubled = replace(
        estimator,
        penalty=2 * np.sqrt(2) * estimator.penalty,  # it is divided by the root of n
        prior=prior,
    )
    if estimator.stop is not None and estimator.stop.gain == "total":
        doubled = replace(doubled, stop=replace(estimator.stop, below=2 * estimator.stop.below))
    other = fit(doubled, twice(people))
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=1e-8)
    np.testing.assert_allclose(other.log_likelihood, 2 * fits.log_likelihood, rtol=1e-10)
    for error in ("std_error", "robust_std_error"):
        expected = getattr(fits, error) / np.sqrt(2)
        np.testing.assert_allclose(getattr(other, error), expected, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in IN_ANY_ORDER if name in GENERAL])
def test_a_sketch_gives_what_its_people_give(name: str):
    # A group of up to 400 distinct heights is fitted as it is, a larger one through its nodes.
    people = people_for(name)
    few = replace(people, heights_cm=np.round(people.heights_cm, 1))
    shaken = replace(few, heights_cm=few.heights_cm + 1e-9 * np.arange(1000) / 1000)
    fits, other = fit(GENERAL[name], few), fit(GENERAL[name], shaken)
    np.testing.assert_allclose(other.estimate, fits.estimate, rtol=max(1e-7, exactness(name)))


def objective_of(name: str, size: int = 400) -> tuple[Objective, Floats]:
    """What an estimator maximises of the first people, and where it begins."""
    estimator = ESTIMATORS[name]
    model, people = estimator.model, people_for(name, samples(1, size))
    sample = standardise(people_of(people, 0, size, model), model, "random", np.inf)
    shares, sds_cm = known(name)
    objective = Objective(
        sample.rows,
        estimator,
        2,
        None if shares is None else np.array(shares),
        None if sds_cm is None else np.array(sds_cm) / sample.scale_cm,
    )
    start = coordinates_of(np.array([0.45, 0.55, -0.8, 0.8, 0.4, 0.7]), objective)
    return objective, within_ratio(start, estimator.sd_ratio)


def has_em_steps(estimator: Estimator) -> bool:
    """Whether EM has its step in closed form: heights of normal groups."""
    return isinstance(estimator.model.observation, Exact | Weighted) and not estimator.model.freedom


@pytest.mark.parametrize("name", [name for name in ALL if has_em_steps(ESTIMATORS[name])])
def test_em_never_lowers_the_likelihood(name: str):
    everybody, u = objective_of(name)
    before = -np.inf
    for _ in range(25):
        objective = trimmed_at(u, everybody) if everybody.estimator.trimmed else everybody
        at = objective.evaluate(u)
        assert at.value >= before - 1e-10 * abs(at.value)
        u, before = m_step(at.posterior, u, objective), at.value


OF_EM = [
    name
    for name, one in GENERAL.items()
    if one.method == "newton"
    and not one.is_compiled
    and not why_refused(replace(one, method="em"), 2)
]


@pytest.mark.parametrize("name", OF_EM)
def test_em_certifies_the_maximum_that_newton_finds(name: str):
    estimator = GENERAL[name]
    people = HARDLY_LABELLED if estimator.model.labels == "recorded" else PAIR
    newton, em = (fit(replace(estimator, method=how), people) for how in ("newton", "em"))
    assert (newton.status == Status.CONVERGED).all()
    assert (em.status == Status.CONVERGED).all()
    assert (em.decrement < 1e-12).all()
    np.testing.assert_allclose(em.estimate, newton.estimate, rtol=1e-8)
    np.testing.assert_allclose(em.std_error, newton.std_error, rtol=1e-6)
    assert (em.passes > newton.passes).all()
    if estimator.model.unlabelled == "ignored":
        return  # nothing is hidden: EM is there in a step
    short = fit(replace(estimator, method="em", step_limit=6, tolerance=1e-12), people)
    assert (short.status == Status.STEP_LIMIT).all()
    assert (short.steps == 6).all()
    if estimator.prior is None:  # else it is more than the likelihood that rises
        assert (short.log_likelihood < em.log_likelihood).all()


@pytest.mark.parametrize("name", [name for name in ALL if ESTIMATORS[name].method == "newton"])
def test_newton_never_lowers_the_likelihood(name: str):
    objective, u = objective_of(name)
    values = [objective.evaluate(u).value]
    values += [maximise(u, objective, 3, steps, 1e-12).at.value for steps in range(1, 12)]
    assert (np.diff(values) >= -1e-10 * abs(values[-1])).all()


def is_for_three(name: str) -> bool:
    """Whether an estimator can fit three groups."""
    return name in CATALOGUE or not why_refused(GENERAL[name], 3)


@pytest.mark.parametrize("name", [name for name in ALL if is_for_three(name)])
def test_three_groups_are_found(name: str):
    rng = np.random.default_rng(4)
    which = rng.integers(0, 3, (1, 1500)).astype(np.int8)
    centres_cm, names = np.array([175.0, 200.0, 225.0]), ("a", "b", "c")
    heights_cm = centres_cm[which] + 5 * rng.standard_normal((1, 1500))
    three = people_for(name, Samples(np.zeros(1, np.int32), heights_cm, which, names))
    shares, sds_cm = known(name, 3)
    spec = replace(spec_of(ESTIMATORS[name], (1500,), 1), group_names=names)
    fits, _ = fit_block(replace(spec, known_shares=shares, known_sds_cm=sds_cm), three)
    assert fits.estimate.shape == (1, 1, 11)
    assert fits.status[0, 0] == Status.CONVERGED
    means, sds = fits.estimate[0, 0, [1, 4, 7]], fits.estimate[0, 0, [2, 5, 8]]
    # Nobody was selected: who believes it finds means lower by .05 * 25 at most, in cm. With a
    # tenth of the labels alone 50 people have a standard error of .7.
    assert (np.abs(means - centres_cm) < 3.0).all()
    assert (np.abs(sds - 5.0) < 2.0).all()
    if name in CATALOGUE:
        # 5 standard errors, whatever the model: hidden labels cost little 5 SDs apart.
        assert (np.abs(means - centres_cm) < 5 * fits.std_error[0, 0, [1, 4, 7]]).all()

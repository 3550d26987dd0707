"""Choice: criteria, modes, and which fit is recommended, of one number of groups or several."""

from collections.abc import Callable
from dataclasses import replace
from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
import pytest

import stature
from stature.datafile.fits import (
    Finding,
    contradicting,
    finding,
    is_alone_as_good,
    models_of,
    modes,
    recommended,
)
from stature.datafile.runs import AS_RECORDED, Runs
from stature.domain.mixture import Mixture, modes_cm
from stature.domain.observation import Rounded
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Status

MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]
Made = Callable[..., Finding]


def mixture_of(*columns: list[float]) -> Mixture:
    return Mixture(*map(np.array, columns))


@pytest.fixture
def made(made_up: MadeUp, runs: Planned) -> Made:
    """A finding with a log-likelihood of a test's own."""

    def made(name: str, log_likelihood: float, share: float = 0.5, **fields: Any) -> Finding:
        groups = {"f": (share, 164.0, 6.0), "m": (1.0 - share, 176.0, 6.0)}
        found = finding(CATALOGUE[name], made_up(groups, **fields), runs())
        return replace(found, log_likelihood=log_likelihood)

    return made


def test_criteria_are_those_of_their_formulas(made_up: MadeUp, runs: Planned) -> None:
    # Values 160, 168, 172 and 180; two groups with means 164 and 176, SD 6 and share 1/2.
    fits = made_up({"f": (0.5, 164.0, 6.0), "m": (0.5, 176.0, 6.0)})
    one = finding(CATALOGUE["em-equal-sds"], fits, runs())
    # The log-odds of the upper group at x are 12 (x - 170) / 36: 10/3 and 2/3 on either side.
    twice = [1.0 / (1.0 + exp(-odds)) for odds in (10 / 3, 2 / 3)]
    entropy = -2.0 * sum(p * log(p) + (1 - p) * log(1 - p) for p in twice)
    # The made-up fit is of 100 people, and has a log-likelihood of -350; four parameters are free.
    assert one.aic == pytest.approx(708.0)
    assert one.bic == pytest.approx(4 * log(100) + 700.0)
    assert one.icl == pytest.approx(one.bic + 2.0 * entropy * 100 / 4)


@pytest.mark.parametrize(("apart", "count"), [(1.99, 1), (2.01, 2)])
def test_two_equal_groups_show_beyond_two_sds(apart: float, count: int) -> None:
    # Schilling, Watkins & Watkins (2002); the density is flat in the middle just at 2 SDs.
    assert len(modes_cm(mixture_of([0.5, 0.5], [0.0, apart], [1.0, 1.0]))) == count


def test_modes_are_where_the_density_is_highest() -> None:
    mixture = mixture_of([0.3, 0.3, 0.4], [160.0, 170.0, 185.0], [2.0, 1.0, 4.0])
    x = np.linspace(150.0, 200.0, 500_001)
    z = (x[:, None] - mixture.means_cm) / mixture.sds_cm
    f = (mixture.shares / mixture.sds_cm * np.exp(-0.5 * z**2)).sum(axis=1) / sqrt(2 * pi)
    highest = x[1:-1][(f[1:-1] > f[:-2]) & (f[1:-1] > f[2:])]
    assert modes_cm(mixture) == pytest.approx(highest, abs=0.05)
    assert len(modes_cm(mixture_of([1.0], [170.0], [3.0]))) == 1


def test_the_smallest_bic_is_recommended_unless_a_person_gave_numbers(made: Made) -> None:
    free, equal = made("em", -350.0), made("em-equal-sds", -350.5)
    known = made("em-known-shares", -351.0)
    # Of 100 people a parameter costs 4.6 / 2 of log-likelihood: .5 is less, 3 is more.
    assert recommended([free, equal]) is equal
    assert recommended([replace(free, log_likelihood=-347.0), equal]) is not equal
    assert recommended([free, equal, known], given=True) is known
    # A prior is believed where the values do not contradict it.
    assert recommended([free, equal, prior := made("em-map", -351.5)]) is prior
    assert recommended([free, equal, made("em-map", -352.5)]) is equal
    assert recommended([prior]) is prior
    assert recommended([free, equal, known], given=False) is equal
    assert recommended([known], given=False) is known
    # What is said of how values were recorded goes before a likelihood.
    view = replace(free.estimator.model, observation=Rounded(1.0))
    rounded = replace(free, estimator=replace(free.estimator, model=view), log_likelihood=-360.0)
    assert recommended([free, rounded]) is rounded
    assert recommended([free, replace(equal, suspect=True)]) is free
    assert recommended([replace(free, status=Status.STEP_LIMIT)]) is None
    labelled = made("mle", -380.0)
    assert models_of([labelled, free]) == (free,)
    assert recommended([labelled]) is labelled
    # Iterations end within rounding of the closed form, which is the one to name: BIC, twice the
    # log-likelihood, within a thousandth.
    assert recommended([made("mle-numeric", -380.0 + 0.000499), labelled]) is labelled
    assert recommended([numeric := made("mle-numeric", -380.0 + 0.000505), labelled]) is numeric


def test_fits_contradict_each_other_where_the_likelihood_hardly_tells(made: Made) -> None:
    free, equal = made("em", -350.0, 0.4), made("em-equal-sds", -350.5, 0.6)
    assert contradicting([free, equal], free) == [(free, equal)]
    for unlike in (replace(free, status=Status.STEP_LIMIT), replace(free, suspect=True)):
        assert contradicting([unlike, equal], equal) == []
    for log_likelihood, share, are in (
        (-348.51, 0.4, True),
        (-348.49, 0.4, False),
        (-350.0, 0.499, True),
        (-350.0, 0.501, False),
    ):
        pair = [made("em", log_likelihood, share), equal]
        assert bool(contradicting(pair, equal)) == are


def test_one_group_does_as_well_where_its_bic_is_no_larger(made: Made) -> None:
    free = made("em", -350.0)
    single = replace(free, group_names=("everybody",), estimator=CATALOGUE["newton"])
    # Two parameters in place of five: 3 ln 100 = 13.816 in twice the log-likelihood, and 2 is no
    # evidence: half of both are 7.908.
    assert is_alone_as_good(free, [replace(single, log_likelihood=-357.90)]) is not None
    assert is_alone_as_good(free, [replace(single, log_likelihood=-357.92)]) is None
    # A fit that saw labels has another likelihood, which is not compared.
    recorded = replace(free, estimator=AS_RECORDED)
    assert is_alone_as_good(recorded, [replace(single, log_likelihood=-300.0)]) is None


def test_several_numbers_of_groups_are_compared() -> None:
    rng = np.random.default_rng(20261129)
    values = np.concatenate([rng.normal(mean, 1.0, 100) for mean in (0.0, 6.0, 12.0)])
    fit = stature.fit(values, groups=(1, 2, 3))
    criteria = fit.criteria
    assert criteria["groups"].to_dict() == {
        "normal": 1, "em": 2, "em-equal-sds": 2, "em-map": 2, "em-of-3": 3, "em-equal-sds-of-3": 3,
        "em-map-of-3": 3,
    }  # fmt: skip
    # Groups 6 SDs apart leave no doubt; and in each model p is 3 K - 1, or 2 K with equal SDs.
    assert criteria["bic"].astype(float).idxmin() == "em-equal-sds-of-3"
    assert fit.recommended == "em-map-of-3"
    assert criteria["parameters"].tolist() == [2, 5, 4, 5, 8, 6, 8]
    assert fit.memberships().columns[2:5].tolist() == ["group 1", "group 2", "group 3"]
    assert modes(fit.fitted.findings[-1]) == 3
    assert "or group 1, group 2, group 3: normal, em" in repr(fit)

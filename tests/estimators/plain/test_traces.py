import numpy as np
import pytest

from stature.estimators.catalogue import CATALOGUE
from stature.estimators.fit import fit_block
from stature.estimators.plain.traces import kept_steps
from tests.estimators.laws import samples, spec_of

PEOPLE = samples(3, 800, gap_cm=15.0)
ITERATING = [name for name, one in CATALOGUE.items() if one.method != "closed-form"]


@pytest.mark.parametrize("last", [0, 1, 20, 21, 500, 20_000])
def test_kept_steps_begin_at_the_start_and_end_at_the_end(last: int):
    kept = kept_steps(last)
    assert kept[0] == 0
    assert kept[-1] == last
    assert (np.diff(kept) > 0).all()
    assert len(kept) < 80


@pytest.mark.parametrize("name", ITERATING)
def test_a_path_leads_to_the_maximum_of_its_fit(name: str):
    spec = spec_of(name, (100, 800), 3, traced=2)
    fits, traces = fit_block(spec, PEOPLE)
    assert set(traces.replicate) == {0, 1}
    for replicate in (0, 1):
        for column, size in enumerate((100, 800)):
            here = (traces.replicate == replicate) & (traces.size == size)
            reached = traces.log_likelihood[here]
            assert (np.diff(reached) >= -1e-10 * abs(reached[-1])).all()
            assert traces.step[here][-1] == fits.steps[replicate, column]
            end = fits.log_likelihood[replicate, column]
            assert reached[-1] == pytest.approx(end, abs=1e-6)
            assert traces.gap[here][-1] < 1e-7
            assert traces.distance[here][-1] < 1e-3
            assert traces.distance[here][0] > 0.1


@pytest.mark.parametrize("name", ITERATING)
def test_the_squared_distance_is_twice_the_gap_near_the_maximum(name: str):
    _, traces = fit_block(spec_of(name, (800,), 3, traced=3), PEOPLE)
    near = (traces.distance < 0.05) & (traces.distance > 1e-3)
    if not near.any():  # a path may jump over the neighbourhood
        assert CATALOGUE[name].method == "newton"
        return
    np.testing.assert_allclose(traces.distance[near] ** 2, traces.gap[near], rtol=0.2)


def test_the_closed_form_has_no_path_and_nobody_else_is_traced():
    assert len(fit_block(spec_of("mle", (100,), 3, traced=2), PEOPLE)[1].step) == 0
    assert len(fit_block(spec_of("em", (100,), 3), PEOPLE)[1].step) == 0


def test_tracing_changes_no_fit():
    one = fit_block(spec_of("em", (100,), 3, traced=3), PEOPLE)[0]
    other = fit_block(spec_of("em", (100,), 3), PEOPLE)[0]
    assert (one.estimate == other.estimate).all()

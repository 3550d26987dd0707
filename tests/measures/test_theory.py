import numpy as np

from stature.domain.model import Model
from stature.estimators.estimator import Estimator, Stop
from stature.measures.theory import ends_at_its_limit, theory_cells, theory_name
from stature.theory.bounds import Bounds


def test_theory_is_found_by_size_and_parameter(bounds: Bounds) -> None:
    theory = theory_cells(bounds, "labelled", np.array([50, 20], dtype=np.int32), ("girls", "boys"))
    # The bound of a labelled mean is sd / sqrt(n_k).
    np.testing.assert_allclose(theory.bound[:, 4], [7 / np.sqrt(25), 7 / np.sqrt(10)], rtol=1e-12)
    np.testing.assert_allclose(theory.limit[:, 1], 163.0, rtol=1e-12)
    assert theory.em_rate.tolist() == [0.0, 0.0]


def test_what_theory_does_not_hold_is_missing(bounds: Bounds) -> None:
    sizes = np.array([20, 21], dtype=np.int32)
    assert np.isnan(theory_cells(bounds, "labelled", sizes, ("girls", "boys")).limit[1]).all()
    assert np.isnan(theory_cells(bounds, "no-such", sizes, ("girls", "boys")).bound).all()


def test_the_theory_of_an_estimator_is_that_of_its_model_or_of_its_moments() -> None:
    model = Model("none", sds="equal")
    assert theory_name(Estimator("a", model, "newton", penalty=1.0)) == "hidden-equal-sds"
    assert theory_name(Estimator("a", model, "moments")) == "moments-hidden-equal-sds"


def test_a_penalty_moves_no_limit_but_a_loose_stop_and_hard_em_do() -> None:
    model = Model("none")
    assert ends_at_its_limit(Estimator("a", model, "newton", penalty=1.0))
    assert ends_at_its_limit(Estimator("a", model, "moments"))
    assert not ends_at_its_limit(Estimator("a", model, "hard-em"))
    assert not ends_at_its_limit(Estimator("a", model, "em", stop=Stop("mean", 1e-3)))

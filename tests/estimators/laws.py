"""What the tests of estimators share: people to fit, and one call that fits them."""

from dataclasses import replace

import numpy as np

from stature.arrays import Floats
from stature.design.samples import Samples
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Fits, FitSpec, Prior
from stature.estimators.fit import fit_block
from stature.estimators.general.objective import Objective
from stature.estimators.plain.batch import constraints_of
from stature.estimators.plain.problem import Problem, Workspace, make_workspace
from stature.theory.likelihood import Rows

NAMES = ("girls", "boys")
KEY = "0123456789abcdef0123456789abcdef"
SHARES, SDS_CM = (0.4, 0.6), (6.0, 7.0)

# Every model of hidden labels, and a start in units of the sample.
MODELS = [
    Model("none", shares, sds) for shares in ("free", "known") for sds in ("free", "equal", "known")
]
START = np.array([0.45, 0.55, -0.8, 0.8, 0.6, 0.6])


def samples(replicates: int, people: int, gap_cm: float = 20.0, seed: int = 1) -> Samples:
    """Girls N(163, 6^2) and boys `gap_cm` taller with SD 7, shares .4 and .6, at random."""
    rng = np.random.default_rng(seed)
    boys = (rng.random((replicates, people)) < SHARES[1]).astype(np.int8)
    z = rng.standard_normal((replicates, people))
    heights_cm = 163.0 + gap_cm * boys + np.where(boys == 1, SDS_CM[1], SDS_CM[0]) * z
    return Samples(np.arange(replicates, dtype=np.int32), heights_cm, boys, NAMES)


def spec_of(
    estimator: Estimator | str,
    sizes: tuple[int, ...],
    replicates: int,
    traced: int = 0,
    sds_cm: tuple[float, ...] = SDS_CM,
) -> FitSpec:
    """The spec of an estimator that knows the truth where its model takes it as known."""
    if isinstance(estimator, str):
        estimator = CATALOGUE[estimator]
    model = estimator.model
    return FitSpec(
        estimator,
        NAMES,
        SHARES if model.shares == "known" else None,
        sds_cm if estimator.takes_sds else None,
        "random",
        sizes,
        0,
        replicates - 1,
        KEY,
        traced,
    )


def fit(
    estimator: Estimator | str, people: Samples, *sizes: int, sds_cm: tuple[float, ...] = SDS_CM
) -> Fits:
    """Fits of an estimator on samples, at the sizes given or at all people."""
    wanted = sizes or (people.heights_cm.shape[1],)
    spec = spec_of(estimator, wanted, len(people.replicates), sds_cm=sds_cm)
    return fit_block(spec, people)[0]


def twice(people: Samples) -> Samples:
    """Everybody twice, one after the other."""
    return replace(
        people,
        heights_cm=np.repeat(people.heights_cm, 2, axis=1),
        group_index=np.repeat(people.group_index, 2, axis=1),
    )


def moved(people: Samples, scale: float, shift_cm: float) -> Samples:
    """The same people, every height scaled and shifted."""
    return replace(people, heights_cm=scale * people.heights_cm + shift_cm)


def column(fits: Fits, row: int) -> Floats:
    """Estimates of one parameter, shape (r, s)."""
    return fits.estimate[..., row]


def problem_of(model: Model, n: int = 400, seed: int = 2, prior: Prior | None = None) -> Problem:
    """Two groups 1.8 apart with SDs .6 and .5, in no particular units."""
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(n) < 0.5, rng.normal(-0.9, 0.6, n), rng.normal(0.9, 0.5, n))
    known = constraints_of(model, 2, (0.6, 0.6) if model.sds == "known" else None, prior)
    return Problem(x, np.ones(n), known.free, known.shares_known, known.sds_rule, known.prior)


def workspace_of(problem: Problem) -> Workspace:
    """A workspace for fitting two groups."""
    return make_workspace(2, problem.free.shape[1])


def read_only(values: Floats) -> Floats:
    """Values as samples hold them, so that nothing is compiled for others."""
    values = values.view()
    values.flags.writeable = False
    return values


def objective_of(
    rows: Rows, model: Model, groups: int = 2, **settings: float | Prior | None
) -> Objective:
    """What Newton maximises with some settings."""
    estimator = Estimator("one", model, "newton", tolerance=1e-12)
    return Objective(rows, replace(estimator, **settings), groups)

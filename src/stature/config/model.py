"""The keys of a study file: what each takes, and what it means.

Keys of groups, biases and estimators are fields of their records, in `stature.domain` and
`stature.estimators.estimator`; all others are here. `keys.yaml` says what each takes and means: the
JSON Schema for editors and `config/README.md` are generated of it. What needs two values stands in
`stature.config.checks`.
"""

from dataclasses import MISSING, dataclass, replace
from typing import Annotated, Any, get_args

from stature.config.keys import settings_of
from stature.config.maps import keys_of, kinds_of
from stature.design.samples import SamplesRule
from stature.design.scenarios import NamedBias
from stature.domain.bias import KINDS, Step
from stature.domain.model import Sampling
from stature.domain.observation import Observed
from stature.domain.population import Group, Match, Stated, Unit
from stature.domain.quantity import Quantity
from stature.domain.settings import LeftOut
from stature.estimators.estimator import BOOTSTRAP_SAMPLES, OUTSIDE, Estimator
from stature.measures.checks.check import Rigour
from stature.measures.measure import Precision

SKETCH_FROM = 20_000
"""Size from which sketches are kept, unless a study says otherwise: some 20 times a sketch."""

DIRECT = ("closed-form", "moments", *OUTSIDE)
"""Methods that do not iterate."""
ITERATION: dict[str, Any] = {
    key.name: key.default
    for key in keys_of(Estimator)
    if key.default is not MISSING and not key.left_out
}
"""Settings of the iterations of an estimator, with their defaults."""
BIAS_ITEMS = kinds_of(KINDS)  # maps of biases by kind
STEP_ITEMS = kinds_of(get_args(Step))  # those that can be a step of a sequence
OBSERVATION_ITEMS = kinds_of(get_args(Observed))  # maps of observations by kind

FACTORIAL = settings_of("Factorial")
"""Keys of populations, biases and estimators from which a factorial is made; the record of an item
does not have them."""


@dataclass(frozen=True, slots=True)
class PopulationItem:
    """A named truth: either normal groups, or a data file that is taken as the truth."""

    name: str
    source: str = ""
    why: str = ""
    groups: tuple[Group, ...] | None = None
    file: str | None = None
    height: str | None = None
    unit: Unit | None = None
    group: str | None = None
    match: Annotated[Match, LeftOut("mean")] = "mean"
    draw: str | None = None

    truths: Annotated[tuple[Stated, ...], LeftOut(())] = ()


@dataclass(frozen=True, slots=True)
class EstimatorItem:
    """A method with its settings."""

    estimator: Estimator
    # names of what it is fitted to; empty: everything
    biases: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()

    @property
    def used(self) -> Estimator:
        """The estimator, with settings that have no effect as they are by default."""
        one = self.estimator
        bootstrap = one.interval == "bootstrap"
        samples = one.bootstrap_samples or BOOTSTRAP_SAMPLES if bootstrap else 0
        if one.method in DIRECT:
            # Otherwise a setting that changes nothing but the spec would refit for nothing.
            return replace(one, bootstrap_samples=samples, stop=None, **ITERATION)
        starts = 1 if one.oracle else one.starts
        kept = min(one.kept_starts, starts)
        return replace(one, bootstrap_samples=samples, starts=starts, kept_starts=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFile:
    """A study: what is drawn, how it is biased, what is fitted, and how often."""

    study: str
    title: str = ""
    aims: str = ""
    why: str = ""
    seed: int
    replicates: int
    precision: Precision | None = None
    block: int = 250
    # Samples of more people do not fit into the memory of one job.
    sizes: tuple[int, ...]
    sampling: Sampling = "stratified"
    samples: SamplesRule = "keep"
    sketch_from: int = SKETCH_FROM
    traced: int = 3
    checks: Rigour = "tell"
    allow_large: bool = False
    quantity: Quantity | None = None
    populations: tuple[PopulationItem, ...]
    biases: tuple[NamedBias, ...]
    estimators: tuple[EstimatorItem, ...]

"""From valid items of the model to the records of the domain."""

from collections.abc import Sequence as Listed
from dataclasses import replace
from typing import Any

from stature.config.bias_items import AnyBiasItem, HeapingItem, NoBiasItem, SequenceItem, StepItem
from stature.config.model import BOOTSTRAP_SAMPLES, EstimatorItem, StudyFile
from stature.config.observations import observation_of, stop_of
from stature.config.record import Study
from stature.config.scopes import Scope
from stature.config.truths import Truth
from stature.design.scenarios import NamedBias
from stature.domain.bias import STEPS, Bias, NoBias, Sequence, Step
from stature.domain.model import Model
from stature.domain.observation import EXACT
from stature.domain.recording import Grid, Heaping
from stature.estimators.estimator import Estimator
from stature.measures.precision import Precision


def bias_of(item: AnyBiasItem) -> Bias:
    """The bias of an item."""
    match item:
        case NoBiasItem():
            return NoBias()
        case SequenceItem(steps=steps):
            return Sequence(tuple(_step_of(step) for step in steps))
        case _:
            return _step_of(item)


def _step_of(item: StepItem) -> Step:
    """The step of an item: its keys are the fields of the record."""
    if isinstance(item, HeapingItem):
        return Heaping(tuple(Grid(grid.step_cm, grid.share) for grid in item.grids))
    settings = item.model_dump(exclude={"name", "kind", "why"})
    if settings.get("group", "") is None:
        settings["group"] = ""
    return STEPS[item.kind](**settings)


def estimator_of(item: EstimatorItem) -> Estimator:
    """The estimator of an item; a list of numbers is known, and assumed to be these."""
    assumed_shares = item.shares if isinstance(item.shares, tuple) else None
    assumed_sds_cm = item.sds if isinstance(item.sds, tuple) else None
    some = isinstance(item.labels, float)
    model = Model(
        labels="some" if some else item.labels,
        shares="known" if isinstance(item.shares, tuple) else item.shares,
        sds="known" if isinstance(item.sds, tuple) else item.sds,
        assumed_shares=assumed_shares,
        assumed_sds_cm=assumed_sds_cm,
        observation=EXACT if item.observation is None else observation_of(item.observation),
        labelled_share=item.labels if some else 0.0,
        freedom=item.freedom or 0.0,
        unlabelled=item.unlabelled,
    )
    estimator = Estimator(
        name=item.name,
        model=model,
        method=item.method,
        penalty=item.penalty or 0.0,
        share_penalty=item.share_penalty or 0.0,
        variances=item.variances,
        oracle=item.oracle,
        sd_ratio=item.sd_ratio or 0.0,
        trimmed=item.trimmed or 0.0,
        **_interval_of(item),
    )
    if item.method in ("closed-form", "moments"):
        # No climb: settings of one would change nothing but the spec, and refit for nothing.
        return estimator
    starts = 1 if item.oracle else item.starts
    return replace(
        estimator,
        starts=starts,
        screening_steps=item.screening_steps,
        kept_starts=min(item.kept_starts, starts),
        step_limit=item.step_limit,
        tolerance=item.tolerance,
        stop=None if item.stop is None else stop_of(item.stop),
    )


def _interval_of(item: EstimatorItem) -> dict[str, Any]:
    """Settings of the intervals; a bootstrap has its samples, and nothing else has any."""
    samples = (item.bootstrap_samples or BOOTSTRAP_SAMPLES) if item.interval == "bootstrap" else 0
    return {"interval": item.interval, "bootstrap_samples": samples}


def study_of(file: StudyFile, truths: Listed[Truth], warnings: Listed[str]) -> Study:
    """The study of a valid config and its populations."""
    aim = file.precision
    most = (aim and aim.max) or file.replicates
    return Study(
        name=file.study,
        title=file.title,
        aims=file.aims,
        why=file.why,
        seed=file.seed,
        replicates=most,
        precision=aim and Precision(aim.measure, aim.parameter, aim.mcse, aim.min, most),
        block=file.block,
        sizes=tuple(sorted(file.sizes)),
        sampling=file.sampling,
        samples=file.samples,
        sketch_from=file.sketch_from,
        traced=file.traced,
        allow_large=file.allow_large,
        populations=tuple(truth.population for truth in truths),
        biases=tuple(NamedBias(item.name, bias_of(item), item.why) for item in file.biases),
        estimators=tuple(estimator_of(item) for item in file.estimators),
        scopes=tuple(
            Scope(item.name, tuple(item.biases or ()), tuple(item.populations or ()))
            for item in file.estimators
            if item.biases or item.populations
        ),
        sources=tuple((item.source, item.why) for item in file.populations),
        written_files=tuple(truth.written for truth in truths),
        warnings=tuple(warnings),
    )

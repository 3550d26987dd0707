"""Specs: what each job of a study depends on, as canonical JSON.

Snakemake runs a job again when its spec changes, so a spec holds what the job reads and nothing
else: never the number of replicates, the list of scenarios, or a time. What has no order is
sorted.
"""

from dataclasses import replace
from hashlib import blake2b

from stature.config.plain import study_yaml
from stature.config.record import Study
from stature.design.blocks import Block, block_named
from stature.design.canonical import encode
from stature.design.samples import DrawSpec
from stature.design.scenarios import Scenario
from stature.design.streams import population_definition, stream_key
from stature.domain.model import Model
from stature.domain.population import Population
from stature.estimators.estimator import FitSpec
from stature.measures.checks.check import ChecksSpec, Fitted
from stature.measures.measure import measure_spec as measure_record
from stature.measures.measure import reference_of
from stature.measures.replicates import PairsSpec
from stature.measures.replicates import pairs_spec as pairs_record
from stature.measures.settings import SettingsSpec, axes
from stature.plots.figures import Need, fillable
from stature.provenance import DesignScenario, DesignSpec, StudyRecord
from stature.theory.bounds import BoundsSpec
from stature.theory.lesson import LessonSpec

PAIRED_SIZE = 1000
"""People in the samples whose estimates are paired: enough to tell groups apart, few enough for
methods to disagree."""


def draw_spec(study: Study, scenario: str, block: str) -> str:
    """What the samples of a block depend on."""
    drawn, these = _portable(study, study.scenario(scenario)), block_named(block)
    return encode(
        DrawSpec(
            population=drawn.population,
            bias=drawn.bias.bias,
            sampling=drawn.sampling,
            seed=study.seed,
            first=these.first,
            last=these.last,
            largest_size=study.people_kept,
            sketched_sizes=study.sketched_sizes,
        )
    )


def fit_spec(study: Study, scenario: str, estimator: str, block: str) -> str:
    """What the fits of an estimator to a block depend on."""
    population, these = study.scenario(scenario).population, block_named(block)
    fitted = study.estimator(estimator)
    shares, sds_cm = _told(fitted.model, population)
    return encode(
        FitSpec(
            estimator=fitted,
            group_names=population.group_names,
            known_shares=shares,
            known_sds_cm=sds_cm,
            sampling=study.sampling,
            sizes=study.sizes,
            first=these.first,
            last=these.last,
            stream_key=stream_key(study.seed, population_definition(population)),
            traced=traced_in(study, these),
            oracle=_truth(population) if fitted.oracle else None,
        )
    )


def bounds_spec(study: Study, scenario: str) -> str:
    """What the theory of a scenario depends on.

    A `BoundsSpec`: population, bias, sampling, sizes, and the models of the estimators that are
    fitted to it, each once and in the order of their slugs, and once more those that are fitted by
    moments.
    """
    meant = _portable(study, study.scenario(scenario))
    here = study.estimators_of(scenario)
    models = {estimator.model.slug: estimator.model for estimator in here}
    by_moments = {
        estimator.model.slug: estimator.model for estimator in here if estimator.method == "moments"
    }
    return encode(
        BoundsSpec(
            population=meant.population,
            bias=meant.bias.bias,
            sampling=meant.sampling,
            sizes=study.sizes,
            models=tuple(models[slug] for slug in sorted(models)),
            moments=tuple(by_moments[slug] for slug in sorted(by_moments)),
        )
    )


def measure_spec(study: Study, scenario: str) -> str:
    """What the measures of a scenario depend on.

    A `MeasureSpec`: the truth, names, and the estimators that are fitted to it, in the order of
    their names.
    """
    estimators = study.estimators_of(scenario)
    return encode(measure_record(_portable(study, study.scenario(scenario)), estimators))


def settings_spec(study: Study) -> str:
    """What the measures against settings depend on."""
    return encode(SettingsSpec(axes(study.biases, study.estimators)))


def paired(study: Study) -> PairsSpec:
    """Which estimates of a study are set against each other, sample by sample."""
    fitted = [(scenario, study.estimators_of(scenario.slug)) for scenario in study.scenarios]
    return pairs_record(fitted, min(study.sizes, key=lambda size: abs(size - PAIRED_SIZE)))


def pairs_spec(study: Study) -> str:
    """What the pairs of estimates depend on."""
    return encode(paired(study))


def figures(study: Study) -> list[str]:
    """Names of the figures that a study can fill, in the order of its page."""
    fitted = [study.estimators_of(scenario.slug) for scenario in study.scenarios]
    varied = {axis.varies for axis in axes(study.biases, study.estimators)}
    known: dict[Need, bool] = {
        "labelled reference": any(
            reference_of(estimators) and any(one.model.labels == "none" for one in estimators)
            for estimators in fitted
        ),
        "standard errors": any(
            one.method not in ("moments", "hard-em") and not one.trimmed for one in study.estimators
        ),
        "traces": study.traced > 0,
        "pairs": bool(paired(study).scenarios),
        "strengths": "bias" in varied,
        "label shares": "estimator" in varied,
    }
    return fillable([need for need, is_met in known.items() if is_met])


def check_spec(study: Study) -> str:
    """What the checks of a study's results depend on.

    A `ChecksSpec`: scenarios, sizes, replicates and estimators, in the order of the study, and who
    is fitted where.
    """
    return encode(
        ChecksSpec(
            scenarios=tuple(_portable(study, scenario) for scenario in study.scenarios),
            sizes=study.sizes,
            replicates=study.replicates,
            estimators=study.estimators,
            fitted=tuple(Fitted(scenario, names) for scenario, names in _restricted(study).items()),
        )
    )


def record_spec(study: Study, code: dict[str, str]) -> str:
    """What the records beside the results hold."""
    restricted = _restricted(study)
    return encode(
        StudyRecord(
            study=study.name,
            seed=study.seed,
            config=study_yaml(study),
            code=code,
            design=DesignSpec(
                scenarios=tuple(
                    DesignScenario(
                        scenario.population.name,
                        scenario.bias.name,
                        scenario.slug,
                        restricted.get(scenario.slug, ()),
                    )
                    for scenario in study.scenarios
                ),
                sizes=study.sizes,
                replicates=study.replicates,
                blocks=len(study.blocks),
                estimators=tuple(estimator.name for estimator in study.estimators),
            ),
        )
    )


def report_spec(study: Study) -> str:
    """What the report of a study depends on."""
    populations = tuple(
        _portable(study, Scenario(population, study.biases[0], study.sampling)).population
        for population in study.populations
    )
    return encode(replace(study, populations=populations))


def digest_of_run(study: Study, code: dict[str, str]) -> str:
    """Digest of the study and the code of a run; data files apart, the same in every folder."""
    return blake2b(record_spec(study, code).encode(), digest_size=8).hexdigest()


def lesson_spec(study: Study) -> str:
    """What the figure of the lesson depends on."""
    return encode(LessonSpec(seed=study.seed))


def traced_in(study: Study, block: Block) -> int:
    """Number of traced replicates that lie in a block; they are its first ones."""
    return max(0, min(study.traced - 1, block.last) - block.first + 1)


def _restricted(study: Study) -> dict[str, tuple[str, ...]]:
    """Names of the estimators of each scenario to which not all are fitted."""
    fitted = {
        scenario.slug: tuple(one.name for one in study.estimators_of(scenario.slug))
        for scenario in study.scenarios
    }
    every = len(study.estimators)
    return {slug: names for slug, names in fitted.items() if len(names) < every}


def _told(
    model: Model, population: Population
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """Shares and SDs in cm that a model is told: its own, or else the truth; None if neither."""
    groups = population.groups
    shares = sds_cm = None
    if model.shares == "known":
        shares = model.assumed_shares or tuple(group.share for group in groups)
    if model.sds == "known":
        sds_cm = model.assumed_sds_cm or tuple(group.sd_cm for group in groups)
    return shares, sds_cm


def _truth(population: Population) -> tuple[float, ...]:
    """Shares, means and SDs in cm of the groups, for who begins there."""
    parts = population.shares, population.means_cm, population.sds_cm
    return tuple(number for part in parts for number in part.tolist())


def _portable(study: Study, scenario: Scenario) -> Scenario:
    """Scenario whose data file has the path of the config, wherever the run takes place."""
    population = scenario.population
    if population.data is None:
        return scenario
    written = dict(zip(study.populations, study.written_files, strict=True))[population]
    data = replace(population.data, path=written)
    return replace(scenario, population=replace(population, data=data))

"""Specs: what each job of a study depends on, as canonical JSON.

Snakemake runs a job again when its spec changes, so a spec holds what the job reads and nothing
else: never the number of replicates, the list of scenarios, or a time. What has no order is
sorted. The origin of a table is a digest of its own spec and the specs of all before it: it tells a
table that was made under another seed, scenario, size or setting from the one that the study asks
for. Its own spec would not do: fits under two biases have the same, and measures under two seeds.
"""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path, PurePath

from stature.config.files import opened_path
from stature.config.study import Study, names_in, plain, study_yaml
from stature.design.brought import functions_of
from stature.design.samples import DrawSpec
from stature.design.scenarios import Block, Scenario, block_named
from stature.design.streams import decode, encode, population_definition, stream_key
from stature.domain.bias import NoBias
from stature.domain.functions import split
from stature.domain.model import Model
from stature.domain.population import Population
from stature.domain.quantity import HEIGHTS, FiguresSpec
from stature.estimators.estimator import OUTSIDE, Estimator, FitSpec
from stature.measures.checks.check import ChecksSpec, Fitted
from stature.measures.measure import MeasureSpec, RoundSpec, reference_of
from stature.measures.measure import measure_spec as measure_record
from stature.measures.replicates import PairsSpec
from stature.measures.replicates import pairs_spec as pairs_record
from stature.measures.settings import GatherSpec, axes
from stature.plots.figures import FIGURES, MOST_IN_ANSWER, Need, fillable
from stature.provenance import DesignScenario, DesignSpec, StudyRecord
from stature.theory.bounds import BoundsSpec
from stature.theory.lesson import LessonSpec

PAIRED_SIZE = 1000
"""People in the samples whose estimates are paired: enough to tell groups apart, few enough for
methods to disagree."""
MOST_PANELS = 8
"""Populations of a factorial up to which figures have panels for each; with more, factors do."""
# What is made from many blocks is known by its first replicate, however many others there are: so
# a study may grow, or end at a round that nobody knows yet.
_FIRST = Block(0, 0).name
PLAYED_REPLICATES = 200
"""Replicates of which the page shows each estimate: enough for a cloud, few enough for a page."""

# Memory in MB of Python and packages (and of Snakemake, on a cluster), and of the tables of a job.
BASE_MB = 1000
_MB_PER_PERSON, _MB_PER_SKETCH, _MB_PER_FIT = 60e-6, 0.3, 2e-3


@dataclass(frozen=True, slots=True)
class Played:
    """An estimator whose estimates the lesson of the page shows, one by one."""

    scenario: str
    role: str  # ``labelled``, ``hidden``, ``known shares`` or ``prior``
    estimator: str


def draw_spec(study: Study, scenario: str, block: str) -> str:
    """What the samples of a block depend on."""
    drawn, these = _portable(study, study.scenario(scenario)), block_named(block)
    return encode(
        DrawSpec(
            # What they are matched by, and truths, concern measures alone.
            population=replace(drawn.population, match="mean", truths=()),
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
    model, groups = fitted.model, population.groups
    shares = model.assumed_shares or tuple(group.share for group in groups)
    sds_cm = model.assumed_sds_cm or tuple(group.sd_cm for group in groups)
    return encode(
        FitSpec(
            estimator=fitted,
            group_names=population.group_names,
            known_shares=shares if model.shares == "known" else None,
            known_sds_cm=sds_cm if fitted.takes_sds else None,
            sampling=study.sampling,
            sizes=study.sizes,
            first=these.first,
            last=these.last,
            stream_key=stream_key(study.seed, population_definition(population)),
            traced=traced_in(study, these),
            oracle=_truth(population) if fitted.oracle else None,
        )
    )


def data_files(study: Study, scenario: str, root: Path) -> list[str]:
    """Where people come from: a data file, and the files of functions that draw or bias them."""
    drawn = study.scenario(scenario)
    population, functions = drawn.population, functions_of(drawn.population, drawn.bias.bias)
    code = dict.fromkeys(split(function)[0] for function in functions)
    data = [] if population.data is None else [population.data.path]
    return [*data, *(opened_path(file, root) for file in code)]


def code_files(study: Study, estimator: str, root: Path) -> list[str]:
    """Where the files of an estimator from outside lie."""
    return [opened_path(path, root) for path in study.estimator(estimator).outside.sources]


def mb_of_block(study: Study, block: str) -> int:
    """Memory in MB that drawing or fitting a block takes."""
    sketches = _MB_PER_SKETCH * len(study.sketched_sizes)
    per_replicate = _MB_PER_PERSON * study.people_kept + sketches
    return int(BASE_MB + len(block_named(block).replicates) * per_replicate)


def fits_of_scenario(study: Study) -> int:
    """Number of fits of a scenario, at most: an estimator may be for some scenarios alone."""
    return study.replicates * len(study.sizes) * len(study.estimators)


def mb_of_measures(study: Study) -> int:
    """Memory in MB that measuring the fits of a scenario takes."""
    return int(BASE_MB + _MB_PER_FIT * fits_of_scenario(study))


def bounds_spec(study: Study, scenario: str) -> str:
    """What the theory of a scenario depends on; models are each there once, sorted."""
    meant = _portable(study, study.scenario(scenario))
    inside = [one for one in study.estimators_of(scenario) if one.method not in OUTSIDE]
    here = sorted(inside, key=lambda estimator: estimator.model.slug)
    by_moments = [estimator for estimator in here if estimator.method == "moments"]
    return encode(
        BoundsSpec(
            population=replace(meant.population, match="mean", truths=()),
            bias=meant.bias.bias,
            sampling=meant.sampling,
            sizes=study.sizes,
            models=tuple({one.model.slug: one.model for one in here}.values()),
            moments=tuple({one.model.slug: one.model for one in by_moments}.values()),
        )
    )


def measure_spec(study: Study, scenario: str) -> str:
    """What the measures of a scenario depend on."""
    estimators = study.estimators_of(scenario)
    portable = _portable(study, study.scenario(scenario))
    return encode(measure_record(portable, estimators, study.quantity.tolerance))


def round_spec(study: Study, end: str, scenario: str) -> str:
    """What the precision of a scenario after so many replicates depends on."""
    aim = study.precision
    if aim is None:
        raise ValueError(f"study {study.name} has no rounds: it has no precision")
    measured = decode(MeasureSpec, measure_spec(study, scenario))
    return encode(RoundSpec(measured, aim.measure, aim.parameter, aim.mcse, int(end)))


def paired(study: Study) -> PairsSpec:
    """Which estimates of a study are set against each other, sample by sample."""
    fitted = [(scenario, study.estimators_of(scenario.slug)) for scenario in study.scenarios]
    return pairs_record(fitted, min(study.sizes, key=lambda size: abs(size - PAIRED_SIZE)))


def paired_fits(study: Study) -> list[tuple[str, str]]:
    """Scenarios and estimators whose estimates are paired."""
    pairs = paired(study).scenarios
    return [(one.scenario, name) for one in pairs for name in (one.reference, *one.others)]


def gather_spec(study: Study) -> str:
    """What the tables of a study depend on, besides those of its scenarios."""
    of = axes(study.biases, study.estimators, study.factors)
    return encode(GatherSpec(of, paired(study), study.factors))


def figures(study: Study) -> list[str]:
    """Names of the figures that a study can fill, in the order of its page."""
    fitted = [
        study.estimators_of(scenario.slug)
        for scenario in study.scenarios
        if len(scenario.population.groups) > 1
    ]
    varied = {axis.varies for axis in axes(study.biases, study.estimators)}
    several = [one for one in study.factors if len(one.distinct) > 1]
    biases = [one.name for one in study.biases]
    shown = "none" if "none" in biases else biases[0]
    iterates = any(
        one.method not in ("closed-form", "moments", *OUTSIDE)
        for scenario in study.scenarios
        if scenario.bias.name == shown
        for one in study.estimators_of(scenario.slug)
    )
    known: dict[Need, bool] = {
        "labelled reference": study.replicates > 1  # a ratio of errors has none of one replicate
        and any(
            reference_of(estimators) and any(one.model.labels == "none" for one in estimators)
            for estimators in fitted
        ),
        "standard errors": any(
            one.method not in ("moments", "hard-em") and not one.trimmed for one in study.estimators
        ),
        "hidden labels": any(
            one.model.labels == "none" for estimators in fitted for one in estimators
        ),
        "many populations": len(study.populations) > MOST_IN_ANSWER,
        "iterations": iterates,
        "many scenarios": len(study.scenarios) > 1,
        "traces": iterates and study.traced > 0,
        "pairs": bool(paired(study).scenarios),
        "strengths": "bias" in varied,
        "label shares": "estimator" in varied,
        "factors": any(several),
        "factors of scenarios": any(one.varies != "estimator" for one in several),
    }
    crowded = len(study.populations) > MOST_PANELS and any(
        one.varies == "population" for one in several
    )
    drawn = fillable([need for need, is_met in known.items() if is_met], not crowded)
    # The lesson is of heights, whatever the study measures.
    of_heights = study.quantity.is_height
    return [name for name in drawn if of_heights or FIGURES[name].subcategory != "Lesson"]


def order_of(study: Study) -> dict[str, list[str]]:
    """The order in which a study names what it shows."""
    return {
        "population": [one.name for one in study.populations],
        "bias": [one.name for one in study.biases],
        "scenario": [one.slug for one in study.scenarios],
        "estimator": [one.name for one in study.estimators],
    }


def figures_spec(study: Study) -> str:
    """Which figures of a study are drawn, in which order they show things, and in whose words."""
    return encode(FiguresSpec(tuple(figures(study)), order_of(study), study.quantity, kept(study)))


def kept(study: Study) -> tuple[str, ...]:
    """Texts that are the author's own, where what is measured has words of its own."""
    return () if study.quantity == HEIGHTS else tuple(sorted(set(names_in(plain(study)))))


def checks_of(study: Study) -> ChecksSpec:
    """What the results of a study should hold."""
    return ChecksSpec(
        scenarios=study.scenarios,
        sizes=study.sizes,
        replicates=study.replicates,
        estimators=study.estimators,
        fitted=tuple(Fitted(scenario, names) for scenario, names in _restricted(study).items()),
    )


def rigour_spec(study: Study) -> str:
    """What is fatal to a study."""
    return json.dumps({"checks": study.checks})


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


def played(study: Study) -> tuple[Played, ...]:
    """Which estimates the lesson of the page shows; none without an invented pair of groups."""
    for first in study.scenarios if study.quantity.is_height else ():
        population, roles = first.population, _roles(study.estimators_of(first.slug))
        invented = len(population.groups) == 2 and not (population.data or population.draw)
        unbiased = isinstance(first.bias.bias, NoBias)
        if not (invented and unbiased and {"labelled", "hidden"} <= roles.keys()):
            continue
        found = [Played(first.slug, role, name) for role, name in roles.items()]
        others = [one for one in study.scenarios if one.population == population]
        return tuple(found) + tuple(
            Played(other.slug, role, roles[role])
            for other in others
            for role in ("labelled", "hidden")
            if other.slug != first.slug
            and roles[role] in {one.name for one in study.estimators_of(other.slug)}
        )
    return ()


def played_fits(study: Study) -> list[tuple[str, str]]:
    """Scenarios and estimators whose estimates the lesson shows."""
    return [(one.scenario, one.estimator) for one in played(study)]


def _roles(estimators: tuple[Estimator, ...]) -> dict[str, str]:
    """Estimators that the lesson sets beside each other, by what they are to it."""
    labelled = reference_of(estimators)
    roles = {"labelled": labelled.name} if labelled else {}
    for one in estimators:
        model = one.model
        is_free = replace(model, shares="free", assumed_shares=None) == Model("none")
        if not is_free or not one.is_compiled:
            continue
        role = "prior" if one.prior else "known shares" if model.shares == "known" else "hidden"
        roles.setdefault(role, one.name)
    return roles


def digest_of_run(study: Study, code: dict[str, str]) -> str:
    """Digest of the study and the code of a run, the same in every folder."""
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


def _truth(population: Population) -> tuple[float, ...]:
    """Shares, means and SDs in cm of the groups, for a search that starts there."""
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


@lru_cache(maxsize=64)  # every figure asks for that of the measures of all scenarios
def origin(study: Study, path: str) -> str:
    """Digest of all that a table is made from."""
    return blake2b("\n".join(_specs(study, path)).encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=256)  # the measures of all scenarios are in what each table of the study is of
def _specs(study: Study, path: str) -> tuple[str, ...]:
    """Specs of a table and of all that it is made from."""
    slugs = sorted(scenario.slug for scenario in study.scenarios)

    def of_all(table: str) -> tuple[str, ...]:
        return tuple(spec for slug in slugs for spec in _specs(study, f"{table}/{slug}.parquet"))

    # Slugs have a dot, and no other name in a path of results has one.
    match PurePath(path).with_suffix("").parts:
        case (*_, "fits" | "traces", slug, estimator, block) if "." in slug:
            return fit_spec(study, slug, estimator, block), draw_spec(study, slug, block)
        case (*_, "samples", slug, block) if "." in slug:
            return (draw_spec(study, slug, block),)
        case (*_, "bounds", slug) if "." in slug:
            return (bounds_spec(study, slug),)
        case (*_, "measures" | "intervals", slug) if "." in slug:
            names = sorted(estimator.name for estimator in study.estimators_of(slug))
            fits = [_specs(study, f"fits/{slug}/{name}/{_FIRST}.parquet") for name in names]
            return measure_spec(study, slug), bounds_spec(study, slug), *chain(*fits)
        case (*_, "rounds", end, slug) if "." in slug:
            measured = _specs(study, f"measures/{slug}.parquet")
            return round_spec(study, end, slug), *measured
        case (*_, "rounds", end) if end.isdigit():
            return of_all(f"rounds/{end}")
        case (*_, "measures" | "settings" | "needed" | "pairs" | "checks"):
            return of_all("measures")
        case (*_, "lesson"):
            return (lesson_spec(study),)
        case _:
            raise ValueError(f"{path}: expected a table of {study.name}, got none of its tables")

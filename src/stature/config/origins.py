"""Origins: what each table of a study is made from, its own spec and the specs of all before it.

By its origin a table that was made under another seed, scenario, size or setting is told from the
one that the study asks for. Its own spec would not do: fits under two biases have the same, and
measures under two seeds.
"""

from functools import lru_cache
from hashlib import blake2b
from pathlib import PurePath

from stature.config.record import Study
from stature.config.rounds import round_spec
from stature.config.specs import (
    bounds_spec,
    draw_spec,
    fit_spec,
    lesson_spec,
    measure_spec,
    paired,
    pairs_spec,
    settings_spec,
)
from stature.design.blocks import Block

# What is made from many blocks is known by its first replicate, however many others there are: so
# a study may grow, or end at a round that nobody knows yet.
_FIRST = Block(0, 0).name


@lru_cache(maxsize=64)  # every figure asks for that of the measures of all scenarios
def origin(study: Study, path: str) -> str:
    """Digest of all that a table is made from."""
    return blake2b("\n".join(_specs(study, path)).encode(), digest_size=8).hexdigest()


def _specs(study: Study, path: str) -> tuple[str, ...]:
    """Specs of a table and of all that it is made from."""
    match PurePath(path).with_suffix("").parts:
        case (*_, "fits" | "traces", scenario, estimator, block) if _is_slug(scenario):
            return _fits(study, scenario, estimator, block)
        case (*_, "samples", scenario, block) if _is_slug(scenario):
            return (draw_spec(study, scenario, block),)
        case (*_, "bounds", scenario) if _is_slug(scenario):
            return (bounds_spec(study, scenario),)
        case (*_, "measures" | "intervals", scenario) if _is_slug(scenario):
            return _measured(study, scenario)
        case (*_, "rounds", end, scenario) if _is_slug(scenario):
            return (round_spec(study, scenario, int(end)), *_measured(study, scenario))
        case (*_, "rounds", end) if end.isdigit():
            return tuple(
                spec
                for scenario in _slugs(study)
                for spec in _specs(study, f"rounds/{end}/{scenario}.parquet")
            )
        case (*_, "measures" | "checks"):
            return _gathered(study)
        case (*_, "settings"):
            return (settings_spec(study), *_gathered(study))
        case (*_, "pairs"):
            return (pairs_spec(study), *_paired(study))
        case (*_, "lesson"):
            return (lesson_spec(study),)
        case _:
            raise ValueError(f"{path}: expected a table of {study.name}, got none of its tables")


def _is_slug(name: str) -> bool:
    """Whether a name is that of a scenario: no other in a path of results has a dot."""
    return "." in name


def _slugs(study: Study) -> list[str]:
    """Scenarios, in the order of their names."""
    return sorted(scenario.slug for scenario in study.scenarios)


def _fits(study: Study, scenario: str, estimator: str, block: str) -> tuple[str, ...]:
    """Specs behind the fits of a block."""
    return fit_spec(study, scenario, estimator, block), draw_spec(study, scenario, block)


def _measured(study: Study, scenario: str) -> tuple[str, ...]:
    """Specs behind the measures of a scenario."""
    names = sorted(estimator.name for estimator in study.estimators_of(scenario))
    return (
        measure_spec(study, scenario),
        bounds_spec(study, scenario),
        *(spec for name in names for spec in _fits(study, scenario, name, _FIRST)),
    )


def _gathered(study: Study) -> tuple[str, ...]:
    """Specs behind the measures of all scenarios."""
    return tuple(spec for scenario in _slugs(study) for spec in _measured(study, scenario))


def _paired(study: Study) -> tuple[str, ...]:
    """Specs behind the fits that are set against each other."""
    return tuple(
        spec
        for one in paired(study).scenarios
        for name in (one.reference, *one.others)
        for spec in _fits(study, one.scenario, name, _FIRST)
    )

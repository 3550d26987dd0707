"""What the lesson plays with: people of two groups, and estimates from many samples of them.

A study has it if it invents a population of two groups, samples it without bias, and fits it with
labels and without.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from stature.arrays import Floats, Ints
from stature.config.specs import PLAYED_REPLICATES, Played, played
from stature.config.study import Study
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import NoBias
from stature.domain.model import parameter_rows
from stature.domain.population import Population
from stature.estimators.estimator import Fits
from stature.measures.matching import matched
from stature.measures.measure import Measure
from stature.report import words
from stature.report.play.inlined import packed, scripts
from stature.theory.lesson import BOYS, PEOPLE

PUPILS = 200  # whose groups are to be found
_HUNDREDTH = 100  # of a cm, to which estimates of single samples are shown
_FARTHEST = 300.0  # cm from the truth
_NOWHERE = -(2**15)


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands in the elements of the lesson."""

    data: str
    names: tuple[str, ...]  # of the two groups
    sizes: tuple[int, ...]
    biases: int  # how many beside none
    style: Markup
    script: Markup


def parts(
    study: Study, measures: Iterable[Measure], fits: Mapping[str, Mapping[str, Fits]]
) -> Parts | None:
    """The lesson of a study; None where it has no such population, or its fits are not given."""
    clouds = [one for one in played(study) if one.estimator in fits.get(one.scenario, {})]
    if not clouds:
        return None
    population = study.scenario(clouds[0].scenario).population
    theory = {
        (row.scenario, row.estimator, row.size, row.group, row.parameter, row.measure): row.value
        for row in measures
        if row.measure in ("bound", "limit_bias")
    }
    heights_cm, groups = _drawn(study, population, PUPILS)
    boys_cm, _ = _drawn(study, Population("boys", (BOYS,)), PEOPLE)
    content: dict[str, Any] = {
        "names": population.group_names,
        "truth": {
            "p": population.shares.tolist(),
            "m": population.means_cm.tolist(),
            "s": population.sds_cm.tolist(),
        },
        "boys": boys_cm.tolist(),
        "people": heights_cm.tolist(),
        "groups": groups.tolist(),
        "sizes": study.sizes,
        "clouds": [
            {
                "role": one.role,
                "estimator": one.estimator,
                "bias": study.scenario(one.scenario).bias.name,
                "words": words.formula(study.scenario(one.scenario).bias.bias),
                **_cloud(study, one, fits[one.scenario][one.estimator]),
                "theory": [
                    [
                        theory.get((one.scenario, one.estimator, size, group, parameter, name))
                        for name, group, parameter in _theory_of(population)
                    ]
                    for size in study.sizes
                ],
            }
            for one in clouds
        ],
    }
    return Parts(
        packed(json.dumps(content, separators=(",", ":"), allow_nan=False)),
        population.group_names,
        study.sizes,
        len({one.scenario for one in clouds}) - 1,
        scripts("lesson.css"),
        scripts("em.js", "picture.js", "lesson.js"),
    )


def _theory_of(population: Population) -> list[tuple[str, str, str]]:
    """Bounds of the two means and of their gap, and by how much the limits of both are off."""
    first, second = population.group_names
    return [
        ("bound", first, "mean_cm"),
        ("bound", second, "mean_cm"),
        ("bound", "", "gap_cm"),
        ("limit_bias", first, "mean_cm"),
        ("limit_bias", second, "mean_cm"),
    ]


def _drawn(study: Study, population: Population, people: int) -> tuple[Floats, Ints]:
    """The first replicate of a population without bias: heights in cm and groups, shape (n,)."""
    spec = DrawSpec(population, NoBias(), study.sampling, study.seed, 0, 0, people)
    samples = draw(spec)
    return samples.heights_cm[0], samples.group_index[0].astype(np.int64)


def _cloud(study: Study, one: Played, fits: Fits) -> dict[str, Any]:
    """Both means of the first replicates at each size, as far from the truth as they are.

    Hundredths of a cm in 16 bits, size by size, then replicate by replicate.
    """
    population = study.scenario(one.scenario).population
    own = matched(fits, population, study.estimator(one.estimator).model)
    rows = parameter_rows(own.group_names)
    columns = [rows.index((name, "mean_cm")) for name in population.group_names]
    off = own.estimate[:PLAYED_REPLICATES, :, columns] - population.means_cm
    off = _HUNDREDTH * np.clip(off, -_FARTHEST, _FARTHEST).transpose(1, 0, 2)
    whole = np.where(np.isfinite(off), np.rint(off), _NOWHERE).astype("<i2")
    return {
        "replicates": own.estimate[:PLAYED_REPLICATES].shape[0],
        "points": b64encode(whole.tobytes()).decode("ascii"),
    }

"""What the lesson plays with: people of two groups, and estimates from many samples of them.

A study has it if it invents a population of two groups, samples it without bias, and fits it with
labels and without.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from math import ceil, floor
from typing import Any

import numpy as np

from stature.config.specs import PLAYED_REPLICATES, Played, played
from stature.config.study import Study
from stature.design.samples import DrawSpec, Samples, draw
from stature.domain.bias import NoBias
from stature.domain.mixture import Mixture, log_joint
from stature.domain.model import parameter_rows
from stature.domain.population import Population
from stature.estimators.estimator import Fits
from stature.measures.matching import matched
from stature.measures.measure import Measure
from stature.report import words
from stature.report.drawings import packed, scripts
from stature.theory.lesson import BOYS, PEOPLE

PUPILS = 200  # whose groups are to be found
_HUNDREDTHS = 100.0  # of a cm, to which estimates of single samples are shown
_FARTHEST_CM, _NOWHERE = 300.0, -(2**15)


def parts(
    study: Study, measures: Iterable[Measure], fits: Mapping[str, Mapping[str, Fits]]
) -> dict[str, Any] | None:
    """What stands in the elements of the lesson; None where a study has not got it."""
    clouds = [one for one in played(study) if one.estimator in fits.get(one.scenario, {})]
    if not clouds:
        return None
    population = study.scenario(clouds[0].scenario).population
    people = _drawn(study, population, PUPILS)
    theory = {
        (row.scenario, row.estimator, row.size, row.measure, row.group, row.parameter): row.value
        for row in measures
    }
    first, second = population.group_names
    # Bounds of the two means and of their gap, and by how much the limits of both are off.
    beside = [("bound", first, "mean_cm"), ("bound", second, "mean_cm"), ("bound", "", "gap_cm")]
    beside += [("limit_bias", first, "mean_cm"), ("limit_bias", second, "mean_cm")]
    content = {
        "names": population.group_names,
        "boys": _drawn(study, Population("boys", (BOYS,)), PEOPLE).heights_cm[0].tolist(),
        "people": people.heights_cm[0].tolist(),
        "groups": people.group_index[0].tolist(),
        "sizes": study.sizes,
        "clouds": [
            {
                "role": one.role,
                "estimator": one.estimator,
                "bias": study.scenario(one.scenario).bias.name,
                "words": words.formula(study.scenario(one.scenario).bias.bias),
                **_cloud(study, one, fits[one.scenario][one.estimator]),
                "theory": [
                    [theory.get((one.scenario, one.estimator, size, *which)) for which in beside]
                    for size in study.sizes
                ],
            }
            for one in clouds
        ],
    }
    truth = Mixture(population.shares, population.means_cm, population.sds_cm)
    taken = log_joint(truth, people.heights_cm[0]).argmax(axis=1)
    low, high = sorted(population.means_cm)
    return {
        "wrong": int((taken != people.group_index[0]).sum()),
        "means": (min(145, floor(low) - 10), max(195, ceil(high) + 10)),
        "most_sd": max(15, 2 * ceil(max(population.sds_cm))),
        "starts": (low - 5.0, high - 8.0),  # far enough off that EM has something to do
        "data": packed(json.dumps(content, separators=(",", ":"), allow_nan=False)),
        "names": population.group_names,
        "sizes": study.sizes,
        "biases": len({one.scenario for one in clouds}) - 1,  # beside none
        "style": scripts("lesson.css"),
        "script": scripts("em.js", "picture.js", "lesson.js"),
    }


def _drawn(study: Study, population: Population, people: int) -> Samples:
    """The first replicate of a population without bias."""
    return draw(DrawSpec(population, NoBias(), study.sampling, study.seed, 0, 0, people))


def _cloud(study: Study, one: Played, fits: Fits) -> dict[str, Any]:
    """Both means of the first replicates at each size, as far from the truth as they are.

    Hundredths of a cm in 16 bits, size by size, then replicate by replicate.
    """
    population = study.scenario(one.scenario).population
    own = matched(fits, population, study.estimator(one.estimator).model)
    rows = parameter_rows(own.group_names)
    columns = [rows.index((name, "mean_cm")) for name in population.group_names]
    off = own.estimate[:PLAYED_REPLICATES, :, columns] - population.means_cm
    off = _HUNDREDTHS * np.clip(off, -_FARTHEST_CM, _FARTHEST_CM).transpose(1, 0, 2)
    whole = np.where(np.isfinite(off), np.rint(off), _NOWHERE).astype("<i2")
    return {"replicates": off.shape[1], "points": b64encode(whole.tobytes()).decode("ascii")}

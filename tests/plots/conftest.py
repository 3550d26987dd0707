"""Made-up tables of measures and traces, of the shape of the default study."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binomtest

from stature.plots.figures import draw

SIZES = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
POPULATIONS = {
    "school": {"boys": (0.5, 176.0, 7.0), "girls": (0.5, 163.0, 6.5)},
    "galton": {"female": (0.485, 162.8, 5.98), "male": (0.515, 175.9, 6.66)},
}
# How far each bias moves the mean of the labelled estimator, in cm.
BIASES = {"minimum-height": 2.3, "none": 0.0, "rounding-5cm": 0.0, "tall-volunteers": 1.1}
ROOT_N_SE = {
    "em": 64.0,
    "em-equal-sds": 19.0,
    "em-known-sds": 17.3,
    "em-known-shares": 13.0,
    "mle": 9.2,
    "mle-numeric": 9.2,
}
# Of the errors of each parameter, relative to those of a mean.
SCALES = {"share": 0.08, "mean_cm": 1.0, "sd_cm": 0.6}
FAILING = {20: 0.55, 50: 0.3, 100: 0.1, 200: 0.01}
PASSES = {"mle": 1.0, "mle-numeric": 5.0, "em": 900.0}
EM_RATES = {"em": 0.99, "em-equal-sds": 0.91, "em-known-shares": 0.82, "mle-numeric": 0.1}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """What a made-up study holds."""

    sizes: tuple[int, ...] = SIZES
    replicates: int = 1000
    estimators: tuple[str, ...] = tuple(ROOT_N_SE)
    populations: tuple[str, ...] = tuple(POPULATIONS)
    biases: tuple[str, ...] = tuple(BIASES)


@pytest.fixture(scope="session")
def full_measures() -> pd.DataFrame:
    return measures(Made())


@pytest.fixture(scope="session")
def full_traces() -> pd.DataFrame:
    return traces()


DrawnOnce = Callable[[str], Figure]


@pytest.fixture(scope="session")
def drawn(full_measures: pd.DataFrame, full_traces: pd.DataFrame) -> DrawnOnce:
    """Figures of the made-up study by name, each drawn once."""
    return cache(lambda name: draw(name, full_traces if name == "convergence" else full_measures))


def titles(figure: Figure) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def measures(made: Made) -> pd.DataFrame:
    generator = np.random.default_rng(7)
    cells = product(made.populations, made.biases, made.estimators, made.sizes)
    rows = [row for at in cells for row in cell(made, *at, generator)]
    if len(made.sizes) > 1:
        rows += list(rates(made))
    return pd.DataFrame(rows).astype({"size": "Int32"})


def blank(made: Made, population: str, bias: str, estimator: str) -> Row:
    return {
        "population": population,
        "bias": bias,
        "scenario": f"{population}.{bias}",
        "estimator": estimator,
        "size": None,
        "group": "",
        "parameter": "",
        "measure": "",
        "reference": "",
        "policy": "available",
        "value": np.nan,
        "mcse": np.nan,
        "lower": np.nan,
        "upper": np.nan,
        "count": None,
        "replicates_used": made.replicates,
        "replicates_failed": 0,
        "replicates_expected": made.replicates,
    }


def proportion(chance: float, used: int, generator: np.random.Generator) -> Row:
    count = int(generator.binomial(used, min(max(chance, 0.0), 1.0)))
    lower, upper = binomtest(count, used).proportion_ci(method="wilson")
    half = (upper - lower) / 2
    return {
        "value": count / used,
        "mcse": half / 1.96,
        "lower": lower,
        "upper": upper,
        "count": count,
    }


def cell(
    made: Made,
    population: str,
    bias: str,
    estimator: str,
    size: int,
    generator: np.random.Generator,
) -> Iterator[Row]:
    fails = estimator == "em" and bias in ("none", "tall-volunteers")
    failed = int(made.replicates * FAILING.get(size, 0.0)) if fails else 0
    used = made.replicates - failed
    base = blank(made, population, bias, estimator)
    base |= {"size": size, "replicates_used": used, "replicates_failed": failed}
    theory = {"policy": "", "replicates_used": 0, "replicates_failed": 0, "replicates_expected": 0}
    labelled = estimator.startswith("mle")
    slow = min(1.0, (size / 2000) ** 0.25) if estimator == "em" else 1.0
    for group, true in POPULATIONS[population].items():
        for (parameter, scale), truth in zip(SCALES.items(), true, strict=True):
            at = base | {"group": group, "parameter": parameter}
            yield at | theory | {"measure": "truth", "value": truth}
            if parameter == "share" and (labelled or estimator == "em-known-shares"):
                yield at | {"measure": "rmse", "value": 0.01, "mcse": 0.0}
                continue
            bound = ROOT_N_SE[estimator] * scale / np.sqrt(size)
            spread = bound * slow * (1 + generator.normal() * 0.02)
            limit = BIASES[bias] * scale * (1.0 if labelled else 1.4)
            middle = limit - (1 - slow) * 2.5 * scale + generator.normal() * spread / np.sqrt(used)
            rmse = float(np.hypot(middle, spread))
            yield at | {"measure": "bias", "value": middle, "mcse": spread / np.sqrt(used)}
            yield at | {"measure": "rmse", "value": rmse, "mcse": rmse / np.sqrt(2 * used)}
            yield at | theory | {"measure": "limit_bias", "value": limit}
            inside = proportion(0.95 * np.exp(-((limit / spread) ** 2) / 4), used, generator)
            yield at | inside | {"measure": "coverage"}
            if population == "school":  # there is no bound for a data file
                yield at | theory | {"measure": "bound", "value": bound}
            if not labelled:
                price = rmse / (9.2 * scale / np.sqrt(size))
                yield at | {
                    "measure": "price_of_hidden_labels",
                    "reference": "mle",
                    "policy": "joint",
                    "value": price,
                    "mcse": price * 0.03,
                }
    near = proportion(np.exp(-((ROOT_N_SE[estimator] ** 2) / size) / 6), used, generator)
    yield base | near | {"measure": "within_2cm"}
    middle = PASSES.get(estimator, 80.0) * ((size / 200) ** 0.25 if estimator == "em" else 1.0)
    yield base | {"measure": "passes_median", "value": middle, "mcse": 0.02 * middle}
    yield base | {"measure": "passes_p90", "value": 3 * middle, "mcse": 0.05 * middle}


def rates(made: Made) -> Iterator[Row]:
    for population, bias, estimator in product(made.populations, made.biases, made.estimators):
        slope = -0.38 if estimator == "em" else -0.5
        base = blank(made, population, bias, estimator)
        base |= {"measure": "rate", "mcse": 0.01, "value": slope}
        for group, parameter in product(POPULATIONS[population], SCALES):
            yield base | {"group": group, "parameter": parameter}


def traces(replicates: int = 3, sizes: tuple[int, ...] = (50, 200)) -> pd.DataFrame:
    generator = np.random.default_rng(11)
    rows: list[Row] = []
    for (population, groups), (estimator, rate), replicate, size in product(
        POPULATIONS.items(), EM_RATES.items(), range(replicates), sizes
    ):
        far = generator.normal(0, 4, len(groups))
        last = int(np.ceil(np.log(1e-5) / np.log(rate)))
        base = {"scenario": f"{population}.none", "estimator": estimator, "replicate": replicate}
        base |= {"size": size, "start": 0, "parameter": "mean_cm"}
        for step in range(last + 1):
            gap = 40 * rate ** (2 * step) if step < last else 0.0
            at = base | {"step": step, "passes": step + 1, "gap": gap}
            for away, (group, true) in zip(far, groups.items(), strict=True):
                rows.append(at | {"group": group, "estimate": true[1] + away * rate**step})
    return pd.DataFrame(rows)

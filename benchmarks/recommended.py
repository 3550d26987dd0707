"""How good what `stature fit --groups 1 2 3` recommends is: ``python -m benchmarks.recommended``.

Samples of one, two and three groups, of which nothing is known: how often the recommended fit has
as many groups as there are, and, where it has, the root mean square error of its means, in cm,
beside that of `em` and `em-equal-sds` of as many groups. Into ``benchmarks/recommended.csv``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console

import stature
from benchmarks.measurement import Measurement, write
from benchmarks.problems import SEED
from stature.arrays import Floats

SAMPLES, SIZES = 40, (100, 1000)
TRUTHS = {
    "one": ((1.0,), (170.0,), (7.0,)),
    "two, 1 SD apart": ((0.5, 0.5), (163.0, 169.5), (6.5, 6.5)),
    "school": ((0.5, 0.5), (163.0, 176.0), (6.5, 7.0)),
    "few girls": ((0.3, 0.7), (163.0, 176.0), (5.5, 8.0)),
    "two, 3 SDs apart": ((0.5, 0.5), (163.0, 182.5), (6.5, 6.5)),
    "three": ((0.3, 0.35, 0.35), (140.0, 163.0, 176.0), (7.0, 6.5, 7.0)),
}
"""Shares, means and SDs of the groups."""


def sample(name: str, size: int, number: int) -> Floats:
    """Heights of one sample, to a millimetre."""
    shares, means_cm, sds_cm = map(np.array, TRUTHS[name])
    rng = np.random.default_rng([SEED, list(TRUTHS).index(name), size, number])
    group = rng.choice(len(shares), size, p=shares)
    return np.round(rng.normal(means_cm[group], sds_cm[group]), 1)


def judged(name: str, size: int) -> Iterator[Measurement]:
    """How often the number of groups is found, and how far off the means are."""
    truth = np.array(TRUTHS[name][1])
    found, squares = dict[int, int](), dict[str, list[float]]()
    for number in range(SAMPLES):
        fit = stature.fit(sample(name, size, number), groups=(1, 2, 3))
        best = fit.fitted.recommended
        count = len(best.group_names) if best else 0
        found[count] = found.get(count, 0) + 1
        if best is None or count != len(truth):
            continue
        alike = [one for one in fit.fitted.findings if len(one.group_names) == count]
        for one in (best, *alike):
            label = "recommended" if one is best else one.estimator.name.partition("-of-")[0]
            error = one.mixture.means_cm - truth
            squares.setdefault(label, []).append(float((error**2).mean()))
    for count, times in sorted(found.items()):
        yield Measurement("recommended", name, size, f"{count} groups", "chosen", times / SAMPLES)
    for label, values in squares.items():
        error = float(np.sqrt(np.mean(values)))
        yield Measurement("recommended", name, size, label, "rmse_of_means_cm", error)


def main() -> None:
    """Measure and write."""
    found: list[Measurement] = []
    for name in TRUTHS:
        for size in SIZES:
            for row in judged(name, size):
                found.append(row)
                Console().print(
                    f"{row.pair}, {row.size}: {row.method} {row.quantity} {row.value:.3g}"
                )
    write(Path(__file__).with_name("recommended.csv"), found)


if __name__ == "__main__":
    main()

"""Agreement: Newton and EM on ten thousand samples, and the sketch against the people."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks import ours
from benchmarks.judge import look, people_of, unconstrained, whole
from benchmarks.measurement import Measurement
from benchmarks.problems import PAIRS, SD_CM, heights_cm

SAME_MAXIMUM = 1e-6
"""Log-likelihoods closer than this are of one maximum."""
SAMPLES = 10_000
SIZES = (200, 1_000)
SKETCHED = 10_000


def methods(samples: int) -> Iterator[Measurement]:
    """Fits of which Newton and EM, each from its ten starts, end at different maxima."""
    newton = next(entrant for entrant in ours.entrants() if "10 starts" in entrant.name)
    em = ours.Ours("em", replace(newton.estimator, name="em", method="em"))
    each = samples // (len(PAIRS) * len(SIZES))
    for pair in PAIRS:
        for size in SIZES:
            people = heights_cm(pair, each, size)
            (_, first), (_, second) = ours.fit(newton, people), ours.fit(em, people)
            both = (first.status == 0) & (second.status == 0)
            apart = np.abs(first.log_likelihood - second.log_likelihood) > SAME_MAXIMUM
            counts = {
                "samples": each,
                "both converged": both.sum(),
                "different": (both & apart).sum(),
                "decrement": np.nanmax(first.decrement[first.status == 0]),
            }
            for quantity, value in counts.items():
                yield Measurement("agreement", pair.name, size, "", quantity, float(value))


def sketch() -> Iterator[Measurement]:
    """Relative differences of sums at the truth, nodes against people."""
    for pair in PAIRS:
        for heights in heights_cm(pair, 5, SKETCHED):
            u = unconstrained(np.array([*pair.shares, *pair.means_cm, SD_CM, SD_CM]))
            nodes, people = look(people_of(heights), u), look(whole(heights), u)
            scale = np.sqrt(np.diag(people.information))
            differences = {
                "log-likelihood": nodes.log_likelihood / people.log_likelihood - 1.0,
                # The score in standard errors of all people, who are its scale.
                "score": (nodes.score - people.score) / scale / np.sqrt(SKETCHED),
                "information": (nodes.information - people.information) / np.outer(scale, scale),
            }
            for quantity, difference in differences.items():
                largest = float(np.max(np.abs(difference)))
                yield Measurement("sketch", pair.name, SKETCHED, "", quantity, largest)

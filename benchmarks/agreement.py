"""Agreement: Newton and EM on ten thousand samples, and the sketch against the people."""

from collections.abc import Iterator

import numpy as np

from benchmarks import ours
from benchmarks.judge import look, people_of, unconstrained, whole
from benchmarks.measurement import Measurement
from benchmarks.problems import PAIRS, heights_cm
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.hidden import fit_hidden

SAME_MAXIMUM = 1e-6
"""Log-likelihoods closer than this are of one maximum."""
SAMPLES = 10_000
SIZES = (200, 1_000)
SKETCHED = 10_000
TABLED, TABLED_SIZES = 50, np.array([1_000, SKETCHED], dtype=np.int32)


def methods(samples: int) -> Iterator[Measurement]:
    """Fits of which Newton and EM, each from its ten starts, end at different maxima."""
    newton, em = (ours.Ours(name, CATALOGUE[name]) for name in ("newton", "em"))
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


def tables() -> Iterator[Measurement]:
    """Relative differences of all numbers of fits, with the sketch and without it."""
    for pair in PAIRS:
        for name in ("newton", "em-squarem", "em-known-shares"):
            estimator = CATALOGUE[name]
            people = ours.samples_of(heights_cm(pair, TABLED, SKETCHED))
            numbers = ours.uniforms(estimator, TABLED)
            shares = pair.shares if estimator.model.shares == "known" else None
            told = estimator, people, TABLED_SIZES, numbers, shares, None
            (on, _), (off, _) = fit_hidden(*told), fit_hidden(*told, sketch_from=2 * SKETCHED)
            changed = np.mean(on.status != off.status)
            yield Measurement("tables", pair.name, SKETCHED, name, "statuses changed", changed)
            pairs = [(on.theta, off.theta), (on.log_likelihood, off.log_likelihood)]
            for kind in ("observed", "sandwich"):
                ends = [getattr(end, kind) for end in (on, off)]
                # Variances of what is free: what is told has none.
                first, second = (np.diagonal(end, axis1=2, axis2=3) for end in ends)
                pairs.append((np.where(second > 0, first, 1.0), np.where(second > 0, second, 1.0)))
            same = (on.status == 0) & (off.status == 0)
            largest = max(float(np.max(np.abs(a / b - 1.0)[same])) for a, b in pairs)
            yield Measurement("tables", pair.name, SKETCHED, name, "difference", largest)


def sketch() -> Iterator[Measurement]:
    """Relative differences of sums at the truth, nodes against people."""
    for pair in PAIRS:
        for heights in heights_cm(pair, 5, SKETCHED):
            u = unconstrained(np.array([*pair.shares, *pair.means_cm, *pair.sds_cm]))
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

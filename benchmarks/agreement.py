"""Agreement: Newton and EM on ten thousand samples, and the sketch against the people."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks import ours
from benchmarks.judge import look, people_of, unconstrained, unsketched
from benchmarks.measurement import Measurement
from benchmarks.problems import PAIRS, heights_cm
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.plain.block import fit_unlabelled, fits_of, starts_of

SAME_MAXIMUM = 1e-6
"""Log-likelihoods closer than this are of one maximum."""
SAMPLES = 10_000
SIZES = (200, 1_000)
SKETCHED = 10_000
TABLE_COLUMNS = (
    "estimate",
    "std_error",
    "robust_std_error",
    "lower",
    "upper",
    "log_likelihood",
)
TABLED, TABLED_SIZES = 50, np.array([1_000, SKETCHED], dtype=np.int32)


def methods(samples: int) -> Iterator[Measurement]:
    """Fits of which Newton and EM, each from its ten starts, end at different maxima."""
    em = ours.Ours("em", CATALOGUE["em"])
    # The same starts for both: it is the methods that are compared.
    newton = ours.Ours("newton", replace(CATALOGUE["newton"], kept_starts=em.estimator.kept_starts))
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
    """Relative changes of all numbers of the tables of fits by turning the sketch on or off.

    Fits that end at another maximum are counted. So few people or so narrow groups as make a fit
    suspect are left out of the rest: their information is next to singular.
    """
    for pair in PAIRS:
        for name in ("newton", "em-squarem", "em-known-shares"):
            estimator = CATALOGUE[name]
            people = ours.samples_of(heights_cm(pair, TABLED, SKETCHED))
            numbers = ours.uniforms(estimator, TABLED)
            shares = pair.shares if estimator.model.shares == "known" else None
            spec = ours.spec_of(estimator, TABLED, tuple(TABLED_SIZES.tolist()), shares)
            given = spec, people, starts_of(spec, numbers)
            outcomes = fit_unlabelled(*given)[0], fit_unlabelled(*given, 2 * SKETCHED)[0]
            on, off = (
                fits_of(people.replicates, TABLED_SIZES, ours.GROUPS, outcome)
                for outcome in outcomes
            )
            converged = (on.status == 0) & (off.status == 0)
            same = np.abs(on.log_likelihood - off.log_likelihood) < SAME_MAXIMUM
            sound = converged & same & ~on.suspect & ~off.suspect
            largest = 0.0
            for column in TABLE_COLUMNS:
                first, second = (getattr(fits, column)[sound] for fits in (on, off))
                largest = max(largest, float(np.nanmax(np.abs(first / second - 1.0))))
            found = {
                "fits": sound.size,
                "statuses changed": (on.status != off.status).sum(),
                "other maxima": (converged & ~same).sum(),
                "suspect": (converged & same & (on.suspect | off.suspect)).sum(),
                "difference": largest,
            }
            for quantity, value in found.items():
                yield Measurement("tables", pair.name, SKETCHED, name, quantity, float(value))


def sketch() -> Iterator[Measurement]:
    """Relative differences of sums at the truth, nodes against people."""
    for pair in PAIRS:
        for heights in heights_cm(pair, 5, SKETCHED):
            u = unconstrained(np.array([*pair.shares, *pair.means_cm, *pair.sds_cm]))
            nodes, people = look(people_of(heights), u), look(unsketched(heights), u)
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

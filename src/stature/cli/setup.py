"""`stature setup`: compile all that fits need, once for this machine, so that no run has to.

What that is, the catalogue says: each of its estimators, with each kind of interval, fits a few
samples. Two processes share the work; a function is compiled by whoever needs it first.
"""

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from stature.design.samples import DrawSpec, draw
from stature.domain.bias import NoBias
from stature.domain.population import Group, Population
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import ENOUGH_STARTS, Estimator, FitSpec

GROUPS = (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0))
SIZES = (60, 1000)
"""Few people, and so many that the search works on a sketch of them."""
SKETCHED = (4000,)
PROCESSES = 2
"""More would wait for each other: the longest chain of functions is half of the work."""


def estimators() -> list[list[Estimator]]:
    """The estimators that set-up fits, a list for each process: hidden labels, and all else."""
    plain = list(CATALOGUE.values())
    em = CATALOGUE["em"]
    hidden = [one for one in plain if one.model.labels == "none"]
    others = [one for one in plain if one.model.labels != "none"]
    others += [*GENERAL.values(), replace(em, interval="profile")]
    return [hidden, [*others, replace(em, interval="bootstrap", bootstrap_samples=2)]]


def fit(chosen: Sequence[Estimator]) -> None:
    """Fit estimators to a few people, with every way in which a study may keep them."""
    from stature.estimators.fit import fit_block, fit_heights

    drawn = DrawSpec(Population("set-up", GROUPS), NoBias(), "random", 0, 0, 0, SIZES[-1])
    samples, sketched = draw(drawn), draw(replace(drawn, sketched_sizes=SKETCHED))
    for one in chosen:
        # Nobody knows which people of a sketch have a label.
        sees_all = one.model.labels in ("all", "none")
        known = tuple(group.share for group in GROUPS), tuple(group.sd_cm for group in GROUPS)
        spec = FitSpec(
            estimator=one,
            group_names=samples.group_names,
            known_shares=known[0] if one.model.shares == "known" else None,
            known_sds_cm=known[1] if one.takes_sds else None,
            sampling="random",
            sizes=(*SIZES, *SKETCHED) if sees_all else SIZES,
            first=0,
            last=0,
            stream_key=drawn.stream_key,
            traced=1,
        )
        # In a stratified sample shares are no parameters, which is other code.
        for each in (spec, replace(spec, sampling="stratified")):
            fit_block(each, sketched if sees_all else samples)
        if one == CATALOGUE["em"]:
            # People's own files are searched with as many starts as it takes.
            searched = replace(spec, estimator=replace(one, starts=ENOUGH_STARTS))
            fit_heights(searched, samples.heights_cm[0, : SIZES[0]], None)


def run_setup() -> int:
    """Compile what is not compiled yet, and say so."""
    from stature.kernels.compile import SECONDS_TO_COMPILE, devote, mark_of_set_up

    if mark_of_set_up().exists():
        return 0
    start = time.monotonic()
    print(f"Compiling what fits need, once: about {SECONDS_TO_COMPILE} s.", file=sys.stderr)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), devote) as pool:
        list(pool.map(fit, estimators()))  # and raise what went wrong
    mark_of_set_up().touch()
    print(f"Compiled: {time.monotonic() - start:.0f} s.", file=sys.stderr)
    return 0

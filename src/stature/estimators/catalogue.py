"""The catalogue: estimators that come with the package, by name.

A new estimator is one line here; the laws that every estimator must obey are tested on all.
"""

from stature.domain.model import Model
from stature.estimators.estimator import Estimator

ALL = (
    Estimator("mle", Model("all"), "closed-form"),
    Estimator("mle-numeric", Model("all"), "newton", tolerance=1e-12),
    Estimator("em", Model("none"), "em"),
    Estimator("em-squarem", Model("none"), "squarem"),
    Estimator("newton", Model("none"), "newton", kept_starts=3, tolerance=1e-12),
    Estimator("em-equal-sds", Model("none", sds="equal"), "em"),
    Estimator("em-known-shares", Model("none", shares="known"), "em"),
    Estimator("em-known-sds", Model("none", sds="known"), "em"),
)

CATALOGUE = {estimator.name: estimator for estimator in ALL}

"""A catalogue of estimators with more than a plain model, by name; a study may set any other.

A new one is one line here; the laws of its tests run on all of them.
"""

from stature.domain.model import Model
from stature.domain.observation import Rounded, Selected, Truncated, Weighted
from stature.estimators.estimator import Estimator, Method


def _climb(name: str, model: Model, method: Method = "newton", penalty: float = 0.0) -> Estimator:
    """One line of the catalogue, with the settings of all of them."""
    return Estimator(name, model, method, kept_starts=3, tolerance=1e-12, penalty=penalty)


CUT, SELECTION = Truncated(below_cm=160.0), (0.05, 169.5)

OBSERVED = (
    _climb("mle-truncated", Model("all", observation=CUT)),
    _climb("mle-restricted", Model("all", sds="known", observation=CUT)),
    _climb("mle-rounded", Model("all", observation=Rounded(5.0))),
    _climb("mle-selected", Model("all", observation=Selected(*SELECTION))),
    _climb("mle-weighted", Model("all", observation=Weighted(*SELECTION))),
    _climb("mixture-truncated", Model("none", observation=CUT)),
    _climb("mixture-restricted", Model("none", sds="known", observation=CUT)),
    _climb("mixture-rounded", Model("none", observation=Rounded(5.0))),
    _climb("mixture-selected", Model("none", observation=Selected(*SELECTION))),
    _climb("mixture-weighted", Model("none", observation=Weighted(*SELECTION))),
    _climb("some-labels", Model("some", labelled_share=0.1)),
    _climb("penalised", Model("none"), penalty=1.0),
    _climb("t-mixture", Model("none", freedom=4.0)),
)

CATALOGUE = {estimator.name: estimator for estimator in OBSERVED}

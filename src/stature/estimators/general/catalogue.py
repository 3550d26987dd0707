"""A catalogue of estimators with more than a plain model, by name; a study may set any other.

A new one is one line here; the laws of its tests run on all of them.
"""

from dataclasses import replace

from stature.domain.model import Model
from stature.domain.observation import Heaped, Rounded, Selected, Truncated, Weighted
from stature.domain.recording import Grid
from stature.estimators.estimator import Estimator, Method, Stop


def _climb(name: str, model: Model, method: Method = "newton", penalty: float = 0.0) -> Estimator:
    """One line of the catalogue, with the settings of all of them."""
    return Estimator(name, model, method, kept_starts=3, tolerance=1e-12, penalty=penalty)


HEAPS = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
CUT, SELECTION = Truncated(below_cm=160.0), (0.05, 169.5)

POPULAR_STOPS = {
    "scikit-learn": Stop("mean", 1e-3),
    "rmixmod": Stop("relative", 1e-3),
    "pomegranate": Stop("total", 0.1),
    "hmmlearn": Stop("total", 1e-2),
    "mclust": Stop("relative", 1e-5),
    "nor1mix": Stop("relative", 1.5e-8),
    "mixr": Stop("total", 1e-6),
    "mixtools": Stop("total", 1e-8),
}
"""Rules by which programs stop EM, as their documentation states them."""

OBSERVED = (
    _climb("mle-truncated", Model("all", observation=CUT)),
    _climb("mle-restricted", Model("all", sds="known", observation=CUT)),
    _climb("mle-rounded", Model("all", observation=Rounded(5.0))),
    _climb("mle-heaped", Model("all", observation=HEAPS)),
    _climb("mle-selected", Model("all", observation=Selected(*SELECTION))),
    _climb("mle-weighted", Model("all", observation=Weighted(*SELECTION))),
    _climb("mixture-truncated", Model("none", observation=CUT)),
    _climb("mixture-restricted", Model("none", sds="known", observation=CUT)),
    _climb("mixture-rounded", Model("none", observation=Rounded(5.0))),
    _climb("mixture-heaped", Model("none", observation=HEAPS)),
    _climb("mixture-selected", Model("none", observation=Selected(*SELECTION))),
    _climb("mixture-weighted", Model("none", observation=Weighted(*SELECTION))),
    _climb("some-labels", Model("some", labelled_share=0.1)),
    _climb("labels-as-recorded", Model("recorded")),
    _climb("labelled-only", Model("some", labelled_share=0.1, unlabelled="ignored")),
    _climb("penalised", Model("none"), penalty=1.0),
    replace(_climb("shares-penalised", Model("none")), share_penalty=5.0),
    replace(_climb("alike-sds", Model("none")), sd_ratio=0.95),
    replace(_climb("trimmed", Model("none")), trimmed=0.05),
    Estimator("mle-unbiased", Model("all"), "closed-form", variances="unbiased"),
    Estimator("mle-equal-sds", Model("all", sds="equal"), "closed-form"),
    _climb("t-mixture", Model("none", freedom=4.0)),
    Estimator("hard-em", Model("none"), "hard-em"),
    Estimator("moments", Model("none"), "moments", starts=1, kept_starts=1),
    Estimator("moments-equal-sds", Model("none", sds="equal"), "moments", starts=1, kept_starts=1),
    # The rules of popular programs, each with the one start that people use.
    *(
        Estimator(f"em-as-{name}", Model("none"), "em", starts=1, kept_starts=1, stop=stop)
        for name, stop in POPULAR_STOPS.items()
    ),
)

CATALOGUE = {estimator.name: estimator for estimator in OBSERVED}

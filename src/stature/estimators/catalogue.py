"""The catalogue: estimators that come with the package, by name; a study may set any other.

A new estimator is one line here; the laws that every estimator must obey are tested on all.
"""

from dataclasses import replace

from stature.domain.model import Model
from stature.domain.observation import Grid, Heaped, Rounded, Selected, Truncated, Weighted
from stature.estimators.estimator import Alternative, Choice, Estimator, Prior, Stop

CATALOGUE = {
    estimator.name: estimator
    for estimator in (
        Estimator("mle", Model("all"), "closed-form"),
        Estimator("mle-numeric", Model("all"), "newton", tolerance=1e-12),
        Estimator("em", Model("none"), "em"),
        Estimator("em-squarem", Model("none"), "squarem"),
        Estimator("newton", Model("none"), "newton", kept_starts=3, tolerance=1e-12),
        Estimator("em-equal-sds", Model("none", sds="equal"), "em"),
        Estimator("em-map", Model("none"), "em", prior=Prior()),
        Estimator("em-known-shares", Model("none", shares="known"), "em"),
        Estimator("em-known-sds", Model("none", sds="known"), "em"),
    )
}
"""Estimators of plain models, which the compiled search can fit."""


def _newton(name: str, model: Model) -> Estimator:
    """Newton with the settings that all of its lines share."""
    return Estimator(name, model, "newton", kept_starts=3, tolerance=1e-12)


HEAPS = Heaped((Grid(5.0, 0.3), Grid(2.5, 0.2)))
CUT, SELECTION = Truncated(below_cm=160.0), (0.05, 169.5)

CHOICE = Choice("bic", (Alternative("equal"), Alternative("free")))

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

GENERAL = {
    estimator.name: estimator
    for estimator in (
        _newton("mle-truncated", Model("all", observation=CUT)),
        _newton("mle-restricted", Model("all", sds="known", observation=CUT)),
        _newton("mle-rounded", Model("all", observation=Rounded(5.0))),
        _newton("mle-heaped", Model("all", observation=HEAPS)),
        _newton("mle-selected", Model("all", observation=Selected(*SELECTION))),
        _newton("mle-weighted", Model("all", observation=Weighted(*SELECTION))),
        _newton("mixture-truncated", Model("none", observation=CUT)),
        _newton("mixture-restricted", Model("none", sds="known", observation=CUT)),
        _newton("mixture-rounded", Model("none", observation=Rounded(5.0))),
        _newton("mixture-heaped", Model("none", observation=HEAPS)),
        _newton("mixture-selected", Model("none", observation=Selected(*SELECTION))),
        _newton("mixture-weighted", Model("none", observation=Weighted(*SELECTION))),
        _newton("some-labels", Model("some", labelled_share=0.1)),
        _newton("labels-as-recorded", Model("recorded")),
        _newton("labelled-only", Model("some", labelled_share=0.1, unlabelled="ignored")),
        replace(_newton("penalised", Model("none")), penalty=1.0),
        replace(_newton("em-bic", Model("none")), choose=CHOICE),
        replace(_newton("em-average", Model("none")), choose=replace(CHOICE, average=True)),
        _newton("em-known-ratio", Model("none", sds="ratio")),
        replace(_newton("em-posterior", Model("none")), interval="posterior", estimate="posterior"),
        replace(_newton("recorded-with-prior", Model("recorded")), prior=Prior()),
        replace(_newton("alike-sds", Model("none")), sd_ratio=0.95),
        replace(_newton("trimmed", Model("none")), trimmed=0.05),
        Estimator("mle-unbiased", Model("all"), "closed-form", variances="unbiased"),
        Estimator("mle-equal-sds", Model("all", sds="equal"), "closed-form"),
        _newton("t-mixture", Model("none", freedom=4.0)),
        Estimator("hard-em", Model("none"), "hard-em"),
        Estimator("moments", Model("none"), "moments", starts=1, kept_starts=1),
        Estimator(
            "moments-equal-sds", Model("none", sds="equal"), "moments", starts=1, kept_starts=1
        ),
        # The rules of popular programs, each with the one start that people use.
        *(
            Estimator(f"em-as-{name}", Model("none"), "em", starts=1, kept_starts=1, stop=stop)
            for name, stop in POPULAR_STOPS.items()
        ),
    )
}
"""Estimators with an observation model, some labels, a penalty, or another method."""

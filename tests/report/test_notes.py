"""Every sentence that a page forms is true of its study: over studies of every kind."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.config.study import ConfigError
from stature.report import page
from stature.report.notes import CHOICES, Conditions, choices
from stature.report.tables import lookup
from tests.report.conftest import MLE, Ran, run

EM = {"name": "em", "labels": "none", "method": "em"}
GROUPS = (("a", 0.4, 158.0, 5.0), ("b", 0.35, 171.0, 7.0), ("c", 0.25, 186.0, 4.0))
BIASES: dict[str, dict[str, Any]] = {
    "none": {"kind": "none"},
    "cut": {"kind": "truncation", "below_cm": 155.0},
    "volunteers": {"kind": "selection", "log_odds_per_cm": 0.03},
    "of-one": {"kind": "selection", "log_odds_per_cm": 0.03, "group": "a"},
    "tilt": {"kind": "tilt", "log_weight_per_cm": 0.01},
    "classes": {"kind": "classes", "size": 5, "shift_sd_cm": 1.0},
    "rounding": {"kind": "rounding", "step_cm": 5.0},
    "labels": {"kind": "missing-labels", "share": 0.2},
}
ESTIMATORS: dict[str, dict[str, Any]] = {
    "mle": MLE,
    "em": EM,
    "em-shares": EM | {"shares": "known"},
    "em-equal": EM | {"sds": "equal"},
    "moments": EM | {"method": "moments"},
    "hard": EM | {"method": "hard-em"},
    "early": EM | {"stop": {"gain": "total", "below": 1e-3}},
    "part": {"labels": 0.3, "method": "newton"},
    "cut-known": {
        "labels": "all",
        "method": "newton",
        "observation": {"kind": "truncated", "below_cm": 155.0},
    },
    "profile": EM | {"interval": "profile"},
    "mean": EM | {"interval": "posterior", "estimate": "posterior"},
    "bootstrap": EM | {"interval": "bootstrap", "bootstrap_samples": 40},
    "sandwich": MLE | {"interval": "sandwich"},
}


def config(groups: int, biases: tuple[str, ...], estimators: tuple[str, ...], **more: Any) -> Any:
    total = sum(one[1] for one in GROUPS[:groups])
    keys = ("name", "share", "mean_cm", "sd_cm")
    return {
        "study": "any",
        "seed": 5,
        "replicates": 3,
        "block": 9,
        "sizes": [40, 80],
        "traced": 0,
        "populations": [
            {
                "name": "p",
                "groups": [
                    dict(zip(keys, (name, share / total, mean, sd), strict=True))
                    for name, share, mean, sd in GROUPS[:groups]
                ],
            }
        ],
        "biases": [{"name": name, **BIASES[name]} for name in biases],
        "estimators": [{**ESTIMATORS[name], "name": name} for name in estimators],
        **more,
    }


PICKED = (
    config(1, ("cut",), ("mle", "cut-known"), sizes=[60]),
    config(1, ("none",), ("mle", "em"), replicates=1, sizes=[12]),
    config(2, ("none",), ("mle", "moments"), sampling="random"),
    config(2, ("none", "volunteers", "of-one"), ("mle", "em", "em-shares", "part")),
    config(2, ("none",), ("em", "profile", "bootstrap", "sandwich", "hard", "early"), sizes=[50]),
    config(2, ("tilt", "classes", "rounding", "labels"), ("mle", "em-equal"), sizes=[30]),
    config(3, ("none",), ("mle", "em"), sizes=[60, 90]),
    config(2, ("none",), ("mle", "em"), sizes=[6, 9], replicates=6),
    config(2, ("none",), ("mle",), sizes=[40])
    | {"estimators": [EM | {"name": "em", "interval": "posterior"}]},
    config(2, ("none",), ("mle", "em", "mean"), sizes=[40]),
)


def at_random(count: int) -> list[Any]:
    """Studies of one to three groups, any biases and any estimators."""
    rng = np.random.default_rng(12)
    return [
        config(
            int(rng.integers(1, 4)),
            tuple(rng.permutation(list(BIASES))[: rng.integers(1, 3)].tolist()),
            tuple(rng.permutation(list(ESTIMATORS))[: rng.integers(1, 4)].tolist()),
            sizes=[int(one) for one in rng.choice([8, 25, 60], rng.integers(1, 3), replace=False)],
            replicates=int(rng.integers(1, 5)),
            sampling=str(rng.choice(["stratified", "random"])),
        )
        for _ in range(count)
    ]


@dataclass(frozen=True)
class Case:
    """A study, what came of it, and what its page says."""

    config: Any
    ran: Ran
    text: str

    @property
    def groups(self) -> int:
        return len(self.config["populations"][0]["groups"])

    @property
    def kinds(self) -> set[str]:
        return {one["kind"] for one in self.config["biases"]}

    def estimator(self, holds: Callable[[dict[str, Any]], bool]) -> bool:
        return any(map(holds, self.config["estimators"]))

    def values(self, measure: str) -> list[float]:
        return [
            row.value
            for row in self.ran.measures
            if row.measure == measure and row.value is not None and row.policy != "finite"
        ]


@cache
def cases() -> tuple[Case, ...]:
    found: list[Case] = []
    for one in (*PICKED, *at_random(16)):
        try:
            ran = run(one)
        except ConfigError:  # an estimator that does not go with its groups
            continue
        shown = page.render(ran.study, ran.measures, ran.checks, {"seed": 5}, {})
        # Commands and formulas are no sentences.
        parts = r"<style>.*?</style>|<script>.*?</script>|<pre>.*?</pre>|<caption>All m.*?</table>"
        words = re.sub(parts, "", shown, flags=re.DOTALL)
        words = html.unescape(re.sub(r"<[^>]+>", " ", words))
        found.append(Case(one, ran, " ".join(words.split())))
    return tuple(found)


def labels(one: dict[str, Any]) -> Any:
    return one["labels"]


def unlabelled(one: dict[str, Any]) -> bool:
    return one["labels"] == "none"


def errs(one: dict[str, Any]) -> bool:
    return one["method"] not in ("moments", "hard-em")


def seeks(one: dict[str, Any]) -> bool:
    return one["method"] in ("em", "newton") and not {"stop", "estimate"} & one.keys()


ONLY_IF: dict[str, Callable[[Case], bool]] = {
    "Hiding the labels": lambda of: of.groups > 1 and bool(of.values("price_of_hidden_labels")),
    "with labels": lambda of: of.groups > 1 and of.estimator(lambda e: e["labels"] == "all"),
    "without labels": lambda of: of.groups > 1 and of.estimator(unlabelled),
    "needs a median of": lambda of: (
        of.groups > 1 and of.estimator(lambda one: unlabelled(one) and seeks(one))
    ),
    "more people do not help": lambda of: any(abs(one) > 1e-3 for one in of.values("limit_bias")),
    "is detected at": lambda of: of.kinds != {"none"},
    "for which heights are truncated": lambda of: of.estimator(lambda e: "observation" in e),
    "No number of this study": lambda of: not of.values("rmse"),
    "the mean lies within": lambda of: of.groups == 1,
    "swapped :": lambda of: sum(of.values("swapped")) > 0.0,
    "step limit": lambda of: sum(of.values("step_limit")) > 0.0,
    "near tie :": lambda of: sum(of.values("near_tie")) > 0.0,
    "large-sample limit": lambda of: of.kinds != {"none"},
    "reached its best maximum": lambda of: of.groups > 1 and of.estimator(unlabelled),
    "Another start would lead": lambda of: of.groups > 1 and of.estimator(unlabelled),
    "that chance does not explain": lambda of: of.config["replicates"] > 1,
    "No cell lost more than 1 %": lambda of: min(of.values("converged")) >= 0.99,
    "1 scenarios": lambda of: False,
    "1 replicates": lambda of: False,
    "median of 1 likelihood evaluations": lambda of: False,
    "None": lambda of: "None" in str(of.config),
    " nan ": lambda of: False,
}
"""Beginnings of sentences, and what must be so where one stands on a page."""

IF_AND_ONLY_IF: dict[str, Callable[[Case], bool]] = {
    "Components that are found without labels": lambda of: (
        of.groups > 1 and of.estimator(unlabelled)
    ),
    "The mean and the standard deviation.": lambda of: of.groups == 1,
    "Under a bias, too": lambda of: of.kinds != {"none"},
    "no global maximum is claimed": lambda of: (
        of.groups > 1 and of.estimator(lambda e: e["labels"] != "all" and e["method"] != "moments")
    ),
    "certified by the squared Newton decrement": lambda of: of.estimator(seeks),
    "short of the maximum": lambda of: of.estimator(lambda e: "stop" in e),
    "Wald intervals are 95 %": lambda of: of.estimator(lambda e: "interval" not in e and errs(e)),
    "Sandwich intervals are": lambda of: of.estimator(lambda e: e.get("interval") == "sandwich"),
    "no standard errors are known has": lambda of: not all(map(errs, of.config["estimators"])),
    "Sampling is stratified": lambda of: of.groups > 1 and "random" not in str(of.config),
    "Sampling is random": lambda of: of.groups > 1 and "random" in str(of.config),
    "The study has one scenario": lambda of: len(of.config["biases"]) == 1,
    "Sizes are nested": lambda of: len(of.config["sizes"]) > 1,
    "All estimators of a scenario": lambda of: len(of.config["estimators"]) > 1,
    "All biases of a population": lambda of: len(of.config["biases"]) > 1,
    "One replicate has no": lambda of: of.config["replicates"] == 1,
    "Every fit converged.": lambda of: min(of.values("converged")) == 1.0,
    "A fit that fails is kept": lambda of: min(of.values("converged")) < 1.0,
    "The bound holds for unbiased": lambda of: any(
        row.value > 1.0 + 2.0 * (row.mcse or 0.0)
        for row in of.ran.measures
        if row.measure == "efficiency" and row.value is not None
    ),
    "class is a run": lambda of: "classes" in of.kinds,
    "volunteers with probability 1/2": lambda of: "selection" in of.kinds,
    "a selection by height does not concern": lambda of: "'group'" in str(of.config["biases"]),
    "roups that a selection by height": lambda of: "'group'" in str(of.config["biases"]),
    "eights of a tilt": lambda of: "tilt" in of.kinds,
    "what is resampled": lambda of: "bootstrap" in str(of.config),
    "not ruled out: the likelihood": lambda of: "'profile'" in str(of.config),
    "he group is known of the people who are met first": lambda of: of.estimator(
        lambda e: isinstance(labels(e), float)
    ),
    "eople beyond a cut that": lambda of: of.estimator(lambda e: "observation" in e),
    "that failed is a miss": lambda of: min(of.values("converged")) < 1.0,
}
"""Beginnings of sentences that stand on a page exactly where something is so."""
NEVER = {"1 scenarios", "1 replicates", "median of 1 likelihood evaluations", "None", " nan "}


RARE = NEVER | {"No number of this study", "swapped :", "step limit"}


@pytest.mark.slow
def test_every_sentence_stands_only_where_it_is_true() -> None:
    wrong: list[object] = []
    for words, holds in ONLY_IF.items():
        found = [one for one in cases() if words in one.text]
        wrong += [(words, one.config) for one in found if not holds(one)]
        wrong += [] if found or words in RARE else [f"{words}: nowhere"]
    for words, holds in IF_AND_ONLY_IF.items():
        stands = [words in one.text for one in cases()]
        true = [holds(one) for one in cases()]
        wrong += [
            (words, one.config) for one, a, b in zip(cases(), stands, true, strict=True) if a != b
        ]
        wrong += [] if {True, False} == set(stands) else [f"{words}: everywhere or nowhere"]
    # Each sentence and each choice of the code is one of some study, or this tests nothing.
    assert len(cases()) > 15
    conditions = [Conditions(one.ran.study, lookup(one.ran.measures)) for one in cases()]
    template = (Path(page.__file__).parent / "page.html.j2").read_text(encoding="utf-8")
    sentences = re.findall(r"{% (?:if|else)[^%]*%}\n([A-Z][^<{]*[.)])\n{%", template)
    assert len(sentences) > 20
    wrong += [words for words in sentences if not any(words in one.text for one in cases())]
    kinds = {word for word, _, _ in choices() if any(map(CHOICES[word], conditions))}
    assert set(CHOICES) - kinds == {"files"}
    assert wrong == []

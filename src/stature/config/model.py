"""The keys of a study file: what each takes, and what it means.

Keys of groups, biases and estimators stand at the fields of their records, in `stature.domain` and
`stature.estimators.estimator`; all others here. The JSON Schema for editors and `config/README.md`
are generated from both. What can be said of one value stands there; what needs two values stands
in `stature.config.checks`.
"""

from dataclasses import MISSING, dataclass, replace
from typing import Annotated, Any, get_args

from stature.config.records import keys_of, kinds_of
from stature.design.samples import SamplesRule
from stature.design.scenarios import NamedBias
from stature.domain.bias import KINDS, Step
from stature.domain.model import Sampling
from stature.domain.observation import Observed
from stature.domain.population import Group, Match, Stated, Unit
from stature.domain.quantity import Quantity
from stature.domain.settings import NAME, Setting, left_out
from stature.estimators.estimator import BOOTSTRAP_SAMPLES, OUTSIDE, Estimator
from stature.measures.checks.check import Rigour
from stature.measures.measure import Precision

SKETCH_FROM = 20_000
"""Size from which sketches are kept, unless a study says otherwise: some 20 times a sketch."""

_ITEMS = "a list of named items: start each with '- name:'"
DIRECT = ("closed-form", "moments", *OUTSIDE)
"""Methods that do not iterate."""
ITERATION: dict[str, Any] = {
    key.name: key.default
    for key in keys_of(Estimator)
    if key.default is not MISSING and not key.left_out
}
"""Settings of the iterations of an estimator, with their defaults."""
BIAS_ITEMS = kinds_of(KINDS)  # maps of biases by kind
STEP_ITEMS = kinds_of(get_args(Step))  # those that can be a step of a sequence
OBSERVATION_ITEMS = kinds_of(get_args(Observed))  # maps of observations by kind

HANDLES = {
    "share": "share of the first group; the second has the rest",
    "sd_ratio": "SD of the second group over that of the first; their pooled SD, the root of the "
    "mean of their variances, is kept",
    "separation": "gap of the means in pooled SDs (Ashman's D); the first mean is kept, and the "
    "second moves on its side of it",
}
"""What `vary` can say of two groups without a path, in the order in which it is done."""
FACTORIAL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "vary": (
        "a map of key paths to lists of levels",
        "A factorial: every combination of the levels is an item, named by them. A path is a key "
        "of the item, such as `groups[girls].share`, `log_odds_per_cm` or `steps[2].step_cm`; of "
        "two groups also "
        + "; ".join(f"`{name}`, the {about}" for name, about in HANDLES.items())
        + ". Shares without a level of their own fill what is left. An estimator whose "
        "`populations` or `biases` name the item is for all combinations.",
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "array"}},
    ),
    "exclude": (
        "a list of maps of key paths to levels",
        "With `vary`: combinations that are left out, such as `{separation: 1, sd_ratio: 2}`; all "
        "that agree with a map are.",
        {"type": "array", "items": {"type": "object", "minProperties": 1}},
    ),
    "levels": (
        "a map of names to numbers or words",
        "Levels of factors, for an item that is written out: columns of the tables. `vary` gives "
        "them to its own.",
        {"type": "object"},
    ),
}
"""Keys of populations, biases and estimators from which a factorial is made; the record of an item
does not have them."""


@dataclass(frozen=True, slots=True)
class PopulationItem:
    """A named truth: either normal groups, or a data file that is taken as the truth."""

    name: Annotated[str, Setting("Name of the population; it becomes part of folder names.", NAME)]
    source: Annotated[str, Setting("Where the numbers come from.")] = ""
    why: Annotated[str, Setting("Why it is studied.")] = ""
    groups: Annotated[
        tuple[Group, ...] | None,
        Setting(
            "The groups, in any order. Either `groups` or `file`.",
            "a list of named groups: start each with '- name:'",
        ),
    ] = None
    file: Annotated[
        str | None,
        Setting(
            "A CSV or Parquet file with one person a row; people are drawn from it with "
            "replacement. A relative path is looked for in the working directory, then in the "
            "folder of the Snakefile; `~` is your home folder.",
            "the path of a file",
        ),
    ] = None
    height: Annotated[
        str | None,
        Setting("With `file`: the column of heights.", "the name of the column of heights"),
    ] = None
    unit: Annotated[
        Unit | None,
        Setting("With `file`: the unit of that column. With `quantity` it is `none`."),
    ] = None
    group: Annotated[
        str | None,
        Setting(
            "With `file`: the column that says which group a person belongs to. Without it "
            "everybody is of one group.",
            "the name of the column of groups",
        ),
    ] = None
    match: Annotated[
        Match,
        left_out("mean"),
        Setting(
            "By what components that are found without labels are matched to the groups: the order "
            "of their means, SDs or shares; or `nearest`, the assignment that is nearest to the "
            "truth in shares, means and logarithms of SDs, each in the standard errors that it "
            "would have with labels. Changes measures, no sample and no fit."
        ),
    ] = "mean"
    draw: Annotated[
        str | None,
        Setting(
            "A function that draws people: called with a random generator and a number of people, "
            "it returns heights in cm and names of groups. `groups` then states the truth that "
            "estimates are compared with. See `docs/outside.md`.",
            "a file and a function in it: file.py:name",
        ),
    ] = None

    truths: Annotated[
        tuple[Stated, ...],
        left_out(()),
        Setting(
            "True values of the `quantities` that estimators of one's own return. Changes "
            "measures, no sample and no fit.",
            "a list of named values: start each with '- name:'",
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class EstimatorItem:
    """A method with its settings."""

    estimator: Estimator
    # names of what it is fitted to; empty: everything
    biases: Annotated[
        tuple[str, ...],
        Setting(
            "Names of the biases under which it is fitted; without it under all. An estimator "
            "that corrects for one bias need not meet the others.",
            "a list of names of biases",
        ),
    ] = ()
    populations: Annotated[
        tuple[str, ...],
        Setting(
            "Names of the populations that it is fitted to; without it to all.",
            "a list of names of populations",
        ),
    ] = ()

    @property
    def used(self) -> Estimator:
        """The estimator, with settings that have no effect as they are by default."""
        one = self.estimator
        bootstrap = one.interval == "bootstrap"
        samples = one.bootstrap_samples or BOOTSTRAP_SAMPLES if bootstrap else 0
        if one.method in DIRECT:
            # Otherwise a setting that changes nothing but the spec would refit for nothing.
            return replace(one, bootstrap_samples=samples, stop=None, **ITERATION)
        starts = 1 if one.oracle else one.starts
        kept = min(one.kept_starts, starts)
        return replace(one, bootstrap_samples=samples, starts=starts, kept_starts=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFile:
    """A study: what is drawn, how it is biased, what is fitted, and how often."""

    study: Annotated[
        str, Setting("Name of the study; its results lie in `results/<study>/`.", NAME)
    ]
    title: Annotated[str, Setting("Title of the report, in any language.")] = ""
    aims: Annotated[str, Setting("The question, in words; it opens the report.")] = ""
    why: Annotated[str, Setting("Why the populations, biases and sizes were chosen so.")] = ""
    seed: Annotated[
        int,
        Setting(
            "Root of all chance. The same seed gives the same people, on every machine and "
            "whatever else the study holds. From 0 to 2^128 − 1.",
            "from 0 to 2^128 − 1",  # the streams take that many bits
        ),
    ]
    replicates: Annotated[
        int,
        Setting(
            "Data sets that are drawn of each scenario. With `precision`: the most that are, "
            "unless its `max` says otherwise.",
            "≥ 1, at most 10^6",
        ),
    ]
    precision: Annotated[
        Precision | None,
        Setting(
            "Instead of a fixed number of replicates: rounds are added until every cell is known "
            "well enough."
        ),
    ] = None
    block: Annotated[
        int,
        Setting(
            "Replicates that one job draws or fits. Any width gives the same numbers. Aim at "
            "20 to 30 seconds a job on one machine, at 5 to 30 minutes on a cluster.",
            "≥ 1",
        ),
    ] = 250
    # Samples of more people do not fit into the memory of one job.
    sizes: Annotated[
        tuple[Annotated[int, Setting("", "≥ 2, at most 10^8")], ...],
        Setting(
            "Numbers of people measured: a list, in any order, or one number.",
            "a list of whole numbers ≥ 2",
        ),
    ]
    sampling: Annotated[
        Sampling,
        Setting(
            "`stratified`: the number of people of each group is fixed by its share; "
            "`random`: it is left to chance."
        ),
    ] = "stratified"
    samples: Annotated[
        SamplesRule,
        Setting(
            "`keep`: everybody is recorded; `sketch`: of samples larger than `sketch_from` a "
            "few hundred weighted heights of each group are, from which every estimator gets the "
            "same results to 9 digits. Memory and disk then do not grow with the sizes."
        ),
    ] = "keep"
    sketch_from: Annotated[
        int,
        Setting(
            "With `samples: sketch`: the largest size of which all people are kept.",
            "from 1000 to 10^8",  # smaller samples are hardly larger than their sketches
        ),
    ] = SKETCH_FROM
    traced: Annotated[
        int, Setting("Replicates, the first ones, of which each step of each fit is kept.", "≥ 0")
    ] = 3
    checks: Annotated[
        Rigour,
        Setting(
            "`tell`: the page says at its top which comparisons of the results with theory "
            "disagree; `strict`: the run fails, too. What must hold in any study always makes it "
            "fail. Like words it is not inherited by the study of another file."
        ),
    ] = "tell"
    allow_large: Annotated[
        bool, Setting("`true` allows 10 million fits or more, or more than 20 GB.")
    ] = False
    quantity: Annotated[
        Quantity | None,
        Setting(
            "What is measured, if not heights of people in cm, such as `{name: body length, "
            "unit: mm, tolerance: 5}`. Words, axes and limits follow; keys and columns that end in "
            "`_cm` are in its unit."
        ),
    ] = None
    populations: Annotated[
        tuple[PopulationItem, ...], Setting("The truths that samples are drawn from.", _ITEMS)
    ]
    biases: Annotated[
        tuple[NamedBias, ...],
        Setting("How samples depart from their population. No bias is the kind `none`.", _ITEMS),
    ]
    estimators: Annotated[
        tuple[EstimatorItem, ...], Setting("What is fitted to each sample.", _ITEMS)
    ]

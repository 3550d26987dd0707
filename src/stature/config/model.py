"""The closed, typed model of a study file: every key, what it takes, and what it means.

The JSON Schema for editors and `config/README.md` are generated from here. What can be said of
one value stands here; what needs two values stands in `stature.config.checks`.
"""

import dataclasses
from typing import Annotated, Any, Literal

from pydantic import Field

from stature.config.bias_items import TALLEST_CM, AnyBiasItem
from stature.config.checks import FIRST_ROUND
from stature.config.fields import (
    Closed,
    Flag,
    Name,
    Text,
    items,
    real,
    text,
    whole,
    word,
    word_or_numbers,
    word_or_share,
)
from stature.config.observations import ObservationItem, StopItem
from stature.design.samples import SamplesRule
from stature.domain.model import Sampling, SharesRule, Unlabelled
from stature.estimators.estimator import Estimator, Interval, Method, Variances
from stature.measures.precision import Parameter, PrecisionMeasure

SEED_LIMIT = 2**128
"""Root seeds lie below: the streams take that many bits."""
LARGEST_SIZE = 10**8
"""People in a sample: more do not fit into the memory of one job."""
FEWEST_SKETCHED = 1000
"""Smaller samples are not larger than their sketches, or hardly."""
SKETCH_FROM = 20_000
"""Size from which sketches are kept, unless a study says otherwise: some 20 times a sketch."""
BOOTSTRAP_SAMPLES = 200
"""Bootstrap samples unless an item says otherwise: the ends are then order statistics 5 from the
outermost. A hundred would make them twice as uncertain, a thousand takes five times as long."""
OPTIONAL = (
    *("penalty", "stop", "share_penalty", "variances", "oracle", "sd_ratio", "trimmed"),
    *("interval", "bootstrap_samples"),
)
"""Settings of an estimator that its item leaves out where they are not used."""
DEFAULTS: dict[str, Any] = {
    field.name: field.default
    for field in dataclasses.fields(Estimator)
    if field.default is not dataclasses.MISSING and field.name not in OPTIONAL
}
"""Settings of a climb, with the values that an estimator has unless its item says otherwise."""


class GroupItem(Closed):
    """One normal group of a population."""

    name: Name = Field(description="Name of the group: its identity in tables and figures.")
    share: Annotated[float, real("a number > 0 and ≤ 1 (share)", lowest=0.0, highest=1.0)] = Field(
        description="Share of the population, > 0. The shares of a population sum to 1."
    )
    mean_cm: Annotated[
        float, real("a number from 0 to 400 (mean in cm)", above=0.0, highest=TALLEST_CM)
    ] = Field(description="Mean height, in cm.")
    sd_cm: Annotated[float, real("a number > 0 (SD in cm)", above=0.0, highest=TALLEST_CM)] = Field(
        description="Standard deviation of heights, in cm, > 0."
    )


class PopulationItem(Closed):
    """A named truth: either normal groups, or a data file that is taken as the truth."""

    name: Name = Field(description="Name of the population; it becomes part of folder names.")
    source: Text = Field("", description="Where the numbers come from.")
    why: Text = Field("", description="Why it is studied.")
    groups: Annotated[
        list[GroupItem] | None, items("a list of named groups: start each with '- name:'")
    ] = Field(None, description="The groups, in any order. Either `groups` or `file`.")
    file: Annotated[str | None, text("the path of a file")] = Field(
        None,
        description=(
            "A CSV or Parquet file with one person a row; people are drawn from it with "
            "replacement. A relative path is looked for in the working directory, then in the "
            "folder of the Snakefile; `~` is your home folder."
        ),
    )
    height: Annotated[str | None, text("the name of the column of heights")] = Field(
        None, description="With `file`: the column of heights."
    )
    unit: Annotated[Literal["cm", "m", "mm", "in"] | None, word("cm", "m", "mm", "in")] = Field(
        None, description="With `file`: the unit of that column."
    )
    group: Annotated[str | None, text("the name of the column of groups")] = Field(
        None,
        description=(
            "With `file`: the column that says which group a person belongs to. Without it "
            "everybody is of one group."
        ),
    )


class EstimatorItem(Closed):
    """A method with its settings."""

    name: Name = Field(description="Name of the estimator; it becomes part of folder names.")
    labels: Annotated[Any, word_or_share("all", "none", "recorded")] = Field(
        description=(
            "Which labels it sees, as they were written down: `all`, and who has none is left "
            "out; `recorded`: likewise, but the heights of those who have none count too; `none`; "
            "or a share such as 0.1: of the people who were measured first. `none` needs a method "
            "that climbs: `em`, `squarem` or `newton`; `recorded` and a share need `newton`."
        )
    )
    unlabelled: Annotated[Unlabelled, word("used", "ignored")] = Field(
        "used",
        description=(
            "With `labels: recorded` or a share: `ignored` leaves out whoever has no label, so "
            "that it is seen what their heights are worth."
        ),
    )
    method: Annotated[
        Method, word("closed-form", "newton", "em", "squarem", "hard-em", "moments")
    ] = Field(
        description=(
            "How the maximum of the likelihood is found: `closed-form`, `em`, `squarem` (EM "
            "extrapolated along its own path, with hidden labels only) or `newton`. Two methods "
            "seek none: `hard-em` puts everybody into one group at each step, `moments` matches "
            "the moments of two groups."
        )
    )
    shares: Annotated[
        SharesRule | tuple[float, ...],
        word_or_numbers(("free", "known"), "a list of shares > 0 that sum to 1"),
    ] = Field(
        "free",
        description=(
            "`free`: estimated; `known`: told, as they are in the population; or a list of "
            "assumed shares, in the order of the groups' means."
        ),
    )
    sds: Annotated[Any, word_or_numbers(("free", "equal", "known"), "a list of SDs > 0, in cm")] = (
        Field(
            "free",
            description=(
                "`free`: estimated one by one; `equal`: estimated as one; `known`: told, as they "
                "are in the population; or a list of assumed SDs in cm, in the order of the means."
            ),
        )
    )
    observation: Annotated[ObservationItem, Field(discriminator="kind")] | None = Field(
        None,
        description=(
            "How it believes that heights are seen; without it they are exact, and anybody could "
            "have been measured. Needs `newton`."
        ),
    )
    freedom: Annotated[
        float | None, real("a number > 2 (degrees of freedom)", above=2.0, highest=1e6)
    ] = Field(
        None,
        description=(
            "Degrees of freedom of groups with Student's law, > 2, whose tails are heavier than "
            "those of normal groups. Known SDs are those of the groups, not scales. Needs `newton`."
        ),
    )
    penalty: Annotated[float | None, real("a number ≥ 0", lowest=0.0)] = Field(
        None,
        description=(
            "Weight of a penalty on SDs far from that of the sample, divided by the root of n: "
            "it bounds the likelihood, 1 is usual. Needs `newton`, or `em` with a `stop`."
        ),
    )
    share_penalty: Annotated[float | None, real("a number ≥ 0 (people)", lowest=0.0)] = Field(
        None,
        description=(
            "Weight of a penalty on small shares: as if so many people more were of each group. "
            "Needs `newton`, or `em` with a `stop`."
        ),
    )
    variances: Annotated[Variances, word("likelihood", "unbiased")] = Field(
        "likelihood",
        description=(
            "With `closed-form`: `unbiased` divides sums of squares by one person of each group "
            "less than there are."
        ),
    )
    sd_ratio: Annotated[
        float | None, real("a number > 0 and ≤ 1 (ratio of SDs)", above=0.0, highest=1.0)
    ] = Field(
        None,
        description=(
            "The smallest SD is at least so many times the largest (Hathaway's constraint), which "
            "bounds the likelihood. Needs `newton`, or `em` with a `stop`, and free SDs."
        ),
    )
    trimmed: Annotated[
        float | None, real("a number > 0 and ≤ 0.5 (share of the people)", above=0.0, highest=0.5)
    ] = Field(
        None,
        description=(
            "Share of the people who are left out, at each step the least likely ones: for heights "
            "that do not belong there. Needs `newton`."
        ),
    )
    oracle: Flag = Field(
        False,
        description=(
            "`true`: it is told the truth and begins there, which tells errors of the search from "
            "errors of the sample; a diagnosis, no method. Needs `newton`, `hard-em`, or `em` with "
            "a `stop`."
        ),
    )
    stop: StopItem | None = Field(
        None, description="With `em`: a rule of popular programs, instead of the certified maximum."
    )
    biases: Annotated[list[Name] | None, items("a list of names of biases")] = Field(
        None,
        description=(
            "Names of the biases under which it is fitted; without it under all. An estimator "
            "that undoes one bias need not meet the others."
        ),
    )
    populations: Annotated[list[Name] | None, items("a list of names of populations")] = Field(
        None, description="Names of the populations that it is fitted to; without it to all."
    )
    interval: Annotated[Interval, word("wald", "sandwich", "profile", "bootstrap")] = Field(
        "wald",
        description=(
            "Where 95 % intervals come from. `wald`: standard errors of the observed information; "
            "`sandwich`: standard errors that hold where the model is wrong, too; `profile`: how "
            "far a parameter can go before the likelihood falls too far; `bootstrap`: percentiles "
            "of what the estimator makes of samples drawn from its own fit. The last two are for "
            "hidden labels; they take some 5 and 40 times as long as a fit of 200 people."
        ),
    )
    bootstrap_samples: Annotated[
        int | None, whole("a whole number from 40 to 100,000", 40, 100_000)
    ] = Field(
        None,
        description=(
            f"With `interval: bootstrap`: samples drawn from each fit, {BOOTSTRAP_SAMPLES} unless "
            "said otherwise."
        ),
    )
    starts: Annotated[int, whole("a whole number from 1 to 1000", 1, 1000)] = Field(
        DEFAULTS["starts"],
        description="Starts: a few fixed ones first, then random ones, from streams of their own.",
    )
    screening_steps: Annotated[int, whole("a whole number ≥ 1", 1, 10**6)] = Field(
        DEFAULTS["screening_steps"],
        description="Steps that each start makes before the best are chosen.",
    )
    kept_starts: Annotated[int, whole("a whole number from 1 to starts", 1, 1000)] = Field(
        DEFAULTS["kept_starts"],
        description=(
            "Starts from which Newton goes on to a maximum; the method itself climbs from the one "
            "that leads highest. At most `starts`."
        ),
    )
    step_limit: Annotated[int, whole("a whole number ≥ 1", 1, 10**9)] = Field(
        DEFAULTS["step_limit"],
        description="Steps after which a fit ends with the status `step_limit`.",
    )
    tolerance: Annotated[float, real("a number > 0 and < 1", above=0.0, below=1.0)] = Field(
        DEFAULTS["tolerance"],
        description=(
            "The Newton decrement at which a fit has converged: its squared distance to the "
            "maximum, in squared standard errors."
        ),
    )


class PrecisionItem(Closed):
    """Replicates are added in rounds until the Monte-Carlo standard errors are small enough."""

    measure: Annotated[PrecisionMeasure, word("bias", "empirical_se", "rmse", "coverage")] = Field(
        "rmse", description="The measure whose Monte-Carlo standard error is aimed at."
    )
    parameter: Annotated[Parameter, word("share", "mean_cm", "sd_cm")] = Field(
        "mean_cm", description="The parameter that it is a measure of, in every group."
    )
    mcse: Annotated[float, real("a number > 0", above=0.0)] = Field(
        description=(
            "The error aimed at, in the unit of the measure: cm, or none for shares and coverage. "
            "Every scenario, estimator, size and group should reach it."
        )
    )
    min: Annotated[int, whole("a whole number ≥ 2, at most 10^6", 2, 10**6)] = Field(
        FIRST_ROUND,
        description="Replicates of the first round; each later round doubles their number.",
    )
    max: Annotated[int | None, whole("a whole number ≥ 2, at most 10^6", 2, 10**6)] = Field(
        None,
        description=(
            "Replicates after which no round is added, whatever the errors are; `replicates` if it "
            "is not given."
        ),
    )


class StudyFile(Closed):
    """A study: what is drawn, how it is biased, what is fitted, and how often."""

    study: Name = Field(description="Name of the study; its results lie in `results/<study>/`.")
    title: Text = Field("", description="Title of the report, in any language.")
    aims: Text = Field("", description="The question, in words; it opens the report.")
    why: Text = Field("", description="Why the populations, biases and sizes were chosen so.")
    seed: Annotated[int, whole("a whole number from 0 to 2^128 − 1", 0, SEED_LIMIT - 1)] = Field(
        description=(
            "Root of all chance. The same seed gives the same people, on every machine and "
            "whatever else the study holds. From 0 to 2^128 − 1."
        )
    )
    replicates: Annotated[int, whole("a whole number ≥ 1, at most 10^6", 1, 10**6)] = Field(
        description=(
            "Data sets that are drawn of each scenario. With `precision`: the most that are, "
            "unless its `max` says otherwise."
        )
    )
    precision: PrecisionItem | None = Field(
        None,
        description=(
            "Instead of a fixed number of replicates: rounds are added until every cell is known "
            "well enough."
        ),
    )
    block: Annotated[int, whole("a whole number ≥ 1", 1)] = Field(
        250,
        description=(
            "Replicates that one job draws or fits. Any width gives the same numbers. Aim at "
            "20 to 30 seconds a job on one machine, at 5 to 30 minutes on a cluster."
        ),
    )
    sizes: Annotated[
        list[Annotated[int, whole("a whole number ≥ 2, at most 10^8", 2, LARGEST_SIZE)]],
        items("a list of whole numbers ≥ 2", scalar=True),
    ] = Field(description="Numbers of people measured: a list, in any order, or one number.")
    sampling: Annotated[Sampling, word("stratified", "random")] = Field(
        "stratified",
        description=(
            "`stratified`: the number of people of each group is fixed by its share; "
            "`random`: it is left to chance."
        ),
    )
    samples: Annotated[SamplesRule, word("keep", "sketch")] = Field(
        "keep",
        description=(
            "`keep`: everybody is written down; `sketch`: of samples larger than `sketch_from` a "
            "few hundred weighted heights of each group are, from which every estimator gets the "
            "same results to 9 digits. Memory and disk then do not grow with the sizes."
        ),
    )
    sketch_from: Annotated[
        int, whole("a whole number from 1000 to 10^8", FEWEST_SKETCHED, LARGEST_SIZE)
    ] = Field(
        SKETCH_FROM,
        description="With `samples: sketch`: the largest size of which all people are kept.",
    )
    traced: Annotated[int, whole("a whole number ≥ 0", 0)] = Field(
        3, description="Replicates, the first ones, of which each step of each fit is kept."
    )
    allow_large: Flag = Field(
        False, description="`true` allows 10 million fits or more, or more than 20 GB."
    )
    populations: Annotated[
        list[PopulationItem], items("a list of named items: start each with '- name:'")
    ] = Field(description="The truths that samples are drawn from.")
    biases: Annotated[
        list[
            Annotated[
                AnyBiasItem, Field(discriminator="kind", json_schema_extra={"required": ["name"]})
            ]
        ],
        items("a list of named items: start each with '- name:'"),
    ] = Field(description="How samples depart from their population. No bias is the kind `none`.")
    estimators: Annotated[
        list[EstimatorItem], items("a list of named items: start each with '- name:'")
    ] = Field(description="What is fitted to each sample.")

"""The study: a config that was checked, frozen, in the vocabulary of the package."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from stature.config.scopes import Scope
from stature.design.blocks import Block, blocks, rounds
from stature.design.canonical import is_unset
from stature.design.samples import SamplesRule
from stature.design.scenarios import NamedBias, Scenario
from stature.domain.model import Sampling
from stature.domain.population import Population
from stature.estimators.estimator import Estimator
from stature.measures.precision import Precision

BYTES_PER_PERSON = 9
"""A height and the index of a group, in a table of samples."""
BYTES_PER_SKETCH = 12_000
"""A sketch of two groups, some 750 nodes, in a table of samples."""
BYTES_PER_ROW = 40
"""A parameter of a fit in a table of fits, measured after compression."""
CPU_SECONDS_PER_FREE_FIT = 3e-3
CPU_SECONDS_PER_FIT = 4e-4
"""Time on one core of a fit with hidden labels, everything free and something known, averaged over
sizes 20 to 10 000; measured on the default study. Labelled fits cost next to nothing."""
CPU_SECONDS_PER_PROFILE = 1.2e-3
CPU_SECONDS_PER_RESAMPLE = 4e-5
"""What the intervals of a fit add: profiles, and each bootstrap sample; measured at size 200."""
PARAMETERS_PER_GROUP = 4
"""Share, mean and SD, and the gap to the next mean."""


class ConfigError(Exception):
    """A study that cannot run.

    Attributes
    ----------
    messages : tuple of str
        All problems in the order of the files; each is one line with place, expected, got, advice.
    """

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a study is."""

    scenarios: int  # scenarios; data sets drawn; fits; jobs that draw, fit, derive and measure
    samples: int
    fits: int
    jobs: int
    bytes: int  # size of the tables on disk, about
    cpu_seconds: float  # time on one core, about


@dataclass(frozen=True, slots=True)
class Study:
    """One config and all that it asks for."""

    name: str  # name of the study and of its folder below ``results``
    title: str  # words for the report
    aims: str
    why: str
    seed: int  # root seed
    # replicates of each scenario (with `precision`: at most), and how many of them one job draws or
    # fits
    replicates: int
    block: int
    sizes: tuple[int, ...]  # numbers of people, ascending
    sampling: Sampling  # the sampling design
    # whether the people of all samples are kept, or sketches of those larger than `sketch_from`
    samples: SamplesRule
    sketch_from: int  # with sketches: the largest size of which people are kept
    traced: int  # replicates, the first ones, of which each step of each fit is kept
    allow_large: bool  # whether it may be large
    # the truths, as written; paths of data files can be opened from the working directory
    populations: tuple[Population, ...]
    biases: tuple[NamedBias, ...]  # the biases, as written
    estimators: tuple[Estimator, ...]  # the estimators, as written
    # where the numbers of each population come from, and why it is studied
    sources: tuple[tuple[str, str], ...]
    # paths of data files as the config has them, for each population; empty for normal groups
    written_files: tuple[str, ...]
    warnings: tuple[str, ...]  # what its reader should know; each is one line
    # what estimators are fitted to that are not fitted to every scenario
    scopes: Annotated[tuple[Scope, ...], Field(exclude_if=is_unset)] = ()
    # how well it should know its cells, where the number of replicates is not fixed; left out of
    # the JSON where it is
    precision: Annotated[Precision | None, Field(exclude_if=is_unset)] = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Every population with every bias, in the order of the config."""
        return tuple(
            Scenario(population, bias, self.sampling)
            for population in self.populations
            for bias in self.biases
        )

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of replicates, the same for every scenario."""
        return blocks(self.replicates, self.block, self.rounds)

    @property
    def rounds(self) -> tuple[int, ...]:
        """Numbers of replicates at which the study may end: one, if there is no precision."""
        if self.precision is None:
            return (self.replicates,)
        return rounds(self.precision.first, self.replicates)

    @property
    def kept_sizes(self) -> tuple[int, ...]:
        """Sizes of which people are kept."""
        if self.samples == "keep":
            return self.sizes
        return tuple(size for size in self.sizes if size <= self.sketch_from)

    @property
    def sketched_sizes(self) -> tuple[int, ...]:
        """Sizes of which sketches are kept."""
        return self.sizes[len(self.kept_sizes) :]

    @property
    def people_kept(self) -> int:
        """People of a replicate who are kept: those of the largest size that is not sketched."""
        return max(self.kept_sizes, default=0)

    @property
    def counts(self) -> Counts:
        """How much the study is, before it has run."""
        scenarios = len(self.scenarios)
        samples = scenarios * self.replicates
        per_pair = self.replicates * len(self.sizes)
        pairs = [
            (scenario, estimator)
            for scenario in self.scenarios
            for estimator in self.estimators_of(scenario.slug)
        ]
        rows = per_pair * sum(
            PARAMETERS_PER_GROUP * len(scenario.population.groups) - 1 for scenario, _ in pairs
        )
        width = len(self.blocks)
        return Counts(
            scenarios=scenarios,
            samples=samples,
            fits=per_pair * len(pairs),
            jobs=scenarios * (width + 2) + width * len(pairs),
            bytes=BYTES_PER_PERSON * samples * self.people_kept
            + BYTES_PER_SKETCH * samples * len(self.sketched_sizes)
            + BYTES_PER_ROW * rows,
            cpu_seconds=per_pair * sum(cpu_seconds(estimator) for _, estimator in pairs),
        )

    def scenario(self, slug: str) -> Scenario:
        """Scenario of a given slug."""
        known = {scenario.slug: scenario for scenario in self.scenarios}
        if slug not in known:
            raise KeyError(f"no scenario '{slug}'; this study has: {', '.join(known)}")
        return known[slug]

    def estimators_of(self, slug: str) -> tuple[Estimator, ...]:
        """Estimators that are fitted to a scenario."""
        scenario = self.scenario(slug)
        elsewhere = {scope.estimator for scope in self.scopes if not scope.holds(scenario)}
        return tuple(one for one in self.estimators if one.name not in elsewhere)

    def estimator(self, name: str) -> Estimator:
        """Estimator of a given name."""
        known = {estimator.name: estimator for estimator in self.estimators}
        if name not in known:
            raise KeyError(f"no estimator '{name}'; this study has: {', '.join(known)}")
        return known[name]


def cpu_seconds(estimator: Estimator) -> float:
    """Time of a fit on one core, about."""
    model = estimator.model
    if model.labels == "all":
        return 0.0
    free = model.shares == model.sds == "free"
    intervals = CPU_SECONDS_PER_PROFILE if estimator.interval == "profile" else 0.0
    intervals += CPU_SECONDS_PER_RESAMPLE * estimator.bootstrap_samples
    return intervals + (CPU_SECONDS_PER_FREE_FIT if free else CPU_SECONDS_PER_FIT)


def plan_line(study: Study, cores: int = 8) -> str:
    """One sentence on how much a study is.

    Scenarios, sizes, estimators (how many of them a scenario has, where it has not all),
    replicates, fits, jobs, time and disk.
    """
    counts = study.counts
    estimators = _several(len(study.estimators), "estimator")
    if study.scopes:
        each = [len(study.estimators_of(scenario.slug)) for scenario in study.scenarios]
        low, high = min(each), max(each)
        some = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        estimators = f"{some} of {estimators}"
    return (
        f"{_several(counts.scenarios, 'scenario')} × {_several(len(study.sizes), 'size')} × "
        f"{estimators} × "
        f"{_several(study.replicates, 'replicate')} = {_several(counts.fits, 'fit')} in "
        f"{_several(counts.jobs, 'job')}, about {duration(counts.cpu_seconds / cores)} on "
        f"{_several(cores, 'core')}, {amount(counts.bytes)}"
    )


def _several(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun if count == 1 else noun + 's'}"


def duration(seconds: float) -> str:
    """Time in words, to one digit's trust.

    Examples
    --------
    >>> duration(20), duration(200), duration(32400)
    ('20 s', '3 min', '9 h')
    """
    minute, hour = 60, 3600
    if seconds < 2 * minute:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / minute:.0f} min" if seconds < 2 * hour else f"{seconds / hour:,.0f} h"


def amount(size: float) -> str:
    """Bytes in words.

    Whole gigabytes from one on, else whole megabytes (1 at least); both decimal.

    Examples
    --------
    >>> amount(14e6), amount(31.2e9)
    ('14 MB', '31 GB')
    """
    giga, mega = 1e9, 1e6
    return f"{size / giga:,.0f} GB" if size >= giga else f"{max(1.0, size / mega):.0f} MB"

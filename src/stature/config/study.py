"""The study: a config that was checked, frozen, in the vocabulary of the package.

`check` judges what Snakemake merged; `load` merges files as Snakemake does and judges in the same
way and in the same words: the answer is a `Study`, or all that is wrong with it, at once.
`study_yaml` writes a study back as a file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, cast

import yaml
from pydantic import TypeAdapter, ValidationError

from stature.config import checks, crosschecks, files, messages, vary
from stature.config.files import Truth, file_problems, truth
from stature.config.maps import OTHER_QUANTITY, checked_as, map_of
from stature.config.model import DIRECT, ITERATION, EstimatorItem, PopulationItem, StudyFile
from stature.config.source import DEFAULT_CONFIG, Merged, Problem, Source, merge, read, trace
from stature.config.source import shown_path as shown
from stature.design.samples import SamplesRule
from stature.design.scenarios import Block, NamedBias, Scenario, blocks, rounds
from stature.domain.model import Sampling
from stature.domain.population import Population, Unit
from stature.domain.quantity import HEIGHTS, Quantity
from stature.domain.settings import LeftOut
from stature.estimators.estimator import OUTSIDE, Estimator
from stature.measures.checks.check import Rigour
from stature.measures.measure import Precision
from stature.measures.settings import Factor
from stature.writing import Refusal

BYTES_PER_PERSON = 9  # a height and the index of a group, in a table of samples
BYTES_PER_SKETCH = 12_000  # a sketch of two groups, some 750 nodes, in a table of samples
BYTES_PER_ROW = 40  # a parameter of a fit in a table of fits, measured after compression
CPU_SECONDS_PER_FREE_FIT = 2e-4
CPU_SECONDS_PER_FIT = 1e-4
"""Time on one core of a fit with hidden labels, everything free and something known, averaged over
sizes 20 to 10 000; measured on the default study. Labelled fits cost next to nothing."""
CPU_SECONDS_OUTSIDE = 5e-3
"""A guess: nobody knows what people bring."""
CPU_SECONDS_PER_PROFILE = 1.2e-3
CPU_SECONDS_PER_RESAMPLE = 4e-5
CPU_SECONDS_PER_POSTERIOR = 1e-2
"""What the intervals of a fit add: profiles, each bootstrap sample and posteriors, at size 200."""
PARAMETERS_PER_GROUP = 4  # share, mean and SD, and the gap to the next mean
LARGE_FITS = 10**7  # fits from which a study must say that it means it
LARGE_BYTES = 20e9  # bytes on disk from which it must
_CORES = 8
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_SNAKEMAKES_OWN = "pathvars"
_OF_ITS_FILE = {"title": "", "aims": "", "why": "", "checks": "tell"}
"""What a file says of its own study alone, and what holds for one that says nothing."""
_SUBJECTS = ("study", "populations", "biases", "estimators")
"""What that is about: it does not hold for a study of which a later file says another of these."""
_ALIKE = (
    *(*_OF_ITS_FILE, "seed", "block", "sampling", "samples", "sketch_from", "traced"),
    "allow_large",
)
"""Keys of a file that a study has as they are."""
_ITEMS: dict[str, TypeAdapter[Any]] = {
    "populations": TypeAdapter(checked_as(PopulationItem)),
    "biases": TypeAdapter(checked_as(NamedBias)),
    "estimators": TypeAdapter(checked_as(EstimatorItem)),
}
_FILE: TypeAdapter[StudyFile] = TypeAdapter(checked_as(StudyFile))
_HEAD = "# The config as run: every key, defaults included. `--configfile` takes it as it is.\n"


class ConfigError(Refusal):
    """A study that cannot run; its messages are all problems, in the order of the files."""


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
class Scope:
    """What an estimator is fitted to, where that is not every scenario."""

    estimator: str  # name of the estimator
    biases: tuple[str, ...] = ()  # names of those that it is for; empty: all
    populations: tuple[str, ...] = ()

    def holds(self, scenario: Scenario) -> bool:
        """Whether the estimator is fitted to a scenario.

        True if its bias and its population are both among those named.
        """
        pairs = ((self.biases, scenario.bias.name), (self.populations, scenario.population.name))
        return all(not names or name in names for names, name in pairs)


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
    scopes: Annotated[tuple[Scope, ...], LeftOut(())] = ()
    # how well it should know its cells, where the number of replicates is not fixed; left out of
    # the JSON where it is
    precision: Annotated[Precision | None, LeftOut(None)] = None
    # whether a comparison of its results with theory that disagrees makes it fail
    checks: Annotated[Rigour, LeftOut("tell")] = "tell"
    quantity: Annotated[Quantity, LeftOut(HEIGHTS)] = HEIGHTS  # what is measured
    # what its populations, biases and estimators differ in by design
    factors: Annotated[tuple[Factor, ...], LeftOut(())] = ()

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

    def blocks_to(self, end: int | None) -> tuple[Block, ...]:
        """Blocks that hold the first replicates, so many of them; all without a number."""
        return tuple(one for one in self.blocks if end is None or one.first < end)

    @property
    def rounds(self) -> tuple[int, ...]:
        """Numbers of replicates at which the study may end: one, if there is no precision."""
        if self.precision is None:
            return (self.replicates,)
        return rounds(self.precision.min, self.replicates)

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

    def after(self, replicates: int) -> "Study":
        """Return the study with the number of replicates that it ended with."""
        return replace(self, replicates=replicates)

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
    if estimator.method in OUTSIDE:
        return CPU_SECONDS_OUTSIDE
    if model.labels == "all":
        return 0.0
    free = model.shares == model.sds == "free"
    intervals = CPU_SECONDS_PER_PROFILE if estimator.interval == "profile" else 0.0
    intervals += CPU_SECONDS_PER_POSTERIOR if estimator.interval == "posterior" else 0.0
    intervals += CPU_SECONDS_PER_RESAMPLE * estimator.bootstrap_samples
    return intervals + (CPU_SECONDS_PER_FREE_FIT if free else CPU_SECONDS_PER_FIT)


def plan_line(study: Study) -> str:
    """One sentence on how much a study is."""
    counts = study.counts
    estimators = several(len(study.estimators), "estimator")
    if study.scopes:
        each = [len(study.estimators_of(scenario.slug)) for scenario in study.scenarios]
        low, high = min(each), max(each)
        some = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        estimators = f"{some} of {estimators}"
    return (
        f"{several(counts.scenarios, 'scenario')} × {several(len(study.sizes), 'size')} × "
        f"{estimators} × "
        f"{several(study.replicates, 'replicate')} = {several(counts.fits, 'fit')} in "
        f"{several(counts.jobs, 'job')}, {amount(counts.bytes)}"
    )


def several(count: int, noun: str) -> str:
    """A number of things, in words."""
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
    """Bytes in words, in decimal units.

    Examples
    --------
    >>> amount(14e6), amount(31.2e9)
    ('14 MB', '31 GB')
    """
    giga, mega = 1e9, 1e6
    return f"{size / giga:,.0f} GB" if size >= giga else f"{max(1.0, size / mega):.0f} MB"


def check(config: Mapping[Any, Any], files: Sequence[str | Path], root: str | Path) -> Study:
    """Judge a config that Snakemake has loaded and merged."""
    sources: list[Source] = []
    for source in map(read, map(Path, files)):
        if source.readable:
            sources.append(source)
        elif source.too_large or source.problems[0].line:
            # Snakemake's loader makes tuples and other things of tags; ours makes nothing of them.
            raise _unreadable(source, root)
    # Snakemake could read them all: a file that is gone says nothing about the config.
    return _judge(trace(config, sources, Path(root)))


def unreadable(path: str | Path, root: str | Path) -> tuple[str, ...]:
    """Why a config file that is there cannot be read; Snakemake would not say in which line."""
    source = read(Path(path))
    return () if source.readable or not Path(path).exists() else _unreadable(source, root).messages


def load(paths: Sequence[str | Path], root: str | Path) -> Study:
    """Read, merge and judge config files, for the command line."""
    return load_traced(paths, root)[0]


def load_traced(
    paths: Sequence[str | Path], root: str | Path, typed: Mapping[str, Any] | None = None
) -> tuple[Study, Merged]:
    """Read, merge and judge config files, and keep where each value stands."""
    sources = [read(Path(path)) for path in paths]
    for source in sources:
        if not source.readable:
            raise _unreadable(source, root)
    config = merge([*(source.values for source in sources), typed or {}])
    merged = trace(config, sources, Path(root))
    return _judge(merged), merged


def _unreadable(source: Source, root: str | Path) -> ConfigError:
    """All that keeps a file from being read."""
    merged = trace({}, [source], Path(root))
    return ConfigError(*map(merged.line, source.problems))


def _judge(merged: Merged) -> Study:
    """Study of a merged config, or all problems."""
    merged.config.pop(_SNAKEMAKES_OWN, None)
    _read_command_line(merged)
    varied = vary.expand(merged.config)
    config = varied.config
    file, found, quantity = None, list[Problem](), checks.quantity_of(config)
    context = None if quantity.is_height else OTHER_QUANTITY
    config = config if quantity.is_height else checks.without_units(config)
    try:
        file = _FILE.validate_python(config, context=context)
    except ValidationError as error:
        found = messages.problems(error, config, varied.written(merged.written))
    found += checks.problems(config) + file_problems(config, merged.root)
    found += files.code_problems(config, merged.root)
    read_by_hand = [source for source in merged.sources if not source.template]
    misread = {problem.key for source in read_by_hand for problem in source.misread}
    found = [problem for problem in found if varied.raw(problem.key) not in misread]
    populations, biases, estimators = (
        _valid(section, config, faulty, context)
        for section, faulty in (("populations", ()), ("biases", found), ("estimators", found))
    )
    truths: dict[int, Truth] = {}
    for position, item in populations.items():
        key = ("populations", position)
        if (item.file is None) == (item.groups is None):
            continue
        needs_groups = crosschecks.needs_groups(config, item.name)
        made, problems = truth(item, key, merged.root, needs_groups)
        before = {problem.key for problem in found}
        found += [problem for problem in problems if problem.key not in before]
        if made is not None and not any(problem.key[:2] == key for problem in found):
            truths[position] = made
    found += crosschecks.problems(truths, biases, estimators, config)
    lines = _file_lines(merged)
    lines += [(merged.order(one), merged.line(one)) for one in _said(quantity, varied, found)]
    if lines or file is None:
        ordered = sorted(lines, key=lambda line: line[0])
        raise ConfigError(*dict.fromkeys(line for _, line in ordered))
    in_order = [truths[position] for position in sorted(truths)]
    file = replace(file, **{key: _OF_ITS_FILE[key] for key in _inherited(merged)})
    odd = crosschecks.warnings(file, in_order, config)
    remarks = [merged.line(one) for one in _said(quantity, varied, odd)]
    study = _study(file, in_order, remarks, merged.root)
    study = replace(study, factors=varied.factors)
    counts = study.counts
    if not study.allow_large and (counts.fits >= LARGE_FITS or counts.bytes > LARGE_BYTES):
        time = duration(counts.cpu_seconds / _CORES)
        sentence = f"{counts.fits:,} fits, about {time} on {_CORES} cores, {amount(counts.bytes)}"
        raise ConfigError(merged.line(Problem((), f"{sentence}; set allow_large: true")))
    return _of_the_name(merged, study)


def _said(quantity: Quantity, varied: vary.Varied, found: Sequence[Problem]) -> Iterator[Problem]:
    """Problems of the file, in the words of what is measured."""
    for one in varied.as_written(found):
        yield replace(one, sentence=quantity.say(one.sentence, names_in(varied.config)))


def names_in(value: Any) -> Iterator[str]:
    """All texts of a config but its keys: words of its author, not ours."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from names_in(part)


def _inherited(merged: Merged) -> list[str]:
    """Keys that a file says of its own study, and another file made into another study."""
    return [
        key
        for key in _OF_ITS_FILE
        if key in merged.origins
        for later in merged.sources[merged.origins[key] + 1 :]
        if any(subject in later.values for subject in _SUBJECTS)
    ]


def _of_the_name(merged: Merged, study: Study) -> Study:
    """The study, with a warning where it has the name of the default one and not its settings."""
    first = merged.sources[0] if merged.sources else Source(Path())
    is_default = shown(first.path, merged.root) == DEFAULT_CONFIG
    if not is_default or first.values == merged.config or first.values.get("study") != study.name:
        return study
    try:
        default = _judge(trace(first.values, [first], merged.root))
    except ConfigError:
        return study
    settings = ("replicates", "precision", *_ALIKE[len(_OF_ITS_FILE) :], "sizes", *_SUBJECTS[1:])
    changed = [key for key in settings if getattr(study, key) != getattr(default, key)]
    if not changed:
        return study
    sentence = (
        f"the name of the default study, with other settings ({', '.join(changed)}): what lies in "
        f"results/{study.name}/ would become that of another study; give this one its own name"
    )
    if len(merged.sources) > 1:
        sentence += (
            ". If a file was to give it: files go behind one --configfile; of two such flags "
            "Snakemake takes the last"
        )
    return replace(study, warnings=(merged.line(Problem(("study",), sentence)), *study.warnings))


def _valid(
    section: str, config: Mapping[Any, Any], found: Sequence[Problem], context: Any
) -> dict[int, Any]:
    """Items of a list that are valid and of which no problem was found, by position."""
    items: dict[int, Any] = {}
    faulty = {problem.key[:2] for problem in found}
    for key, item in checks.named(config, section):
        if key in faulty:
            continue
        try:
            items[key[-1]] = _ITEMS[section].validate_python(item, context=context)
        except ValidationError:
            continue
    return items


def _file_lines(merged: Merged) -> list[tuple[tuple[int, int, int], str]]:
    """What is wrong with the files as files, with their places."""
    lines: list[tuple[tuple[int, int, int], str]] = []
    for number, source in enumerate(merged.sources):
        if source.template:
            continue
        own = Merged(source.values, (source,), dict.fromkeys(source.values, 0), merged.root)
        for problem in (*source.problems, *source.misread):
            lines.append(((number, problem.line, problem.column), own.line(problem)))
    return lines


def _read_command_line(merged: Merged) -> None:
    """Make numbers of the whole-number texts in a list typed on the command line.

    Snakemake makes ``['10', '20']`` of ``--config 'sizes=[10,20]'``.
    """
    for name, value in merged.config.items():
        if not merged.typed(name) or not isinstance(value, list):
            continue
        if all(isinstance(item, str) and _WHOLE.fullmatch(item) for item in value):
            merged.config[name] = [int(item) for item in value]


def _study(file: StudyFile, truths: Sequence[Truth], warnings: Sequence[str], root: Path) -> Study:
    """The study of a valid config and its populations."""
    aim = file.precision
    most = (aim and aim.max) or file.replicates
    return Study(
        **{key: getattr(file, key) for key in _ALIKE},
        name=file.study,
        replicates=most,
        precision=aim and replace(aim, max=most),
        sizes=tuple(sorted(file.sizes)),
        populations=tuple(truth.population for truth in truths),
        biases=tuple(files.with_digests(one, root) for one in file.biases),
        estimators=tuple(files.with_code(item.used, root) for item in file.estimators),
        quantity=file.quantity or HEIGHTS,
        scopes=tuple(
            Scope(item.estimator.name, item.biases, item.populations)
            for item in file.estimators
            if item.biases or item.populations
        ),
        sources=tuple((item.source, item.why) for item in file.populations),
        written_files=tuple(truth.written for truth in truths),
        warnings=tuple(warnings),
    )


def _file(study: Study) -> StudyFile:
    """The config that gives a study."""
    aim = study.precision
    scopes = {scope.estimator: (scope.biases, scope.populations) for scope in study.scopes}
    every = zip(study.populations, study.sources, study.written_files, strict=True)
    return StudyFile(
        **{key: getattr(study, key) for key in _ALIKE},
        study=study.name,
        replicates=(aim and aim.max) or study.replicates,
        precision=aim,
        quantity=None if study.quantity == HEIGHTS else study.quantity,
        sizes=study.sizes,
        biases=study.biases,
        populations=tuple(
            PopulationItem(
                *(one.name, *said, one.groups),
                match=one.match,
                draw=one.draw or None,
                truths=one.truths,
            )
            if one.data is None
            else PopulationItem(
                one.name,
                *said,
                None,
                written,
                one.data.height,
                cast(Unit, one.data.unit),
                one.data.group,
                one.match,
                truths=one.truths,
            )
            for one, said, written in every
        ),
        estimators=tuple(
            EstimatorItem(one, *scopes.get(one.name, ((), ()))) for one in study.estimators
        ),
    )


def plain(study: Study) -> dict[str, Any]:
    """A study as maps and lists of builtin types, as a config file would hold it."""
    config = map_of(_file(study))
    # What has no effect is left out, or a config that sets it would be warned of.
    if study.samples == "keep":
        del config["sketch_from"]
    for item in config["estimators"]:
        for key in ITERATION if item["method"] in DIRECT else ():
            del item[key]
    for section, noun in vary.NOUNS.items():
        for item in config[section]:
            if levels := vary.levels_of(study.factors, noun, item["name"]):
                item["levels"] = levels
    return config


def study_yaml(study: Study) -> str:
    """The config as run, as YAML."""
    return _HEAD + yaml.safe_dump(plain(study), sort_keys=False, allow_unicode=True, width=100)

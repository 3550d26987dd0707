"""The report: one self-contained page in the order aims, data, estimands, methods, performance.

Everything on it is computed from the tables of the study; figures are embedded, nothing is
fetched. It ends with what those need who judge a study or do it again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stature import writing
from stature.config.study import Study, study_yaml
from stature.estimators.estimator import Fits, Status
from stature.measures.catalogue import CATALOGUE
from stature.measures.checks.check import LARGEST_Z, Check, farthest, sentences, verdict
from stature.measures.measure import Judged, Measure
from stature.measures.replicates import shown_size
from stature.plots.figures import FIGURES, caption
from stature.report import tables, words
from stature.report.factors import people_needed
from stature.report.notes import (
    Facts,
    assumptions,
    empty_cells,
    extent,
    flags_raised,
    mechanism,
    notes,
)
from stature.report.play import explorer, lesson
from stature.report.sentences import headlines, question
from stature.report.shared import Embedded, embedded, environment
from stature.store import fits, records


def snippet(study: Study) -> str:
    """Python that draws one replicate of a study again."""
    scenario, size = study.scenarios[0].slug, shown_size(study.sizes)
    replicate = study.replicates - 1
    return f"""\
from stature.config.study import load
from stature.design.samples import DrawSpec, draw
from stature.datafile.people import read_pool

study = load(["results/{study.name}/config.yaml"], ".")
scenario = study.scenario("{scenario}")
replicate, size = {replicate}, {size}
samples = draw(
    DrawSpec(
        scenario.population,
        scenario.bias.bias,
        scenario.sampling,
        study.seed,
        replicate,
        replicate,
        size,
    ),
    read_pool(scenario.population),
)
heights_cm, groups = samples.heights_cm[0], samples.group_index[0]
"""


def commands(study: Study) -> tuple[tuple[str, str], ...]:
    """Commands that make parts of a study again."""
    folder = f"results/{study.name}"
    scenario = study.scenarios[0].slug
    estimator = study.estimators_of(scenario)[-1].name
    block = study.blocks[0].name
    config = f"--configfile {folder}/config.yaml"
    address = f"{study.name}/{scenario}/{study.replicates - 1}"
    return (
        (
            "One replicate, compared with the tables: its people, its fits, and their iterations",
            f"stature replay {address} --trace iterations.png",
        ),
        (
            "What a run would do, and which line of the config is the reason",
            f"stature plan {folder}/config.yaml",
        ),
        ("Everything that is not up to date", f"snakemake --cores 8 {config}"),
        (
            f"The fits of {estimator} to replicates {study.blocks[0].first} to "
            f"{study.blocks[0].last} of {scenario}",
            f"snakemake --cores 1 --force {folder}/fits/{scenario}/{estimator}/{block}.parquet "
            f"{config}",
        ),
        ("One figure", f"snakemake --cores 1 --force {folder}/figures/errors.svg {config}"),
    )


def again(study: Study, checks: Iterable[Check]) -> str:
    """Command that makes a replicate again of what is farthest from theory; empty if all agree."""
    worst = farthest(checks)
    if worst is None:
        return ""
    size = "" if worst.size is None else f" --size {worst.size}"
    address = f"{study.name}/{worst.scenario}/{study.replicates - 1}"
    return f"stature replay {address} --estimator {worst.estimator}{size}"


_TEMPLATE = "page.html.j2"


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a study that its report is made from, besides measures and checks."""

    provenance: str
    figures: Sequence[str]  # paths of pictures in SVG, named like their figures
    rounds: Sequence[str] = ()
    played: Sequence[str] = ()  # fits that the lesson shows


def write(
    path: Path, study: Study, measures: Iterable[Measure], checks: Iterable[Check], files: Files
) -> None:
    """Write the report of a study, whole or not at all."""
    rounds = map(Path, files.rounds)
    page = render(
        study,
        measures,
        checks,
        json.loads(Path(files.provenance).read_text(encoding="utf-8")),
        {one.stem: embedded(one) for one in map(Path, files.figures)},
        [cell for one in rounds for cell in records.read(records.ROUNDS, one, Judged)],
        fits.read_scenarios([Path(one) for one in files.played]),
    )
    writing.write_text(path, page)


def render(
    study: Study,
    measures: Iterable[Measure],
    checks: Iterable[Check],
    provenance: Mapping[str, object],
    figures: Mapping[str, Embedded],
    cells: Iterable[Judged] = (),
    played: Mapping[str, Mapping[str, Fits]] | None = None,
) -> str:
    """The report of a study."""
    measures = tuple(measures)
    found = tables.lookup(measures)
    checked, facts = tuple(checks), Facts(study, found)
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(
            study=study,
            extent=extent(facts),
            question=question(study),
            headlines=headlines(study, found),
            needed=people_needed(study, found),
            truths=tables.truths(study),
            matching=words.matching(study),
            people=[
                (population, source, why, words.people(population, file))
                for population, (source, why), file in zip(
                    study.populations, study.sources, study.written_files, strict=True
                )
            ],
            biases=[(named, words.formula(named.bias)) for named in study.biases],
            estimators=[
                (
                    one,
                    words.scope(study, one),
                    words.uses(one.model),
                    words.estimates(one.model),
                    words.METHODS[one.method],
                    words.settings(one),
                )
                for one in study.estimators
            ],
            notes=notes(facts),
            mechanism=mechanism(facts),
            statuses=[
                (one.name.lower(), words.STATUSES[one]) for one in Status if one in facts.ended
            ],
            catalogue=[kind for kind in CATALOGUE if kind.name in facts.measured],
            flag_words=flags_raised(facts),
            reached=tables.reached(study, found),
            precision=tables.precision(study, cells),
            figures=[
                (
                    name,
                    shown,
                    caption(name, any(one.name == "none" for one in study.biases)),
                    figures[name],
                )
                for name, shown in FIGURES.items()
                if name in figures
            ],
            results=[
                (scenario, tables.results(study, scenario, found), empty_cells(facts, scenario))
                for scenario in study.scenarios
            ],
            failures=[tables.failures(study, scenario, found) for scenario in study.scenarios],
            flags=[tables.flags(study, scenario, found) for scenario in study.scenarios],
            second_policy=tables.second_policy(found),
            checks=tables.check_summary(checked),
            verdict=verdict(checked),
            broken=sentences(check for check in checked if check.is_invariant),
            again=again(study, checked),
            largest_z=f"{LARGEST_Z:g}",
            assumptions=assumptions(facts),
            commands=commands(study),
            snippet=snippet(study),
            provenance=provenance,
            config=study_yaml(study),
            explorer=explorer.parts(study, measures),
            lesson=lesson.parts(study, measures, played or {}),
        )
    )

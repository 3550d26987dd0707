"""The report: one self-contained page that opens with the answer.

Figures follow, each with what it shows, then an explorer and the lesson, and folded below them how
the study was made, in the order data, estimands, methods, performance. Everything on it is computed
from the tables of the study, and nothing is fetched.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import escape

from stature import writing
from stature.config.specs import kept
from stature.config.study import Study, study_yaml
from stature.domain.quantity import HEIGHTS
from stature.estimators.estimator import Fits, Status
from stature.measures.catalogue import CATALOGUE
from stature.measures.checks.check import LARGEST_Z, Check, farthest, sentences, verdict
from stature.measures.measure import Judged, Measure
from stature.plots.figures import FIGURES, NO_ROW, caption
from stature.report import index, tables, words
from stature.report.answer import Finding, advice, answer, findings
from stature.report.drawings import Drawing, drawing, palette
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
from stature.report.sentences import of_lesson, question
from stature.report.shared import environment
from stature.store import fits, records
from stature.theory.lesson import LessonRow


def commands(study: Study) -> tuple[tuple[str, str], ...]:
    """Commands that make parts of a study again."""
    folder = f"results/{study.name}"
    scenario = study.scenarios[0].slug
    estimator = study.estimators_of(scenario)[-1].name
    block = study.blocks[0].name
    config = f"--configfile {folder}/config.yaml"
    return (
        (
            "One replicate, compared with the tables: its people, its fits, and their iterations",
            f"stature replay {tables.replayed(study, scenario)} --trace iterations.png",
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
    address = tables.replayed(study, worst.scenario)
    return f"stature replay {address} --estimator {worst.estimator}{size}"


_TEMPLATE = "page.html.j2"


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a study that its report is made from, besides measures and checks."""

    provenance: str
    figures: Sequence[str]  # paths of pictures in SVG, named like their figures
    rounds: Sequence[str] = ()
    played: Sequence[str] = ()  # fits that the lesson shows
    lesson: str = ""  # points of the figures of the lesson


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
        {one.stem: drawing(one) for one in map(Path, files.figures)},
        [cell for one in rounds for cell in records.read(records.ROUNDS, one, Judged)],
        fits.read_scenarios([Path(one) for one in files.played]),
        records.read(records.LESSON, Path(files.lesson), LessonRow) if files.lesson else (),
    )
    writing.write_text(path, page)
    if path.name == index.PAGE:
        index.write(path.parents[1], environment())


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on the page, and what it says."""

    name: str
    title: str
    alt: str
    caption: str
    drawn: Drawing
    findings: tuple[Finding, ...]


def shown_figures(
    study: Study, drawn: Mapping[str, Drawing], found: Iterable[Finding]
) -> dict[str, Shown]:
    """The figures of a study that show something, with what each of them says."""
    said: dict[str, list[Finding]] = {}
    for one in found:
        said.setdefault(one.figure, []).append(one)
    names = [one.name for one in study.biases]
    bias = "none" if "none" in names else names[0]
    one_group = all(len(one.groups) == 1 for one in study.populations)
    return {
        name: Shown(
            name,
            kind.title,
            kind.alt,
            caption(name, bias, one_group),
            drawn[name],
            tuple(said.get("answer" if name == "hits" else name, ())),
        )
        for name, kind in FIGURES.items()
        if name in drawn and NO_ROW not in drawn[name].markup
        if name != "failures" or name in said
    }


def render(
    study: Study,
    measures: Iterable[Measure],
    checks: Iterable[Check],
    provenance: Mapping[str, object],
    figures: Mapping[str, Drawing],
    cells: Iterable[Judged] = (),
    played: Mapping[str, Mapping[str, Fits]] | None = None,
    points: Iterable[LessonRow] = (),
) -> str:
    """The report of a study."""
    measures = tuple(measures)
    found = tables.lookup(measures)
    checked, facts = tuple(checks), Facts(study, found)
    said = findings(study, found)
    of_figures = [*said, *(Finding("", figure, text) for figure, text in of_lesson(points))]
    shown = shown_figures(study, figures, of_figures)
    page = (
        environment()
        .get_template(_TEMPLATE)
        .render(
            study=study,
            entry=_entry(facts, answer(said), verdict(checked)),
            extent=extent(facts),
            question=question(study),
            answer=answer(said),
            advice=advice(study, found),
            needed=people_needed(study, found),
            picture=shown.pop("answer", None) or shown.pop("needed", None),
            figures=shown,
            others=[one for one in said if one.figure and one.figure not in {*shown, "answer"}],
            palette=palette(figures.values()),
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
                    words.uses(one.model, facts.has_groups),
                    words.estimates(one.model, facts.has_groups),
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
            provenance=provenance,
            config=study_yaml(study),
            explorer=explorer.parts(study, measures),
            lesson=lesson.parts(study, measures, played or {}),
        )
    )
    return in_words(page, study)


def _entry(facts: Facts, answers: Sequence[str], verdicts: Iterable[str]) -> index.Entry:
    """What the index of results says of a study; its first finding is the answer."""
    study = facts.study
    words = question(study), "".join(answers[:1]), extent(facts)
    asked, answer, size = (study.quantity.say(one, kept(study)) for one in words)
    asked = study.aims or asked
    return index.Entry(study.name, study.title, asked, answer, size, " ".join(verdicts))


_VERBATIM = "style|pre|code|script|svg"
_MARKUP = re.compile(rf"(<(?:{_VERBATIM})\b.*?</(?:{_VERBATIM})>|<[^>]+>)", re.DOTALL)
_OF_MARKUP = re.compile(r'(?<=aria-label=")[^"]*|number of people|(?<=")cm(?=")')
"""What people see of tags and scripts."""


def in_words(page: str, study: Study) -> str:
    """The page in the words of what is measured; code and texts of its author stay as they are."""
    if study.quantity == HEIGHTS:
        return page
    names = [str(escape(name)) for name in kept(study)]

    def say(text: str) -> str:
        return study.quantity.say(text, names)

    return "".join(
        say(part)
        if place % 2 == 0
        else _OF_MARKUP.sub(lambda found: say(found[0]), part)
        if part.startswith(("<script", "<div"))
        else part
        for place, part in enumerate(_MARKUP.split(page))
    )

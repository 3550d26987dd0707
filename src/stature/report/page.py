"""The report: one self-contained page that opens with the answer.

Figures follow, each with what it shows, then an explorer and the lesson, and folded below them how
the study was made, in the order data, estimands, methods, performance. Everything on it is computed
from the tables of the study, and nothing is fetched.

A page carries what the index of results says of it, so that the index is made of pages alone, in
whatever order studies ran. The date is that of the file: no page and no table holds one, so that
they have the same bytes whenever they are made.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import unescape
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
from stature.report import tables, words
from stature.report.answer import Finding, advice, answer, findings
from stature.report.drawings import Drawing, drawing, palette
from stature.report.factors import people_needed
from stature.report.notes import (
    Conditions,
    assumptions,
    efficiency,
    empty_cells,
    extent,
)
from stature.report.play import explorer, lesson
from stature.report.sentences import of_lesson, question
from stature.report.shared import environment
from stature.store import fits, records
from stature.theory.lesson import LessonRow


def again(study: Study, checks: Iterable[Check]) -> str:
    """Command that makes a replicate again of what is farthest from theory; empty if all agree."""
    worst = farthest(checks)
    if worst is None:
        return ""
    size = "" if worst.size is None else f" --size {worst.size}"
    address = tables.replayed(study, worst.scenario)
    return f"stature replay {address} --estimator {worst.estimator}{size}"


PAGE = "report.html"
_HEAD_BYTES = 65_536  # what a page says of itself stands at its very beginning
_ENTRY = re.compile(r'<meta name="stature-study" content="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index of results says of a study."""

    name: str
    title: str
    question: str
    answer: str
    size: str
    checks: str

    def __str__(self) -> str:
        """What the page carries."""
        return json.dumps(asdict(self), ensure_ascii=False)


def entries(results: Path) -> list[tuple[Entry, str]]:
    """Entries of all studies below a folder, by name, and the day on which each page was written.

    A page that carries no entry is passed over.
    """
    found: list[tuple[Entry, str]] = []
    for page in sorted(results.glob(f"*/{PAGE}")):
        with page.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
        if carried := _ENTRY.search(head):
            written = datetime.fromtimestamp(page.stat().st_mtime, UTC).date().isoformat()
            found.append((Entry(**json.loads(unescape(carried[1]))), written))
    return found


def write_index(results: Path) -> None:
    """Write the index of a folder of results."""
    text = environment().get_template("index.html.j2").render(entries=entries(results))
    writing.write_text(results / "index.html", text)


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
    if path.name == PAGE:
        write_index(path.parents[1])


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
    checked, conditions = tuple(checks), Conditions(study, found)
    said = findings(study, found)
    answers = answer(said, several=len(study.populations) > 1)
    of_figures = [*said, *(Finding("", figure, text) for figure, text in of_lesson(points))]
    shown = shown_figures(study, figures, of_figures)
    page = (
        environment()
        .get_template("page.html.j2")
        .render(
            study=study,
            entry=_entry(conditions, answers, verdict(checked)),
            extent=extent(conditions),
            question=question(study),
            answer=answers,
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
                    words.uses(one.model, conditions.has_groups),
                    words.estimates(one.model, conditions.has_groups),
                    words.METHODS[one.method],
                    words.settings(one),
                )
                for one in study.estimators
            ],
            conditions=conditions,
            efficiency=efficiency(conditions),
            statuses=[
                (one.name.lower(), words.STATUSES[one]) for one in Status if one in conditions.ended
            ],
            catalogue=[kind for kind in CATALOGUE if kind.name in conditions.measured],
            reached=tables.reached(study, found),
            precision=tables.precision(study, cells),
            results=[
                (
                    scenario,
                    tables.results(study, scenario, found),
                    empty_cells(conditions, scenario),
                )
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
            assumptions=assumptions(conditions),
            replayed=tables.replayed(study, study.scenarios[0].slug),
            block=study.blocks[0],
            refitted=study.estimators_of(study.scenarios[0].slug)[-1].name,
            provenance=provenance,
            config=study_yaml(study),
            explorer=explorer.parts(study, measures),
            lesson=lesson.parts(study, measures, played or {}),
        )
    )
    return in_words(page, study)


def _entry(conditions: Conditions, answers: Sequence[str], verdicts: Iterable[str]) -> Entry:
    """What the index of results says of a study; its first finding is the answer."""
    study = conditions.study
    words = question(study), "".join(answers[:1]), extent(conditions)
    asked, answer, size = (study.quantity.say(one, kept(study)) for one in words)
    asked = study.aims or asked
    return Entry(study.name, study.title, asked, answer, size, " ".join(verdicts))


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

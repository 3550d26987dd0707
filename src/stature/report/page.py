"""The report: one self-contained page in the order aims, data, estimands, methods, performance.

Everything on it is computed from the tables of the study; figures are embedded, nothing is
fetched, no script runs.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from stature import writing
from stature.config.study import Study, study_yaml
from stature.estimators.estimator import Status
from stature.measures.catalogue import CATALOGUE
from stature.measures.checks.check import Check
from stature.measures.measure import Measure
from stature.measures.precision import Judged
from stature.plots.figures import FIGURES
from stature.plots.style import MM, WIDE_MM
from stature.report import again, tables, words
from stature.report.sentences import headlines
from stature.store import records

_TEMPLATE = "page.html.j2"


def write(
    path: Path,
    study: Study,
    measures_path: Path,
    checks_path: Path,
    provenance_path: Path,
    figures: Iterable[Path],
    rounds_paths: Sequence[Path] = (),
) -> None:
    """Write the report of a study, whole or not at all."""
    page = render(
        study,
        records.read(records.MEASURES, measures_path, Measure),
        records.read(records.CHECKS, checks_path, Check),
        json.loads(provenance_path.read_text(encoding="utf-8")),
        {path.stem: embedded(path) for path in figures},
        [cell for path in rounds_paths for cell in records.read(records.ROUNDS, path, Judged)],
    )
    writing.write_text(path, page)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A figure that a page holds."""

    address: str  # a ``data:`` address
    # share of the width of the page, so that all figures have letters of one size
    width: float = 1.0


def embedded(path: Path) -> Embedded:
    """A figure as text; as wide as the page if the file does not say how wide it is."""
    text = path.read_bytes()
    points = re.search(rb'<svg[^>]* width="([0-9.]+)pt"', text)
    width = 1.0 if points is None else min(float(points[1]) / (72.0 * MM * WIDE_MM), 1.0)
    return Embedded("data:image/svg+xml;base64," + b64encode(text).decode("ascii"), width)


def render(
    study: Study,
    measures: Iterable[Measure],
    checks: Iterable[Check],
    provenance: Mapping[str, object],
    figures: Mapping[str, Embedded],
    cells: Iterable[Judged] = (),
) -> str:
    """The report of a study."""
    found = tables.lookup(measures)
    checked = tuple(checks)
    environment = Environment(
        loader=PackageLoader("stature.report", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(
        study=study,
        counts=study.counts,
        headlines=headlines(study, found),
        truths=tables.truths(study),
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
        statuses=[(status.name.lower(), words.STATUSES[status]) for status in Status],
        catalogue=CATALOGUE,
        reached=tables.reached(study, found),
        precision=tables.precision(study, cells),
        figures=[
            (name, shown, figures[name]) for name, shown in FIGURES.items() if name in figures
        ],
        results=[
            (scenario, tables.results(study, scenario, found)) for scenario in study.scenarios
        ],
        failures=[tables.failures(study, scenario, found) for scenario in study.scenarios],
        flags=[tables.flags(study, scenario, found) for scenario in study.scenarios],
        second_policy=tables.second_policy(found),
        checks=tables.check_summary(checked),
        failed_checks=sum(not check.passed for check in checked),
        number_of_checks=len(checked),
        assumptions=again.assumptions(),
        commands=again.commands(study),
        snippet=again.snippet(study),
        provenance=provenance,
        config=study_yaml(study),
    )

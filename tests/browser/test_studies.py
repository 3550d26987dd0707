"""Pages of five studies, each unlike the default one, read on a phone and printed.

Three groups; one group; a factorial; estimators from outside; title and groups in Chinese. Their
files are in `studies/`, and can be run as any other.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from stature.config import specs
from stature.plots import figures
from stature.plots.layout import MANY
from stature.report import page
from stature.report.drawings import drawing
from stature.store import records
from stature.theory import lesson
from tests.browser.conftest import Open, begin_explorer
from tests.report.conftest import Ran, run

FILES = sorted((Path(__file__).parent / "studies").glob("*.yaml"))
PHONE_PX = 390
OF_MEASURES = [
    name for name, kind in figures.FIGURES.items() if kind.table in ("lesson", "measures")
]


@dataclass(frozen=True, slots=True)
class Made:
    """A study that was really drawn, and the file of its page."""

    ran: Ran
    path: Path


@pytest.fixture(scope="module", params=FILES, ids=[one.stem for one in FILES])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    config = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    ran = run(config | {"replicates": 12, "block": 12, "sizes": config["sizes"][:2]})
    folder = tmp_path_factory.mktemp(request.param.stem)
    points = lesson.derive(lesson.LessonSpec(ran.study.seed))
    tables = [folder / "measures.parquet", folder / "lesson.parquet"]
    records.write(records.MEASURES, tables[0], ran.measures, factors=ran.study.factors)
    records.write(records.LESSON, tables[1], points)
    names = [name for name in specs.figures(ran.study) if name in OF_MEASURES]
    paths = [folder / f"{name}.svg" for name in names]
    figures.write(records.frames(tables), paths, specs.order_of(ran.study))
    told = {"seed": ran.study.seed, "commit": None, "packages": {"numpy": "2"}}
    shown = {path.stem: drawing(path) for path in paths}
    study = replace(ran.study, title=config["title"])
    text = page.render(study, ran.measures, ran.checks, told, shown, played=ran.fits, points=points)
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    return Made(ran, path)


def test_a_phone_shows_all_of_it_without_a_fault(made: Made, open_page: Open) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = begin_explorer(open_page(path=made.path, width=PHONE_PX, has_touch=True))
    opened.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert opened.evaluate("document.scrollingElement.scrollWidth") <= PHONE_PX
    found = axe.run(opened, options={"resultTypes": ["violations"]}).response["violations"]
    told = [
        node["html"][:120] for one in found if one["impact"] != "minor" for node in one["nodes"]
    ]
    assert told == []
    # Groups are named as in the study, in figures, tables and explorer.
    text = opened.locator("body").inner_text()
    for population in made.ran.study.populations:
        assert all(name in text for name in population.group_names)
    drawn = opened.locator("#figure-errors svg").first.text_content() or ""
    populations = made.ran.study.populations
    # Of many populations the figure shows the first mean of each.
    names = populations[0].group_names[: 1 if len(populations) > MANY else None]
    assert all(name in drawn for name in names)


def test_every_figure_says_what_it_shows(made: Made, open_page: Open) -> None:
    opened = open_page(path=made.path)
    silent = opened.evaluate(
        "[...document.querySelectorAll('figure')].filter(one => !one.closest('#answer')"
        " && !one.querySelector(':scope > p, :scope > ul')).map(one => one.id)"
    )
    assert silent == []


def test_the_explorer_has_every_factor(made: Made, open_page: Open) -> None:
    opened = begin_explorer(open_page(path=made.path))
    offered = opened.locator("#explorer [name=axis] option").all_inner_texts()
    assert {one.name for one in made.ran.study.factors} <= set(offered)


def test_print_has_what_stands_still_on_pages_of_its_size(made: Made, open_page: Open) -> None:
    opened = open_page(path=made.path, width=720)
    opened.emulate_media(media="print")
    assert not opened.locator("#explorer").is_visible()
    tall = opened.evaluate(
        "Math.max(...[...document.querySelectorAll('figure svg')].map(one => one.clientHeight))"
    )
    assert 100 < tall < 29.7 / 2.54 * 96  # of a sheet of A4, in CSS pixels

import json
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from matplotlib.figure import Figure

from stature.config.study import check
from stature.measures.checks.check import Check, exact, scored
from stature.plots.look import MM, WIDE_MM
from stature.report.drawings import Drawing, drawing
from stature.report.page import Files, render, write
from tests.report.conftest import CONFIG

PROVENANCE = {"seed": 7, "commit": None, "packages": {"numpy": "2"}}


@pytest.fixture(scope="module")
def page(ran: Any) -> str:
    return render(
        ran.study, ran.measures, ran.checks, PROVENANCE, {"errors": Drawing(Markup("<svg></svg>"))}
    )


def test_parts_stand_in_the_order_of_ademp(page: str):
    parts = ["question", "answers", "figures", "made", "data", "estimands", "methods"]
    parts += ["performance", "results", "failures", "checks", "again"]
    places = [page.index(f'id="{part}"') for part in parts]
    assert places == sorted(places)
    named = re.findall(r'href="#([\w-]+)"', page)
    assert {"figures", "made", "results", "failures", "checks", "again"} <= set(named)
    assert all(f'id="{part}"' in page for part in named)


def test_the_page_fetches_nothing_and_runs_its_own_scripts_alone(page: str):
    assert set(re.findall(r"<script[^>]*>", page)) == {
        "<script>",
        '<script type="text/plain" id="explorer-data">',
        '<script type="text/plain" id="explorer-charts">',
    }
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_words_of_the_config_are_escaped(page: str):
    assert "A &lt;small&gt; study" in page
    assert "<small>" not in page


def test_words_are_shown_and_never_run(ran: Any):
    hostile = "</b><script>alert('$x^$')</script>&\"'"
    study: dict[str, Any] = deepcopy(CONFIG) | {"title": hostile, "aims": hostile}
    study["populations"][0]["source"] = hostile
    study["biases"][1]["why"] = hostile
    failed = [replace(ran.checks[0], passed=False, check=hostile)]
    provenance = {"seed": 7, "commit": hostile, "packages": {hostile: hostile}}
    page = render(check(study, [], "."), ran.measures, failed, provenance, {})
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"<[^>]*\son\w+=", page)


def test_every_figure_has_words_for_those_who_cannot_see_it(page: str):
    images = re.findall(r'<[^>]* role="img"[^>]*>', page)
    assert len(images) == 1
    assert all(re.search(r'aria-label="[^"]{40,}"', image) for image in images)


def test_every_estimator_bias_and_size_is_on_the_page(page: str, ran: Any):
    for name in ("mle", "em-known-shares", "minimum", "school"):
        assert re.search(rf'<th scope="row">{name}\s*<', page)
    assert "kept if and only if x ≥ 160 cm" in page
    assert str(ran.study.seed) in page


def test_a_study_that_does_not_say_its_aims_asks_in_its_own_words(ran: Any, page: str):
    assert "How well can" not in page
    silent = render(replace(ran.study, aims="", why=""), ran.measures, ran.checks, PROVENANCE, {})
    assert (
        "How well can the means and SDs of girls and boys (school) be learned from samples of 50 "
        "to 200 people, with everybody&#39;s label and without labels, without bias and under "
        "truncation of heights?"
    ) in silent


def _top(ran: Any, checks: list[Check]) -> str:
    page = render(ran.study, ran.measures, checks, PROVENANCE, {})
    return page.partition("<main>")[2].partition("<nav")[0]


def test_the_page_opens_with_what_the_checks_say(ran: Any):
    cell = ("school.none", "em", 200, "girls", "mean_cm")
    held = exact("rows", cell, 3.0, 3.0)
    assert "All checks of what must hold in any study passed (1)." in _top(ran, [held])
    assert 'class="found bad"' not in _top(ran, [held])
    held_not = exact("rows", cell, 3.0, 4.0)
    broken, apart = (
        _top(ran, [held, one]) for one in (held_not, scored("limit", cell, 0.0, 9.0, 1.0))
    )
    assert 'class="found bad"' in broken
    assert 'class="found bad"' in apart
    assert "use no number of this study before they pass" in broken
    assert "<li>em in school.none, n = 200, mean of girls: the number of measures is 4;" in broken
    assert "1 of 1 comparisons with theory disagrees. The farthest off: em in school.none" in apart
    assert "stature replay small/school.none/11 --estimator em --size 200</code>" in apart


def test_no_number_is_printed_as_nan_or_none(page: str):
    assert ">nan" not in page
    assert ">None" not in page.replace("<code>None</code>", "")


def test_a_study_without_measures_still_has_a_page(ran: Any):
    assert "No number of this study fits" in render(ran.study, [], [], PROVENANCE, {})


def test_the_page_is_written_from_files_with_the_same_bytes(ran: Any, tmp_path: Path):
    (tmp_path / "provenance.json").write_text(json.dumps(PROVENANCE), encoding="utf-8")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "errors.svg").write_text("<svg/>", encoding="utf-8")
    files = Files(str(tmp_path / "provenance.json"), [str(tmp_path / "figures" / "errors.svg")])
    for name in ("one", "two"):
        write(tmp_path / name / "report.html", ran.study, ran.measures, ran.checks, files)
    one, two = ((tmp_path / name / "report.html").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b"<svg/>" in one


@pytest.mark.parametrize(
    ("width_mm", "share"), [(WIDE_MM, 1.0), (0.5 * WIDE_MM, 0.5), (2.0 * WIDE_MM, 1.0)]
)
def test_a_narrow_figure_is_narrow_on_the_page(tmp_path: Path, width_mm: float, share: float):
    Figure(figsize=(width_mm * MM, 1.0)).savefig(tmp_path / "a.svg")
    assert drawing(tmp_path / "a.svg").width == pytest.approx(share, abs=1e-4)


def test_lines_of_one_look_are_one_path_and_others_stay(tmp_path: Path):
    lines = [(1.0, 2.0, "red"), (3.0, 4.0, "red"), (5.0, 6.0, "blue")]
    drawn = "".join(
        f'<path d="M {x} 10.25 \nL {y} 20.0 \n" style="stroke: {colour}"/>'
        for x, y, colour in lines
    )
    (tmp_path / "a.svg").write_text(f'<svg width="72pt">{drawn}</svg>', encoding="utf-8")
    ways = re.findall(r' d="([^"]*)"', drawing(tmp_path / "a.svg").markup)
    # Digits that nobody sees are gone: a tenth of a point is kept.
    assert ways == ["M1 10.2L2 20M3 10.2L4 20", "M5 10.2L6 20"]

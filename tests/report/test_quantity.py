"""The page, the figures and the measures of a study that does not measure heights."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Text

from stature import read_results
from stature.config import specs
from stature.config.study import study_yaml
from stature.design.streams import decode
from stature.domain.quantity import HEIGHTS, FiguresSpec, Quantity
from stature.plots import figures
from stature.report import page
from stature.store import records
from tests.report.conftest import CONFIG, Ran, run

OF_HEIGHTS = re.compile(
    r"\b(cm|heights?|people|persons?|everybody|nobody|somebody|tall(er|est)?|short(er|est))\b", re.I
)
OWN = "Heights of people, in cm, as their author says."
GROUPS = [
    {"name": "short-people", "share": 0.5, "mean_cm": -60.0, "sd_cm": 40.0},
    {"name": "cocks", "share": 0.5, "mean_cm": 160.0, "sd_cm": 50.0},
]
BONES: dict[str, Any] = CONFIG | {
    "study": "bones",
    "quantity": {"name": "body length", "unit": "mm", "tolerance": 5.0},
    "populations": [{"name": "birds", "source": OWN, "groups": GROUPS}],
    "biases": [
        {"name": "none", "kind": "none"},
        {"name": "minimum", "kind": "truncation", "below_cm": -70.0},
        {"name": "volunteers", "kind": "selection", "log_odds_per_cm": 0.01},
        {"name": "others", "kind": "contamination", "share": 0.1, "mean_cm": 0.0, "sd_cm": 900.0},
        {"name": "reports", "kind": "self-report", "shift_cm": 1.0, "sd_cm": 2.0},
        {"name": "labels", "kind": "missing-labels", "share": 0.3},
        {"name": "classes", "kind": "classes", "size": 25, "shift_sd_cm": 2.0},
    ],
}


def visible(text: str) -> str:
    """What people read of a page, without code and the names and words of the author."""
    verbatim = re.sub(r"<(style|pre|code|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
    alts = " ".join(re.findall(r'alt="([^"]*)"', verbatim))
    words = unescape(re.sub(r"<[^>]+>", " ", verbatim) + alts)
    return words.replace(OWN, "").replace("short-people", "")


@pytest.fixture(scope="module")
def bones() -> Ran:
    return run(BONES)


def test_the_page_speaks_of_what_is_measured(bones: Ran) -> None:
    text = page.render(bones.study, bones.measures, bones.checks, {}, {})
    assert OF_HEIGHTS.findall(visible(text)) == []
    shown = " ".join(visible(text).split())
    assert "all means lie within 5 mm of the truth" in shown
    assert "mean, mm, of cocks" in shown
    assert "kept if and only if x ≥ -70 mm" in shown
    assert OWN in text
    assert "short-people" in text
    assert "mean_cm: -60.0" in text  # the config as run has its own keys


def test_a_study_of_heights_says_what_it_always_said(ran: Ran) -> None:
    assert OF_HEIGHTS.search(page.render(ran.study, ran.measures, ran.checks, {}, {}))
    assert '"quantity"' not in specs.report_spec(ran.study)
    spec = json.loads(specs.measure_spec(ran.study, "school.none"))
    assert "tolerance" not in spec
    assert decode(FiguresSpec, specs.figures_spec(ran.study)).say("3 cm") == "3 cm"


def test_hits_are_those_within_the_tolerance(bones: Ran) -> None:
    # As in the measures of a study that differs in the tolerance alone: 5 mm here, 40 there.
    wide = run(BONES | {"quantity": {"name": "body length", "unit": "mm", "tolerance": 400.0}})
    hits = {
        name: {(row.bias, row.size): row.value for row in of.measures
               if row.measure == "within_2cm" and row.estimator == "mle"}
        for name, of in (("narrow", bones), ("wide", wide))
    }  # fmt: skip
    # 6 SDs of a mean of 25 are 60 mm, so 400 mm are never missed without a bias.
    assert hits["wide"]["none", 50] == 1.0
    assert 0.0 < (hits["narrow"]["none", 200] or 0.0) < 1.0
    others = [row for row in bones.measures if row.measure != "within_2cm"]
    assert others == [row for row in wide.measures if row.measure != "within_2cm"]


def test_figures_are_in_the_same_words(bones: Ran, tmp_path: Path) -> None:
    table = pd.DataFrame([{name: getattr(row, name) for name in row.__slots__}
                          for row in bones.measures])  # fmt: skip
    say = decode(FiguresSpec, specs.figures_spec(bones.study)).say
    assert "lesson" not in specs.figures(bones.study)  # it is of heights
    for name in ("errors", "hits", "biases", "overview", "passes"):
        figure = figures.draw(name, table)
        before = [text.get_text() for text in figure.findobj(Text)]
        assert any(map(OF_HEIGHTS.search, before)), name
        after = [say(text).replace("short-people", "") for text in before]
        assert [text for text in after if OF_HEIGHTS.search(text)] == []
    figures.write({"measures": table}, [tmp_path / "hits.svg"], {}, lambda text: "said")
    assert ">said<" in (tmp_path / "hits.svg").read_text(encoding="utf-8")


def test_figures_that_are_drawn_again_are_in_the_same_words(bones: Ran, tmp_path: Path) -> None:
    records.write(records.MEASURES, tmp_path / "measures.parquet", bones.measures)
    (tmp_path / "config.yaml").write_text(study_yaml(bones.study), encoding="utf-8")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures/errors.svg").touch()
    texts = read_results(tmp_path).figure("errors").findobj(Text)
    words = [text.get_text().replace("short-people", "") for text in texts]
    assert [text for text in words if OF_HEIGHTS.search(text)] == []
    assert any("mean of cocks, mm" in text for text in words)


@pytest.mark.parametrize(
    ("quantity", "text", "said"),
    [
        (
            Quantity("return", "%"),
            "People of 3 cm: a height",
            "Observations of 3 %: a return",
        ),
        (Quantity("age", "none"), "RMSE, cm: 3 cm; per cm; a height", "RMSE: 3; per unit; an age"),
        (Quantity(tolerance=3.0), "People within 2 cm: 2 cm", "People within 3 cm: 2 cm"),
        (HEIGHTS, "a person who is taller", "a person who is taller"),
    ],
)
def test_words_follow(quantity: Quantity, text: str, said: str) -> None:
    assert quantity.say(text) == said

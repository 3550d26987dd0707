"""The explorer shows the numbers of the table, by every control, by a link, and as a file."""

import csv
import io
from pathlib import Path
from typing import Any

from stature.measures.measure import Measure
from stature.store import records
from tests.browser.conftest import Open, Shown, begin_explorer
from tests.report.test_play import compare

CONTROLS = ("measure", "parameter", "group", "scenario", "axis", "size")
SELECTED = "Explorer.selected().found"


def choose(opened: Any, name: str, value: str) -> None:
    """Choose by a control, and wait for the chart."""
    before = opened.locator("#explorer").get_attribute("data-drawn")
    opened.locator(f"#explorer [name={name}]").select_option(value)
    opened.wait_for_function(
        "before => document.getElementById('explorer').dataset.drawn !== before", arg=before
    )


def options(opened: Any, name: str) -> list[str]:
    return opened.locator(f"#explorer [name={name}] option").evaluate_all(
        "all => all.map(one => one.value)"
    )


def marks(opened: Any) -> int:
    """Points of the chart, of which each is told to those who cannot see it."""
    return opened.locator("#explorer-chart [aria-roledescription='point']").count()


def test_every_value_is_that_of_the_table_to_the_digits_that_are_stated(
    explorer: Any, shown: Shown, tmp_path: Path
) -> None:
    path = tmp_path / "measures.parquet"
    records.write(records.MEASURES, path, shown.ran.measures)
    compare(explorer.evaluate("Explorer.rows()"), records.read(records.MEASURES, path, Measure))


def test_every_choice_of_every_control_draws_what_it_says(explorer: Any) -> None:
    for name in CONTROLS:
        values = options(explorer, name)
        hidden = explorer.locator(f"#explorer [name={name}]").is_hidden()
        for value in [] if hidden or len(values) < 2 else [*values[1:], values[0]]:
            choose(explorer, name, value)
            found = explorer.evaluate(SELECTED)
            field = {"axis": "x"}.get(name, name)
            assert found, (name, value)
            if name in ("measure", "parameter", "group"):
                assert {str(row[field]) for row in found} == {value}
        if name == "measure":
            choose(explorer, "measure", "rmse")
            choose(explorer, "parameter", "mean_cm")
    choose(explorer, "scenario", "school.some")
    assert {row["scenario"] for row in explorer.evaluate(SELECTED)} == {"school.some"}
    assert marks(explorer) == len(explorer.evaluate(SELECTED)) == 4 * 3
    explorer.locator("#explorer [value=em]").uncheck()
    explorer.wait_for_function(f"{SELECTED}.length === 9")
    explorer.locator("#explorer [value=linear]").check()


def test_a_factor_of_the_design_is_an_axis(explorer: Any) -> None:
    choose(explorer, "axis", options(explorer, "axis")[-1])  # the strength of the bias
    choose(explorer, "size", "200")
    found = explorer.evaluate(SELECTED)
    assert {row["size"] for row in found} == {200}
    placed = {row["scenario"]: row["x"] for row in found}
    assert placed == {"school.none": 0.0, "school.some": 0.05, "school.strong": 0.15}


def test_bound_and_limit_stand_beside_the_measure(explorer: Any) -> None:
    for measure, theory in (("rmse", "bound"), ("bias", "limit_bias")):
        choose(explorer, "measure", measure)
        beside = explorer.evaluate("Explorer.selected().theory")
        assert beside
        assert {row["measure"] for row in beside} == {theory}


def test_a_link_shows_the_same_again(explorer: Any, open_page: Open) -> None:
    choose(explorer, "measure", "bias")
    choose(explorer, "scenario", "school.strong")
    explorer.locator("#explorer [value=mle]").uncheck()
    anchor = explorer.evaluate("Explorer.link()")
    assert explorer.url.endswith(anchor)
    again = begin_explorer(open_page(anchor))
    assert again.evaluate("Explorer.link()") == anchor
    assert again.evaluate(SELECTED) == explorer.evaluate(SELECTED)


def test_the_file_has_the_numbers_of_the_chart(explorer: Any) -> None:
    with explorer.expect_download() as download:
        explorer.click("#explorer-csv")
    assert download.value.suggested_filename == "played-rmse.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    written = list(csv.DictReader(io.StringIO(text)))
    found = explorer.evaluate(SELECTED)
    assert [float(row["value"]) for row in written] == [row["value"] for row in found]
    assert [row["estimator"] for row in written] == [row["estimator"] for row in found]
    assert explorer.locator("#explorer-numbers tbody tr").count() == len(found)

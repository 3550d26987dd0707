"""The page is for everybody: by keyboard, on a phone, in the dark, without scripts."""

import pytest

from tests.browser.conftest import SCREENSHOTS, WIDTHS_PX, Open, begin_explorer, begin_lesson

SELECTED = "Explorer.selected().choice"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_contrast_and_structure_pass_the_rules_of_axe(open_page: Open, colours: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened = begin_lesson(begin_explorer(open_page(color_scheme=colours)))
    opened.click("#lesson-class [data-do=example]")
    # The whole script of rules is added to the page; it asks for nothing.
    found = axe.run(opened, options={"resultTypes": ["violations"]}).response["violations"]
    told = [
        f"{one['id']}: {node['html'][:120]}"
        for one in found
        if one["impact"] != "minor"
        for node in one["nodes"]
    ]
    assert told == []


def test_a_keyboard_is_enough(open_page: Open) -> None:
    opened = begin_explorer(open_page())
    opened.locator("#explorer [name=measure]").focus()
    before = opened.evaluate(SELECTED)["measure"]
    opened.keyboard.press("ArrowDown")
    opened.wait_for_function(f"{SELECTED}.measure !== '{before}'")
    seen: list[str] = []
    for _ in range(20):
        opened.keyboard.press("Tab")
        seen.append(opened.evaluate("document.activeElement.name || document.activeElement.id"))
        ring = opened.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", seen[-1]
    for name in ("parameter", "scenario", "scale", "estimators", "explorer-csv", "explorer-link"):
        assert name in seen
    opened.locator("#lesson").scroll_into_view_if_needed()
    opened.wait_for_selector("#lesson[data-ready]")
    opened.locator("#lesson-likelihood .predict button").first.focus()
    opened.keyboard.press("Enter")
    for _ in range(3):
        opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.name") == "p"
    opened.keyboard.press("ArrowRight")
    assert opened.locator("#lesson-likelihood output").first.inner_text() == "0.51"


@pytest.mark.parametrize("width", WIDTHS_PX)
def test_nothing_is_wider_than_the_screen(open_page: Open, width: int) -> None:
    opened = begin_lesson(begin_explorer(open_page(width=width, has_touch=True)))
    opened.click("#lesson-class [data-do=example]")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / f"page-{width}.png"
    opened.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 50_000
    assert opened.evaluate("document.scrollingElement.scrollWidth") <= width
    pictures = opened.locator("#lesson svg, #explorer-chart svg").all()
    assert len(pictures) >= 14
    for one in pictures:
        box = one.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_without_scripts_the_page_says_where_the_numbers_are(open_page: Open) -> None:
    opened = open_page(java_script_enabled=False)
    for part in ("explorer", "lesson"):
        assert opened.locator(f"#{part} .needs-scripts").is_hidden()
        assert "needs scripts" in opened.locator(f"#{part} noscript").inner_text()


def test_motion_plays_for_those_who_want_it(open_page: Open) -> None:
    opened = begin_lesson(open_page(reduced_motion="no-preference"))
    play = opened.locator("#lesson-em [data-do=play]")
    play.click()
    assert play.get_attribute("aria-pressed") == "true"
    opened.wait_for_function(
        "/Steps of EM: [3-9]/.test(document.querySelector('[data-say=people]').textContent)"
    )
    play.click()
    assert play.get_attribute("aria-pressed") == "false"

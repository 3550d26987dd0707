"""A page of a small study in a browser, which must not say a word or ask for anything."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stature.report import page
from tests.report.conftest import CONFIG, Ran, run

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREENSHOTS = Path(os.environ.get("STATURE_SCREENSHOTS", Path(__file__).parent / "screenshots"))
WIDTHS_PX = (1200, 768, 390)

STUDY: dict[str, Any] = CONFIG | {
    "study": "played",
    "title": "A study to play with",
    "replicates": 60,
    "block": 60,
    "sizes": [50, 200, 1000],
    "biases": [
        {"name": "none", "kind": "none"},
        {"name": "some", "kind": "selection", "log_odds_per_cm": 0.05},
        {"name": "strong", "kind": "selection", "log_odds_per_cm": 0.15},
    ],
    "estimators": [
        *CONFIG["estimators"],
        {"name": "em-map", "labels": "none", "method": "em", "prior": {}},
    ],
}

Open = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A study, and the file that its page is in."""

    ran: Ran
    path: Path


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    ran = run(STUDY)
    path = tmp_path_factory.mktemp("page") / "report.html"
    told = {"seed": 7, "commit": None, "packages": {"numpy": "2"}}
    path.write_text(
        page.render(ran.study, ran.measures, ran.checks, told, {}, played=ran.fits),
        encoding="utf-8",
    )
    return Shown(ran, path)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed: tests/browser/install.sh brings it")
    why = "make test-browser brings it"
    playwright = pytest.importorskip("playwright.sync_api", reason=why)
    with playwright.sync_playwright() as driver:
        # Its sandbox takes rights that root in a container has not; the pages are our own.
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any, shown: Shown) -> Iterator[Open]:
    """Opens the page; at the end it must have said nothing and asked for nothing but itself."""
    said: list[str] = []
    own = ["data:", "blob:"]
    contexts: list[Any] = []

    def open_page(
        anchor: str = "", width: int = 1200, path: Path | None = None, **settings: Any
    ) -> Any:
        settings = {"reduced_motion": "reduce", "accept_downloads": True} | settings
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **settings))
        opened = contexts[-1].new_page()
        opened.set_default_timeout(60_000)
        opened.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        opened.on("pageerror", lambda error: said.append(f"error: {error}"))
        opened.on("request", lambda request: said.append(request.url))
        own.append(f"file://{path or shown.path}")
        opened.goto(f"{own[-1]}{anchor}")
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in said if not one.startswith(tuple(own))] == []


@pytest.fixture
def explorer(open_page: Open) -> Any:
    return begin_explorer(open_page())


@pytest.fixture
def lesson(open_page: Open) -> Any:
    return begin_lesson(open_page())


def begin_explorer(opened: Any) -> Any:
    opened.locator("#explorer").scroll_into_view_if_needed()
    opened.wait_for_selector("#explorer[data-drawn]")
    return opened


def begin_lesson(opened: Any) -> Any:
    """The page with every guess of the lesson made."""
    opened.locator("#lesson").scroll_into_view_if_needed()
    opened.wait_for_selector("#lesson[data-ready]")
    for act in opened.locator("#lesson article").all():
        act.locator(".predict button").first.click()
    return opened

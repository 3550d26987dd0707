"""What `stature fit` writes: pictures, memberships, and why it cannot."""

import csv
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Fit

GALTON = "data/galton_1886_children.csv"
HIDDEN = (GALTON, "--column", "height_in", "--group", "sex", "--hide-group")
CELLS = "data/macdonell_1902_heights_binned.csv"
HEADS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


@pytest.mark.parametrize(
    ("suffix", "file"),
    [
        (".svg", HIDDEN),
        (".png", (CELLS, "--groups", "2")),
        (".pdf", (GALTON, "--groups", "1", "3")),
    ],
)
def test_a_picture_is_the_same_bytes_each_time(
    fit: Fit, file: tuple[str, ...], suffix: str
) -> None:
    paths = [fit.folder / f"{name}{suffix}" for name in ("one", "two")]
    for path in paths:
        code, out, err = fit.says(*file, "--plot", str(path))
        assert (code, "Glyph" in err) == (0, False)
        lines = out.splitlines()
        assert lines[-1] == "More: --plot FILE.svg, --page FILE.html, --memberships FILE.csv"
        assert max(map(len, lines)) <= 80
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(HEADS[suffix])
    assert first == second


def test_memberships_are_written_with_the_json_that_is_asked_for(fit: Fit) -> None:
    path = fit.folder / "m.csv"
    found = fit.finds(*HIDDEN, "--memberships", str(path), "--rows")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["row", "value", "female", "male", "group", "unsure"]
    assert [int(row["row"]) for row in rows] == found["by_row"]["row"]
    probability = found["estimators"][found["recommended"]]["probability"]
    assert [float(row["male"]) for row in rows] == probability["male"]
    assert {row["unsure"] for row in rows} == {"True", "False"}


def test_names_that_the_font_lacks_are_drawn_as_numbers(fit: Fit) -> None:
    text = "性别,height\n" + "女,160\n男,180\n女,162\n男,184\n$x_1$,190\n$x_1$,191\n" * 10
    path = fit.folder / "p.svg"
    code, _, _ = fit.says(fit.file(text), "--unit", "cm", "--group", "性别", "--plot", str(path))
    assert code == 0
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--plot", "{}/none/p.svg"], "none/p.svg: expected a folder '{}/none', got none"),
        (
            ["--plot", "{}/p.gif"],
            "p.gif: expected a name that ends in .svg, .png, .pdf, got '.gif'",
        ),
        (["--plot", "{}/p"], "name it p.svg"),
        (["--page", "{}/p.pdf"], "--page: {}/p.pdf: expected a name that ends in .html"),
        (["--memberships", "{}/m.xlsx"], "name it m.csv"),
        (["--memberships", "{}/people.csv"], "this is the file that is fitted"),
        (["--memberships", "{}/folder.csv"], "expected a file, got a folder"),
    ],
)
def test_files_that_cannot_be_written_are_told_before_the_fit(
    fit: Fit, options: list[str], words: str
) -> None:
    (fit.folder / "folder.csv").mkdir()
    people = fit.file("height\n" + "160\n170\n180\n" * 20)
    before = Path(people).read_bytes()
    folder = str(fit.folder)
    code, out, err = fit.says(people, *(option.replace("{}", folder) for option in options))
    assert (code, out) == (2, "")
    assert words.replace("{}", folder) in err
    assert len(err.splitlines()) == 1
    assert Path(people).read_bytes() == before


def test_nothing_is_written_of_a_fit_that_has_no_estimates(fit: Fit) -> None:
    path = fit.folder / "m.csv"
    people = fit.file("height\n" + "170\n" * 40)
    code, _, err = fit.says(people, "--unit", "cm", "--memberships", str(path))
    assert code == 2
    assert "--memberships: expected a fit that has estimates, got none" in err
    assert not path.exists()


@pytest.mark.parametrize(
    ("file", "sections"),
    [
        (HIDDEN, {"models", "ridge", "scored", "memberships"}),
        ((GALTON, "--column", "height_in", "--groups", "1", "2", "3"), {"models", "ridge"}),
        ((GALTON, "--column", "height_in", "--group", "sex"), {"models", "memberships"}),
        ((CELLS, "--groups", "2"), {"models", "cells", "ridge"}),
    ],
)
def test_a_page_is_whole_by_itself(fit: Fit, file: tuple[str, ...], sections: set[str]) -> None:
    path = fit.folder / "fit.html"
    code, _, _ = fit.says(*file, "--page", str(path))
    assert code == 0
    text = path.read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    always = {"question", "recommended", "picture", "doctor", "assumptions", "cite"}
    assert always | sections <= set(ids)
    # Every name within a figure is that of something in it; nothing is fetched, no script runs.
    assert set(re.findall(r'(?:xlink:href="|url\()#([^")]+)', text)) <= set(ids)
    assert not re.search(r'<script|<link|src="|href="http', text)
    assert f"stature fit {' '.join(file)} --page {path}" in text


def test_a_page_is_the_same_bytes_each_time_and_shows_names_as_they_are(fit: Fit) -> None:
    people = fit.file("g,height\n" + "<b>&,160\nm,180\n<b>&,162\nm,184\n" * 10)
    path = fit.folder / "fit.html"
    texts: list[str] = []
    for _ in range(2):
        assert fit.says(people, "--unit", "cm", "--group", "g", "--page", str(path))[0] == 0
        texts.append(path.read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert "<b>" not in texts[0]
    assert "&lt;b&gt;&amp;" in texts[0]


def test_a_test_of_the_number_of_groups_is_told(fit: Fit) -> None:
    values = "".join(f"{160 + i % 7}\n{180 + i % 7}\n" for i in range(40))
    people = fit.file("height\n" + values)
    found = fit.finds(people, "--unit", "cm", "--groups", "1", "2", "--test", "19")
    (one,) = found["tests"]
    # The step of whole cm is that of the samples, too; two groups 20 cm apart leave no doubt.
    assert (one["groups"], one["p_value"], one["resamples"]) == (1, 1 / 20, 19)
    out = " ".join(fit.says(people, "--unit", "cm", "--test", "19")[1].split())
    assert "Bootstrap test of 1 group against 2" in out
    for options, words in (
        (["--test", "5"], "--test: expected 19 to 100000 bootstrap samples, got 5"),
        (["--test", "--rounded", "1"], "--test: expected values as they stand"),
        (["--test", "--sds", "2", "2"], "--test: expected shares and SDs that are estimated"),
    ):
        code, _, err = fit.says(people, "--unit", "cm", *options)
        assert (code, words in err) == (2, True)
    code, _, err = fit.says(CELLS, "--test")
    assert (code, "--test: expected a row for each value" in err) == (2, True)

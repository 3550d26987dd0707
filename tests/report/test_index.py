"""The index of results: what it says of studies, and that it is the same each time."""

import json
import os
import re
from pathlib import Path
from typing import Any

from stature.config.study import Study
from stature.report import page
from stature.report.sentences import question


def written(ran: Any, folder: Path, name: str) -> Study:
    """The page of a study under another name."""
    from dataclasses import replace

    study = replace(ran.study, name=name)
    (folder / name).mkdir(parents=True)
    provenance = folder / name / "provenance.json"
    provenance.write_text("{}", encoding="utf-8")
    page.write(
        folder / name / "report.html",
        study,
        ran.measures,
        ran.checks,
        page.Files(str(provenance), []),
    )
    return study


def test_every_study_with_a_page_is_listed_with_what_the_page_says(
    ran: Any, tmp_path: Path
) -> None:
    written(ran, tmp_path, "b")
    study = written(ran, tmp_path, "a")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/report.html").write_text("<html>of another time</html>", encoding="utf-8")
    os.utime(tmp_path / "a/report.html", (86_400.0, 86_400.0))
    page.write_index(tmp_path)
    (first, written_on), (second, _) = page.entries(tmp_path)
    assert written_on == "1970-01-02"
    assert (first.name, second.name) == ("a", "b")
    assert (first.title, first.question) == (study.title, study.aims or question(study))
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="a/report.html"' in text
    assert "<td>1970-01-02</td>" in text
    assert "A &lt;small&gt; study" in text
    shown = (tmp_path / "a/report.html").read_text(encoding="utf-8")
    for part in (first.answer, first.size, *first.checks.split(". ")):
        assert part.removesuffix(".") in shown.replace("&#39;", "'")


def test_the_index_is_the_same_in_whatever_order_studies_ran(ran: Any, tmp_path: Path) -> None:
    texts: list[str] = []  # with the date of the day, by which they may differ
    for turn, names in enumerate(("ab", "ba")):
        folder = tmp_path / str(turn)
        for name in names:
            written(ran, folder, name)
        text = (folder / "index.html").read_text(encoding="utf-8")
        texts.append(re.sub(r"<td>\d{4}-\d\d-\d\d</td>", "", text))
    assert texts[0] == texts[1]


def test_an_entry_is_carried_whole(tmp_path: Path) -> None:
    one = page.Entry("x", 'A "title" <b>', "Is it 'so'?", "Yes & no.", "1 fit", "All agree.")
    assert page.Entry(**json.loads(str(one))) == one

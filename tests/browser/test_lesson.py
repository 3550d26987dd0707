"""The lesson computes what Stature computes, from the people and estimates that are stored."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.cli.main import main
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import NoBias
from stature.domain.model import parameter_rows
from stature.domain.population import Group, Population
from tests.browser.conftest import Shown

SCHOOL = Population("school", (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0)))
SAME = 1e-6  # cm, or as shares
EXPERIMENTS = ["likelihood", "em", "more", "bias", "wrong", "class"]


def drawn(people: int, replicate: int = 0, seed: int = 7) -> list[float]:
    spec = DrawSpec(SCHOOL, NoBias(), "stratified", seed, replicate, replicate, people)
    return draw(spec).heights_cm[0].round(1).tolist()


def text(lesson: Any, say: str) -> str:
    return lesson.locator(f"#lesson [data-say={say}]").inner_text()


def slide(lesson: Any, act: str, name: str, value: float) -> None:
    lesson.locator(f"#lesson-{act} input[name={name}]").fill(str(value))


@pytest.mark.parametrize(
    "heights",
    [drawn(30), drawn(60, 1), drawn(200), drawn(1000, 2), [round(x) for x in drawn(200, 3)]],
    ids=["30", "60", "200", "1000", "rounded"],
)
def test_a_class_is_fitted_as_stature_fits_it(
    lesson: Any, heights: list[float], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "class.csv"
    file.write_text("height_cm\n" + "\n".join(map(str, heights)) + "\n")
    asked = ["fit", str(file), "--estimator", "em", "em-map", "--json"]
    assert main(asked) == 0
    ours = json.loads(capsys.readouterr().out)["estimators"]
    priors = {"em": None, "em-map": {"shares": 5, "ratio": 0.2}}
    for name, prior in priors.items():
        theirs = lesson.evaluate("([x, prior]) => Stature.em.fit(x, prior)", [heights, prior])
        assert ours[name]["status"] == "converged"
        assert theirs["decrement"] < 1e-12
        for k, group in enumerate(ours[name]["groups"].values()):
            for key, word in (("p", "share"), ("m", "mean"), ("s", "sd")):
                assert theirs[key][k] == pytest.approx(group[word], abs=SAME)
                if name == "em":
                    assert theirs["se"][key][k] == pytest.approx(group[f"{word}_se"], rel=1e-5)
    lesson.fill("#lesson-heights", " ".join(map(str, heights)))
    lesson.click("#lesson-class [data-do=fit]")
    cells = lesson.locator("#lesson-fitted [data-fit=em-0] td").all_inner_texts()
    mean = next(iter(ours["em"]["groups"].values()))["mean"]
    assert cells[3].startswith(f"{mean:.2f} ± ")


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        ("163.5 170\n181", [163.5, 170, 181]),
        ("163.5, 170, 181", [163.5, 170, 181]),
        ("163,5 170,2; 181,0", [163.5, 170.2, 181]),
        ("1.62 1.75 1.81", [162, 175, 181]),
        ("height 163 tall 181", [163, 181]),
    ],
)
def test_heights_are_read_as_people_write_them(lesson: Any, pasted: str, read: list[float]) -> None:
    found = lesson.evaluate("text => Lesson.read(text)", pasted)
    assert found["heights"] == pytest.approx(read)
    assert len(found["refused"]) == pasted.count("height") + pasted.count("tall")


def test_words_and_too_few_heights_are_answered_in_words(lesson: Any) -> None:
    lesson.fill("#lesson-heights", "163 tall 181")
    lesson.click("#lesson-class [data-do=fit]")
    said = text(lesson, "class")
    assert "At least 6 heights" in said
    assert "tall" in said


def test_every_experiment_asks_before_it_shows(open_page: Any) -> None:
    opened = open_page()
    opened.locator("#lesson").scroll_into_view_if_needed()
    opened.wait_for_selector("#lesson[data-ready]")
    acts = opened.locator("#lesson article")
    assert [act.get_attribute("id") for act in acts.all()] == [
        f"lesson-{one}" for one in EXPERIMENTS
    ]
    for act in acts.all():
        assert act.locator(".revealed").is_hidden()
        for button in act.locator(".predict button").all():
            button.click()
            assert act.locator(".said").inner_text() == button.get_attribute("data-en")
            assert button.get_attribute("aria-pressed") == "true"
        assert act.locator(".revealed").is_visible()
        assert act.locator("svg").count() >= (0 if act.get_attribute("id") == "lesson-class" else 1)


def test_the_likelihood_is_that_of_the_balls_and_boys(lesson: Any) -> None:
    slide(lesson, "likelihood", "p", 0.6)
    # 0.6^7 0.4^3 = 0.00179159; log = -6.3246; log L(0.7) = 7 log 0.7 + 3 log 0.3 = -6.1086.
    assert "1.792e-3" in text(lesson, "balls")
    assert "-6.325, which is 0.216 below" in text(lesson, "balls")
    lesson.click("[data-do=top]")
    assert "0.00 below the top" in text(lesson, "boys")


def test_steps_of_em_raise_the_likelihood_and_lead_where_newton_stays(
    lesson: Any, shown: Shown
) -> None:
    spec = DrawSpec(shown.ran.study.populations[0], NoBias(), "stratified", 7, 0, 0, 200)
    heights, groups = draw(spec).heights_cm[0], draw(spec).group_index[0]
    shares, means, sds = np.array([0.5, 0.5]), np.array([158.0, 168.0]), np.array([5.0, 5.0])
    values: list[float] = []
    for _ in range(4):
        # Dempster, Laird & Rubin (1977), section 4.3.
        joint = shares * np.exp(-0.5 * ((heights[:, None] - means) / sds) ** 2) / sds
        values.append(float(np.log(joint.sum(axis=1) / np.sqrt(2 * np.pi)).sum()))
        assert f"Log-likelihood {values[-1]:.2f}" in text(lesson, "people")
        member = joint / joint.sum(axis=1, keepdims=True)
        people = member.sum(axis=0)
        shares, means = people / 200, member.T @ heights / people
        sds = np.sqrt((member * (heights[:, None] - means) ** 2).sum(axis=0) / people)
        lesson.click("#lesson-em [data-do=e]")
        lesson.click("#lesson-em [data-do=m]")
    assert (np.diff(values) > 0).all()
    lesson.click("#lesson-em [data-do=play]")  # motion is reduced: to the end at once
    by_em = lesson.locator("#lesson-em input[name=m0]").input_value()
    for _ in range(3):
        lesson.click("#lesson-em [data-do=newton]")  # which stays at a maximum
    assert lesson.locator("#lesson-em input[name=m0]").input_value() == by_em
    lesson.click("#lesson-em [data-do=labels]")
    p, m, s = (np.array(lesson.evaluate(f"Lesson.theta().{key}")) for key in "pms")
    density = p * np.exp(-0.5 * ((heights[:, None] - m) / s) ** 2) / s
    wrong = int((density.argmax(axis=1) != groups).sum())
    assert f"{wrong} of 200 are in the wrong group" in text(lesson, "people")
    assert lesson.locator("#lesson-people circle.wrong").count() == wrong > 0


def test_a_curve_is_dragged(lesson: Any) -> None:
    place = lesson.locator("#lesson-people")
    place.scroll_into_view_if_needed()
    box, grip = (
        place.bounding_box(),
        lesson.locator("#lesson-people circle.grip").first.bounding_box(),
    )
    before = lesson.locator("#lesson-em input[name=m0]").input_value()
    lesson.mouse.move(grip["x"] + 7, grip["y"] + 7)
    lesson.mouse.down()
    lesson.mouse.move(grip["x"] - 0.1 * box["width"], grip["y"])
    lesson.mouse.up()
    assert float(lesson.locator("#lesson-em input[name=m0]").input_value()) < float(before) - 2


@pytest.mark.parametrize("act", ["more", "bias"])
def test_clouds_are_the_stored_estimates(lesson: Any, shown: Shown, act: str) -> None:
    study = shown.ran.study
    slide(lesson, act, "size", 2)
    if act == "bias":
        slide(lesson, act, "bias", 2)
        assert "strong" in text(lesson, "bias")
    fits = shown.ran.fits["school.none" if act == "more" else "school.strong"]
    names = ["mle", "em", "em-known-shares", "em-map"] if act == "more" else ["mle", "em"]
    said = lesson.locator(f"#lesson-{act} .cloud p").all_inner_texts()
    truth = study.populations[0].means_cm
    for name, words in zip(names, said, strict=True):
        rows = parameter_rows(fits[name].group_names)
        columns = [rows.index((group, "mean_cm")) for group in ("girls", "boys")]
        off = np.round(100 * (fits[name].estimate[:, 2, columns] - truth)) / 100
        inside = int((np.abs(off) <= 2).all(axis=1).sum())
        assert words.startswith(f"{inside} of 60 samples are in the box"), name


def test_three_people_make_a_higher_maximum_that_a_prior_takes_away(lesson: Any) -> None:
    said = text(lesson, "wrong")
    assert "narrow curve" in said
    slide(lesson, "wrong", "prior", 4)
    assert text(lesson, "wrong") != said
    assert "the prior has taken the narrow curve away" in text(lesson, "wrong")


def test_all_of_it_is_there_in_chinese_too(lesson: Any) -> None:
    lesson.click("#lesson [data-language=zh]")
    assert (
        lesson.locator("#lesson .words:lang(en)").evaluate_all(
            "all => all.filter(one => one.offsetParent !== null).length"
        )
        == 0
    )
    pairs = lesson.locator("#lesson .words:lang(zh)").all_inner_texts()
    assert len(pairs) > 60
    assert all(words.strip() for words in pairs)
    for say in ("balls", "boys", "people", "wrong"):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text(lesson, say))
    assert lesson.locator("#lesson .said").first.inner_text().endswith("。")

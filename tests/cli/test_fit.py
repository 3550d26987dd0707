"""`stature fit` as a person runs it: golden numbers, bad files, failed fits, JSON, progress."""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from stature.cli.fit import fit_json
from stature.datafile.fits import Fitted, finding
from stature.datafile.people import read_people
from stature.datafile.request import FitRequest, Reading
from stature.datafile.runs import AS_RECORDED, plan_runs
from stature.design.streams import stream_key
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Status
from stature.estimators.fit import fit_heights, spec_of_one
from tests.cli.conftest import Fit

GALTON = ["data/galton_1886_children.csv", "--height", "height_in", "--unit", "in"]

# Galton's children: log-likelihood, share of the lower group, means and SDs in cm, and people put
# in the right group, as published with the project.
GOLDEN = {
    "mle": (None, 0.485010707, (162.824092715, 175.854602911), (5.976749834, 6.657786767), 793),
    "em": (
        -3369.79063148, 0.539882994, (163.238869402, 176.921903212), (5.967576754, 6.047652725), 775
    ),
    "em-equal-sds": (
        -3369.79411090, 0.546065742, (163.315558498, 177.016016980), (6.002989433, 6.002989433), 775
    ),
    "em-known-shares": (
        -3370.00848170, 453 / 934, (162.606451322, 176.113107812), (5.721668836, 6.404740662), 793
    ),
}  # fmt: skip


def numbers(fit: dict[str, Any]) -> np.ndarray:
    """Shares, means and SDs of a fit, shape (3, k)."""
    groups = fit["groups"].values()
    return np.array([[group[name] for group in groups] for name in ("share", "mean", "sd")])


def em_by_hand(x: np.ndarray, group: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """EM as textbooks write it, with the labels that there are: shares, means and SDs."""
    known = np.eye(2)[np.where(group < 0, 0, group)]
    theta = np.array([[0.5, 0.5], [160.0, 178.0], [6.0, 6.0]])
    for _ in range(100_000):
        share, mean, sd = theta
        density = share / sd * np.exp(-0.5 * ((x[:, None] - mean) / sd) ** 2)
        posterior = density / density.sum(axis=1, keepdims=True)
        member = weight[:, None] * np.where(group[:, None] < 0, posterior, known)
        people = member.sum(axis=0)
        mean = x @ member / people
        sd = np.sqrt(((x[:, None] - mean) ** 2 * member).sum(axis=0) / people)
        before, theta = theta, np.stack([people / people.sum(), mean, sd])
        if np.abs(theta - before).max() < 1e-12:
            break
    return theta


def a_school(unlabelled: int) -> tuple[np.ndarray, np.ndarray]:
    """Heights of 60 pupils in order, girls before boys, of whom every so many gave no sex."""
    normal = NormalDist()
    z = np.array([normal.inv_cdf((i + 0.5) / 30.0) for i in range(30)])
    x = np.round(np.concatenate([163.0 + 6.5 * z, 176.0 + 7.0 * z]), 1)
    group = np.repeat([0, 1], 30)
    # Not evenly: those who gave none are taller than the others.
    group[np.arange(60)[::-2][:unlabelled]] = -1
    return x, group


def written(x: np.ndarray, group: np.ndarray, weight: np.ndarray | None = None) -> str:
    sex = np.array(["f", "m", ""])[group]
    more = np.ones(len(x)) if weight is None else weight
    rows = [f"{s},{h},{w:g}" for s, h, w in zip(sex, x, more, strict=True)]
    return "\n".join(["sex,height_cm,people", *rows]) + "\n"


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("unlabelled", [1, 5, 25])
def test_C27_labels_in_part_are_fitted_as_textbooks_do(
    unlabelled: int, weighted: bool, fit: Fit
) -> None:
    x, group = a_school(unlabelled)
    weight = 1.0 + np.arange(60) % 3 if weighted else np.ones(60)
    path = fit.file(written(x, group, weight if weighted else None))
    arguments = [path, "--group", "sex", *(["--weights", "people"] * weighted)]
    found = fit.finds(*arguments)
    ending = "-weighted" * weighted
    assert list(found["estimators"]) == [
        name + ending for name in ("mle", "labels-as-recorded", "em")
    ]
    assert (found["labels"], found["unlabelled"], found["dropped"]) == ("seen", unlabelled, {})
    there = group >= 0
    expected = {
        "mle": em_by_hand(x[there], group[there], weight[there]),
        "labels-as-recorded": em_by_hand(x, group, weight),
        "em": em_by_hand(x, np.full(60, -1), weight),
    }
    for name, theta in expected.items():
        each = found["estimators"][name + ending]
        assert each["status"] == "converged"
        assert numbers(each) == pytest.approx(theta, abs=1e-5 if name == "em" else 1e-6)
    if not weighted:
        assert found["estimators"]["mle"]["scored"]["of"] == 60 - unlabelled
    _, out, _ = fit.says(*arguments)
    said = " ".join(out.split())
    assert f"no label {unlabelled}." in said
    assert "labels are missing at random" in said
    assert "The values without a label move the means by at most" in said


def test_all_labels_seen_as_recorded_are_the_closed_form(fit: Fit) -> None:
    path = fit.file(written(*a_school(0)))
    arguments = [path, "--group", "sex"]
    found = fit.finds(*arguments, "--estimator", "mle", "labels-as-recorded")
    assert found["unlabelled"] == 0
    closed, recorded = (numbers(each) for each in found["estimators"].values())
    assert recorded == pytest.approx(closed, abs=1e-6)
    # Nobody who left nothing blank hears of it.
    _, out, _ = fit.says(*arguments)
    assert "no label" not in out
    assert "missing" not in out


def test_C27_a_column_of_blanks_is_fitted_as_if_it_were_not_there(fit: Fit) -> None:
    x, group = a_school(0)
    path = fit.file(written(x, np.full_like(group, -1)))
    without = fit.finds(path)
    found = fit.finds(path, "--group", "sex", warned="no row has a label")
    assert found["estimators"] == without["estimators"]
    nobody = em_by_hand(x, np.full_like(group, -1), np.ones(60))
    assert numbers(found["estimators"]["em"]) == pytest.approx(nobody, abs=1e-5)
    _, out, _ = fit.says(path, "--group", "sex")
    assert "No row has a label in column 'sex': 2 groups are looked for" in out


def test_no_label_at_all_leaves_the_recorded_ones_to_em() -> None:
    x, _ = a_school(0)
    names, nobody = ("f", "m"), np.full(60, -1, np.int8)
    estimators = AS_RECORDED, CATALOGUE["newton"]
    recorded, hidden = (
        fit_heights(spec_of_one(one, names, stream_key(1, "x")), x, nobody).estimate
        for one in estimators
    )
    assert recorded == pytest.approx(hidden, abs=1e-6)


def test_C27_everybody_has_a_probability_whether_labelled_or_not(fit: Fit) -> None:
    path = fit.file(written(*a_school(5)))
    found = fit.finds(path, "--group", "sex", "--rows")
    assert found["by_row"]["label"].count(None) == 5
    for each in found["estimators"].values():
        assert len(each["probability"]["f"]) == 60


def test_galton_with_the_sex_hidden_gives_the_golden_numbers(fit: Fit) -> None:
    found = fit.finds(*GALTON, "--group", "sex", "--hide-group")
    assert (found["rows"], found["group_names"]) == (934, ["female", "male"])
    for name, (log_likelihood, share, means, sds, right) in GOLDEN.items():
        each = found["estimators"][name]
        assert each["status"] == "converged"
        groups = [each["groups"][group] for group in ("female", "male")]
        assert groups[0]["share"] == pytest.approx(share, abs=1e-5)
        assert [2.54 * group["mean"] for group in groups] == pytest.approx(means, abs=1e-3)
        assert [2.54 * group["sd"] for group in groups] == pytest.approx(sds, abs=1e-3)
        assert each["scored"]["right"] == right
        assert each["scored"]["share_right"] == right / 934
        errors = [2.54 * each["scored"]["mean_error"][group] for group in ("female", "male")]
        true = GOLDEN["mle"][2]
        differences = [mean - truth for mean, truth in zip(means, true, strict=True)]
        assert errors == pytest.approx(differences, abs=1e-3)
        if log_likelihood is not None:
            # A density per inch is 2.54 times that per cm.
            per_inch = log_likelihood + 934 * np.log(2.54)
            assert each["log_likelihood"] == pytest.approx(per_inch, rel=1e-8)
    assert found["unit"] == "in"
    assert 2.54 * found["estimators"]["em"]["cut"] == pytest.approx(170.491416, abs=1e-3)


def test_galton_with_the_sex_seen_meets_by_both_ways(fit: Fit) -> None:
    found = fit.finds(*GALTON, "--group", "sex")
    assert list(found["estimators"]) == ["mle", "mle-numeric"]
    closed, climbed = (each["groups"]["male"] for each in found["estimators"].values())
    assert climbed["mean"] == pytest.approx(closed["mean"], rel=1e-10)
    assert climbed["sd"] == pytest.approx(closed["sd"], rel=1e-10)


def test_galton_without_the_column_finds_a_lower_and_an_upper_group(fit: Fit) -> None:
    found = fit.finds(*GALTON)
    assert list(found["estimators"]) == ["em", "em-equal-sds", "em-map"]
    assert found["estimators"]["em"]["groups"]["lower"]["mean"] == pytest.approx(
        GOLDEN["em"][2][0] / 2.54, abs=1e-3
    )
    told = fit.finds(*GALTON, "--shares", str(453 / 934), str(481 / 934))
    upper = told["estimators"]["em-known-shares"]["groups"]["upper"]
    assert upper["mean"] == pytest.approx(GOLDEN["em-known-shares"][2][1] / 2.54, abs=1e-3)
    assert upper["share_se"] is None


def test_the_seed_names_the_run_and_another_finds_the_same_maximum(fit: Fit) -> None:
    first, second = (fit.finds(*GALTON, "--estimator", "em", "--seed", seed) for seed in ("1", "2"))
    assert (first["seed"], second["seed"]) == (1, 2)
    means = [one["estimators"]["em"]["groups"]["lower"]["mean"] for one in (first, second)]
    assert means[0] == pytest.approx(means[1], abs=1e-3)
    assert first == fit.finds(*GALTON, "--estimator", "em", "--seed", "1")


def test_everybody_has_a_probability_of_each_group(fit: Fit) -> None:
    found = fit.finds(*GALTON, "--group", "sex", "--hide-group", "--rows")
    probability = found["estimators"]["em"]["probability"]
    sums = [sum(pair) for pair in zip(probability["female"], probability["male"], strict=True)]
    assert sums == pytest.approx([1.0] * 934)
    assert found["by_row"]["row"][:2] == [2, 3]
    assert found["by_row"]["label"][:2] == ["male", "female"]
    likeliest_male = [p > 0.5 for p in probability["male"]]
    labelled_male = [label == "male" for label in found["by_row"]["label"]]
    right = sum(a == b for a, b in zip(likeliest_male, labelled_male, strict=True))
    assert right == GOLDEN["em"][4]


def test_a_bad_file_is_refused_in_sentences(fit: Fit) -> None:
    path = fit.file("sex,height\nm,170\nf,tall\nf\nm,999\n" + "m,171\n" * 20)
    code, out, err = fit.says(path, "--unit", "cm")
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"stature fit: {path}: ") for line in lines)


def test_dropped_rows_are_counted_and_blank_labels_used(fit: Fit) -> None:
    people = "".join(f"m,{170 + i % 9}\nf,{160 + i % 7}\n" for i in range(30))
    path = fit.file("sex,height\n" + people + "m,tall\n,165\nf,\n")
    arguments = [path, "--unit", "cm", "--group", "sex", "--on-bad-rows", "drop"]
    found = fit.finds(*arguments)
    assert (found["rows"], found["unlabelled"]) == (61, 1)
    assert found["dropped"] == {"value missing": 1, "value not a number": 1}
    _, out, err = fit.says(*arguments)
    assert "2 rows left out: value missing 1, value not a number 1." in out
    assert "Groups in column 'sex': f 30, m 30, no label 1." in out
    assert err == ""
    hidden = fit.finds(*arguments, "--hide-group", "--estimator", "mle", warned="left out: 1 of")
    assert hidden["rows"] == 60
    assert hidden["dropped"]["label blank"] == 1


@pytest.mark.parametrize(
    ("case", "cells"),
    [
        ("C24 constant", ["170"] * 40),
        ("C24 two values", ["170", "180"] * 20),
        ("C31 too few", ["170", "180", "175"]),
        ("C22 one outlier", [*map(str, range(160, 190)), "57"]),
    ],
)
def test_C22_C24_C31_a_fit_that_fails_is_a_status_and_not_a_failure(
    case: str, cells: list[str], fit: Fit
) -> None:
    path = fit.file("\n".join(["height", *cells]) + "\n")
    code, out, _ = fit.says(path, "--unit", "cm")
    assert code == 0
    assert "em: groups hidden" in out
    found = fit.finds(path, "--unit", "cm")
    for each in found["estimators"].values():
        sds = [group["sd"] for group in each["groups"].values()]
        # A group of one height is told as such, never shown as a converged SD of next to nothing.
        assert each["status"] != "converged" or each["suspect"] or min(sds) > 0.5


def test_C29_one_label_only_is_fitted(fit: Fit) -> None:
    path = fit.file("sex,height\n" + "".join(f"f,{160 + i % 9}\n" for i in range(40)))
    found = fit.finds(path, "--unit", "cm", "--group", "sex")
    each = found["estimators"]["mle"]
    assert each["status"] == "converged"
    assert (each["gap"], each["cut"]) == ([], [])


MEN = "data/macdonell_1902_men.csv"
CELLS = Path("data/macdonell_1902_heights_binned.csv").read_text(encoding="utf-8").splitlines()


def test_of_groups_that_are_seen_the_formulas_are_recommended(fit: Fit) -> None:
    arguments = ("data/galton_1886_children.csv", "--column", "height_in", "--unit", "in")
    _, out, _ = fit.says(*arguments, "--group", "sex")
    said = " ".join(out.split())
    why = "which has the smallest BIC of what was estimated from values and labels."
    assert f"Recommended: mle, {why}" in said


def test_rounded_men_are_macdonells_cells(fit: Fit) -> None:
    # Each man stands at the middle of his cell: rounded to an inch he is the cell.
    found = fit.finds(MEN, "--unit", "in", "--rounded", "1", "--groups", "1")
    naive, rounded = (
        found["estimators"][name]["groups"]["everybody"] for name in ("normal", "normal-rounded")
    )
    assert 2.54 * rounded["mean"] == pytest.approx(166.4601802841, rel=1e-8)
    assert 2.54 * rounded["sd"] == pytest.approx(6.4541371463, rel=1e-8)
    assert 2.54 * rounded["mean_se"] == pytest.approx(0.1185938777, rel=1e-6)
    # The middles of the cells, with the divisor n: golden numbers of the project.
    assert 2.54 * naive["sd"] == pytest.approx(6.4956186657, rel=1e-8)


def test_points_with_counts_are_the_men_themselves(fit: Fit) -> None:
    rows = [row.split(",") for row in CELLS[1:]]
    middles = [f"{(float(low) + float(high)) / 2},{count}" for low, high, count in rows]
    path = fit.file("\n".join(["height_in,count", *middles]) + "\n")
    found = fit.finds(path, "--points", "--groups", "1")
    each = found["estimators"]["normal-weighted"]["groups"]["everybody"]
    assert 2.54 * each["sd"] == pytest.approx(6.4956186657, rel=1e-8)
    # Weights count people: the SE of a mean is SD / root 3000.
    assert 2.54 * each["mean_se"] == pytest.approx(6.4956186657 / np.sqrt(3000), rel=1e-6)


def test_weights_count_as_repeats(fit: Fit) -> None:
    rng = np.random.default_rng(20261122)
    heights = np.round(np.concatenate([rng.normal(163, 6, 60), rng.normal(177, 7, 60)]), 1)
    weights = rng.integers(0, 4, 120)
    sexes = np.repeat(["f", "m"], 60)
    rows = list(zip(sexes.tolist(), heights.tolist(), weights.tolist(), strict=True))
    weighted = fit.file("sex,height,w\n" + "".join(f"{s},{h},{w}\n" for s, h, w in rows))
    repeated = fit.file(
        "sex,height\n" + "".join(f"{s},{h}\n" * w for s, h, w in rows), "repeated.csv"
    )
    options = ["--unit", "cm", "--group", "sex", "--hide-group"]
    once = fit.finds(weighted, *options, "--weights", "w")
    again = fit.finds(repeated, *options)
    for name in ("mle", "em-equal-sds", "em-known-shares"):
        one, other = once["estimators"][f"{name}-weighted"], again["estimators"][name]
        for group in ("f", "m"):
            for key in ("share", "mean", "sd"):
                assert one["groups"][group][key] == pytest.approx(
                    other["groups"][group][key], rel=1e-4
                ), (name, group, key)
    assert once["dropped"] == {"weight 0": int((weights == 0).sum())}


def test_a_cut_sample_is_fitted_with_and_without_its_cut(fit: Fit) -> None:
    rng = np.random.default_rng(20261122)
    heights = rng.normal(170.0, 7.0, 20_000)
    path = fit.file("height_cm\n" + "".join(f"{h}\n" for h in heights[heights >= 165.0]))
    cut = ["--below", "165", "--groups", "1"]
    found = fit.finds(path, *cut)["estimators"]
    group = found["normal-truncated"]["groups"]["everybody"]
    assert abs(group["mean"] - 170.0) < 4 * group["mean_se"]
    assert found["normal"]["groups"]["everybody"]["mean"] > 172
    known = fit.finds(path, "--below", "165", "--sds", "7")["estimators"]
    restricted = known["normal-known-sds-truncated"]["groups"]["everybody"]
    assert restricted["mean_se"] < group["mean_se"]


def test_seen_groups_may_have_been_cut_too(fit: Fit) -> None:
    options = ["--group", "sex", "--below", "140cm", "--sds", "6cm", "7cm"]
    found = fit.finds(*GALTON, *options)["estimators"]
    assert list(found) == ["mle", "mle-truncated", "mle-known-sds", "mle-known-sds-truncated"]
    # Next to nobody was shorter: the cut says nothing.
    for group in ("female", "male"):
        naive, cut = (found[name]["groups"][group]["mean"] for name in ("mle", "mle-truncated"))
        assert cut == pytest.approx(naive, abs=0.01)


MadeUp = Callable[..., Fits]


def written_json(fit: Fit, request: FitRequest, fits: Fits) -> dict[str, Any]:
    """What is written of fits that a test makes up, of forty people in two groups."""
    path = fit.file("g,height\n" + "女,160\n男,180\n女,162\n男,184\n" * 10)
    people = read_people(path, request.reading)
    runs = plan_runs(request, people)
    findings = (finding(CATALOGUE["em"], fits, runs),)
    return json.loads(fit_json(request, Fitted(people, runs, findings)))


def test_what_is_not_known_is_null(fit: Fit, made_up: MadeUp) -> None:
    nothing = (np.nan, np.nan, np.nan)
    fits = made_up({"lower": nothing, "upper": nothing}, np.nan, status=Status.TOO_FEW)
    found = written_json(fit, FitRequest("a", Reading(unit="cm")), fits)
    each = found["estimators"]["em"]
    assert each["status"] == "too_few"
    assert each["cut"] is None
    assert each["scored"] is None
    assert set(each["groups"]["lower"].values()) == {None}
    assert found["group"] is None


@pytest.mark.parametrize("rows", [False, True])
def test_people_are_listed_only_when_asked_for(fit: Fit, made_up: MadeUp, rows: bool) -> None:
    reading = Reading(unit="cm", group="g")
    request = FitRequest("a", reading, hide_group=True, json=True, rows=rows)
    fits = made_up({"女": (0.5, 161.0, 1.0), "男": (0.5, 182.0, 2.0)})
    found = written_json(fit, request, fits)
    each = found["estimators"]["em"]
    assert ("by_row" in found, "probability" in each) == (rows, rows)
    assert each["groups"]["男"]["mean"] == 182.0
    assert each["groups"]["男"]["mean_se"] == 0.5
    assert each["gap"] == 21.0
    errors = {"女": 0.0, "男": 0.0}
    scored = {"mean_error": errors, "right": 40, "of": 40, "share_right": 1.0}
    assert each["scored"] == scored
    if rows:
        assert len(each["probability"]["男"]) == len(found["by_row"]["row"]) == 40


def test_more_than_two_groups_have_lists_of_gaps_and_cuts(fit: Fit, made_up: MadeUp) -> None:
    names = ("group 1", "group 2", "group 3")
    groups = {name: (1 / 3, 160.0 + 10 * k, 3.0) for k, name in enumerate(names)}
    request = FitRequest("a", Reading(unit="cm"), shares=(0.2, 0.3, 0.5))
    each = written_json(fit, request, made_up(groups))["estimators"]["em"]
    assert each["gap"] == [10.0, 10.0]
    # Whatever the number of groups, the names are the same.
    two = written_json(
        fit, FitRequest("a", Reading(unit="cm")), made_up(dict(list(groups.items())[:2]))
    )["estimators"]["em"]
    assert each.keys() == two.keys()
    assert each["cut"] == pytest.approx([165.0, 175.0])

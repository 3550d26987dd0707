"""Heights that were cut or rounded, and rows for many people, through the command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.cli.main import main
from stature.cli.observed import as_seen, one_group, view_of
from stature.cli.request import FitRequest
from stature.domain.observation import Rounded, Truncated
from stature.estimators.catalogue import CATALOGUE

MEN = "data/macdonell_1902_men.csv"
GALTON = "data/galton_1886_children.csv"
CELLS = Path("data/macdonell_1902_heights_binned.csv").read_text(encoding="utf-8").splitlines()


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = main(["fit", *arguments, "--json"])
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    return json.loads(printed.out)


def test_options_say_how_heights_were_seen() -> None:
    assert view_of(FitRequest("a")) is None
    assert view_of(FitRequest("a", rounded_cm=2.54)) == Rounded(2.54)
    assert view_of(FitRequest("a", above_cm=180.0)) == Truncated(None, 180.0)


def test_heights_as_they_stand_need_no_counterparts() -> None:
    estimators = tuple(CATALOGUE.values())
    assert as_seen(estimators, FitRequest("a"), "absent") == estimators
    names = [one.name for one in one_group(estimators)]
    assert names == ["normal", "normal-known-sds"]


def test_rounded_men_are_macdonells_cells(capsys: pytest.CaptureFixture[str]) -> None:
    # Each man stands at the middle of his cell: rounded to an inch he is the cell.
    found = document(capsys, MEN, "--unit", "in", "--rounded", "2.54", "--groups", "1")
    naive, rounded = (
        found["estimators"][name]["groups"]["everybody"] for name in ("normal", "normal-rounded")
    )
    assert rounded["mean_cm"] == pytest.approx(166.4601802841, rel=1e-8)
    assert rounded["sd_cm"] == pytest.approx(6.4541371463, rel=1e-8)
    assert rounded["mean_cm_se"] == pytest.approx(0.1185938777, rel=1e-6)
    # The middles of the cells, with the divisor n: golden numbers of the project.
    assert naive["sd_cm"] == pytest.approx(6.4956186657, rel=1e-8)


def test_points_with_counts_are_the_men_themselves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row.split(",") for row in CELLS[1:]]
    middles = [f"{(float(low) + float(high)) / 2},{count}" for low, high, count in rows]
    path = tmp_path / "points.csv"
    path.write_text("\n".join(["height_in,count", *middles]) + "\n")
    found = document(capsys, str(path), "--points", "--groups", "1")
    fit = found["estimators"]["normal-weighted"]["groups"]["everybody"]
    assert fit["sd_cm"] == pytest.approx(6.4956186657, rel=1e-8)
    # Weights count people: the SE of a mean is SD / root 3000.
    assert fit["mean_cm_se"] == pytest.approx(6.4956186657 / np.sqrt(3000), rel=1e-6)


def test_weights_count_as_repeats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(20261122)
    heights = np.round(np.concatenate([rng.normal(163, 6, 60), rng.normal(177, 7, 60)]), 1)
    weights = rng.integers(0, 4, 120)
    sexes = np.repeat(["f", "m"], 60)
    weighted, repeated = tmp_path / "weighted.csv", tmp_path / "repeated.csv"
    rows = list(zip(sexes.tolist(), heights.tolist(), weights.tolist(), strict=True))
    weighted.write_text("sex,height,w\n" + "".join(f"{s},{h},{w}\n" for s, h, w in rows))
    repeated.write_text("sex,height\n" + "".join(f"{s},{h}\n" * w for s, h, w in rows))
    options = ["--unit", "cm", "--group", "sex", "--hide-group"]
    once = document(capsys, str(weighted), *options, "--weights", "w")
    again = document(capsys, str(repeated), *options)
    for name in ("mle", "em-equal-sds", "em-known-shares"):
        one, other = once["estimators"][f"{name}-weighted"], again["estimators"][name]
        for group in ("f", "m"):
            for key in ("share", "mean_cm", "sd_cm"):
                assert one["groups"][group][key] == pytest.approx(
                    other["groups"][group][key], rel=1e-4
                ), (name, group, key)
    assert once["dropped"] == {"weight 0": int((weights == 0).sum())}


def test_a_cut_sample_is_fitted_with_and_without_its_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(20261122)
    heights = rng.normal(170.0, 7.0, 20_000)
    path = tmp_path / "army.csv"
    path.write_text("height_cm\n" + "".join(f"{h}\n" for h in heights[heights >= 165.0]))
    cut = ["--below", "165", "--groups", "1"]
    found = document(capsys, str(path), *cut)["estimators"]
    group = found["normal-truncated"]["groups"]["everybody"]
    assert abs(group["mean_cm"] - 170.0) < 4 * group["mean_cm_se"]
    assert found["normal"]["groups"]["everybody"]["mean_cm"] > 172
    known = document(capsys, str(path), "--below", "165", "--sds", "7")["estimators"]
    restricted = known["normal-known-sds-truncated"]["groups"]["everybody"]
    assert restricted["mean_cm_se"] < group["mean_cm_se"]


def test_seen_groups_may_have_been_cut_too(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--group", "sex", "--below", "140", "--sds", "6", "7"]
    found = document(capsys, GALTON, "--unit", "in", *options)["estimators"]
    assert list(found) == ["mle", "mle-truncated", "mle-known-sds", "mle-known-sds-truncated"]
    # Next to nobody was shorter: the cut says nothing.
    for group in ("female", "male"):
        naive, cut = (found[name]["groups"][group]["mean_cm"] for name in ("mle", "mle-truncated"))
        assert cut == pytest.approx(naive, abs=0.02)

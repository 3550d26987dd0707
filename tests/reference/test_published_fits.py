"""Published fits through the doors that people use: the command, with several numbers of groups."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.cli.main import main

# Minutes until the next eruption of Old Faithful, from 43 on: how many of 272 (Azzalini & Bowman
# 1990, Applied Statistics 39:357).
WAITING = (
    *(1, 0, 3, 5, 4, 3, 5, 5, 6, 5, 7, 9, 6, 4, 3, 4, 7, 6, 0, 4, 3, 4, 3, 2, 1, 1, 2, 4, 5, 1, 7),
    *(6, 8, 9, 12, 15, 10, 8, 13, 12, 14, 10, 6, 6, 2, 6, 3, 6, 1, 1, 2, 1, 0, 1),
)
# Foreheads of 1000 crabs over the length of the body, in classes .004 wide from .5775 on: Weldon's
# measurements, as Pearson (1894), Phil. Trans. A 185:71, prints and divides them.
CRABS = (
    *(1, 3, 5, 2, 7, 10, 13, 19, 20, 25, 40, 31, 60, 62, 54),
    *(74, 84, 86, 96, 85, 75, 47, 43, 24, 19, 9, 5, 0, 1),
)


def found(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> dict[str, Any]:
    assert main(["fit", str(path), "--unit", "none", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def numbers(fit: dict[str, Any], *names: str) -> Sequence[float]:
    return [group[name] for name in names for group in fit["groups"].values()]


def test_old_faithful(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    minutes = np.repeat(np.arange(43, 97), WAITING)
    assert (len(minutes), minutes.sum(), (minutes**2).sum()) == (272, 19284, 1417266)
    path = tmp_path / "waiting.csv"
    path.write_text("waiting\n" + "".join(f"{one}\n" for one in minutes))
    given = found(capsys, path, "--column", "waiting", "--groups", "1", "2", "3")
    fits, models = given["estimators"], {one["model"]: one for one in given["models"]}
    # Benaglia et al. (2009), J. Stat. Softw. 32(6): shares, means, SDs, as printed.
    assert numbers(fits["em-equal-sds"], "share", "mean", "sd") == pytest.approx(
        [0.3608498, 0.6391502, 54.61364, 80.09031, 5.869089, 5.869089], rel=2e-5
    )
    assert numbers(fits["em"], "share", "mean", "sd") == pytest.approx(
        [0.360887, 0.639113, 54.614889, 80.091090, 5.871242, 5.867717], rel=1e-5
    )
    for name, free in (("em-equal-sds", 4), ("em", 5)):
        likelihood = models[name]["log_likelihood"]
        assert likelihood == pytest.approx(-1034.002, abs=0.0005)
        assert models[name]["aic"] == pytest.approx(2 * free - 2 * likelihood)
        assert models[name]["bic"] == pytest.approx(free * np.log(272) - 2 * likelihood)
    # One normal, by its formula; two groups with one SD have the smallest BIC (mclust's choice).
    spread = 272 * (np.log(2 * np.pi * minutes.var()) + 1.0)
    assert models["normal"]["log_likelihood"] == pytest.approx(-0.5 * spread)
    assert min(models, key=lambda name: models[name]["bic"]) == "em-equal-sds"
    assert models[given["recommended"]]["groups"] == 2
    # The recommended means lie within a tenth of a standard error of those that are published.
    best = fits[given["recommended"]]
    assert numbers(best, "mean") == pytest.approx([54.61364, 80.09031], abs=0.06)


def test_pearsons_crabs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sum(CRABS) == 1000
    ends = 0.5775 + 0.004 * np.arange(len(CRABS) + 1)
    path = tmp_path / "crabs.csv"
    cells = zip(ends[:-1], ends[1:], CRABS, strict=True)
    path.write_text("lower,upper,count\n" + "".join(f"{a:.4f},{b:.4f},{n}\n" for a, b, n in cells))
    given = found(capsys, path, "--groups", "1", "2")
    # In classes from the first on, as Pearson counts: his mean 16.799, and moments about it.
    classes = np.repeat(np.arange(1, 30), CRABS)
    moments = [((classes - 16.799) ** k).mean() for k in (1, 2, 3)]
    assert moments == pytest.approx([0.0, 22.7166, -53.8748], abs=1e-4)
    # His two groups, by moments: 414.5 and 585.5 crabs, means 13.281 and 19.289, SDs 4.4685 and
    # 3.1154. Maximum likelihood differs from him by less than its standard errors.
    fit = given["estimators"]["mixture"]
    pearson = {
        "share": (0.4145, 0.5855),
        "mean": (0.5755 + 0.004 * 13.281, 0.5755 + 0.004 * 19.289),
        "sd": (0.004 * 4.4685, 0.004 * 3.1154),
    }
    for name, published in pearson.items():
        off = np.abs(np.subtract(numbers(fit, name), published))
        assert (off < numbers(fit, f"{name}_se")).all(), name
    # One normal does not describe them, and two do.
    single = given["estimators"]["normal"]
    assert single["p_value"] < 1e-4 < 0.05 < fit["p_value"]
    groups = {one["model"]: one["groups"] for one in given["models"]}
    assert groups[given["recommended"]] == 2

"""What the parts of the page hold that move: the explorer and the lesson."""

import gzip
import json
import math
from base64 import b64decode
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vl_convert
from scipy.stats import norm

from stature.config.specs import played
from stature.config.study import check, load
from stature.domain.model import parameter_rows
from stature.domain.quantity import Quantity
from stature.measures.measure import Measure
from stature.report.drawings import charts
from stature.report.play import explorer, lesson
from tests.report.conftest import CONFIG, DATA_FILE, Ran

ROOT = Path(__file__).parents[2]
KEY = ("scenario", "estimator", "size", "group", "parameter", "measure")


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(b64decode(text)))


def test_the_charts_of_the_explorer_are_the_bundle_of_vega_lite():
    """To write the file anew is `gzip.compress(bundle.encode(), mtime=0)`."""
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    assert gzip.decompress(b64decode(charts())).decode() == bundle


def compare(rows: list[dict[str, Any]], measures: Iterable[Measure]) -> None:
    """Rows of the explorer are the measures that say something, to the digits that are stated."""
    there = [
        one for one in measures if one.policy != "finite" and one.value is not None and one.size
    ]
    telling = {one.measure for one in there if one.value}
    stored = {
        tuple(getattr(one, name) for name in KEY): one for one in there if one.measure in telling
    }
    assert len(rows) == len(stored) > 1000
    for row in rows:
        one = stored[tuple(row[name] for name in KEY)]
        assert one.value is not None
        assert row["used"] == one.replicates_used
        if not one.mcse:
            assert row["value"] == pytest.approx(one.value, rel=5.1e-6, abs=1e-300)
            assert row["mcse"] == one.mcse
            continue
        # Half a unit of the third digit of the error.
        half = 0.5001 * 10.0 ** (math.floor(math.log10(one.mcse)) - 2)
        assert abs(row["value"] - one.value) <= half
        assert abs(row["mcse"] - one.mcse) <= half


def test_the_explorer_holds_every_measure_that_says_something(ran: Ran) -> None:
    found = explorer.parts(ran.study, ran.measures)
    assert found
    content = unpacked(found["data"])
    columns = content["columns"]
    rows: list[dict[str, Any]] = [
        {name: one["names"][one["codes"][i]] for name, one in columns.items()}
        | {name: content[name][i] for name in ("value", "mcse", "used")}
        for i in range(len(content["value"]))
    ]
    compare(rows, ran.measures)
    assert explorer.parts(ran.study, []) is None


def test_a_factor_is_set_against_what_differs_in_it_alone() -> None:
    study = load([ROOT / "config/config.yaml", ROOT / "config/factorial.yaml"], ROOT)
    found = {one.name: one for one in explorer.factors(study)}
    # 4 separations × 3 ratios × 3 shares.
    counts = {"separation": (9, 4), "sd_ratio": (12, 3), "share": (12, 3)}
    for name, (families, members) in counts.items():
        assert [len(family) for family in found[name].families] == [members] * families
        levels = [level for _, level in found[name].families[0]]
        assert levels == sorted(levels)


def test_clouds_are_the_stored_estimates_to_a_hundredth_of_a_centimetre(ran: Ran) -> None:
    found = lesson.parts(ran.study, ran.measures, ran.fits)
    assert found
    clouds = unpacked(found["data"])["clouds"]
    assert [(one["role"], one["bias"]) for one in clouds] == [
        *((role, "none") for role in ("labelled", "hidden", "known shares")),
        *((role, "minimum") for role in ("labelled", "hidden")),
    ]
    for one in clouds:
        fits = ran.fits[f"school.{one['bias']}"][one["estimator"]]
        rows = parameter_rows(fits.group_names)
        columns = [rows.index((group, "mean_cm")) for group in ("girls", "boys")]
        off = fits.estimate[:, :, columns] - np.array([163.0, 176.0])
        points = np.frombuffer(b64decode(one["points"]), "<i2").reshape(2, 12, 2)
        np.testing.assert_allclose(points / 100.0, off.transpose(1, 0, 2), rtol=0, atol=0.00501)


@pytest.mark.parametrize(
    ("means", "sds", "reach"),
    [((163.0, 176.0), (6.5, 7.0), (145, 195)), ((50.0, 170.0), (2.0, 7.0), (40, 195))],
)
def test_the_lesson_says_what_is_true_of_its_groups(
    ran: Ran, means: tuple[float, float], sds: tuple[float, float], reach: tuple[int, int]
) -> None:
    config = deepcopy(CONFIG | {"biases": CONFIG["biases"][:1]})
    for group, mean, sd in zip(config["populations"][0]["groups"], means, sds, strict=True):
        group |= {"mean_cm": mean, "sd_cm": sd}
    found = lesson.parts(check(config, [], ROOT), [], ran.fits)
    assert found
    content = unpacked(found["data"])
    shares = np.array([one["share"] for one in config["populations"][0]["groups"]])
    likeliest = shares * norm.pdf(np.array(content["people"])[:, None], means, sds)
    assert found["wrong"] == (likeliest.argmax(axis=1) != content["groups"]).sum()
    assert (found["wrong"] == 0) == (means[0] == 50.0)
    assert found["means"] == reach


def test_only_an_invented_pair_of_groups_with_and_without_labels_is_played_with(ran: Ran) -> None:
    assert played(check(DATA_FILE, [], ROOT)) == ()
    biased: dict[str, Any] = CONFIG | {"biases": CONFIG["biases"][1:]}
    hidden: dict[str, Any] = CONFIG | {"estimators": CONFIG["estimators"][1:]}
    for config in (biased, hidden):
        study = check(config, [], ROOT)
        assert played(study) == ()
        assert lesson.parts(study, [], ran.fits) is None
    assert lesson.parts(replace(ran.study, title=""), [], {}) is None
    assert played(replace(ran.study, quantity=Quantity("body length", "mm"))) == ()

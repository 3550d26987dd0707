"""Pictures: bars that hold as many marks of the scale, bands, quantiles, the ridge, memberships."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from stature.datafile.examinations import examine
from stature.datafile.fits import Finding, Fitted, finding, fit_all
from stature.datafile.people import People, people_of, read_people
from stature.datafile.pictures import histogram, memberships, picture, ridge
from stature.datafile.request import FitRequest, Reading
from stature.datafile.runs import Runs
from stature.domain.mixture import Mixture, log_density
from stature.domain.model import coordinates, theta_at
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Fits, Status

GALTON = "data/galton_1886_children.csv"
MadeUp = Callable[..., Fits]
Planned = Callable[..., Runs]


@pytest.fixture(scope="module")
def people() -> People:
    return read_people(GALTON, Reading("height_in", "in"))


@pytest.fixture(scope="module")
def fitted(people: People) -> Fitted:
    return fit_all(FitRequest(GALTON), people)


@pytest.mark.parametrize(("step", "shift"), [(1.0, 0.0), (0.5, 0.0), (2.0, 0.5), (0.1, 0.0)])
def test_every_bar_holds_as_many_marks(
    runs: Planned, made_up: MadeUp, step: float, shift: float
) -> None:
    values = step * np.random.default_rng(3).normal(170 / step, 7 / step, 900).round() + shift
    one = finding(CATALOGUE["newton"], made_up({"all": (1.0, 170.0, 7.0)}), runs())
    edges, density = histogram(one, replace(runs(), values=values, rows=np.arange(900)))
    assert edges[0] == pytest.approx(values.min() - 0.5 * step)
    assert edges[-2] < values.max() <= edges[-1]
    # Freedman & Diaconis: twice the distance of the quartiles, 1.349 SDs, by the cube root of n.
    assert edges[1] - edges[0] == pytest.approx(
        step * round(2 * 1.349 * 7 / 900 ** (1 / 3) / step), rel=1e-9
    )
    assert density @ np.diff(edges) == pytest.approx(1.0)
    # Marks lie half a step off the edges, and so does each bar's first one.
    marks = (edges[:-1] + 0.5 * step - shift) / step
    assert marks == pytest.approx(marks.round(), abs=1e-6)
    wide = np.diff(edges[:-1]) / step
    assert wide == pytest.approx(np.full(len(wide), round(wide[0])), abs=1e-6)


def test_bars_of_values_without_steps_are_as_wide_as_the_rule_or_eighty(
    runs: Planned, made_up: MadeUp
) -> None:
    values = np.random.default_rng(3).normal(170.0, 7.0, 900)
    one = finding(CATALOGUE["newton"], made_up({"all": (1.0, 170.0, 7.0)}), runs())
    here = replace(runs(), values=values, rows=np.arange(900))
    assert np.diff(histogram(one, here)[0])[0] == pytest.approx(2 * 1.349 * 7 / 900 ** (1 / 3))
    assert len(histogram(one, replace(here, values=np.append(values, 900.1)))[1]) == 80


@pytest.mark.parametrize("last", [0, 1])
def test_bars_of_a_table_are_its_cells_and_an_open_one_is_as_wide_as_the_next(
    last: int, tmp_path: Path
) -> None:
    path, total = tmp_path / "counts.csv", 12 + last
    cells = ",150,2\n150,152,5\n152,155,4\n155,158,1\n158,,"
    path.write_text(f"lower_cm,upper_cm,count\n{cells}{last}\n")
    request = FitRequest(str(path), groups=(1,))
    fitted = fit_all(request, people_of(examine(path, request.reading)))
    drawn = picture(fitted.findings[0], fitted)
    bars = drawn[drawn["series"] == "histogram"]
    assert bars["x"].tolist() == [148, 150, 152, 155, 158, 161]
    densities = [2 / 2, 5 / 2, 4 / 3, 1 / 3, last / 3]
    assert bars["y"].tolist()[:-1] == pytest.approx([one / total for one in densities])
    assert "rug" not in set(drawn["series"])
    # A quantile is that of all who are below the end of a cell, unless these are all.
    ends = drawn[drawn["series"] == "quantile"]
    assert ends["y"].tolist() == [150, 152, 155, 158][: 3 + last]
    mean, sd = fitted.findings[0].mixture.means_cm[0], fitted.findings[0].mixture.sds_cm[0]
    expected = [NormalDist(mean, sd).inv_cdf(n / total) for n in (2, 7, 11, 12)[: 3 + last]]
    assert ends["x"].tolist() == pytest.approx(expected, abs=0.01 * sd)


def test_bars_of_heaped_heights_are_around_the_heaps(fitted: Fitted) -> None:
    # Two thirds of Galton's heights are whole inches, others have a decimal.
    edges, _ = histogram(fitted.findings[0], fitted.runs)
    assert edges - 0.5 == pytest.approx((edges - 0.5).round())


def test_bands_are_those_of_numerical_derivatives(fitted: Fitted) -> None:
    one = next(each for each in fitted.findings if each.estimator.name == "em")
    drawn = picture(one, fitted)
    curve = drawn[(drawn["series"] == "density") & (drawn["group"] == "")]
    bars, reach = drawn[drawn["series"] == "histogram"]["x"], curve["x"]
    assert bars.min() - reach.min() == pytest.approx(0.04 * np.ptp(bars))
    assert reach.max() - bars.max() == pytest.approx(0.04 * np.ptp(bars))
    # Of 934 rows a rug would be a bar.
    assert "rug" not in set(drawn["series"])
    assert [each.group_names for each in fitted.alone] == [("everybody",)]
    x, u, small = curve["x"].to_numpy(), coordinates(one.mixture.theta), 1e-5

    def shifted(i: int, by: float) -> np.ndarray:
        return log_density(Mixture.of(theta_at(u + by * (np.arange(len(u)) == i))), x)

    slopes = np.array([shifted(i, small) - shifted(i, -small) for i in range(len(u))]) / (2 * small)
    error = np.sqrt(np.einsum("qn,qr,rn->n", slopes, one.covariance, slopes))
    low, y, high = (curve[name].to_numpy() for name in ("low", "y", "high"))
    assert high / y - 1.0 == pytest.approx(1.959964 * error, rel=1e-4)
    assert 1.0 - low / y == pytest.approx(np.minimum(1.959964 * error, 1.0), rel=1e-4)


def test_quantiles_of_a_right_model_lie_within_their_bands(
    people: People, runs: Planned, made_up: MadeUp
) -> None:
    values = np.random.default_rng(8).normal(170.0, 6.0, 300)
    here = replace(runs(), values=values, rows=np.arange(300), group_names=("all",))
    fits = replace(made_up({"all": (1.0, 170.0, 6.0)}), sizes=np.array([300], np.int32))
    one = finding(CATALOGUE["newton"], fits, here)
    drawn = picture(one, Fitted(people, here, (one,)))
    normal = NormalDist(170.0, 6.0)
    at = [normal.inv_cdf((i + 0.5) / 300) for i in range(300)]
    quantiles = drawn[drawn["series"] == "quantile"]
    assert quantiles["x"].tolist() == pytest.approx(at, abs=0.01)
    # The least of n shares has the distribution 1 - (1 - p)^n, the largest p^n.
    ends = quantiles["low"].iloc[0], quantiles["high"].iloc[-1]
    tails = 1 - 0.975 ** (1 / 300), 0.975 ** (1 / 300)
    assert ends == pytest.approx([normal.inv_cdf(p) for p in tails], abs=0.01)
    assert drawn[drawn["series"] == "rug"]["x"].tolist() == values.tolist()
    rows = drawn[drawn["series"] == "quantile"]
    inside = (rows["low"] < rows["y"]) & (rows["y"] < rows["high"])
    # 95 % each; neighbours go together, so that the number outside varies more than by itself.
    assert inside.mean() > 0.8
    middle = rows.iloc[len(rows) // 2]
    assert middle["x"] == pytest.approx(170.0, abs=0.1)


def test_the_ridge_ends_at_the_maximum(fitted: Fitted) -> None:
    one = next(each for each in fitted.findings if each.estimator.name == "em")
    assert fitted.refit is not None
    table = ridge(one, fitted.refit)
    at = table.sort_values("drop").iloc[0]
    # The grid of shares is .02 wide, and the share's standard error .08: the nearest one loses at
    # most (1 / 8) squared, halved.
    assert at["share"] == pytest.approx(one.mixture.shares[0], abs=0.011)
    known = fitted.refit(CATALOGUE["em-known-shares"], (float(at["share"]), 1 - float(at["share"])))
    assert 0.0 <= one.log_likelihood - known.log_likelihood < 0.5 * (1 / 8) ** 2
    sds = known.mixture.sds_cm
    assert at["ratio"] == pytest.approx(sds[0] / sds[1], rel=1e-4)
    assert not len(ridge(replace(one, estimator=CATALOGUE["mle"]), fitted.refit))
    for failed in (replace(known, status=Status.STEP_LIMIT), replace(known, suspect=True)):
        assert not len(ridge(one, lambda estimator, shares, failed=failed: failed))


def test_memberships_have_a_row_for_each_value(fitted: Fitted, people: People) -> None:
    one = fitted.findings[0]
    rows = memberships(one, fitted.runs)
    assert rows.columns.tolist() == ["row", "value", "lower", "upper", "group", "unsure"]
    assert rows["row"].tolist() == list(range(2, 936))
    likelier = rows["upper"] > rows["lower"]
    assert (rows["group"] == likelier.map({True: "upper", False: "lower"})).all()
    assert (rows["unsure"] == (rows[["lower", "upper"]].max(axis=1) < 0.9)).all()
    assert 0.0 < rows["unsure"].mean() < 1.0


def test_names_of_groups_and_columns_do_not_meet(fitted: Fitted) -> None:
    one = replace(fitted.findings[0], group_names=("row", "unsure"))
    named = memberships(one, fitted.runs).columns.tolist()
    assert named == ["row", "value", "group row", "group unsure", "group", "unsure"]


def test_nothing_is_known_of_a_failed_fit(fitted: Fitted) -> None:
    one: Finding = fitted.findings[0]
    rows = memberships(replace(one, probability=np.full_like(one.probability, np.nan)), fitted.runs)
    assert set(rows["group"]) == {""}
    assert rows["unsure"].all()
    assert isinstance(rows, pd.DataFrame)
    assert isinstance(one.mixture, Mixture)

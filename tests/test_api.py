"""`import stature`: the same numbers as the command, from what is in memory."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import stature
from stature.cli.main import main

ROOT = Path(__file__).parents[1]
GALTON = ROOT / "data/galton_1886_children.csv"


@pytest.fixture(scope="module")
def galton() -> pd.DataFrame:
    return pd.read_csv(GALTON)


def test_importing_it_imports_nothing_slow() -> None:
    program = (
        "import stature, sys; print({'numpy', 'pandas', 'numba', 'pydantic'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
    assert dir(stature) == stature.__all__
    with pytest.raises(AttributeError, match="has no attribute 'fitt'"):
        stature.fitt  # type: ignore[attr-defined]  # noqa: B018


def test_a_fit_of_an_array_is_the_fit_of_the_file(
    galton: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--group", "sex", "--hide-group", "--json"]
    assert main(["fit", str(GALTON), *words]) == 0
    of_file: dict[str, Any] = json.loads(capsys.readouterr().out)["estimators"]
    fit = stature.fit(galton["height_in"], labels=galton["sex"], hide_labels=True, unit="in")
    assert fit.estimators == tuple(of_file)
    table: Any = fit.table().set_index(["estimator", "group", "parameter"])
    for name, found in of_file.items():
        for group, numbers in found["groups"].items():
            for parameter in ("share", "mean", "sd"):
                row = table.loc[(name, group, parameter)]
                # Starts belong to the bytes of a file; the maximum does not.
                assert row["estimate"] == pytest.approx(numbers[parameter], rel=1e-7)
                if numbers[f"{parameter}_se"] is not None:
                    assert row["std_error"] == pytest.approx(numbers[f"{parameter}_se"], rel=1e-5)
        likelihood = fit.criteria.loc[name, "log_likelihood"]
        assert likelihood == pytest.approx(found["log_likelihood"], abs=1e-8)


def test_criteria_and_memberships_are_those_of_the_formulas(galton: pd.DataFrame) -> None:
    fit = stature.fit(galton["height_in"].to_numpy(), estimators=["em", "em-equal-sds"])
    criteria: Any = fit.criteria
    # Two groups have five free parameters, one fewer with one SD for both.
    assert criteria["parameters"].tolist() == [5, 4]
    likelihood, n = criteria.loc["em", "log_likelihood"], len(galton)
    assert criteria.loc["em", "aic"] == pytest.approx(10 - 2 * likelihood, rel=1e-12)
    assert criteria.loc["em", "bic"] == pytest.approx(5 * np.log(n) - 2 * likelihood, rel=1e-12)
    # Free SDs contain equal ones.
    assert likelihood >= criteria.loc["em-equal-sds", "log_likelihood"]
    rows = fit.memberships("em")
    assert rows.columns.tolist() == ["row", "value", "lower", "upper", "group", "unsure"]
    assert rows["value"].tolist() == galton["height_in"].tolist()
    probability = rows[["lower", "upper"]]
    assert probability.sum(axis=1).to_numpy() == pytest.approx(np.ones(n), rel=1e-12)
    # At a maximum the share of a group is the mean of its probabilities.
    table = fit.table()
    shares = table[(table["estimator"] == "em") & (table["parameter"] == "share")]["estimate"]
    assert probability.mean().to_numpy() == pytest.approx(shares.to_numpy(), rel=1e-6)


def test_every_kind_of_array_is_taken_and_what_is_missing_is_counted() -> None:
    values = [1.0, 2.0, 3.0, 11.0, 12.0, 13.5]
    kinds: list[Any] = [values, np.array(values), pd.Series(values), pa.array(values)]
    found = [stature.fit(one, labels=list("aaabbb"), estimators=["mle"]) for one in kinds]
    assert all(one.table().equals(found[0].table()) for one in found)
    gaps = stature.fit([*values, float("nan")], labels=[*"aaabbb", None], estimators=["mle"])
    assert gaps.table().equals(found[0].table())
    assert "value missing: 1 left out" in gaps.notes
    assert repr(gaps) == "<Fit of 6 values, groups a, b: mle>"
    weighted = stature.fit([1.0, 3.0, 9.0, 10.0], labels=list("aabb"), weights=[3, 1, 1, 1])
    means = weighted.table().set_index(["group", "parameter"])["estimate"]
    assert means["a", "mean"] == pytest.approx((3 * 1 + 3) / 4)


def test_masked_values_are_missing_ones() -> None:
    values = np.ma.masked_greater([1.0, 2.0, 3.0, 11.0, 12.0, 13.5, 99.0], 50.0)
    found = stature.fit(values, groups=np.int64(1))
    rows = found.table().set_index("parameter")["estimate"]
    assert rows["mean"] == pytest.approx(42.5 / 6)
    assert "value missing: 1 left out" in found.notes


def test_rows_of_another_order_are_refused() -> None:
    values = pd.Series([1.0, 2.0, 9.0, 10.0], index=list("abcd"))
    labels = pd.Series(["x", "x", "y", "y"], index=list("dcba"))
    with pytest.raises(ValueError, match=r"labels: expected the index .* labels.reindex\(values"):
        stature.fit(values, labels=labels)
    table = stature.fit(values, labels=labels.reindex(values.index)).table()
    means = table[table["parameter"] == "mean"].set_index("group")["estimate"]
    assert (means["y"].iloc[0], means["x"].iloc[0]) == (1.5, 9.5)


def test_an_index_with_names_is_part_of_a_table_of_estimates() -> None:
    frame = pd.DataFrame({"method": list("ab") * 4, "n": [10] * 8, "est": np.arange(8.0)})
    plain = stature.measure(frame, truth=0.0, by="n")
    for names in ("method", ["n", "method"]):
        found = stature.measure(frame.set_index(names), truth=0.0, by="n")
        pd.testing.assert_frame_equal(found, plain)
    alone = stature.measure(frame["est"].tolist(), truth=0.0).set_index("measure")
    assert alone.loc["bias", "value"] == 3.5


@pytest.mark.parametrize(
    ("estimates", "truth", "words"),
    [
        ("t.csv", 0.0, "expected a table, got a text"),
        ({"est": []}, 0.0, "expected rows of estimates, got none"),
        ({"est": [1.0, 2.0]}, [0.0, 0.0], "truth: expected a column or one number"),
    ],
)
def test_what_is_no_table_of_estimates_is_said(estimates: Any, truth: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"measure: {words}"):
        stature.measure(estimates, truth=truth)


def test_a_plot_has_a_histogram_of_area_one_under_the_density_and_its_groups() -> None:
    random = np.random.default_rng(1)
    values = np.r_[random.normal(-3.0, 1.0, 200), random.normal(3.0, 1.0, 200)]
    figure = stature.fit(values, estimators=["em"]).plot()
    axes = figure.axes[0]
    (bars,) = axes.patches
    heights, edges, _ = bars.get_data()  # type: ignore[attr-defined]
    assert (heights * np.diff(edges)).sum() == pytest.approx(1.0)
    curves = [np.asarray(line.get_xydata()) for line in axes.lines]
    assert len(curves) == 4  # the last one is the cut
    np.testing.assert_allclose(curves[0][:, 1], curves[1][:, 1] + curves[2][:, 1])
    assert {text.get_text() for text in axes.texts} == {"lower", "upper"}


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ([1.0, np.inf, 2.0], {}, "row 1: expected a number"),
        ([[1.0], [2.0]], {}, "expected one value in each row, got an array of shape"),
        ([1.0, 2.0], {"labels": ["a"]}, "as many labels and weights as values"),
        ([1.0, 2.0], {"sed": 1}, "got 'sed'; did you mean 'seed'?"),
        ([1.0, 2.0], {"shares": [0.2, 0.3]}, "shares: expected shares that sum to 1"),
        ([1.0, 2.0], {"estimators": ["emm"]}, "estimators: expected .* did you mean 'em'?"),
        ([1.0, 2.0], {"hide_labels": True}, "name it with labels"),
        ([1.0, 2.0], {"groups": 2.5}, "groups: expected a whole number, got 2.5"),
        ([1.0, 2.0], {"groups": "2"}, "groups: expected a whole number, got '2'"),
        ([1.0, 2.0], {"seed": 1.5}, "seed: expected a whole number, got 1.5"),
    ],
)
def test_what_cannot_be_fitted_is_a_value_error_in_arguments(
    values: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        stature.fit(values, **options)
    assert "--" not in str(raised.value)


def test_a_frame_is_measured_as_the_same_table_in_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(2)
    frame = pd.DataFrame({"rep": np.repeat(np.arange(50), 2), "method": ["a", "b"] * 50})
    frame["est"] = random.standard_normal(100)
    frame["se"] = 1.0
    frame["n"] = np.repeat([10, 20], 50)
    frame.loc[3, "est"] = np.nan
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    assert main(["measure", str(path), "--truth", "0", "--by", "n", "--json"]) == 0
    of_file = pd.DataFrame(json.loads(capsys.readouterr().out)["measures"])
    for one in (frame, pa.Table.from_pandas(frame), frame.to_dict("list")):
        found = stature.measure(one, truth=0.0, by=["n"])
        pd.testing.assert_frame_equal(found, of_file, check_exact=True)
    with pytest.raises(ValueError, match=r"measure: header: no column 'm'.*with by"):
        stature.measure(frame, truth=0.0, by=["m"])
    with pytest.raises(ValueError, match="column 'est': expected numbers"):
        stature.measure(frame.assign(est="x"), truth=0.0, by=["n"])


def test_the_notebook_runs_from_its_first_cell_to_its_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notebook = json.loads((ROOT / "examples/heights.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code"]
    assert len(cells) > 3
    monkeypatch.chdir(ROOT / "examples")
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        exec(compile(cell, f"cell {number}", "exec"), names)


def test_the_page_of_the_api_names_everything_public_and_its_code_runs() -> None:
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert [name for name in stature.__all__ if f"`{name}" not in text] == []
    names: dict[str, Any] = {}
    blocks = [block.split("```")[0] for block in text.split("```python\n")[1:]]
    for block in (one for one in blocks if "read_results" not in one):
        exec(block, names)


def test_weights_of_a_survey_count_by_their_effective_size() -> None:
    random = np.random.default_rng(8)
    values = np.concatenate([random.normal(163, 6, 60), random.normal(180, 6, 60)])
    weights = random.uniform(500.0, 4000.0, 120)
    fit = stature.fit(values, weights=weights, weight_kind="sampling")
    row: Any = fit.criteria.iloc[0]
    # Kish: (sum w)^2 / sum w^2, to the whole number that a fit keeps.
    effective = weights.sum() ** 2 / (weights**2).sum()
    bic = row["parameters"] * np.log(effective) - 2 * row["log_likelihood"]
    assert row["bic"] == pytest.approx(bic, abs=row["parameters"] / effective)

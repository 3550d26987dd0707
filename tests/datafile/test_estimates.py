"""People's own tables of estimates: columns by their names, and every fault in a sentence."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.datafile.columns import ColumnError
from stature.datafile.estimates import Columns, FileOfEstimates, places_of, read_estimates
from stature.datafile.examinations import FileError

TEXT = """\
dataset,b,se,method
1,0.5,0.1,CC
1,0.6,0.2,MI
2,0.4,0.1,CC
2,NA,0.2,MI
3,-Inf,,MI
"""


def read(folder: Path, text: str, asked: Columns) -> FileOfEstimates:
    path = folder / "estimates.csv"
    path.write_text(text)
    return read_estimates(path, asked)


# Headers of the data sets that the packages rsimsum and simhelpers come with.
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("dataset b se method", "estimate b, se se, method method, replicate dataset"),  # MIsim
        ("dataset n baseline theta se model", "estimate theta, se se, method model, "
         "replicate dataset"),  # relhaz
        ("diff se conf.low conf.high df repno dgm method", "estimate diff, se se, lower conf.low, "
         "upper conf.high, method method, replicate repno"),  # tt
        ("n1 n2 mean_diff iteration seed method est var p_val lower_bound upper_bound",
         "estimate est, variance var, lower lower_bound, upper upper_bound, method method, "
         "replicate iteration"),  # welch_res
        ("dgm method rep thetahat se theta", "estimate thetahat, truth theta, se se, "
         "method method, replicate rep"),
        ("Method SampleID Estimate StdErr", "estimate Estimate, se StdErr, method Method, "
         "replicate SampleID"),
        ("i EST SE", "estimate EST, se SE, replicate i"),
        ("replicate size estimate std_error robust_std_error lower upper truth",
         "estimate estimate, truth truth, se std_error, lower lower, upper upper, "
         "replicate replicate"),  # Stature's own fits
    ],
)  # fmt: skip
def test_columns_of_usual_names_are_known(header: str, expected: str) -> None:
    names = tuple(header.split())
    asked = Columns(truth=None if " truth " in f" {expected} " else 0.5)
    places = places_of(names, asked)
    assert ", ".join(f"{part} {names[at]}" for part, at in places.items()) == expected


def test_a_table_is_read_with_its_gaps(tmp_path: Path) -> None:
    found = read(tmp_path, TEXT, Columns(truth="0.5"))
    table = found.table
    assert (table.methods, table.levels, table.paired) == (("CC", "MI"), ((),), True)
    assert table.estimate.tolist() == pytest.approx([0.5, 0.6, 0.4, np.nan, -np.inf], nan_ok=True)
    assert table.replicate.tolist() == [0, 0, 1, 1, 2]
    assert table.truth.tolist() == [0.5]
    # 0.5 - 1.96 * 0.1
    assert table.lower is not None
    assert table.lower[0] == pytest.approx(0.5 - 1.959963984540054 * 0.1, rel=1e-14)
    assert any("level 0.95" in note for note in found.notes)


def test_errors_of_zero_and_ends_that_meet_or_are_infinite_are_no_faults(tmp_path: Path) -> None:
    text = "b,se,lower,upper\n1,0,1,1\n2,0.01,-Infinity,+inf\n"
    table = read(tmp_path, text, Columns(truth=0.0)).table
    assert table.std_error is not None
    assert table.lower is not None
    assert table.upper is not None
    assert table.std_error.tolist() == [0.0, 0.01]
    assert (table.lower.tolist(), table.upper.tolist()) == ([1.0, -np.inf], [1.0, np.inf])


def test_a_parameter_beside_its_estimate_is_its_truth_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, "thetahat,theta\n1,0.5\n2,0.5\n", Columns())
    assert (found.table.estimate.tolist(), found.table.truth.tolist()) == ([1.0, 2.0], [0.5])
    assert "the truth is column 'theta'; say --truth if it is not" in found.notes


def test_the_truth_may_have_a_decimal_comma(tmp_path: Path) -> None:
    assert read(tmp_path, TEXT, Columns(truth="0,25")).table.truth.tolist() == [0.25]


def test_csv_and_parquet_hold_the_same_table(tmp_path: Path) -> None:
    columns = {"est": [0.1, 1 / 3], "var": [0.04, 0.09], "true": [0.0, 1.0], "n": [20, 100]}
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table(columns), path)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(),
                                                                        strict=True))]  # fmt: skip
    asked = Columns(by=("n", "true"))
    for found in (read_estimates(path, asked), read(tmp_path, "\n".join(lines), asked)):
        table = found.table
        assert table.estimate.tolist() == [0.1, 1 / 3]
        assert table.std_error is not None
        assert table.std_error.tolist() == [0.2, 0.3]  # roots of the variances
        assert table.truth.tolist() == [0.0, 1.0]
        assert (table.by, table.levels) == (("n", "true"), (("20", "0"), ("100", "1")))
        assert table.methods == ("est",)


def test_levels_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    rows = "".join(f"{n},{arm},0.{n}\n" for n in (100, 20) for arm in ("old", "new"))
    found = read(tmp_path, "n,arm,est\n" + rows, Columns(truth=0.0, by=("n", "arm")))
    assert found.table.levels == (("20", "old"), ("20", "new"), ("100", "old"), ("100", "new"))


def test_data_sets_without_numbers_are_those_of_the_same_row(tmp_path: Path) -> None:
    even = read(tmp_path, "method,b\nA,1\nA,2\nB,3\nB,4\n", Columns(truth=0.0))
    assert even.table.paired
    assert even.table.replicate.tolist() == [0, 1, 0, 1]
    assert "row i of each method" in " ".join(even.notes)
    odd = read(tmp_path, "method,b\nA,1\nB,3\nB,4\n", Columns(truth=0.0))
    assert not odd.table.paired
    assert "no gain in precision" in " ".join(odd.notes)


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        (TEXT, Columns(), ["no column is known as the truth", "--truth COLUMN or NUMBER"]),
        ("x,se\n1,2\n", Columns(truth=0.0), ["no column is known as the estimate", "are x, se"]),
        ("est,coef\n1,2\n", Columns(truth=0.0), ["may be the estimate: est, coef"]),
        ("rep,a,b,c\n1,1,2,3\n", Columns(truth=0.0), ["no column is known as the estimate"]),
        ("rep,A,B\n1,1,2\n", Columns(truth=0.0), ["no column is known as the estimate"]),
        ("rep,theta,x\n1,2,3\n2,2,4\n", Columns(truth=0.0), ["all estimates are 2; is it the"]),
        (TEXT, Columns(estimate="B", truth=0.0), ["no column 'B'", "did you mean 'b'?"]),
        (TEXT, Columns(truth=float("nan")), ["truth: expected a finite number, got nan"]),
        (TEXT, Columns(truth="none"), ["no column 'none'"]),
        (TEXT, Columns(truth="real"), ["no column 'real'"]),
        ("b,lower\n1,0\n", Columns(truth=0.0), ["'lower' is one end of an interval"]),
        (TEXT, Columns("b", 0.0, se="b"), ["column 'b' is named for 2 parts"]),
        (TEXT, Columns(truth=0.0, method="none", by=("method",)), ["--by method"]),
        (TEXT.replace("0.6", "0.6?"), Columns(truth=0.0), ["column 'b', row 3", "“0.6?”"]),
        (TEXT.replace("0.6,0.2", "0.6,-0.2"), Columns(truth=0.0), ["column 'se', row 3"]),
        ("b,lower,upper\n1,2,0\n", Columns(truth=0.0), ["column 'lower', row 2", "swapped?"]),
        (TEXT.replace("2,NA", "1,NA"), Columns(truth=0.0), ["rows 3 and 5", "got 2", "--by"]),
        ("b,true\n1,0\n2,1\n", Columns(), ["expected one truth", "got 0 and 1", "--by"]),
        ("b,true\n1,0\n2,NA\n", Columns(), ["column 'true'", "got none in 1"]),
        ("b,se\n1,2,3\n", Columns(truth=0.0), ["row 2: expected 2 cells"]),
        ("b,se\n", Columns(truth=0.0), ["row 2: expected", "got none"]),
        ("", Columns(truth=0.0), ["the file is empty"]),
    ],
)  # fmt: skip
def test_every_fault_says_where_and_what_to_do(
    text: str, asked: Columns, expected: list[str], tmp_path: Path
) -> None:
    with pytest.raises(FileError) as raised:
        read(tmp_path, text, asked)
    said = "\n".join(raised.value.messages)
    assert [words for words in expected if words not in said] == []
    assert all(one.startswith(str(tmp_path)) for one in raised.value.messages)


def test_a_person_may_leave_a_column_out() -> None:
    header = ("b", "se", "lower", "model")
    places = places_of(header, Columns(truth=0.0, se="none", lower="none", method="none"))
    assert places == {"estimate": 0}
    with pytest.raises(ColumnError, match="no column 'none'"):
        places_of(("b",), Columns(truth=0.0, estimate="none"))

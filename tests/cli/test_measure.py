"""`stature measure`: what it prints, writes and refuses."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from stature.cli.main import main


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Two methods on 40 data sets of two sizes; one estimate is missing, one is far off."""
    random = np.random.default_rng(5)
    lines = ["rep,n,method,est,se"]
    for n in (100, 20):
        for rep in range(40):
            mean = random.standard_normal() / np.sqrt(n)
            lines += [f"{rep},{n},{name},{mean + off},{n**-0.5}" for name, off in
                      (("plain", 0.0), ("shifted", 0.5))]  # fmt: skip
    lines[1] = "0,100,plain,NA,0.1"
    lines[3] = "1,100,plain,7,0.1"
    path = tmp_path / "estimates.csv"
    path.write_text("\n".join(lines))
    return str(path)


def says(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["measure", *words])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return code, printed.out, printed.err


def test_json_and_csv_hold_the_same_measures(
    path: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "measures.csv"
    words = (path, "--truth", "0", "--by", "n", "--csv", str(target), "--json")
    code, out, err = says(capsys, *words)
    assert (code, err) == (0, "")
    found = json.loads(out)
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"measure", "method", "value", "mcse", "n"} <= set(rows[0])
    assert len(rows) == len(found["measures"]) > 60
    for row, other in zip(rows, found["measures"], strict=True):
        assert {name: "" if value is None else str(value) for name, value in other.items()} == row
    shifted = [
        row["value"]
        for row in found["measures"]
        if (row["measure"], row["method"], row["n"]) == ("bias", "shifted", "20")
    ]
    assert shifted == [pytest.approx(0.5, abs=4 * 20**-0.5 / np.sqrt(40))]
    missing = [row for row in found["missing"] if row["estimates_missing"]]
    assert [(row["n"], row["method"], row["estimates_missing"]) for row in missing] == [
        ("100", "plain", 1)
    ]


def test_a_person_reads_a_table_a_measure_and_what_to_beware_of(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = says(capsys, path, "--truth", "0", "--by", "n", "--reference", "shifted")
    text = " ".join(out.split())
    assert code == 0
    assert err.startswith("note: intervals are estimate ± 1.95996 standard errors")
    assert "160 estimates in column 'est', 2 methods, 2 cells of n, truth 0." in text
    assert "bias n plain shifted" in text
    assert "precision_gain: variance of shifted over that of the method, minus 1." in text
    assert "robust Monte-Carlo standard errors" in text
    assert "plain (100): one estimate makes up more than a tenth of the variance" in text
    assert "100, plain 40 0 1 0 0 0" in text


def test_of_a_table_without_factors_all_measures_are_printed_that_it_has(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("est\n1\n3\n5\n")
    code, out, _ = says(capsys, str(path), "--truth", "2")
    # Mean 3, SD 2, so that the bias is 1 with error 2 / sqrt(3) = 1.15.
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert code == 0
    assert lines["bias"].split()[1:] == ["1.0", "(1.2)"]
    assert "model_se" not in lines
    assert "Nothing is missing." in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--truth", "0", "--level", "95"], "--level: expected a number between 0 and 1"),
        (["--truth", "0", "--by", "n", "--reference", "plane"], "did you mean 'plain'?"),
        (["--truth", "0", "--by", "n", "--null", "nan"], "--null: expected a finite number"),
        (["--truth", "0", "--by", "n", "--plot", "my.svg"], "expected a file named after a figure"),
        (["--truth", "0", "--by", "n", "--plot", "zip.jpg"], "that ends in .svg, .png, .pdf"),
        (["--truth", "0", "--se", "none", "--by", "n", "--plot", "zip.svg"], "zip.svg needs"),
        (["--truth", "0"], "name the columns that tell them apart with --by"),
        (["--truth", "0", "--by", "n", "--csv", "/dev/null/x.csv"], "expected to write a file"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    words: list[str], expected: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = says(capsys, path, *words)
    assert (code, out) == (2, "")
    assert expected in err
    assert err.startswith("stature measure: ")


def test_page_and_figures_are_written_and_hold_the_numbers_that_are_printed(
    path: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page, plots = tmp_path / "page.html", [tmp_path / "my-zip.png", tmp_path / "nested-loop.svg"]
    words = (path, "--truth", "0", "--by", "n", "--page", str(page), "--plot", *map(str, plots))
    code, out, _ = says(capsys, *words)
    assert code == 0
    assert [plot.stat().st_size > 1000 for plot in plots] == [True, True]
    text = page.read_text()
    bias = next(line for line in out.splitlines() if line.split()[:1] == ["20"])
    cells = bias.replace(" (", "(").split()[1:]
    assert len(cells) == 2
    assert [cell for cell in cells if cell.replace("(", " (") not in text] == []
    assert text.count("<svg") == 3
    assert "http" not in text.replace("http://www.w3.org", "")
    assert "one estimate makes up more than a tenth of the variance" in text


def test_marks_of_decimals_are_asked_for_where_they_are_unclear(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text('est\n"1,234"\n"1,238"\n')
    code, _, err = says(capsys, str(path), "--truth", "1")
    assert code == 2
    assert "--decimal" in err
    code, out, _ = says(capsys, str(path), "--truth", "1", "--decimal", ",", "--json")
    mean, *_ = json.loads(out)["measures"]
    assert (code, mean["measure"], mean["value"]) == (0, "mean", pytest.approx(1.236))

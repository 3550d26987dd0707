"""`stature doctor` as a person runs it."""

import json
import re
import sys
from pathlib import Path

import pytest

from stature.cli.main import main

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
GALTON = "data/galton_1886_children.csv"


def test_every_verdict_is_a_line_and_the_last_words_are_a_verdict(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor", GALTON]) == 0
    printed = capsys.readouterr()
    path, *lines, conclusion, command = printed.out.splitlines()
    assert (path, printed.err) == (GALTON, "")
    assert {line.split()[0] for line in lines} == {"note", "warning"}
    assert conclusion == "Verdict: can be fitted; 1 warning to read first."
    assert command.startswith("To fit it: stature fit ")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (Path(GALTON).read_text(encoding="utf-8"), []),
        (
            "w,height\n" + "".join(f"{1 + h % 3},{h}\n" for h in range(150, 190)),
            ["--unit", "cm", "--weights", "w"],
        ),
        (
            "lower,upper,sex,n\n"
            + "".join(f"{h},{h + 2},f,{1 + h % 9}\n" for h in range(20, 40, 2)),
            ["--unit", "cm", "--range", "10", "90"],
        ),
    ],
)
def test_the_command_that_it_names_fits_the_file_with_the_options_given(
    text: str, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    main(["doctor", str(path), *options, "--json"])
    (found,) = json.loads(capsys.readouterr().out)
    assert found["can_be_fitted"]
    assert set(options) <= set(found["command"])
    assert main([*found["command"], "--json"]) == 0


def test_one_file_that_cannot_be_fitted_is_enough_for_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("height\n" + "170\n175\n" * 20 + "999\n999\n")
    assert main(["doctor", GALTON, str(path), "--unit", "in"]) == 1
    out = capsys.readouterr().out
    assert out.count("Verdict: ") == 2
    assert main(["doctor", str(path), "--unit", "cm", "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert not found["can_be_fitted"]
    assert found["command"] is None
    assert any("999 (2 rows): likely a code" in one["sentence"] for one in found["verdicts"])


def test_on_a_terminal_sentences_wrap_and_names_are_no_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    path = tmp_path / "people.csv"
    path.write_text("sex,height_cm\n" + "[red]m,170\n[red]f,165\n" * 20)
    assert main(["doctor", str(path)]) == 0
    lines = ESCAPES.sub("", capsys.readouterr().out).splitlines()
    assert any("[red]m" in line for line in lines)
    assert max(map(len, lines[1:-1])) <= 60


PEOPLE_IN_INCHES = "sex,height_in\n" + "".join(
    f"{'fm'[k % 2]},{61 + (7 * k) % 13 + 4 * (k % 2)}.{k % 10}\n" for k in range(80)
)
CELLS = "lower,upper,count\n" + "".join(f"{k},{k + 1},{n}\n" for k, n in enumerate([3, 9, 12, 5]))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (PEOPLE_IN_INCHES, ["--group", "sex", "--hide-group", "--shares", ".5", ".5"]),
        (PEOPLE_IN_INCHES, ["--group", "sex", "--below", "50", "--sds", "2", "6.5cm"]),
        (PEOPLE_IN_INCHES, ["--groups", "3", "--estimator", "em", "newton", "--seed", "7"]),
        (PEOPLE_IN_INCHES, ["--column", "height_in", "--rounded", "0.1", "--groups", "1"]),
        (PEOPLE_IN_INCHES, ["--above", "2m", "--range", "60", "210cm", "--on-bad-rows", "drop"]),
        (CELLS, ["--unit", "none", "--below", "0", "--above", "4.0", "--groups", "1"]),
        (CELLS, ["--unit", "none", "--below", "-1e-9", "--groups", "1", "--gaps", "empty"]),
    ],
)
def test_every_option_of_a_fit_comes_back_in_a_command_that_fits(
    text: str, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    assert main(["doctor", str(path), *options, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert main([*found["command"], "--json"]) == 0
    fitted = json.loads(capsys.readouterr().out)
    assert main(["fit", str(path), *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["estimators"] == fitted["estimators"]
    assert {word for word in options if word[:2] == "--"} <= set(found["command"])


def test_options_that_a_fit_would_refuse_are_errors_of_the_doctor_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = (["--groups", "3", "--sds", "2", "2"], ["--group", "sex", "--groups", "2"])
    for options, code in zip(wrong, (2, 1), strict=True):
        assert main(["doctor", GALTON, "--height", "height_in", *options]) == code
        said = capsys.readouterr()
        assert main(["fit", GALTON, "--height", "height_in", *options]) == 2
        words = capsys.readouterr().err.removeprefix("stature fit: ").strip()
        assert words in said.out + said.err


def test_a_column_has_two_names_of_its_option(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    for option in ("--column", "--height"):
        assert main(["fit", GALTON, option, "father_in", "--groups", "1", "--json"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]

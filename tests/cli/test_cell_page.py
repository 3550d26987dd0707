"""Page of a table of counts."""

from pathlib import Path

import pytest

from stature.cli.main import main

MACDONELL = "data/macdonell_1902_heights_binned.csv"


def test_the_page_has_estimates_chi_square_and_expected_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["fit", MACDONELL, "--groups", "1"]) == 0
    printed = capsys.readouterr()
    assert "166.46 ± 0.12   6.454 ± 0.084" in printed.out
    assert "Chi-square 9.50 on 13 degrees of freedom" in printed.out
    assert "163.99 – 166.53      462    460.0" in printed.out
    assert "nobody stood below 141.129 cm or above 197.009 cm" in printed.err


def test_too_few_cells_for_a_test_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.csv"
    path.write_text("lower_cm,upper_cm,count\n160,170,20\n170,180,30\n")
    assert main(["fit", str(path), "--groups", "1"]) == 0
    printed = capsys.readouterr()
    assert "only 2 cells with people: the SD rests on the normal shape" in printed.err
    assert "No chi-square: " in printed.out

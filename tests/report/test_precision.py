from dataclasses import replace
from pathlib import Path

import pytest

from stature.config.study import Study, load
from stature.measures.precision import Judged, Precision
from stature.report.page import render
from stature.report.precision import reached

ROOT = Path(__file__).parents[2]
FAR = Judged(200, "school.none", "em", 50, "girls", "mean_cm", "rmse", 0.05, 0.02, False)


@pytest.fixture
def study() -> Study:
    fixed = load([ROOT / "config/config.yaml"], ROOT)
    aim = Precision("rmse", "mean_cm", 0.02, 200, 400)
    return replace(fixed, replicates=400, precision=aim)


def test_a_fixed_number_of_replicates_has_no_rounds(study: Study) -> None:
    assert reached(replace(study, precision=None), []) is None


def test_target_and_what_was_reached_are_told_of_every_capped_cell(study: Study) -> None:
    met = replace(FAR, estimator="mle", mcse=0.01, met=True)
    later = [replace(one, replicates=400) for one in (replace(FAR, mcse=0.03), met)]
    found = reached(study, [FAR, met, *later])
    assert found is not None
    assert "at most 0.02 cm in every" in found.sentences[0]
    assert found.sentences[-1] == ("With 400 replicates 1 of 2 cells met the target; 1 was capped.")
    assert found.rounds.rows == (("200", "1", "1", "0.05"), ("400", "1", "1", "0.03"))
    assert found.capped.rows == (("school.none", "em", "50", "girls", "0.02", "0.03"),)


def test_a_cell_without_an_error_is_capped_and_no_error_is_the_largest(study: Study) -> None:
    found = reached(study, [replace(FAR, replicates=400, mcse=None)])
    assert found is not None
    assert found.rounds.rows[0][-1] == found.capped.rows[0][-1] == "–"


def test_a_coverage_has_no_unit(study: Study) -> None:
    aim = Precision("coverage", "mean_cm", 0.01, 200, 400)
    found = reached(replace(study, precision=aim), [])
    assert found is not None
    assert "at most 0.01 in every" in found.sentences[0]


def test_the_page_tells_it_and_a_page_of_a_fixed_number_does_not(study: Study) -> None:
    cells = [FAR, replace(FAR, replicates=400, mcse=0.03)]
    told = render(study, [], [], {}, {}, cells)
    assert '<h2 id="precision">' in told
    assert "Cells that were capped before they met the target" in told
    assert "0 of 1 cells met the target; 1 was capped." in told
    assert '<h2 id="precision">' not in render(replace(study, precision=None), [], [], {}, {})

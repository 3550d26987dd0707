from dataclasses import replace
from pathlib import Path

import pytest

from stature.config.record import Study
from stature.config.rounds import after, round_spec
from stature.config.study import load
from stature.design.canonical import decode, encode
from stature.measures.precision import Precision, RoundSpec

ROOT = Path(__file__).parents[2]
AIM = Precision("rmse", "mean_cm", 0.02, 20, 40)


@pytest.fixture
def study() -> Study:
    fixed = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    return replace(fixed, replicates=40, precision=AIM)


def test_a_spec_is_canonical_json_of_its_record(study: Study) -> None:
    spec = round_spec(study, "galton.none", 20)
    assert encode(decode(RoundSpec, spec)) == spec


def test_a_higher_cap_decides_no_round_anew_and_another_target_does(study: Study) -> None:
    higher = replace(study, replicates=80, precision=replace(AIM, most=80))
    stricter = replace(study, precision=replace(AIM, mcse=0.01))
    before = round_spec(study, "galton.none", 20)
    assert round_spec(higher, "galton.none", 20) == before
    assert round_spec(stricter, "galton.none", 20) != before


def test_a_fixed_number_of_replicates_has_no_rounds(study: Study) -> None:
    with pytest.raises(ValueError, match="it has no precision"):
        round_spec(replace(study, precision=None), "galton.none", 20)


def test_a_study_that_has_ended_has_the_blocks_of_its_rounds(study: Study) -> None:
    ended = after(study, 20)
    assert ended.rounds == (20,)
    assert set(ended.blocks) < set(study.blocks)

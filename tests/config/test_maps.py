"""What keys take, and how maps of a study file and records are made of each other."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from stature.config import keys
from stature.config.maps import (
    checked_as,
    closed,
    integer,
    items,
    keys_of,
    limits_of,
    map_of,
    real,
    record_of,
    word,
    word_or_numbers,
)
from stature.config.model import (
    BIAS_ITEMS,
    ITERATION,
    OBSERVATION_ITEMS,
    STEP_ITEMS,
    EstimatorItem,
    StudyFile,
)
from stature.domain.bias import KINDS, Bias
from stature.domain.model import Model
from stature.domain.observation import EXACT, Grid, Truncated
from stature.domain.population import Group
from stature.estimators.estimator import Estimator, Stop

NUMBERS: dict[str, dict[str, Any]] = {
    "rounded": {"step_cm": 5.0},
    "heaped": {"grids": [{"step_cm": 5.0, "share": 0.3}, {"step_cm": 2.54, "share": 0.5}]},
    "truncated": {"below_cm": 160.0},
    "selected": {"log_odds_per_cm": 0.05, "centre_cm": 169.5},
    "weighted": {"log_odds_per_cm": 0.05, "centre_cm": 169.5},
    "tilted": {"log_chance_per_cm": 0.05},
    "size-biased": {"origin_cm": 0.0},
    "middle-selected": {"centre_cm": 170.0, "width_cm": 12.0},
}
EVERY_SETTING: dict[str, Any] = {
    "name": "e",
    "labels": 0.1,
    "shares": [0.4, 0.6],
    "sds": "equal",
    "observation": {"kind": "rounded", "step_cm": 5.0},
    "freedom": 4.0,
    "unlabelled": "ignored",
    "method": "newton",
    "starts": 3,
    "screening_steps": 2,
    "kept_starts": 1,
    "step_limit": 9,
    "tolerance": 1e-6,
    "penalty": 1.0,
    "stop": {"gain": "mean", "below": 1e-3},
    "prior": {"shares": 2.0, "sd_ratio": 0.3},
    "choose": {
        "by": "icl",
        "among": [
            {"sds": "equal", "groups": 3},
            {"sds": "free", "prior": {"form": "mclust", "shares": 5.0, "sd_ratio": 0.2}},
        ],
        "average": True,
    },
    "variances": "unbiased",
    "oracle": True,
    "sd_ratio": 0.2,
    "trimmed": 0.1,
    "interval": "bootstrap",
    "estimate": "posterior",
    "bootstrap_samples": 50,
    "function": "file.py:name",
    "command": ["Rscript", "file.R"],
    "files": ["other.R"],
    "batched": True,
    "format": "parquet",
    "seconds": 9.0,
    "memory_mb": 500,
    "quantities": ["own"],
    "biases": ["cut"],
    "populations": ["school"],
}


def refusal(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)
    return error.value.errors()[0]["msg"]


def test_a_whole_number_may_have_a_point_and_nothing_behind_it() -> None:
    kind = Annotated[int, integer("≥ 2")]
    assert TypeAdapter(kind).validate_python(100.0) == 100
    for value in (True, "100", 100.5, 1, None, float("nan")):
        assert refusal(kind, value) == "expected a whole number ≥ 2"


def test_limits_may_be_included_or_not() -> None:
    open_ = Annotated[float, real("> 0 and < 1")]
    included = Annotated[float, real("from 0 to 1 (share)")]
    for value in (0, 1):
        assert refusal(open_, value) == "expected a number > 0 and < 1"
        assert TypeAdapter(included).validate_python(value) == value
    for value in (-0.1, 1.1):
        assert refusal(included, value) == "expected a number from 0 to 1 (share)"


def test_limits_are_read_as_people_write_them() -> None:
    assert limits_of("from 0 to 2^128 − 1") == {"ge": 0, "le": 2**128 - 1}
    assert limits_of("≥ 2, at most 10^8") == {"ge": 2, "le": 10**8}
    assert limits_of("from 40 to 100,000") == {"ge": 40, "le": 100_000}
    assert limits_of("from 0.01 to 100 (a factor > 1 makes it taller)") == {"ge": 0.01, "le": 100}
    assert limits_of("(height in cm)") == {}


def test_words_and_numbers_go_into_one_key() -> None:
    kind = Annotated[Any, word_or_numbers(("free",), "numbers")]
    assert TypeAdapter(kind).validate_python("free") == "free"
    assert TypeAdapter(kind).validate_python([1, 2.5]) == (1.0, 2.5)
    for value in ("fre", [], [True], ["1"], [float("inf")], [10**400], None):
        assert refusal(kind, value) == "expected free, or numbers"


def test_a_single_number_is_a_list_where_that_is_allowed() -> None:
    several = Annotated[list[int], items("a list", scalar=True)]
    assert TypeAdapter(several).validate_python(3) == [3]
    assert refusal(several, True) == "expected a list"
    assert refusal(Annotated[list[int], items("a list")], 3) == "expected a list"


def test_a_word_is_one_of_its_list() -> None:
    assert refusal(Annotated[str, word("all", "none")], ["all"]) == "expected a word"


@pytest.mark.parametrize("record", KINDS, ids=str)
def test_every_kind_of_bias_has_a_map_with_its_settings(record: type[Bias]) -> None:
    fields = {field.name: field.default for field in dataclasses.fields(record)}
    kind = str(fields["kind"])
    assert set(BIAS_ITEMS[kind].model_fields) == {"name", "why", *fields} - {"sha256"}
    assert (kind in STEP_ITEMS) == (kind not in ("none", "sequence"))


@pytest.mark.parametrize("kind", BIAS_ITEMS)
def test_maps_are_closed(kind: str) -> None:
    with pytest.raises(ValidationError, match="more"):
        BIAS_ITEMS[kind].model_validate({"name": "x", "kind": kind, "more": 1})
    with pytest.raises(ValidationError, match="more"):
        closed(Grid).model_validate({"step_cm": 5.0, "share": 0.1, "more": 1})


@pytest.mark.parametrize("kind", sorted(OBSERVATION_ITEMS))
def test_a_map_is_a_record_and_back(kind: str) -> None:
    written: dict[str, Any] = {"kind": kind, **NUMBERS[kind]}
    record = record_of(OBSERVATION_ITEMS[kind].model_validate(written))
    assert record.kind == kind
    assert map_of(record) == written


def test_cuts_stops_and_groups_are_what_they_say() -> None:
    cut = OBSERVATION_ITEMS["truncated"].model_validate({"kind": "truncated", "above_cm": 180})
    assert record_of(cut) == Truncated(above_cm=180.0)
    stop = {"gain": "mean", "below": 1e-3}
    assert TypeAdapter(checked_as(Stop)).validate_python(stop) == Stop("mean", 1e-3)
    group = {"name": "girls", "share": 1.0, "mean_cm": 160, "sd_cm": 6.0}
    assert TypeAdapter(checked_as(Group)).validate_python(group) == Group("girls", 1.0, 160.0, 6.0)


def test_every_setting_of_an_estimator_is_read_and_written_back() -> None:
    assert set(EVERY_SETTING) == set(closed(EstimatorItem).model_fields)
    item = TypeAdapter(checked_as(EstimatorItem)).validate_python(EVERY_SETTING)
    assert map_of(item) == EVERY_SETTING
    model = item.estimator.model
    assert (model.labels, model.labelled_share) == ("some", 0.1)
    assert (model.shares, model.assumed_shares) == ("known", (0.4, 0.6))


def test_settings_that_a_map_leaves_out_are_those_of_the_estimator() -> None:
    written = {"name": "em", "labels": "none", "method": "em"}
    item = TypeAdapter(checked_as(EstimatorItem)).validate_python(written)
    assert item.estimator == item.used == Estimator("em", Model("none"), "em")
    assert item.estimator.model.observation is EXACT
    assert {key: getattr(item.estimator, key) for key in ITERATION} == ITERATION
    assert set(map_of(item)) == {"name", "labels", "shares", "sds", "method", *ITERATION}


def test_every_field_of_an_estimator_is_a_key_or_belongs_to_one() -> None:
    implied = {
        key.setting.instead[0] for key in keys_of(Model) if key.setting and key.setting.instead
    }
    assert implied == {"labelled_share", "assumed_shares", "assumed_sds_cm"}
    for record in (Estimator, Model):
        without = {key.name for key in keys_of(record) if key.setting is None}
        assert without - implied <= {"model", "outside"}


def test_every_key_says_what_it_means() -> None:
    for record in (StudyFile, EstimatorItem, *KINDS):
        for name, field in closed(record).model_fields.items():
            assert field.description, name


def test_what_is_said_of_keys_is_said_of_fields_of_records() -> None:
    records = [
        one
        for name, module in list(sys.modules.items())
        if name.startswith("stature.")
        for one in vars(module).values()
        if isinstance(one, type) and dataclasses.is_dataclass(one)
    ]
    text = Path(keys.__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    for name, said in yaml.safe_load(text).items():
        if name != "Factorial":
            # Records of other packages may have the name, too.
            named = [dataclasses.fields(one) for one in records if one.__name__ == name]
            keys_said = said.keys() - {"phrase", "formula"}
            assert any(keys_said <= {one.name for one in fields} for fields in named), name

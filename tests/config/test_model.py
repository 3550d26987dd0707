import dataclasses

import pytest
from pydantic import ValidationError

from stature.config.model import BIAS_ITEMS, DEFAULTS, EstimatorItem
from stature.domain.bias import NoBias, Rounding, Selection, Truncation
from stature.estimators.estimator import Estimator


def test_settings_that_an_item_leaves_out_are_those_of_the_estimator() -> None:
    item = EstimatorItem.model_validate({"name": "em", "labels": "none", "method": "em"})
    estimator = Estimator("em", model=None, method="em")  # pyright: ignore[reportArgumentType]
    assert {key: getattr(item, key) for key in DEFAULTS} == {
        key: getattr(estimator, key) for key in DEFAULTS
    }


def test_every_kind_of_bias_has_the_settings_of_its_record() -> None:
    for record in (NoBias, Selection, Truncation, Rounding):
        fields = {field.name: field.default for field in dataclasses.fields(record)}
        item = BIAS_ITEMS[str(fields["kind"])]
        assert set(item.model_fields) == {"name", "why", *fields}


def test_items_are_closed() -> None:
    with pytest.raises(ValidationError):
        BIAS_ITEMS["none"].model_validate({"name": "x", "kind": "none", "more": 1})

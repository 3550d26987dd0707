import pytest
from pydantic import ValidationError

from stature.config.model import DEFAULTS, EstimatorItem, GroupItem
from stature.estimators.estimator import Estimator


def test_settings_that_an_item_leaves_out_are_those_of_the_estimator() -> None:
    item = EstimatorItem.model_validate({"name": "em", "labels": "none", "method": "em"})
    estimator = Estimator("em", model=None, method="em")  # pyright: ignore[reportArgumentType]
    assert {key: getattr(item, key) for key in DEFAULTS} == {
        key: getattr(estimator, key) for key in DEFAULTS
    }


def test_items_are_closed() -> None:
    with pytest.raises(ValidationError):
        GroupItem.model_validate(
            {"name": "x", "share": 1.0, "mean_cm": 160.0, "sd_cm": 6.0, "more": 1}
        )

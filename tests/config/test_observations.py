from typing import Any

import pytest

from stature.config.observations import (
    OBSERVATION_ITEMS,
    StopItem,
    item_of,
    observation_of,
    stop_of,
)
from stature.domain.observation import Truncated
from stature.estimators.estimator import Stop

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


@pytest.mark.parametrize("kind", sorted(OBSERVATION_ITEMS))
def test_an_item_is_a_record_and_back(kind: str):
    written: dict[str, Any] = {"kind": kind, **NUMBERS[kind]}
    item = OBSERVATION_ITEMS[kind].model_validate(written)
    record = observation_of(item)  # pyright: ignore[reportArgumentType]: each is one of the union
    assert record.kind == kind
    assert item_of(record) == written


def test_cuts_and_stops_are_what_they_say():
    item = OBSERVATION_ITEMS["truncated"].model_validate({"kind": "truncated", "above_cm": 180})
    assert observation_of(item) == Truncated(above_cm=180.0)  # pyright: ignore[reportArgumentType]
    assert stop_of(StopItem(gain="mean", below=1e-3)) == Stop("mean", 1e-3)

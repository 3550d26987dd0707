import dataclasses

import pytest
from pydantic import ValidationError

from stature.config.bias_items import BIAS_ITEMS, STEP_ITEMS, GridItem
from stature.domain.bias import KINDS, STEPS, Bias
from stature.domain.recording import Grid


def test_every_kind_has_its_item() -> None:
    assert list(STEP_ITEMS) == list(STEPS)
    assert set(BIAS_ITEMS) == {"none", "sequence", *STEPS}


@pytest.mark.parametrize("record", KINDS, ids=str)
def test_every_item_has_the_settings_of_its_record(record: type[Bias]) -> None:
    fields = {field.name: field.default for field in dataclasses.fields(record)}
    item = BIAS_ITEMS[str(fields["kind"])]
    assert set(item.model_fields) == {"name", "why", *fields}


def test_a_grid_has_the_settings_of_its_record() -> None:
    fields = [field.name for field in dataclasses.fields(Grid)]
    assert list(GridItem.model_fields) == fields


@pytest.mark.parametrize("kind", BIAS_ITEMS)
def test_items_are_closed(kind: str) -> None:
    with pytest.raises(ValidationError, match="more"):
        BIAS_ITEMS[kind].model_validate({"name": "x", "kind": kind, "more": 1})

"""What to do, by how many people it takes."""

from pathlib import Path

import pytest

from stature.config.study import load
from stature.measures.needed import Needed
from stature.report import answer, tables

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("helps", [True, False])
def test_a_prior_is_advised_where_it_needs_fewer_people(
    helps: bool, monkeypatch: pytest.MonkeyPatch
):
    study = load([ROOT / "config/config.yaml"], ROOT)
    sizes = {"mle": 60.0, "em": 4000.0, "em-map": 250.0 if helps else 5000.0}

    def needed(rows: object) -> list[Needed]:
        return [
            Needed("school", "none", "school.none", name, 0.8, "", size, 10.0)
            for name, size in sizes.items()
        ]

    monkeypatch.setattr(answer, "needed", needed)
    said = " ".join(answer.advice(study, tables.lookup([])).do)
    assert "Record who belongs to which group" in said
    assert ("not far apart (em-map): then 250 do." in said) == helps

"""What to do, by how many people it takes."""

from pathlib import Path

import pytest

from stature.config.study import load
from stature.measures.measure import Measure
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


@pytest.mark.parametrize(("rate", "told"), [(0.7, True), (0.26, False)])
def test_what_the_best_estimator_without_labels_reaches_is_told_beside_the_first(
    rate: float, told: bool, monkeypatch: pytest.MonkeyPatch
):
    # Of 100 samples .2 and .7 are .7 - .2 = 8 errors of the difference apart, .2 and .26 one.
    study = load([ROOT / "config/config.yaml"], ROOT)
    sizes = {"mle": 60.0, "em": 4000.0, "em-map": 250.0}
    rows = [
        Measure(
            *("school", "none", "school.none", name, 200, "", "", "within_2cm", "", "available"),
            *(value, (value * (1.0 - value) / 100.0) ** 0.5, None, None, None, 100, 0, 100),
        )
        for name, value in {"mle": 0.99, "em": 0.2, "em-map": rate}.items()
    ]
    needs = [
        Needed("school", "none", "school.none", name, 0.8, "", size, 10.0)
        for name, size in sizes.items()
    ]
    monkeypatch.setattr(answer, "needed", lambda rows: needs)
    looked_up = tables.lookup(rows)
    (hits,) = [one.text for one in answer.findings(study, looked_up) if one.figure == "answer"]
    advised = answer.advice(study, looked_up)
    assert ("70 % (5) without labels by em-map" in hits) == told
    assert ("250 without labels by em-map" in advised.title) == told
    assert ("takes 250 without (em-map)." in advised.do[0]) == told
    assert ("takes 4,000 without." in advised.do[0]) != told

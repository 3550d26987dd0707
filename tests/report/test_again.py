from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.config.study import study_yaml
from stature.design.samples import DrawSpec, draw
from stature.report import notes, page


def test_every_modelling_choice_of_the_code_says_whose_it_is():
    found = [*notes.choices()]
    assert {word for word, _, _ in found} == set(notes.CHOICES)
    assert any("volunteers with probability 1/2" in sentence for _, _, sentence in found)
    assert not any(module.startswith(("stature.cli", "stature.report")) for _, module, _ in found)


def test_the_snippet_gives_the_people_of_the_study(
    ran: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    study = ran.study
    folder = tmp_path / "results" / study.name
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(study_yaml(study), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    given: dict[str, Any] = {}
    exec(page.snippet(study), given)
    scenario = study.scenarios[0]
    whole = draw(
        DrawSpec(
            scenario.population,
            scenario.bias.bias,
            scenario.sampling,
            study.seed,
            0,
            study.replicates - 1,
            max(study.sizes),
        )
    )
    assert np.array_equal(given["heights_cm"], whole.heights_cm[-1, :200])
    assert np.array_equal(given["groups"], whole.group_index[-1, :200])


def test_commands_name_files_of_the_study(ran: Any):
    lines = [command for _, command in page.commands(ran.study)]
    assert any(
        "results/small/fits/school.none/em-known-shares/000000-000011.parquet" in line
        for line in lines
    )

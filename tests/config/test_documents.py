import re
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest
import yaml

from stature.config.documents import README, SCHEMA, readme_text, schema_text, study_schema
from stature.config.maps import closed
from stature.config.model import (
    BIAS_ITEMS,
    OBSERVATION_ITEMS,
    EstimatorItem,
    PopulationItem,
    StudyFile,
)
from stature.config.study import load
from stature.domain.population import Group
from stature.estimators.estimator import Stop
from stature.measures.measure import Precision

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / README).read_text(encoding="utf-8")
ANEW = "write it anew: python -m stature.config.documents"


def test_the_page_in_the_repository_is_the_one_of_the_model() -> None:
    assert readme_text(PAGE) == PAGE, ANEW


def test_every_key_has_a_row_and_a_meaning() -> None:
    page = readme_text(PAGE)
    records = StudyFile, PopulationItem, Group, EstimatorItem
    for model in (*map(closed, records), *BIAS_ITEMS.values()):
        for name, field in model.model_fields.items():
            assert field.description
            assert f"| `{name}` | " in page


def test_every_map_of_keys_names_its_keys() -> None:
    takes = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| ", PAGE, re.MULTILINE))
    for key, record in (("precision", Precision), ("stop", Stop)):
        assert all(f"`{field.name}`" in takes[key] for field in fields(record))
    assert all(kind in takes["observation"] for kind in OBSERVATION_ITEMS)
    assert not [cell for cell in takes.values() if cell.endswith(("a value", "a map of keys"))]


def test_the_experiment_on_the_page_runs(tmp_path: Path) -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "shorter-boys.yaml"
    path.write_text(example, encoding="utf-8")
    study = load([ROOT / "config/config.yaml", path], ROOT)
    assert (study.name, len(study.scenarios)) == ("shorter-boys", 4)


def test_the_schema_in_the_repository_is_the_one_of_the_model() -> None:
    assert (ROOT / SCHEMA).read_text(encoding="utf-8") == schema_text(), ANEW


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(study_schema())


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda p: p.name)
def test_ready_studies_and_overlays_fit_the_schema(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), study_schema())


def test_one_size_fits_the_schema() -> None:
    jsonschema.validate({"sizes": 100}, study_schema())


@pytest.mark.parametrize(
    "config",
    [
        {"sample_sizes": [10]},
        {"sizes": []},
        {"sizes": [1]},
        {"seed": -1},
        {"study": "a/b"},
        {"biases": [{"name": "x", "kind": "rounding"}]},
        {"biases": [{"name": "x", "kind": "none", "step_cm": 5}]},
        {"populations": [{"name": "x", "groups": [{"name": "a", "share": 1, "mean_cm": 170}]}]},
        {"estimators": [{"name": "x", "labels": "all", "method": "em", "shares": "knwn"}]},
    ],
)
def test_editors_mark_what_the_model_refuses(config: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config, study_schema())

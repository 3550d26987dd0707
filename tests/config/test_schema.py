from pathlib import Path

import jsonschema
import pytest
import yaml

from stature.config.schema import PATH, schema_text, study_schema

ROOT = Path(__file__).parents[2]


def test_the_schema_in_the_repository_is_the_one_of_the_model() -> None:
    message = f"write it anew: python -m stature.config.schema > {PATH}"
    assert (ROOT / PATH).read_text(encoding="utf-8") == schema_text(), message


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

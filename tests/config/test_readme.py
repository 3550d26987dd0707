from pathlib import Path

from stature.config.bias_items import BIAS_ITEMS
from stature.config.model import EstimatorItem, GroupItem, PopulationItem, StudyFile
from stature.config.readme import PATH, readme_text
from stature.config.study import load

ROOT = Path(__file__).parents[2]


def test_the_page_in_the_repository_is_the_one_of_the_model() -> None:
    message = f"write it anew: python -m stature.config.readme > {PATH}"
    assert (ROOT / PATH).read_text(encoding="utf-8") == readme_text(), message


def test_every_key_has_a_row_and_a_meaning() -> None:
    page = readme_text()
    for model in (StudyFile, PopulationItem, GroupItem, EstimatorItem, *BIAS_ITEMS.values()):
        for name, field in model.model_fields.items():
            assert field.description
            assert f"| `{name}` | " in page


def test_the_experiment_on_the_page_runs(tmp_path: Path) -> None:
    example = readme_text().split("```yaml\n")[1].split("```")[0]
    path = tmp_path / "shorter-boys.yaml"
    path.write_text(example, encoding="utf-8")
    study = load([ROOT / "config/config.yaml", path], ROOT)
    assert (study.name, len(study.scenarios)) == ("shorter-boys", 4)

"""A replicate again, beside tables that the library itself wrote a block at a time."""

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from stature.cli.main import main
from stature.cli.replay import Address, json_text, print_replay, replay
from stature.config import specs
from stature.config.specs import origin
from stature.config.study import Study, load, study_yaml
from stature.design.samples import DrawSpec, draw
from stature.design.streams import decode
from stature.estimators.estimator import FitSpec
from stature.estimators.fit import fit_block
from stature.store import fits, samples

ROOT = Path(__file__).parents[2]
TEXT = """
study: tiny
seed: 7
replicates: 6
block: 4
sizes: [30, 60]
traced: 1
populations:
  - name: school
    groups:
      - {name: girls, share: 0.5, mean_cm: 163.0, sd_cm: 6.5}
      - {name: boys, share: 0.5, mean_cm: 176.0, sd_cm: 7.0}
biases:
  - {name: none, kind: none}
estimators:
  - {name: mle, labels: all, method: closed-form}
  - {name: em, labels: none, method: em, starts: 2, kept_starts: 1}
"""
BLOCK = "000000-000003"
SAMPLES = Path("results/tiny/samples/school.none") / f"{BLOCK}.parquet"
FITS = Path("results/tiny/fits/school.none/em") / f"{BLOCK}.parquet"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study of which the first block was run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TEXT, encoding="utf-8")
    study = load(["tiny.yaml"], ROOT)
    spec = specs.draw_spec(study, "school.none", BLOCK)
    people = draw(decode(DrawSpec, spec))
    samples.write(SAMPLES, people, origin(study, str(SAMPLES)))
    for estimator in ("mle", "em"):
        spec = specs.fit_spec(study, "school.none", estimator, BLOCK)
        made, _ = fit_block(decode(FitSpec, spec), people)
        path = FITS.parent.with_name(estimator) / FITS.name
        fits.write(path, made, origin(study, str(path)))
    Path("results/tiny/config.yaml").write_text(study_yaml(study), encoding="utf-8")
    return study


def replayed(capsys: pytest.CaptureFixture[str], *options: str, code: int = 0) -> dict[str, object]:
    assert main(["replay", "tiny/school.none/2", "--json", *options]) == code
    return json.loads(capsys.readouterr().out)


def outcomes(found: dict[str, object]) -> list[str]:
    estimators = found["estimators"]
    assert isinstance(estimators, list)
    sample = found["sample"]
    assert isinstance(sample, dict)
    return [sample["compared"], *(one["compared"] for one in estimators)]


@pytest.mark.parametrize("options", [(), ("--size", "30"), ("--estimator", "em")])
def test_a_replicate_of_a_block_is_the_same_alone(
    study: Study, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert set(outcomes(replayed(capsys, *options))) == {"equal"}


def test_a_replicate_that_was_never_run_is_drawn_all_the_same(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "tiny/school.none/5"]) == 0
    assert capsys.readouterr().out.count("nothing stored to compare with") == 3


def rewrite(path: Path, column: str, row: int, by: float) -> None:
    """Change one number of a table, and nothing else."""
    table = pq.read_table(path)
    values = table[column].to_numpy().copy()
    values[row] += by
    place = table.column_names.index(column)
    changed = table.set_column(place, table.field(column), pa.array(values, from_pandas=True))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)


def test_one_other_height_is_found(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    # 60 people a replicate: the first of the third, by the last bit.
    height = pq.read_table(SAMPLES)["height_cm"].to_numpy()[120]
    rewrite(SAMPLES, "height_cm", 120, np.spacing(height))
    assert outcomes(replayed(capsys, code=1)) == ["different", "equal", "equal"]


def test_one_other_estimate_is_found_and_named(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    # 2 sizes and 7 parameters a replicate; the second row is the first group's mean.
    rewrite(FITS, "estimate", 2 * 14 + 1, 1e-12)
    assert main(["replay", "tiny/school.none/2"]) == 1
    told = capsys.readouterr().out
    assert "em: DIFFERS from the stored rows" in told
    assert "size 30, estimate of girls mean_cm: " in told
    assert "mle: equals the stored rows exactly" in told


def test_rows_of_another_config_are_told_by_digest(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = TEXT.replace("starts: 2", "starts: 3")
    Path("other.yaml").write_text(changed, encoding="utf-8")
    found = replayed(capsys, "--config", "other.yaml")
    assert outcomes(found) == ["equal", "equal", "of another config"]


def test_a_table_that_is_none_is_told(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    FITS.write_bytes(b"nothing")
    assert main(["replay", "tiny/school.none/2"]) == 1
    assert "em: DIFFERS" in capsys.readouterr().out


def test_wrong_names_are_told_at_once(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["replay", "tiny/school.none/2", "--estimator", "ml", "--size", "31"])
    told = capsys.readouterr().err
    assert code == 2
    assert "no estimator 'ml' in school.none; did you mean 'mle'?" in told
    assert "no size 31 in tiny; it has: 30, 60" in told


def test_a_figure_goes_where_it_is_wanted_and_nothing_else_is_written(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(Path().rglob("*"))
    assert main(["replay", "tiny/school.none/2", "--estimator", "em", "--trace"]) == 0
    assert set(Path().rglob("*")) - before == {Path("tiny-school.none-2.png")}
    assert main(["replay", "tiny/school.none/2", "--trace", "figure.txt"]) == 2
    assert "figures are written as .svg, .png, .pdf" in capsys.readouterr().err


def test_it_speaks_of_what_is_measured(
    study: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("tiny.yaml").write_text(f"{TEXT}quantity: {{name: mass, unit: g}}\n", encoding="utf-8")
    command = ["replay", "tiny/school.none/2", "--config", "tiny.yaml", "--estimator", "em"]
    drawn: list[Figure] = []
    monkeypatch.setattr("stature.plots.style.save", lambda figure, paths: drawn.append(figure))
    assert main([*command, "--trace"]) == 0
    assert "equals the stored rows exactly (60 observations, hash" in capsys.readouterr().out
    words = " ".join(text.get_text() for text in drawn[0].findobj(Text))
    assert re.search(r"\b(cm|height|people)", words) is None


def test_the_iterations_are_told_from_the_first_to_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    again = replay(Address(study, "smoke.yaml", "school.none", 3, ()), ("em",), 50)
    print_replay(again, with_path=True)
    told = capsys.readouterr().out
    assert "Iterations of em, n = 50" in told
    path = again.refits[0].traces
    # A likelihood never falls on the way of EM, and the page shows its first and last value.
    assert (np.diff(path.log_likelihood) >= -1e-9).all()
    for row in (0, -1):
        assert f"{path.log_likelihood[row]:.4f}" in told
    assert '"log_likelihood"' in json_text(again)

from base64 import b64decode
from pathlib import Path

from stature.report.figures import FIGURES, data_uri

ROOT = Path(__file__).parents[2]


def test_every_module_that_draws_a_figure_is_on_the_page():
    drawn = {
        path.stem
        for path in (ROOT / "src/stature/plots").glob("*.py")
        if "\ndef draw(table: pd.DataFrame) -> Figure" in path.read_text(encoding="utf-8")
    }
    assert drawn == {shown.name for shown in FIGURES}


def test_captions_of_the_workflow_are_those_of_the_page():
    for shown in FIGURES:
        text = (ROOT / "workflow/report" / f"{shown.name}.rst").read_text(encoding="utf-8")
        assert " ".join(text.split()) == " ".join(shown.caption.split())


def test_a_figure_is_embedded_whole(tmp_path: Path):
    (tmp_path / "a.svg").write_bytes(b"<svg/>")
    head, _, data = data_uri(tmp_path / "a.svg").partition(",")
    assert head == "data:image/svg+xml;base64"
    assert b64decode(data) == b"<svg/>"

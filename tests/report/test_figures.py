from base64 import b64decode
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from stature.plots.style import MM, WIDE_MM
from stature.report.figures import embedded


def test_a_figure_is_embedded_whole(tmp_path: Path):
    (tmp_path / "a.svg").write_bytes(b"<svg/>")
    figure = embedded(tmp_path / "a.svg")
    head, _, data = figure.address.partition(",")
    assert head == "data:image/svg+xml;base64"
    assert b64decode(data) == b"<svg/>"
    assert figure.width == 1.0


@pytest.mark.parametrize(
    ("width_mm", "share"), [(WIDE_MM, 1.0), (0.5 * WIDE_MM, 0.5), (2.0 * WIDE_MM, 1.0)]
)
def test_a_narrow_figure_is_narrow_on_the_page(tmp_path: Path, width_mm: float, share: float):
    Figure(figsize=(width_mm * MM, 1.0)).savefig(tmp_path / "a.svg")
    assert embedded(tmp_path / "a.svg").width == pytest.approx(share, abs=1e-4)

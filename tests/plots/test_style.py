import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from stature.estimators.catalogue import CATALOGUE
from stature.plots import style
from stature.plots.look import LOOKS, looks
from stature.plots.style import context, save


def test_every_catalogue_entry_has_a_look():
    assert set(CATALOGUE) <= set(LOOKS)


def test_each_estimator_has_its_own_colour_marker_and_dash():
    for one, other in combinations(LOOKS.values(), 2):
        assert one.colour != other.colour
        assert one.marker != other.marker
        assert one.dash != other.dash


def test_a_look_does_not_depend_on_the_other_estimators():
    assert looks(["em", "mle"])["em"] == looks(["em", "em-known-shares", "zzz"])["em"]


def test_a_name_of_the_study_gets_a_look_that_no_catalogue_entry_has():
    found = looks(["em-half", "mle"])
    assert all(found["em-half"].marker != look.marker for look in LOOKS.values())


def test_the_look_leaves_global_settings_alone():
    before = dict(mpl.rcParams)
    with context():
        assert mpl.rcParams["svg.hashsalt"] == "stature"
    assert dict(mpl.rcParams) == before


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with no fonts but Matplotlib's, on which nothing is remembered."""
    style.fonts_with.cache_clear()
    monkeypatch.setattr(style, "findSystemFonts", list)
    brought = [one for one in style.fontManager.ttflist if "/mpl-data/" in one.fname]
    monkeypatch.setattr(style.fontManager, "ttflist", brought)
    yield
    style.fonts_with.cache_clear()


@pytest.mark.usefixtures("no_fonts")
def test_a_character_that_the_usual_font_lacks_comes_from_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(style, "FONT", "cmr10")  # which has no Cyrillic letter
    with style.fonts_for("Дa") as lacking, context():
        assert lacking == ""
        assert mpl.rcParams["font.family"] == ["cmr10", "DejaVu Sans"]
    with context():
        assert mpl.rcParams["font.family"] == ["cmr10"]


@pytest.mark.usefixtures("no_fonts")
def test_what_no_font_has_is_said_once_and_in_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with style.fonts_for("女生") as lacking, context():
        figure = Figure(figsize=(3, 2))
        figure.text(0.5, 0.5, "女生")
    assert lacking == "女生"
    paths = [tmp_path / f"names.{format}" for format in ("svg", "png", "pdf")]
    save(figure, paths)
    said = capsys.readouterr().err
    assert said.count("No font that is installed has the characters 女 生: they are boxes") == 1
    assert "fonts-noto-cjk" in said
    text = paths[0].read_text(encoding="utf-8")
    assert "女生" in text  # who opens it may have the font
    assert "they are boxes in PNG and PDF" in text


def test_fonts_of_the_machine_move_no_byte_where_they_are_not_needed(tmp_path: Path):
    save(drawn(), [tmp_path / "plain.svg"])
    text = (tmp_path / "plain.svg").read_text(encoding="utf-8")
    (families,) = set(re.findall(r"font(?:-family)?: (?:[\d.]+px )?('[^;\"]*)", text))
    assert families == "'DejaVu Sans'"


def drawn() -> Figure:
    with style.context():
        figure = Figure(figsize=(2.0, 2.0))
        axes = figure.add_subplot()
        axes.plot([1, 2, 3], [1, 4, 9], marker="o", clip_on=True)
        axes.set_title("squares")
    return figure


def test_a_figure_drawn_twice_gives_equal_bytes_in_every_format(tmp_path: Path):
    formats = ("svg", "png", "pdf")
    for folder in ("one", "two"):
        save(drawn(), [tmp_path / folder / f"figure.{name}" for name in formats])
    for name in formats:
        one, two = (tmp_path / folder / f"figure.{name}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_nothing_but_the_figure_is_left_in_the_folder(tmp_path: Path):
    save(drawn(), [tmp_path / "figure.svg"])
    assert [path.name for path in tmp_path.iterdir()] == ["figure.svg"]


def test_an_unknown_format_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ValueError, match=r"figure\.gif"):
        save(drawn(), [tmp_path / "figure.gif"])


def test_a_figure_that_cannot_be_drawn_leaves_nothing(tmp_path: Path):
    class BrokenError(Exception):
        pass

    def broken(renderer: object) -> None:
        raise BrokenError

    figure = drawn()
    figure.draw = broken
    with pytest.raises(BrokenError):
        save(figure, [tmp_path / "figure.svg"])
    assert list(tmp_path.iterdir()) == []


def pixels(path: Path) -> NDArray[np.float64]:
    """Grey levels, averaged over blocks of 10 x 10 pixels."""
    grey = imread(path)[..., :3].mean(axis=2)
    rows, columns = (length // 10 for length in grey.shape)
    return grey[: 10 * rows, : 10 * columns].reshape(rows, 10, columns, 10).mean(axis=(1, 3))


def test_a_figure_that_is_drawn_once_looks_as_matplotlib_draws_it_in_each_format(tmp_path: Path):
    figure = drawn()
    axes = figure.axes[0]
    axes.scatter([1, 2, 3], [9, 4, 1], rasterized=True)
    axes.set_xlim(1.5, 3.2)  # so that something is cut off
    for x in (1.7, 2.613):  # what recurs is laid out once
        axes.text(x, 3.0, "2 squares", color="red", fontsize=9.0)
        axes.text(x, 5.0, "2 squares", rotation=90.0)
    axes.imshow([[0.0, 1.0]], extent=(2.0, 2.5, 6.0, 8.0), aspect="auto")
    save(figure, [tmp_path / f"figure.{name}" for name in ("svg", "png", "pdf")])
    with style.context():
        for name, date in (("svg", {"Date": None}), ("pdf", {"CreationDate": None})):
            figure.savefig(tmp_path / f"own.{name}", dpi=style.PNG_DOTS_PER_INCH, metadata=date)
        figure.savefig(tmp_path / "own.png", dpi=style.PNG_DOTS_PER_INCH)
    assert (tmp_path / "figure.svg").read_bytes() == (tmp_path / "own.svg").read_bytes()
    # Text is laid out in points and not in pixels, so that a letter may stand a pixel aside.
    assert np.abs(pixels(tmp_path / "figure.png") - pixels(tmp_path / "own.png")).max() < 0.15
    texts = [
        sum(part in (b"BT", b"Tj") for part in _stream(tmp_path / f"{one}.pdf").split())
        for one in ("figure", "own")
    ]
    assert texts[0] == texts[1] > 0


def _stream(path: Path) -> bytes:
    """What a PDF draws, unpacked."""
    parts = path.read_bytes().split(b"stream\n")[1:]
    unpacked: list[bytes] = []
    for part in parts:
        with suppress(zlib.error):
            unpacked.append(zlib.decompressobj().decompress(part))
    return b"\n".join(unpacked)

from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from stature.estimators.catalogue import CATALOGUE
from stature.plots import style
from stature.plots.style import LOOKS, context, looks, save


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


def test_a_figure_that_cannot_be_written_leaves_nothing(tmp_path: Path):
    class BrokenError(Exception):
        pass

    def broken(*_: object, **__: object) -> None:
        raise BrokenError

    figure = drawn()
    figure.savefig = broken
    with pytest.raises(BrokenError):
        save(figure, [tmp_path / "figure.svg"])
    assert list(tmp_path.iterdir()) == []

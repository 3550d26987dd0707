import numpy as np
import pytest

from stature.design.meeting import draws, groups_by_chance, members_of, turns_of
from stature.domain.bias import (
    Classes,
    Contamination,
    Heaping,
    MissingLabels,
    NoBias,
    Recording,
    Rounding,
    Selection,
    SelfReport,
    Sequence,
    SwappedLabels,
    Tilt,
    Truncation,
)
from stature.domain.observation import Grid
from tests.domain.test_bias import SCHOOL, THREE

KEY = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("stream", ["people", "groups"])
@pytest.mark.parametrize("numbers", ["standard_normal", "random"])
def test_a_stream_in_pieces_is_the_stream(stream: str, numbers: str):
    # What sketches of samples rest upon: people met in chunks are those met at once.
    whole = getattr(getattr(draws(KEY, 3), stream), numbers)(10_000)
    generator = getattr(draws(KEY, 3), stream)
    pieces = [getattr(generator, numbers)(size) for size in (1, 4095, 2, 3001, 2901)]
    assert (np.concatenate(pieces) == whole).all()


def test_streams_of_a_replicate_are_read_side_by_side():
    alone, together = draws(KEY, 3).people.random(100), draws(KEY, 3)
    found = []
    for _ in range(100):
        found.append(together.people.random())
        together.groups.random()
        together.readings.chance(Selection(0.1), 0, 1)
    assert (np.array(found) == alone).all()


def test_groups_by_chance_have_their_shares():
    uniform = (np.arange(1000) + 0.5) / 1000
    index = groups_by_chance(SCHOOL, uniform)
    assert [len(members) for members in members_of(index, 2)] == [400, 600]
    assert (np.diff(index) >= 0).all()
    # Shares of .4 and .6, of .25, .25 and .5: their ends belong to the next group.
    assert groups_by_chance(SCHOOL, np.array([0.0, 0.39, 0.4, 0.99])).tolist() == [0, 0, 1, 1]
    three = groups_by_chance(THREE, np.array([0.24, 0.25, 0.49, 0.5, 0.99]))
    assert three.tolist() == [0, 1, 1, 2, 2]


PIECES = (1, 24, 26, 4095, 2, 7, 3001, 2844)


@pytest.mark.parametrize(
    "step", [Classes(1, 1.0), Classes(25, 1.0), Classes(10_000, 1.0), Classes(30_000, 1.0)], ids=str
)
def test_classes_are_the_same_in_pieces(step: Recording):
    whole = draws(KEY, 3).readings.chance(step, 0, 10_000).of_class
    assert len(np.unique(whole)) == -(-10_000 // step.size) if isinstance(step, Classes) else 0
    readings = draws(KEY, 3).readings
    found: list[np.ndarray] = []
    for people in PIECES:
        found.append(readings.chance(step, 0, people).of_class)
        readings.go_on(people)
    assert (np.concatenate(found) == whole).all()


@pytest.mark.parametrize(
    "step",
    [Heaping((Grid(5.0, 0.5),)), SelfReport(0.0, 1.0), Contamination(0.1, None, 100.0, 5.0)],
    ids=str,
)
def test_numbers_of_people_are_the_same_in_pieces(step: Recording):
    whole = draws(KEY, 3).readings.chance(step, 1, 10_000)
    readings = draws(KEY, 3).readings
    pieces = [readings.chance(step, 1, people) for people in PIECES]
    for name in ("uniform", "normal", "of_class"):
        found = np.concatenate([getattr(piece, name) for piece in pieces])
        assert (found == getattr(whole, name)).all()
    assert len(whole.uniform) + len(whole.normal) >= 10_000


def test_chances_of_keeping_and_of_labels_are_the_same_in_pieces():
    readings, found = draws(KEY, 3).readings, []
    for step in (Selection(0.1), MissingLabels(0.1)):
        pieces = [readings.chance(step, 0, people).uniform for people in PIECES]
        found.append(np.concatenate(pieces))
        assert (found[-1] == draws(KEY, 3).readings.chance(step, 0, 10_000).uniform).all()
    assert not (found[0] == found[1]).any()


def test_steps_that_read_the_same_take_turns():
    bias = Sequence(
        (
            Rounding(1.0),
            Selection(0.1),
            SelfReport(1.0, 1.0),
            Truncation(150.0),
            Tilt(0.1),
            Contamination(0.1, 2.0),
            Classes(5, 1.0),
            Classes(6, 1.0),
            MissingLabels(0.1),
            SwappedLabels(0.1),
        )
    )
    assert turns_of(bias) == (0, 0, 0, 0, 1, 1, 0, 1, 0, 1)
    assert turns_of(NoBias()) == ()

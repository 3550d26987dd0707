import numpy as np
import pytest

from stature.design.meeting import draws, groups_by_chance, members_of
from tests.domain.test_bias import SCHOOL

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
        together.readings.luck(0, 1)
    assert (np.array(found) == alone).all()


def test_groups_by_chance_have_their_shares():
    uniform = (np.arange(1000) + 0.5) / 1000
    index = groups_by_chance(SCHOOL, uniform)
    assert [len(members) for members in members_of(index, 2)] == [400, 600]
    assert (np.diff(index) >= 0).all()

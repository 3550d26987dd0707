"""People whom a function draws, and biases that are a function: nested, repeatable, told apart."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stature.design.brought import AT_A_TIME, biased_by, people_by
from stature.design.samples import DrawSpec, draw
from stature.domain.bias import Bias, ByFunction, NoBias, Rounding, Selection, Sequence
from stature.domain.functions import digest
from stature.domain.population import Group, Population
from stature.writing import FileError

GROUPS = (Group("girls", 0.25, 163.0, 6.5), Group("boys", 0.75, 176.0, 7.0))
# A function whose people depend on how many it is asked for, and on generators of its own choice.
PEOPLE = """
import numpy as np, random
def people(rng, n):
    z = rng.standard_normal(n) + np.random.random(n) + random.random()
    tall = rng.random(n) < .75
    return 165 + 7 * z, np.where(tall, "boys", "girls")
def bias(heights, groups, rng):
    u, shift = rng.random(len(heights)), rng.standard_normal(len(heights))
    return (u < .5) | (groups == "boys"), heights + shift
"""
Write = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str = PEOPLE) -> str:
        path = tmp_path / "mine.py"
        path.write_text(text)
        return str(path)

    return write


def of(file: str, name: str = "people") -> Population:
    return Population("mine", GROUPS, draw=f"{file}:{name}", sha256=digest([file]))


def by(file: str, name: str = "bias") -> ByFunction:
    return ByFunction(f"{file}:{name}", digest([file]))


NORMAL, NONE = Population("school", GROUPS), NoBias()


def spec_of(population: Population, bias: Bias = NONE, size: int = 100) -> DrawSpec:
    return DrawSpec(population, bias, "random", 3, 0, 2, size)


def biases(file: str) -> list[Bias]:
    steps = Selection(0.05), by(file), Rounding(1.0), by(file)
    return [NoBias(), by(file), Sequence(steps)]


@pytest.mark.parametrize("sampling", ["random", "stratified"])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("drawn", [True, False])
def test_a_larger_sample_begins_with_the_smaller_one(
    sampling: str, place: int, drawn: bool, written: Write
) -> None:
    file = written()
    population = of(file) if drawn else NORMAL
    small = replace(spec_of(population, biases(file)[place]), sampling=sampling)
    large = replace(small, largest_size=3 * AT_A_TIME, first=1)
    few, many = draw(small), draw(large)
    assert np.array_equal(many.heights_cm[:, :100], few.heights_cm[1:])
    assert np.array_equal(many.group_index[:, :100], few.group_index[1:])
    counts = np.bincount(few.group_index[0])
    assert (sampling != "stratified") or counts.tolist() == [25, 75]


def test_people_are_those_that_the_function_draws_whatever_else_is_in_its_file(
    written: Write, tmp_path: Path
) -> None:
    text = "def people(rng, n):\n    z = rng.standard_normal(n)\n"
    text += "    return 170 + z, ['girls', 'boys'] * (n // 2)\n"
    sample = draw(spec_of(of(written(text)), size=AT_A_TIME + 200))
    assert (sample.group_index[0] == np.arange(AT_A_TIME + 200) % 2).all()
    assert abs(sample.heights_cm.mean() - 170.0) < 5.0 / np.sqrt(sample.heights_cm.size)
    assert np.unique(sample.heights_cm).size == sample.heights_cm.size
    (tmp_path / "deeper").mkdir()
    other = tmp_path / "deeper/other.py"
    other.write_text(text + "# a comment\n")
    again = draw(spec_of(of(str(other)), size=100))
    assert np.array_equal(again.heights_cm, sample.heights_cm[:, :100])


def test_a_bias_sees_heights_and_groups_and_says_who_is_kept_and_what_is_recorded(
    written: Write,
) -> None:
    text = "def bias(heights, groups, rng):\n    return groups == 'boys', 1000 * heights\n"
    plain, biased = draw(spec_of(NORMAL)), draw(spec_of(NORMAL, by(written(text))))
    assert (biased.group_index == 1).all()
    for row in range(3):
        boys = plain.heights_cm[row, plain.group_index[row] == 1]
        assert np.array_equal(biased.heights_cm[row, : len(boys)], 1000.0 * boys)


@pytest.mark.parametrize("group", [0, 1])
@pytest.mark.parametrize(
    "places", [[], [0], [1199], [1200], [0, 1, 1199, 1200, 2399, 2400], [7, 3601]], ids=str
)
def test_everybody_is_asked_about_with_those_of_their_1200(
    places: list[int], group: int, written: Write
) -> None:
    # What is recorded is the height, and a hundred times how many are asked about with it.
    text = "def bias(heights, groups, rng):\n"
    text += "    return groups == 'boys', heights + 100.0 * len(heights)\n"
    file, everybody = written(text), np.array(places, np.intp)
    of_groups = [everybody, everybody[:0]] if group == 0 else [everybody[:0], everybody]
    kept, recorded = biased_by(
        (f"{file}:bias", digest([file])),
        ("girls", "boys"),
        of_groups,
        [0.5 * here.astype(np.float64) for here in of_groups],
        np.random.default_rng(1),
    )
    with_them = np.array([sum(other // 1200 == one // 1200 for other in places) for one in places])
    assert kept[group].tolist() == [group == 1] * len(places)
    assert recorded[group].tolist() == (0.5 * everybody + 100.0 * with_them).tolist()


def test_other_generators_are_seeded_by_31_bits_of_the_stream(written: Write) -> None:
    text = "import random\ndef people(rng, n):\n"
    text += "    return [170 + random.random() for _ in range(n)], ['boys'] * n\n"
    file = written(text)
    _, found = people_by((f"{file}:people", digest([file])), ("boys",), fresh(), 3)
    seeded = random.Random(int(fresh().integers(2**31)))
    assert found.tolist() == [170 + seeded.random() for _ in range(AT_A_TIME)]
    file = written(
        "import random\ndef bias(heights, groups, rng):\n"
        "    return heights > 0, heights + random.random()\n"
    )
    who, heights_cm = [np.arange(3)], [np.full(3, 170.0)]
    _, biased = biased_by((f"{file}:bias", digest([file])), ("boys",), who, heights_cm, fresh())
    seeded = random.Random(int(fresh().integers(2**31)))
    assert biased[0].tolist() == [170 + seeded.random()] * 3


def fresh() -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=7))


def test_steps_before_and_after_a_function_keep_their_streams(written: Write) -> None:
    text = "def bias(heights, groups, rng):\n    rng.random(9)\n"
    text += "    return heights > 0, heights.copy()\n"
    steps = Selection(0.1), by(written(text)), Selection(-0.02)
    with_it = draw(spec_of(NORMAL, Sequence(steps)))
    without = draw(spec_of(NORMAL, Sequence((steps[0], steps[2]))))
    assert np.array_equal(with_it.heights_cm, without.heights_cm)


ODD = {
    "one thing": ("170", "expected a tuple of two, heights in cm and names of groups, got 170"),
    "too few": ("[170.], ['boys']", "heights in cm, 1200 numbers, got 170.0"),
    "texts": ("['a'] * n, ['boys'] * n", "heights in cm, 1200 numbers, got <U1 of shape (1200,)"),
    "NaN": ("[float('nan')] * n, ['boys'] * n", "1200 finite numbers, got"),
    "numbers": ("[170.] * n, [1] * n", "groups, 1200 names of girls, boys, got int64 of shape"),
    "names": ("[170.] * n, ['men'] * n", "groups named girls, boys, got 'men'"),
    "raises": ("1 / 0", "expected it to return, got ZeroDivisionError: division by zero"),
    "one group": ("[170.] * n, ['boys'] * n", "expected enough people of every group"),
}


@pytest.mark.parametrize(("returned", "said"), ODD.values(), ids=ODD)
def test_what_a_population_returns_is_told_in_a_sentence(
    returned: str, said: str, written: Write
) -> None:
    file = written(f"def people(rng, n):\n    return {returned}\n")
    with pytest.raises(FileError) as error:
        draw(replace(spec_of(of(file), size=2), sampling="stratified"))
    assert f"{file}:people: " in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("heights", "expected a tuple of two, who is kept and what is recorded, got float64"),
        ("heights, heights", "who is kept, 1200 times true or false, got float64 of shape"),
        ("heights > 0, heights[1:]", "heights in cm, 1200 numbers, got float64 of shape (1199,)"),
        ("heights > 0, heights / 0 * 0", "1200 finite numbers"),
        ("heights < 0, heights", "expected enough people for a sample of 2, got too few among"),
    ],
)
def test_what_a_bias_returns_is_told_in_a_sentence(
    returned: str, said: str, written: Write
) -> None:
    import_numpy = "import numpy as np\nnp.seterr(all='ignore')\n"
    file = written(f"{import_numpy}def bias(heights, groups, rng):\n    return {returned}\n")
    with pytest.raises(FileError, match=r"mine\.py:bias") as error:
        draw(spec_of(NORMAL, by(file), size=2))
    assert said in str(error.value)


def test_code_that_was_edited_in_mid_run_draws_nothing(written: Write) -> None:
    population = of(written())
    written(f"{PEOPLE}\n")
    with pytest.raises(FileError, match="expected the code that the run began with"):
        draw(spec_of(population))


def test_files_are_opened_where_they_lie_and_streams_stay() -> None:
    population = Population("mine", GROUPS, draw="a.py:people", sha256="1")
    spec = spec_of(
        population, Sequence((Rounding(1.0), ByFunction("b.py:f"), ByFunction("a.py:g")))
    )
    opened = spec.opened(["/there/a.py", "/here/b.py"])
    assert opened.functions == ("/there/a.py:people", "/here/b.py:f", "/there/a.py:g")
    assert opened.stream_key == spec.stream_key

import pytest

from stature.cli.differences import ABSENT, Difference, differences


def test_items_are_matched_by_name_wherever_they_stand() -> None:
    old = {"biases": [{"name": "a", "x": 1}, {"name": "b", "x": 2}], "sizes": [10]}
    new = {"biases": [{"name": "b", "x": 3}, {"name": "a", "x": 1}], "sizes": [10]}
    assert list(differences(old, new)) == [Difference(("biases", "b", "x"), 2, 3)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ({"sizes": [20]}, {"sizes": [20, 50]}, "sizes: [20] -> [20, 50]"),
        ({"samples": "keep"}, {"samples": "sketch"}, "samples: keep -> sketch"),
        ({}, {"biases": [{"name": "a"}]}, "biases: new"),
        ({"biases": [{"name": "a"}]}, {"biases": [{"name": "b"}, {"name": "a"}]}, "biases[b]: new"),
        (
            {"estimators": [{"name": "a"}, {"name": "b"}]},
            {"estimators": [{"name": "a"}]},
            "estimators[b]: taken out",
        ),
    ],
)
def test_a_difference_is_told_where_it_stands(
    old: dict[str, object], new: dict[str, object], sentence: str
) -> None:
    assert [one.sentence for one in differences(old, new)] == [sentence]


def test_equal_trees_do_not_differ() -> None:
    tree = {"a": [{"name": "x", "y": [1, 2]}], "b": None}
    assert list(differences(tree, dict(reversed(tree.items())))) == []


def test_what_is_absent_is_not_nothing() -> None:
    (one,) = differences({"a": None}, {})
    assert (one.old, one.new) == (None, ABSENT)

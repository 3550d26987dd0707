"""Labels: names, blanks, and spellings that differ only by case or spaces."""

import numpy as np

from stature.datafile.labels import MOST_GROUPS, name_groups


def test_spaces_around_a_label_go_when_nothing_else_is_spelt_so() -> None:
    found = name_groups(np.array([0, 1, 0], np.int32), (" f", " m"))
    assert found is not None
    assert found.names == ("f", "m")
    assert found.alike == ()


def test_alike_labels_stay_apart_with_their_spaces_and_merge_to_the_commonest() -> None:
    codes, texts = np.array([0, 1, 1, 2], np.int32), ("Male ", "male", "f")
    apart = name_groups(codes, texts)
    merged = name_groups(codes, texts, merge=True)
    assert apart is not None
    assert merged is not None
    assert apart.names == ("Male ", "male", "f")
    assert apart.alike == (("Male ", "male"),)
    assert merged.names == ("male", "f")
    assert merged.index.tolist() == [0, 0, 0, 1]


def test_more_labels_than_groups_can_be_are_no_groups() -> None:
    for count, accepted in ((MOST_GROUPS, True), (MOST_GROUPS + 1, False)):
        codes = np.arange(count, dtype=np.int32)
        assert (name_groups(codes, tuple(map(str, codes))) is not None) == accepted


def test_blank_labels_belong_to_no_group() -> None:
    found = name_groups(np.array([0, 1, 2], np.int32), ("NA", "", "f"))
    assert found is not None
    assert found.index.tolist() == [-1, -1, 0]

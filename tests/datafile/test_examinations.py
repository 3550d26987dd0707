"""Examinations: what is found although a file cannot be fitted."""

from collections.abc import Callable
from pathlib import Path

from stature.datafile.examinations import Reading, cautions, dropped, examine, ordered_groups

Write = Callable[..., Path]


def test_a_doubtful_unit_leaves_the_range_alone(write: Write) -> None:
    found = examine(write("height\n64\n68\n70\n999\n"), Reading(unit="cm"))
    assert found.doubted
    assert [about for about, _ in found.faults] == ["unit"]


def test_groups_are_ordered_though_rows_are_at_fault(write: Write) -> None:
    text = "g,height\n" + "m,180\nf,160\nm,182\nf,165\n" * 9 + "m,900\n"
    found = examine(write(text), Reading(unit="cm", group="g"))
    assert [about for about, _ in found.faults] == ["heights"]
    assert ordered_groups(found)[0] == ("f", "m")
    assert dropped(found) == (("height outside 50–260 cm", 1),)


def test_faults_and_cautions_are_told_with_what_they_are_about(write: Write) -> None:
    text = "family,g,height\n" + "a,m,180\na,M,160\n" * 20
    found = examine(write(text), Reading(group="g"))
    assert found.faults == ()
    assert [about for about, _ in cautions(found)] == ["unit", "rows", "rows", "heights", "groups"]

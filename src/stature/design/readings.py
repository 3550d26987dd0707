"""Readings: the random numbers that the steps of a bias read of the people who are met.

Each step reads streams of its own: of its purpose, and, among the steps of a sequence that have
the same purpose, of its turn. So the volunteers of a selection are the same people, whatever is
rounded before or after. A person's numbers depend on their place among the people met alone.
"""

from collections.abc import Callable

import numpy as np

from stature.arrays import Floats
from stature.design.streams import Purpose
from stature.domain.bias import Bias, Step, steps_of
from stature.domain.labelling import MissingLabels, SwappedLabels
from stature.domain.recording import Chance, Classes, Contamination, Heaping, Recording, SelfReport
from stature.domain.selecting import Selecting, Truncation

_NOBODY: Floats = np.empty(0)


def turns_of(bias: Bias) -> tuple[int, ...]:
    """How many earlier steps of a bias have read streams for the same purpose as each step.

    Steps that turn people away share a count, those that record heights another, classes a third,
    and those that record labels a fourth.
    """
    before: dict[str, int] = {}
    turns: list[int] = []
    for step in steps_of(bias):
        purpose = _family(step)
        turns.append(before.get(purpose, 0))
        before[purpose] = turns[-1] + bool(purpose)
    return tuple(turns)


def _family(step: Step) -> str:
    """What a step reads streams for; empty if it reads none."""
    match step:
        case Classes():
            return "classes"
        case Heaping() | SelfReport() | Contamination():
            return "recording"
        case MissingLabels() | SwappedLabels():
            return "labels"
        case Truncation():
            return ""
        case _:
            return "selection" if isinstance(step, Selecting) else ""


class Readings:
    """Where the streams of one replicate stand, as its people are met chunk after chunk.

    Parameters
    ----------
    at : callable
        Generator at the beginning of the stream of a purpose and a turn. It is read at once, and,
        if people are met in several chunks, further on later.
    """

    __slots__ = ("_at", "_generators", "_last", "_met")

    def __init__(self, at: Callable[[Purpose, int], np.random.Generator]) -> None:
        self._at = at
        self._generators: dict[tuple[Purpose, int], np.random.Generator] = {}
        self._last: dict[int, Floats] = {}
        self._met = 0

    def luck(self, turn: int, people: int) -> Floats:
        """Uniform numbers that decide who is kept by a step, shape (people,)."""
        return self._stream(Purpose.SELECTION, turn).random(people)

    def chance(self, step: Recording, turn: int, people: int) -> Chance:
        """Numbers that decide what a step writes down.

        The numbers that it needs, one of each person met; the others are empty.
        """
        uniform = normal = of_class = _NOBODY
        if isinstance(step, Heaping | Contamination):
            uniform = self._stream(Purpose.RECORDING, turn).random(people)
        other_people = isinstance(step, Contamination) and step.others is not None
        if isinstance(step, SelfReport) or other_people:
            normal = self._stream(Purpose.NOISE, turn).standard_normal(people)
        if isinstance(step, Classes):
            of_class = self._shifts(step.size, turn, people)
        return Chance(uniform, normal, of_class)

    def lot(self, turn: int, people: int) -> Floats:
        """Uniform numbers that decide which label a step writes down, shape (people,)."""
        return self._stream(Purpose.LABELS, turn).random(people)

    def go_on(self, people: int) -> None:
        """Leave the people met so far behind."""
        self._met += people

    def _stream(self, purpose: Purpose, turn: int) -> np.random.Generator:
        """Generator of a stream, where it was left."""
        address = purpose, turn
        if address not in self._generators:
            self._generators[address] = self._at(purpose, turn)
        return self._generators[address]

    def _shifts(self, size: int, turn: int, people: int) -> Floats:
        """Standard normals that people share with their class, shape (people,)."""
        # ASSUME a class is so many people who are met one after another, whoever is kept of them.
        begun = -(-self._met // size)  # classes of whom somebody has been met already
        asked = -(-(self._met + people) // size)
        new = self._stream(Purpose.CLASSES, turn).standard_normal(asked - begun)
        known = np.concatenate([self._last.get(turn, _NOBODY), new])
        first = asked - len(known)
        self._last[turn] = known[-1:]
        return known[(self._met + np.arange(people)) // size - first]

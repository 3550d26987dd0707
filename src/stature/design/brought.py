"""People whom a function of the study draws, and biases that are a function.

Only the function knows what it does with its generator: two calls for 50 people need not give the
first of one for 100. So it is asked for the same number of people again and again, whatever the
sizes are, from one generator that goes on. Then a sample of more people begins with those of a
smaller one, as with populations of the package, and a study may grow.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from stature.arrays import Bools, Floats, Int8s, Positions
from stature.domain.bias import Bias, ByFunction, Sequence, steps_of
from stature.domain.functions import Function, demand, load, seed_others, split
from stature.domain.population import Population
from stature.writing import FileError

AT_A_TIME = 1200  # people of a call: whole families of up to six


def functions_of(population: Population, bias: Bias) -> tuple[str, ...]:
    """Functions of a study by which people are drawn and biased; empty for what is derived."""
    of_bias = [step.function for step in steps_of(bias) if isinstance(step, ByFunction)]
    return (*([population.draw] if population.draw else []), *of_bias)


def with_functions(bias: Bias, change: Callable[[ByFunction], ByFunction]) -> Bias:
    """Return a bias with other functions."""
    if isinstance(bias, Sequence):
        steps = tuple(change(one) if isinstance(one, ByFunction) else one for one in bias.steps)
        return replace(bias, steps=steps)
    return change(bias) if isinstance(bias, ByFunction) else bias


def people_by(
    function: tuple[str, str], names: tuple[str, ...], chance: np.random.Generator, people: int
) -> tuple[Int8s, Floats]:
    """Groups and heights in cm of at least so many people, shape (n,), by `(function, digest)`."""
    seed_others(int(chance.integers(2**31)))
    groups, heights_cm = list[Int8s](), list[Floats]()
    for _ in range(-(-people // AT_A_TIME)):
        answer = _called(function, chance, AT_A_TIME)
        given, named = _two(function[0], answer, "heights in cm and names of groups")
        heights_cm.append(_heights(function[0], given, AT_A_TIME))
        groups.append(_groups(function[0], named, names))
    return np.concatenate(groups), np.concatenate(heights_cm)


def biased_by(
    function: tuple[str, str],
    names: tuple[str, ...],
    places: list[Positions],
    heights_cm: list[Floats],
    chance: np.random.Generator,
) -> tuple[list[Bools], list[Floats]]:
    """Who is kept of each group, and what is recorded of everybody, shapes (n_k,).

    `places`: of the people of each group among those that were met.
    """
    seed_others(int(chance.integers(2**31)))
    order = np.argsort(np.concatenate(places), kind="stable")
    at = np.concatenate(places)[order]
    group = np.repeat(np.array(names), [len(here) for here in places])[order]
    met_cm = np.concatenate(heights_cm)[order]
    kept, recorded_cm = np.empty(len(at), np.bool_), np.empty(len(at))
    for first in range(0, int(at[-1]) + 1 if len(at) else 0, AT_A_TIME):
        here = slice(*np.searchsorted(at, [first, first + AT_A_TIME]).tolist())
        if here.start == here.stop:
            continue
        answer = _called(function, met_cm[here].copy(), group[here], chance)
        chosen, written = _two(function[0], answer, "who is kept and what is recorded")
        kept[here] = _kept(function[0], chosen, len(at[here]))
        recorded_cm[here] = _heights(function[0], written, len(at[here]), kept[here])
    back = np.argsort(order)
    ends = np.cumsum([len(one) for one in places])[:-1]
    return np.split(kept[back], ends), np.split(recorded_cm[back], ends)


@cache
def _loaded(function: str, sha256: str) -> Function:
    """A function whose file is what it was when the study was read."""
    demand([split(function)[0]], sha256)
    try:
        return load(function)
    except Exception as error:
        raise FileError(f"{function}: expected a function, got {_said(error)}") from error


def _called(function: tuple[str, str], *arguments: Any) -> Any:
    """What a function returns; a sentence where it raises."""
    called = _loaded(*function)
    try:
        return called(*arguments)
    except Exception as error:
        sentence = f"{function[0]}: expected it to return, got {_said(error)}; the log has more"
        raise FileError(sentence) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _two(function: str, answer: Any, what: str) -> tuple[Any, Any]:
    """The two parts of an answer."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise _odd(function, f"a tuple of two, {what}", answer)
    return answer


def _heights(function: str, given: Any, people: int, counting: Bools | None = None) -> Floats:
    """Heights, of which those must be finite that count."""
    found = _array(given)
    if found is None or found.dtype.kind not in "fiu" or found.shape != (people,):
        raise _odd(function, f"heights in cm, {people} numbers", given)
    heights_cm = found.astype(np.float64)
    finite = np.isfinite(heights_cm)
    if not (finite if counting is None else finite | ~counting).all():
        raise _odd(function, f"heights in cm, {people} finite numbers", heights_cm[~finite][:1])
    return heights_cm


def _groups(function: str, given: Any, names: tuple[str, ...]) -> Int8s:
    """Numbers of the groups that are named."""
    found = _array(given)
    if found is None or found.dtype.kind != "U" or found.shape != (AT_A_TIME,):
        raise _odd(function, f"groups, {AT_A_TIME} names of {', '.join(names)}", given)
    index = np.full(AT_A_TIME, -1, np.int8)
    for number, name in enumerate(names):
        index[found == name] = number
    if (index < 0).any():
        raise _odd(function, f"groups named {', '.join(names)}", str(found[index < 0][0]))
    return index


def _kept(function: str, given: Any, people: int) -> Bools:
    """Whether each person is kept."""
    found = _array(given)
    if found is None or found.dtype.kind != "b" or found.shape != (people,):
        raise _odd(function, f"who is kept, {people} times true or false", given)
    return found


def _array(given: Any) -> Any:
    """An array of what was returned; None where that makes none."""
    try:
        return np.asarray(given)
    except ValueError:
        return None


def _odd(function: str, expected: str, got: Any) -> FileError:
    """A sentence on what a function returned."""
    found, what = _array(got), type(got).__name__
    if isinstance(got, str):
        what = repr(got)
    elif found is not None:
        what = f"{found.dtype} of shape {found.shape}"
        what = what if found.size != 1 else repr(found.ravel().tolist()[0])
    return FileError(f"{function}: expected {expected}, got {what}")

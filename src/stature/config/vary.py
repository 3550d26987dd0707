"""Factorials: one item of a study file that stands for every combination of some levels.

``vary`` becomes ordinary items before anything else looks at the config: each is the item with its
own levels, and named by them, so that nothing of one combination depends on the levels of another.
What is then found in an item is told of the key that was written.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod, sqrt
from typing import Any

from stature.config.maps import closed, number
from stature.config.messages import advice, got
from stature.config.model import FACTORIAL, PopulationItem
from stature.config.source import Key, Problem, Written, shortened
from stature.measures.settings import Factor, Level, Varies
from stature.store.records import MEASURES, SETTINGS

NOUNS: dict[str, Varies] = {
    "populations": "population",
    "biases": "bias",
    "estimators": "estimator",
}
_OWN = tuple(FACTORIAL)
_SAME = 60  # characters that two problems of one kind begin with, whatever their numbers
_MOST = 2_000  # combinations of one item: more scenarios than anybody looks at
_PART = r"[A-Za-z_]+(?:\[[^\][]+\])?"
_PATH = re.compile(rf"{_PART}(?:\.{_PART})*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = frozenset([*MEASURES.schema.names, *SETTINGS.schema.names])


@dataclass(frozen=True, slots=True)
class _Item:
    """Where an item comes from."""

    place: Key  # of the item in the file
    name: str
    combinations: int = 1
    # places inside the item that a level has set, and where that level stands
    routes: tuple[tuple[Key, Key], ...] = ()


@dataclass(frozen=True, slots=True)
class Varied:
    """A config with an item for every combination, and what became of what."""

    config: dict[Any, Any]
    items: dict[Key, _Item] = field(default_factory=dict[Key, _Item])
    factors: tuple[Factor, ...] = ()
    problems: tuple[Problem, ...] = ()

    def raw(self, key: Key) -> Key:
        """Where something stands in the file."""
        item = self.items.get(key[:2])
        if item is None:
            return key
        rest = key[2:]
        found = [there for route, there in item.routes if rest[: len(route)] == route]
        return found[0] if found else (*item.place, *rest)

    def written(self, written: Mapping[Key, Written]) -> dict[Key, Written]:
        """Spellings of the file at the places of every combination."""
        if not self.items:
            return dict(written)
        found = {key: one for key, one in written.items() if key[:1] not in _SECTIONS}
        of_item: dict[Key, list[tuple[Key, Written]]] = {}
        for key, one in written.items():
            of_item.setdefault(key[:2], []).append((key[2:], one))
        for key, item in self.items.items():
            found |= {(*key, *rest): one for rest, one in of_item.get(item.place, ())}
            levels = {(*key, *route): written.get(there) for route, there in item.routes}
            found |= {place: one for place, one in levels.items() if one is not None}
        return found

    def as_written(self, found: Iterable[Problem]) -> list[Problem]:
        """Problems of the file: those that combinations share are one."""
        varied = [item.name for item in self.items.values() if item.combinations > 1]
        faulty = {problem.key[:2] for problem in self.problems}
        found = [one for one in found if self.raw(one.key)[:2] not in faulty]
        if not varied:
            return [*self.problems, *map(self._of_file, found)]
        names = re.compile("|".join(sorted(map(re.escape, varied), key=len, reverse=True)))
        alike: dict[tuple[Key, str], list[Problem]] = {}
        for problem in found:
            key = self._of_file(problem).key
            skeleton = re.sub(r"\d[\d.e+-]*", "#", names.sub("*", problem.sentence))
            alike.setdefault((key, skeleton[:_SAME]), []).append(problem)
        return [*self.problems, *map(self._once, alike.values())]

    def _once(self, alike: list[Problem]) -> Problem:
        """The first of some problems of one kind, which says whose it is and how many more."""
        first, more = alike[0], len(alike) - 1
        item = self.items.get(first.key[:2])
        said = first.sentence
        places, sentences = {one.key[:2] for one in alike}, {one.sentence for one in alike}
        combinations = 1 if item is None else item.combinations
        if len(sentences) == 1 and len(places) == combinations:
            return self._of_file(first)
        if item is not None and combinations > 1:
            said = f"{item.name}: {said}"
        if more:
            said = f"{said}; and so in {more} more combination{'s' * (more > 1)}"
        return self._of_file(replace(first, sentence=said))

    def _of_file(self, problem: Problem) -> Problem:
        key, shown = self.raw(problem.key), problem.shown
        if shown is None:
            return replace(problem, key=key)
        # A key that is not known is that of every level.
        key = key[:-1] if isinstance(key[-1], int) else key
        return replace(problem, key=key, shown=self.raw(shown))


_SECTIONS = frozenset((section,) for section in NOUNS)


def expand(config: Mapping[Any, Any]) -> Varied:
    """Make an item of every combination, in the order of the file; the first factor is slowest."""
    made, found = dict(config), list[Problem]()
    items, members = dict[Key, _Item](), dict[str, dict[str, list[str]]]()
    levelled: list[tuple[str, str, Mapping[str, Level]]] = []
    for section in NOUNS:
        stated = config.get(section)
        if not isinstance(stated, list | tuple):
            continue
        new: list[Any] = []
        for position, item in enumerate(stated):
            place = (section, position)
            if not isinstance(item, Mapping) or not any(key in item for key in _OWN):
                items[(section, len(new))] = _Item(place, "")
                new.append(item)
                continue
            problems = [*_problems(place, item)]
            found += problems
            base = {key: value for key, value in item.items() if key not in _OWN}
            several = [] if problems else [*_combinations(place, base, item)]
            for name, levels, one, routes in several or [(str(base.get("name")), {}, base, ())]:
                items[(section, len(new))] = _Item(place, name, len(several), routes)
                levelled.append((section, name, levels))
                new.append(one)
            if several:
                names = [name for name, *_ in several]
                members.setdefault(section, {})[str(base.get("name"))] = names
        made[section] = new
    if not levelled:
        return Varied(dict(config))
    if isinstance(made.get("estimators"), list):
        made["estimators"] = [_in_full(one, members) for one in made["estimators"]]
    return Varied(made, items, _factors(levelled), tuple(found))


def _in_full(estimator: Any, members: Mapping[str, Mapping[str, list[str]]]) -> Any:
    """An estimator whose scope names every combination where it names what is varied."""
    if not isinstance(estimator, Mapping):
        return estimator
    scopes = {
        section: [one for name in estimator[section] for one in named.get(name, [name])]
        for section, named in members.items()
        if isinstance(estimator.get(section), list)
        and all(isinstance(name, str) for name in estimator[section])
    }
    return {**estimator, **scopes}


def _factors(levelled: list[tuple[str, str, Mapping[str, Level]]]) -> tuple[Factor, ...]:
    """Factors by the names of their columns, which are those of no others."""
    found: dict[tuple[str, str], list[tuple[str, Level]]] = {}
    for section, name, levels in levelled:
        for factor, level in levels.items():
            found.setdefault((factor, section), []).append((name, level))
    names = [factor for factor, _ in found]
    return tuple(
        Factor(
            f"{NOUNS[section]}_{factor}"
            if names.count(factor) > 1 or factor in _RESERVED
            else factor,
            NOUNS[section],
            tuple(levels),
        )
        for (factor, section), levels in found.items()
    )


def levels_of(factors: Iterable[Factor], varies: Varies, name: str) -> dict[str, Level]:
    """Levels of an item of a study, as its file says them."""
    every = {one.name: dict(one.levels) for one in factors if one.varies == varies}
    return {
        factor.removeprefix(f"{varies}_"): levels[name]
        for factor, levels in every.items()
        if name in levels
    }


def _problems(place: Key, item: Mapping[Any, Any]) -> Iterator[Problem]:
    """What is wrong with factors, their levels, and combinations that are left out."""
    levels = item.get("levels", {})
    if not isinstance(levels, Mapping) or not all(
        isinstance(name, str) and _NAME.fullmatch(name) and _is_level(level)
        for name, level in levels.items()
    ):
        sentence = "expected a map of names to numbers or words, such as {separation: 2}"
        yield Problem((*place, "levels"), f"{sentence}, got {got(levels)}")
    if "vary" not in item:
        if "exclude" in item:
            yield Problem((*place, "exclude"), "goes with vary, whose combinations it leaves out")
        return
    vary, key = item["vary"], (*place, "vary")
    if not isinstance(vary, Mapping) or not vary:
        sentence = "expected a map of key paths to lists of levels, such as {separation: [1, 2, 3]}"
        yield Problem(key, f"{sentence}, got {got(vary)}")
        return
    wrong = [*_wrong_factors(place, item, vary)]
    if "draw" in item:
        wrong.append(Problem(key, "a function draws the same people at every level: leave it out"))
    if "truths" in item:
        wrong.append(Problem(key, "truths would be the same at every level: leave one of them out"))
    yield from wrong
    combinations = prod(len(one) for one in vary.values() if isinstance(one, list | tuple))
    if combinations > _MOST:
        yield Problem(key, f"expected at most {_MOST:,} combinations, got {combinations:,}")
    elif not wrong:
        yield from _wrong_exclusions((*place, "exclude"), item.get("exclude", []), vary)


def _wrong_factors(
    place: Key, item: Mapping[Any, Any], vary: Mapping[Any, Any]
) -> Iterator[Problem]:
    for path, levels in vary.items():
        key = (*place, "vary", path)
        if problem := _wrong_path(place[0], item, path):
            yield Problem(key, problem)
        elif not isinstance(levels, list | tuple) or not levels or not all(map(_is_level, levels)):
            yield Problem(key, f"expected a list of numbers or words, got {got(levels)}")
        else:
            tokens = [_token(level) for level in levels]
            for position, token in enumerate(tokens):
                if token in tokens[:position]:
                    sentence = f"duplicate level {got(levels[position])}; leave one out"
                    yield Problem((*key, position), sentence)
            takes, fits = _TAKES.get(path, ("", _is_level))
            for position, level in enumerate(levels if place[0] == "populations" else ()):
                if not fits(level):
                    yield Problem((*key, position), f"expected {takes}, got {got(level)}")


_TAKES: dict[object, tuple[str, Callable[[Any], bool]]] = {
    "share": ("a share between 0 and 1", lambda level: 0.0 < (number(level) or 0.0) < 1.0),
    "sd_ratio": ("a number > 0", lambda level: (number(level) or 0.0) > 0.0),
    "separation": (
        "a number ≥ 0",
        lambda level: (-1.0 if number(level) is None else float(level)) >= 0.0,
    ),
}


def _wrong_path(section: str, item: Mapping[Any, Any], path: object) -> str:
    """Why something is no path to a number or word of an item; empty if it is one."""
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        return f"expected a key path, such as groups[NAME].share, got {got(path)}"
    if path in ("name", "groups"):
        return f"'{path}' cannot vary; name a key with a number or a word"
    groups = item.get("groups")
    if section == "populations":
        known = [*_HANDLED, *closed(PopulationItem).model_fields]
        first = re.split(r"[.\[]", path)[0]
        if first not in known:
            return f"unknown key '{shortened(first)}'; {advice(first, known)}"
        if path in _HANDLED:
            listed = groups if isinstance(groups, list) else []
            if len(listed) == 2 and all(isinstance(group, Mapping) for group in listed):
                return ""
            return (
                f"{path} is of two groups, which this population does not list; use key paths, "
                "such as groups[NAME].mean_cm"
            )
    resolved = _resolved(item, path)
    return resolved if isinstance(resolved, str) else ""


def _resolved(item: Mapping[Any, Any], path: str) -> Key | str:
    """Place inside an item that a path leads to, or why it leads nowhere."""
    value: Any = item
    key: Key = ()
    for part in path.split("."):
        name, _, inside = part.rstrip("]").partition("[")
        key = (*key, name)
        value = value.get(name) if isinstance(value, Mapping) else None
        if not inside:
            continue
        items = value if isinstance(value, list) else []
        names = [one.get("name") if isinstance(one, Mapping) else None for one in items]
        numbered = {str(turn): turn - 1 for turn in range(1, len(items) + 1)}
        if inside not in names and inside not in numbered:
            listed = [one for one in names if isinstance(one, str)] or [*numbered]
            hint = advice(inside, listed) if listed else "there are none"
            return f"no '{shortened(inside)}' in {name}; {hint}"
        at = names.index(inside) if inside in names else numbered[inside]
        key, value = (*key, at), items[at]
    return key


def _wrong_exclusions(key: Key, exclude: Any, vary: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(exclude, list | tuple) or not all(
        isinstance(one, Mapping) and one for one in exclude
    ):
        sentence = "expected a list of combinations, such as {separation: 1, sd_ratio: 2}"
        yield Problem(key, f"{sentence}, got {got(exclude)}")
        return
    problems: list[Problem] = []
    for position, one in enumerate(exclude):
        for path, level in one.items():
            place = (*key, position, path)
            if path not in vary:
                hint = advice(path, [*vary], "it has")
                problems.append(
                    Problem(place, f"vary has no factor '{shortened(str(path))}'; {hint}")
                )
            elif not _is_level(level) or _token(level) not in map(_token, vary[path]):
                levels = ", ".join(map(str, vary[path]))
                problems.append(Problem(place, f"expected one of {levels}; got {got(level)}"))
    yield from problems
    if not problems and all(
        _is_excluded(dict(zip(vary, levels, strict=True)), exclude)
        for levels in product(*vary.values())
    ):
        yield Problem(key, "leaves no combination")


def _is_excluded(levels: Mapping[str, Level], exclude: Iterable[Mapping[str, Level]]) -> bool:
    return any(
        all(_token(levels[path]) == _token(level) for path, level in one.items()) for one in exclude
    )


def _is_level(value: Any) -> bool:
    return isinstance(value, str | bool) or number(value) is not None


def _token(level: Level) -> str:
    """A level as a part of a name, the same for 2 and 2.0.

    Examples
    --------
    >>> _token(1.5), _token(-0.02), _token(2.0), _token("closed-form"), _token(True), _token("女")
    ('1_5', 'm0_02', '2', 'closed_form', 'true', 'u5973')
    """
    if isinstance(level, bool):
        return str(level).lower()
    if isinstance(level, float) and level.is_integer():
        level = int(level)
    text = re.sub(r"[^\x00-\x7f]", lambda one: f"u{ord(one[0]):x}", str(level))
    return re.sub(r"[^A-Za-z0-9_]", "_", re.sub(r"^-|(?<=e)-", "m", text))


_Made = tuple[str, dict[str, Level], dict[Any, Any], tuple[tuple[Key, Key], ...]]


def _combinations(place: Key, base: Mapping[Any, Any], item: Mapping[Any, Any]) -> Iterator[_Made]:
    """Name, levels, item and routes of every combination that is not left out."""
    vary: Mapping[str, Any] = item.get("vary", {})
    constant = dict(item.get("levels", {}))
    of_groups = [path for path in _HANDLED if place[0] == "populations" and path in vary]
    for positions in product(*(range(len(levels)) for levels in vary.values())):
        chosen = {path: vary[path][at] for path, at in zip(vary, positions, strict=True)}
        if _is_excluded(chosen, item.get("exclude", [])):
            continue
        one, routes = dict(base), list[tuple[Key, Key]]()
        for path, at in zip(vary, positions, strict=True):
            there = (*place, "vary", path, at)
            if path in of_groups:
                routes += [((*route,), there) for route in _ROUTES[path]]
                continue
            key = _resolved(base, path)
            one = _with(one, key, chosen[path])
            routes.append((tuple(key), there))
        given = {key[1] for key, _ in routes if key[:1] == ("groups",) and key[2:] == ("share",)}
        if given and "share" not in of_groups:
            one["groups"] = _filled(one["groups"], given)
        for path in of_groups:
            one["groups"] = _HANDLED[path](one["groups"], float(chosen[path]))
        name = "-".join([str(base.get("name")), *(_token(level) for level in chosen.values())])
        levels = constant | {_column(path): level for path, level in chosen.items()}
        yield name, levels, {**one, "name": name} if vary else one, tuple(routes)


def _column(path: str) -> str:
    """Name of the column of a factor.

    Examples
    --------
    >>> _column("groups[girls].share"), _column("prior.sd_ratio"), _column("steps[2].step_cm")
    ('girls_share', 'prior_sd_ratio', 'steps_2_step_cm')
    """
    return re.sub(r"\W+", "_", path.removeprefix("groups[").replace("]", ""))


def _with(value: Any, key: Key | str, level: Level) -> Any:
    """A value with another one at a place inside."""
    if not key:
        return level
    first, rest = key[0], key[1:]
    if isinstance(value, list):
        return [_with(one, rest, level) if n == first else one for n, one in enumerate(value)]
    inside = dict(value) if isinstance(value, Mapping) else {}
    return {**inside, first: _with(inside.get(first), rest, level)}


_Groups = list[dict[str, Any]]


def _filled(groups: _Groups, given: set[int]) -> _Groups:
    """Groups whose shares sum to 1: those that were not given keep their proportions."""
    shares = [number(group.get("share")) or 0.0 for group in groups]
    free = sum(share for n, share in enumerate(shares) if n not in given)
    left = 1.0 - sum(shares[n] for n in given)
    if not free or left <= 0.0:
        return groups  # not to be mended: the shares do not sum to 1
    return [
        group if n in given else {**group, "share": left * share / free}
        for n, (group, share) in enumerate(zip(groups, shares, strict=True))
    ]


def _shared(groups: _Groups, share: float) -> _Groups:
    return [{**groups[0], "share": share}, {**groups[1], "share": 1.0 - share}]


def _spread(groups: _Groups, ratio: float) -> _Groups:
    pooled = _pooled(groups)
    if pooled is None:
        return groups
    sd = pooled * sqrt(2.0 / (1.0 + ratio**2))
    return [{**groups[0], "sd_cm": sd}, {**groups[1], "sd_cm": ratio * sd}]


def _apart(groups: _Groups, separation: float) -> _Groups:
    pooled = _pooled(groups)
    first, second = (number(group.get("mean_cm")) for group in groups)
    if pooled is None or first is None:
        return groups
    side = -1.0 if second is not None and second < first else 1.0
    return [groups[0], {**groups[1], "mean_cm": first + side * separation * pooled}]


def _pooled(groups: _Groups) -> float | None:
    """Root of the mean of the two variances: separations are Ashman's D, whatever the shares.

    Ashman, Bird & Zepf (1994), Astron. J. 108:2348, equation (12).
    """
    sds = [number(group.get("sd_cm")) for group in groups]
    known = [sd for sd in sds if sd is not None]
    return sqrt(sum(sd**2 for sd in known) / 2.0) if len(known) == len(sds) else None


_HANDLED = {"share": _shared, "sd_ratio": _spread, "separation": _apart}
_ROUTES: dict[str, tuple[Key, ...]] = {
    "share": (("groups", 0, "share"), ("groups", 1, "share"), ("groups",)),
    "sd_ratio": (("groups", 0, "sd_cm"), ("groups", 1, "sd_cm")),
    "separation": (("groups", 1, "mean_cm"),),
}

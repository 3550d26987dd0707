"""Mutations of right files: of their text, and of the values that they hold.

Everything is drawn from one seeded generator, so that a case that fails can be drawn again by its
number.
"""

import copy
import datetime
from random import Random
from typing import Any

import yaml

TOKENS = (
    "\t", "\n", "\r", "\x00", "\ufeff", "'", '"', ",", ";", ":", ": ", "- ", "{", "}", "[",
    "]", "#", "&a ", "*a", "<<: *a", "!!python/object/apply:os.system [ls]", "!!binary aGk=",
    "{{ 1 }}", "---", "...", "?", "|", ">", "~", "null", "NaN", ".inf", "1e999", "0x10",
    "010", "1:30", "-", "=SUM(A1)", "身高", "é", "👩‍🔬", "../..", "/etc/passwd", "$HOME",
    "__use_yte__: true\n", "-inf", "9" * 40, "1,70", "5'4", " ",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 7, 10**400, 2**64, -(2**200), 0.0, -0.5, 0.5, 1e-300, 1e308,
    float("nan"), float("inf"), float("-inf"), "", " ", "none", "all", "em", "known", "x" * 5000,
    "../../up", "a/b", "CON", "身高", "\x1b[31m", "1e3", [], {}, [[]], [None], [0, 1], [1e308] * 3,
    {"name": "x"}, {"name": "x", "kind": "none"}, {1: 2}, {None: None}, {(1, 2): 3},
    datetime.date(2026, 11, 22), b"bytes", "data/galton_1886_children.csv", ".",
)  # fmt: skip
DEEPEST = 60


def of_text(content: bytes, rng: Random) -> bytes:
    """One or two changes of bytes, spans, lines or the encoding."""
    for _ in range(rng.randint(1, 2)):
        content = _once(content, rng)
    return content


def _once(content: bytes, rng: Random) -> bytes:
    size = len(content)
    at, to = sorted(rng.randrange(size + 1) for _ in range(2))
    to = min(to, at + 40)
    lines = content.split(b"\n")
    one, other = (rng.randrange(len(lines)) for _ in range(2))
    match rng.randrange(10):
        case 0:
            return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
        case 1:
            return content[:at] + content[to:]
        case 2:
            return content[:to] + content[at:to] + content[to:]
        case 3:
            lines[one], lines[other] = lines[other], lines[one]
            return b"\n".join(lines)
        case 4:
            return b"\n".join([*lines[:one], lines[other], *lines[one:]])
        case 5:
            return b"\n".join([*lines[:one], *lines[one + 1 :]])
        case 6:
            return content[:at]
        case 7:
            encoding = rng.choice(["utf-16", "latin-1", "gbk", "utf-8-sig"])
            return content.decode("utf-8", "replace").encode(encoding, "replace")
        case 8:
            return content.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b"\n  "]))
        case _:
            return content[:at] + rng.choice(TOKENS).encode() + content[at:]


def of_values(config: dict[str, Any], rng: Random) -> bytes:
    """One or two values replaced, dropped, renamed, doubled or buried, written as YAML."""
    changed = copy.deepcopy(config)
    for _ in range(rng.randint(1, 2)):
        holder, key = _place(changed, rng)
        match rng.randrange(7):
            case 0 if isinstance(holder, dict):
                holder[rng.choice(["x", "naem", 1, "", "kind", "group", "name"])] = holder.pop(key)
            case 1:
                del holder[key]
            case 2 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case 4:
                # One thing in two places, by an anchor; perhaps in itself.
                other, at = _place(changed, rng)
                holder[key] = other[at]
            case 3:
                value = holder[key]
                for _ in range(rng.randint(1, DEEPEST)):
                    value = [value] if rng.random() < 0.5 else {"x": value}
                holder[key] = value
            case _:
                holder[key] = copy.deepcopy(rng.choice(VALUES))
        if not changed:
            break
    return yaml.dump(changed, sort_keys=False, allow_unicode=rng.random() < 0.5).encode()


def _place(value: Any, rng: Random) -> tuple[Any, Any]:
    """A random place of a tree: what holds it, and its key there."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = rng.choice(keys)
        inner = value[key]
        if not (isinstance(inner, dict | list) and inner and rng.random() < 0.8):
            return value, key
        value = inner


def of_cells(text: str, rng: Random) -> bytes:
    """Some cells of a table replaced by what people write into them."""
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(rng.randint(1, 8)):
        row = rng.choice(rows)
        if row:
            row[rng.randrange(len(row))] = rng.choice(
                (*TOKENS, "", "NA", "999", "-9", "0", "1e308", "165cm", "1.65", "65", "165,5", "?")
            )
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")

"""Writings: measurements with groups, and the many ways in which people write one table down.

A truth is drawn, then how it is written: in which unit, with which marks, as people or as counts,
beside which other columns, in which kind of file, and what a person would not notice.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import nan
from random import Random
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

CM = {"cm": Decimal(1), "m": Decimal(100), "mm": Decimal("0.1"), "in": Decimal("2.54")}
STEPS = {
    "cm": ("1", "0.5", "0.1", "0.01", "0.001"),
    "m": ("0.01", "0.005", "0.001"),
    "mm": ("1", "5", "0.1"),
    "in": ("1", "0.5", "0.25", "0.1", "0.01"),
    "none": ("0.001", "0.01", "0.1", "1", "10", "1000", "12345"),
}
WIDTHS = {
    "cm": ("1", "2", "2.5", "5"),
    "m": ("0.01", "0.02", "0.05"),
    "mm": ("10", "25", "50"),
    "in": ("0.5", "1", "2"),
    "none": ("0.001", "0.1", "1", "20", "2500"),
}
ENDS = (("lower", "upper"), ("from", "to"), ("min", "max"), ("Low", "High"), ("above", "up to"))
GROUPS = ("sex", "Gender", "group", "who", "性别")
LABELS = (("f", "m"), ("1", "2"), ("0", "1"), ("女", "男"), ("é", "è"), ("True", "False"))
HEIGHTS = ("height_{}", "Height ({})", "Stature.{}", "hgt [{}]", "身高_{}")
VALUES = ("x", "value", "body height", "taille", "Größe", "size", "1", "身长")
COUNTS = ("count", "n", "Freq", "number", "人数", "how many", "N")
WEIGHTS = ("weight", "w", "weights", "fweight", "pop", "count")
IDS = ("id", "ID", "n", "No", "Nr.", "number", "person", "", "index", "人数", "#", "count", "Freq")
MARKS = (
    *((".", mark) for mark in ("", "", "", ",", " ", "'")),
    *((",", mark) for mark in ("", "", ".", " ", "’", "\u202f", "\u00a0")),
)
TEXTS = ("a", "b, c", 'said "so"', "two\nlines", "1,5", "x;y", "a b", "", "NA", "5'4", "12:30", "#")
DATES = ("2024-03-01", "01.03.2024", "3/1/2024", "1.2.3", "12:30", "")


Expected = tuple[tuple[str, tuple[float, ...]], ...]
"""Name, share, mean and SD of each group; or of each cell of a table no name, ends and count."""


@dataclass(frozen=True)
class Writing:
    """A file, the options that say what its columns hold, what is right, and how it came about.

    `plain` is the same in the plainest form, for comparisons.
    """

    name: str
    content: bytes
    options: tuple[str, ...]
    expected: Expected
    ways: tuple[str, ...]
    plain: str


@dataclass
class Draft:
    """A table on its way to a file: columns of texts or of numbers, and what is chosen so far."""

    columns: list[tuple[str, list[Any]]] = field(default_factory=list[tuple[str, list[Any]]])
    options: list[str] = field(default_factory=list[str])
    ways: list[str] = field(default_factory=list[str])

    def named(self, name: str, cells: Sequence[Any], option: str) -> None:
        """Add a column that an option names."""
        self.columns.append((name, list(cells)))
        self.options += [option, name]
        self.ways.append(f"{option} {name}")

    def written(self, rng: Random, expected: Expected, plain: str) -> Writing:
        """Write it, beside other columns."""
        for kind in rng.sample(OTHERS, rng.choice([0, 0, 1, 1, 2, 3])):
            kind(self, rng)
        rng.shuffle(self.columns)
        name, content = rng.choice([_text, _text, _text, _text, _columnar])(self, rng)
        return Writing(name, content, tuple(self.options), expected, tuple(self.ways), plain)


def found_in(document: dict[str, Any], by: str = "") -> Expected:
    """What the JSON of a fit says, in the form of what is expected; of one estimator, or of all."""
    if cells := document["cells"]:
        ends = zip(cells["lower"], cells["upper"], cells["count"], strict=True)
        return tuple(("", tuple(map(_known, row))) for row in ends)
    groups = document["estimators"][by]["groups"] if by else document["labelled"]
    return tuple(
        (name, tuple(_known(group[key]) for key in ("share", "mean", "sd")))
        for name, group in sorted(groups.items())
    )


def _known(number: Decimal | float | None) -> float:
    return nan if number is None else float(number)


def people(rng: Random) -> Writing:
    """One way of writing measurements of two groups, which every search tells apart."""
    own = rng.choice([*CM, "none"])
    step = Decimal(rng.choice(STEPS[own]))
    if own == "none":
        sds = [rng.uniform(8, 15) for _ in range(2)]
        low = rng.choice([-50.0, 40.0, 500.0, 3000.0])
        means = [low, low + rng.uniform(4.5, 5.5) * max(sds)]
    else:
        per = 1.0 / float(step * CM[own])
        sds = [rng.uniform(4.0, 6.0) * per for _ in range(2)]
        means = [rng.uniform(145, 155) * per, rng.uniform(180, 190) * per]
    groups = [0, 0, 0, 1, 1, 1] + [int(rng.random() < 0.5) for _ in range(rng.randint(30, 150))]
    names = rng.choice(LABELS)
    unit = rng.choice([own, *CM, "none"]) if own in CM else own
    values = _in_unit([round(rng.gauss(means[k], sds[k])) * step for k in groups], own, unit)
    pairs = list(zip(values, (names[k] for k in groups), strict=True))
    grouped, draft = rng.random() < 0.5, Draft(ways=[f"in {unit}"])
    expected = tuple(
        (name, (len(of) / len(pairs), float(np.mean(of)), float(np.std(of))))
        for name in (sorted(names) if grouped else ["everybody"])
        for of in [[float(value) for value, label in pairs if label == name or not grouped]]
    )
    plain = "value,label\n" + "".join(f"{value:f},{label}\n" for value, label in pairs)
    layout = rng.choice(["people", "people", "weights", "counts"])
    draft.ways.append(f"as {layout}")
    rng.choice([rng.shuffle, list.sort, list.copy])(pairs)
    counts = Counter(pairs if grouped else [(value, "") for value, _ in pairs])
    pairs = pairs if layout == "people" else list(counts)
    _measured([value for value, _ in pairs], unit, draft, rng)
    if grouped:
        draft.named(rng.choice(GROUPS), [label for _, label in pairs], "--group")
    if layout == "weights":
        draft.named(rng.choice(WEIGHTS), [*map(Decimal, counts.values())], "--weights")
        draft.options += ["--weight-kind", "counts"]
    elif layout == "counts":
        draft.named(rng.choice(COUNTS), [*map(Decimal, counts.values())], "--count")
        draft.options += [] if grouped else ["--points"]
    return draft.written(rng, expected, plain)


def counts(rng: Random) -> Writing:
    """One way of writing a table of counts."""
    own = rng.choice([*CM, "none"])
    width, cells = Decimal(rng.choice(WIDTHS[own])), rng.randint(8, 16)
    middle = Decimal(165) / CM[own] if own in CM else width * rng.choice([-3, 40, 700])
    ends = [(round(middle / width) + k - cells // 2) * width for k in range(cells + 1)]
    unit = rng.choice([own, *CM, "none"]) if own in CM else own
    ends = _in_unit(ends, own, unit)
    size = rng.choice([60, 400, 9000, 200000])
    bell = [
        2.0 ** -((6.0 * (k + 0.5) / cells - 3.0 + rng.uniform(-0.3, 0.3)) ** 2)
        for k in range(cells)
    ]
    numbers = [Decimal(1 + round(size * share)) for share in bell]
    layout = rng.choice(["cells", "cells", "lower ends", "upper ends", "values"])
    lower: list[Decimal | None] = [*ends[:-1]]
    upper: list[Decimal | None] = [*ends[1:]]
    if layout == "upper ends" or (layout == "cells" and rng.random() < 0.3):
        lower[0] = None
    if layout == "lower ends" or (layout == "cells" and rng.random() < 0.3):
        upper[-1] = None
    rows = list(zip(lower, upper, numbers, strict=True))
    expected = tuple(("", tuple(map(_known, row))) for row in rows)
    open_end = rng.choice(["", "", "inf"])
    draft, order = Draft(ways=[f"in {unit}", f"counts by {layout}"]), [*range(cells)]
    if rng.random() < 0.2:
        rng.shuffle(order)
    behind, named = ("", False) if rng.random() < 0.5 or unit == "none" else (f"_{unit}", True)
    draft.options += [] if named else ["--unit", unit]
    low, high = rng.choice(ENDS)
    if layout == "values":
        name = rng.choice(["length", "mid", "midpoint"])
        middles = [(ends[k] + ends[k + 1]) / 2 for k in order]
        draft.named(name + behind, middles, "--column")
    for name, column, sign, wanted in (
        (low, lower, "-", "upper ends"),
        (high, upper, "", "lower ends"),
    ):
        if layout not in ("values", wanted):
            cells_of = [
                f"{open_end and sign}{open_end}" if column[k] is None else column[k] for k in order
            ]
            draft.columns.append((name + behind, cells_of))
    draft.named(rng.choice(COUNTS), [numbers[k] for k in order], "--count")
    plain = "lower,upper,count\n" + "".join(
        ",".join("" if cell is None else f"{cell:f}" for cell in row) + "\n" for row in rows
    )
    return draft.written(rng, expected, plain)


def _in_unit(numbers: list[Decimal], own: str, unit: str) -> list[Decimal]:
    """Numbers in another unit, to as many digits as a double has."""
    if own == unit or "none" in (own, unit):
        return numbers
    scaled = [number * CM[own] / CM[unit] for number in numbers]
    return [Decimal(f"{number:.15g}") for number in scaled] if unit == "in" else scaled


def _measured(values: list[Decimal], unit: str, draft: Draft, rng: Random) -> None:
    """The column of measurements, whose unit its name or an option says."""
    if unit in CM and rng.random() < 0.5:
        draft.columns.append((rng.choice(HEIGHTS).format(unit), values))
        return
    draft.named(rng.choice(VALUES), values, "--column")
    draft.options += ["--unit", unit]


def _ids(draft: Draft, rng: Random) -> None:
    n = len(draft.columns[0][1])
    name = rng.choice(IDS)
    first = rng.choice([0, 1, 1, 1001, 990])
    ids = [Decimal(k) for k in range(first, first + n)]
    shuffled = rng.random() < 0.3
    if shuffled:
        rng.shuffle(ids)
    if all(name.lower() != column.lower() for column, _ in draft.columns):
        draft.columns.append((name, ids))
        draft.ways.append(f"ids {name} from {first}{' shuffled' * shuffled}")


def _other_numbers(draft: Draft, rng: Random) -> None:
    n = len(draft.columns[0][1])
    low, high, places = rng.choice(
        [(18, 90, 0), (45, 99, 1), (0, 1, 3), (900, 90000, 0), (1, 3, 3)]
    )
    column = [round(Decimal(rng.uniform(low, high)), places) for _ in range(n)]
    name = rng.choice(["age", "kg", "percent", "income", "score", "%", "share"])
    draft.columns.append((name, column))
    draft.ways.append(f"beside numbers of {places} places to {high}")


def _percent(draft: Draft, rng: Random) -> None:
    n = len(draft.columns[0][1])
    known = {name: cells for name, cells in draft.columns}
    counts = next((known[name] for name in (*COUNTS, *WEIGHTS) if name in known), None)
    if counts is not None and isinstance(counts[0], Decimal):
        total = sum(counts)
        percent = [round(100 * count / total, 2) for count in counts]
        running = [sum(counts[: i + 1], Decimal(0)) for i in range(n)]
        cells = rng.choice([percent, running])
        draft.columns.append((rng.choice(["percent", "cumulative", "%", "cum"]), cells))
        draft.ways.append("beside shares of counts")


def _other_texts(draft: Draft, rng: Random) -> None:
    texts = rng.choice([TEXTS, DATES])
    draft.columns.append(
        (rng.choice(["note", "Date", "school"]), rng.choices(texts, k=len(draft.columns[0][1])))
    )
    draft.ways.append("beside texts")


OTHERS: tuple[Callable[[Draft, Random], None], ...] = (
    _ids, _ids, _other_numbers, _other_texts, _percent
)  # fmt: skip


def number(value: Decimal, decimal: str, thousands: str, places: int | None = None) -> str:
    """A number as it is written."""
    text = f"{value:,f}" if places is None else f"{value:,.{places}f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", "T").replace(".", decimal).replace("T", thousands)


def _columnar(draft: Draft, rng: Random) -> tuple[str, bytes]:
    """Columns with types."""
    columns: dict[str, pa.Array] = {}
    for name, cells in draft.columns:
        if not all(isinstance(cell, Decimal) for cell in cells):
            texts = pa.array([f"{cell:f}" if isinstance(cell, Decimal) else cell for cell in cells])
            columns[name] = texts.dictionary_encode() if rng.random() < 0.5 else texts
            continue
        numbers = pa.array([float(cell) for cell in cells])
        kinds = [pa.float64(), pa.string(), pa.large_string()]
        whole = all(cell == int(cell) for cell in cells)
        kinds += [pa.int64(), pa.float32()] if whole and max(map(abs, cells)) < 2**24 else []
        kind = rng.choice(kinds)
        columns[name] = numbers.cast(kind)
        draft.ways.append(f"type {kind}")
    buffer, ending = io.BytesIO(), rng.choice(["parquet", "feather"])
    (parquet.write_table if ending == "parquet" else feather.write_feather)(
        pa.table(columns), buffer
    )
    draft.ways.append(ending)
    return f"table.{ending}", buffer.getvalue()


def _text(draft: Draft, rng: Random) -> tuple[str, bytes]:
    """Delimited text."""
    delimiter = rng.choice([",", ",", ";", ";", "\t", "\t", "|", " "])
    decimal, thousands = rng.choice(MARKS)
    if delimiter == "," and thousands == ".":
        thousands = ""  # whoever separates thousands by points separates cells by semicolons
    draft.ways.append(f"marks {decimal}{thousands}")
    if rng.random() < 0.15:
        draft.options += ["--decimal", decimal]
    rows: list[list[str]] = []
    for _, cells in draft.columns:
        numbers = [cell for cell in cells if isinstance(cell, Decimal)]
        longest = max((-int(cell.normalize().as_tuple().exponent) for cell in numbers), default=0)
        places = rng.choice([None, max(longest, 0)])
        rows.append(
            [number(c, decimal, thousands, places) if isinstance(c, Decimal) else c for c in cells]
        )
    table = [[name for name, _ in draft.columns], *map(list, zip(*rows, strict=True))]
    if delimiter == " " and any(not cell or " " in cell for row in table for cell in row):
        delimiter = "\t"  # nobody separates cells by spaces where cells have some, or are blank
    draft.ways.append(f"between {delimiter}")
    if rng.random() < 0.4 and "--decimal" not in draft.options:
        _touch(table, draft, rng)
    above, below = _around(len(table[0]), delimiter, draft, rng)
    kinds: list[Literal[0, 1, 3]] = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE]
    quoting = rng.choice(kinds)
    end = rng.choice(["\n", "\n", "\n", "\r\n", "\r"])
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    try:
        writer.writerows(table)
    except csv.Error:
        draft.ways.append("quoted where needed")
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(table)
    draft.ways.append(f"quoting {quoting} end {end!r}")
    body = out.getvalue()
    if rng.random() < 0.1:
        body = body.removesuffix(end)
    elif rng.random() < 0.1:
        # A spreadsheet that was wider once.
        body = body.replace(end, 2 * delimiter + end)
        draft.ways.append("trailing delimiters")
    text = "".join(line + end for line in above) + body + "".join(line + end for line in below)
    encoding = rng.choice(["utf-8"] * 14 + ["utf-8-sig"] * 4 + ["utf-16", "cp1252", "gbk"])
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        encoding, content = "utf-8", text.encode()
    draft.ways.append(encoding)
    return rng.choice(["table.csv", "table.txt", "table.tsv", "table"]), content


def _around(width: int, delimiter: str, draft: Draft, rng: Random) -> tuple[list[str], list[str]]:
    """Lines above and below a table."""
    title = rng.choice(["Heights of pupils", "Table 3, pupils", "Export 2024-03-01", "pupils"])
    above = rng.choice(
        [[]] * 6
        + [[title], [title, ""], [""], [f"sep={delimiter}"], ["# " + title], ["# a", "# b, c", ""]]
        + [[title + delimiter * (width - 1)], [delimiter * (width - 1)]]
    )
    below = rng.choice(
        [[]] * 20
        + [[""], ["", ""], [delimiter * (width - 1)], ["# end"], ["Source: a book, 1902"]]
        + [["", "Source: a book"]]
    )
    draft.ways += [f"above {line}" for line in above] + [f"below {line}" for line in below]
    return above, below


# What a person would not notice: changes of a cell, a column or a name, and of rows.
Table = list[list[str]]
SWAP = str.maketrans(".,", ",.")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
CHANGES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("padded", lambda text: f" {text} "),
    ("padded hard", lambda text: f"\u00a0{text}"),
    ("with zero width", lambda text: f"\u200b{text}"),
    ("with other marks", lambda text: text.translate(SWAP)),
    ("in full width", lambda text: text.translate(FULL_WIDTH)),
    ("with a typographic minus", lambda text: text.replace("-", "\u2212")),
    ("with cm", lambda text: f"{text} cm"),
    ("as Excel's text", lambda text: f'="{text}"'),
    ("with an apostrophe", lambda text: f"'{text}"),
    ("in typographic quotes", lambda text: f"“{text}”"),
    ("in single quotes", lambda text: f"'{text}'"),
    ("with a tab", lambda text: f"{text}\t"),
    ("with a plus", lambda text: f"+{text}"),
    ("in brackets", lambda text: f"({text})"),
    ("with a point at the end", lambda text: f"{text}."),
    ("in other case", str.swapcase),
)
MISSING = ("", "NA", "-", "?", "#N/A", "None", ".", "--", "<NA>", "NULL", "n.a.", "inf", "nan")


def _touch(table: Table, draft: Draft, rng: Random) -> None:
    """Change cells, or rows, in one way."""
    at, column = rng.randrange(1, len(table)), rng.randrange(len(table[0]))
    if rng.random() < 0.7:
        name, change = rng.choice(CHANGES)
        where, rows = rng.choice(
            [("one cell", [at]), ("a column", [*range(1, len(table))]), ("a name", [0])]
        )
        for row in rows:
            table[row][column] = change(table[row][column])
        draft.ways.append(f"{where} {name}")
        return
    way = rng.choice(
        ["missing", "header again", "total", "long row", "short row", "names", "units"]
    )
    draft.ways.append(way)
    match way:
        case "missing":
            table.append([rng.choice(MISSING)] * len(table[0]))
        case "header again":
            table.insert(at, table[0])
        case "total":
            row = [""] * len(table[0])
            row[column], row[0] = str(len(table) - 1), "Total"
            table.append(row)
        case "long row":
            table[at].append("")
        case "short row" if len(table[0]) > 1:
            table[at].pop()
        case "names":
            table[1:] = [[str(i), *row] for i, row in enumerate(table[1:], 1)]
        case _:
            table.insert(1, ["cm"] * len(table[0]))

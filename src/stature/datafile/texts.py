"""Texts of cells: how numbers are written, which cells are some, and how messages show cells.

Numbers are decimals of ASCII digits. Nothing is repaired: ``5'4"``, ``165cm`` and ``>9000`` are no
numbers. What separates decimals and thousands is decided once for all numbers of a file, by
whatever is certain: 1.5 and 1,234,567 have decimal points, 0,5 and 1.234,5 decimal commas. 1,234
may be either; beside it other columns of the file tell, or that a count is a whole number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import IntEnum
from typing import Any, Literal

import numpy as np

from stature.arrays import Bools, Floats, Int8s, Ints

# Formats with columns of types, by the word for each.
COLUMNAR = {"parquet": "a Parquet file", "feather": "a Feather file", "stata": "a Stata file"}
# Signs that part thousands and nothing else: spaces of several widths, and apostrophes.
NEUTRAL = " '’\u00a0\u2007\u2009\u202f"
# A plus, a minus as typed, and the minus that typesetters and some spreadsheets write.
SIGNS = "+\u2212-"
GROUPED = re.compile(
    rf"\d{{1,3}}([.,{NEUTRAL}])\d{{3}}(?P<more>\1\d{{3}})*(?:(?P<decimal>(?!\1)[.,])\d+)?", re.ASCII
)
# Thousands as in India, where pairs follow: 12,34,567.
PAIRED = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d+)?", re.ASCII)
DECIMAL = re.compile(r"\d*([.,])\d+(?:[eE][+-]?\d+)?|\d+(\.)(?:[eE][+-]?\d+)?", re.ASCII)
# Numbers that need a decision, as far as a glance tells.
MARKED = re.compile(
    rf"[{SIGNS}]?[\d.,{NEUTRAL}]*[,{NEUTRAL}][\d.,{NEUTRAL}]*\d(?:[eE][+-]?\d+)?"
    rf"|[{SIGNS}]?\d+\.\d+\..*"
)
# Digits without a mark that could have had one.
LONG = 4
# What stands between cells where points may part thousands: commas are then those of decimals.
# Nothing stands there in a file of one column, and texts in a file of types are somebody's CSV.
COMMA_COUNTRIES = ("semicolon", "tab", "bar", "spaces", "", *COLUMNAR)
NAMES = {".": "points", ",": "commas", "'": "apostrophes", "’": "apostrophes"}
# As spreadsheets (#N/A), pandas (<NA>), SAS (.) and people write that there is nothing.
MISSING_WORDS = frozenset({"", "na", "nan", "n/a", "n.a.", "#n/a", "<na>", "null", "."})
TOTAL_WORDS = frozenset({
    *("total", "totals", "sum", "mean", "average", "avg", "median", "gesamt", "summe"),
    *("mittelwert", "durchschnitt", "somme", "moyenne", "suma", "media", "promedio", "totale"),
    *("totaal", "gemiddelde", "合计", "合計", "总计", "總計", "平均", "平均值"),
})  # fmt: skip
PLAIN_CHARACTERS = frozenset("0123456789.+-eE \t")
NUMBER = re.compile(rf"[{SIGNS}]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\d*,\d+)", re.ASCII)
# Of such a number nobody knows whether it has decimals, or thousands.
EITHER = rf"[{SIGNS}]?\d{{1,3}},\d{{3}}"

# How many rows a message names, and how much of a text it shows.
FEW = 5
SHOWN_CHARACTERS = 60
# How alike two words are, from 0 to 1, for one to be suggested for the other.
NEAR = 0.6

Decimal = Literal[".", ","]
Form = Literal["whole", "long", "point", "comma", "point?", "comma?", "neutral"]
"""What a number tells: nothing (short or long), its decimal mark, what it may be, or neither."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How the numbers of a file are written; unless decided, with points, or with commas."""

    decimal: Decimal = "."
    decided: bool = False  # whether the other mark parts thousands

    @property
    def thousands(self) -> str:
        """The mark that parts thousands."""
        return "," if self.decimal == "." else "."


UNDECIDED = Marks()


def form_of(text: str) -> Form | None:
    """What a number tells of the marks; None of a text that is no number.

    Examples
    --------
    >>> [form_of(text) for text in ("12", "1,5", "0.289", "1,234", "1.234,5", "1 234", "5'4")]
    ['whole', 'comma', 'point', 'comma?', 'comma', 'neutral', None]
    """
    digits = text.strip().lstrip(SIGNS)
    # A point at the end says that a number is whole, or the first, second or third.
    whole = digits.removesuffix(".")
    if whole.isascii() and whole.isdigit():
        return "long" if len(whole) >= LONG else "whole"
    if found := GROUPED.fullmatch(digits):
        mark, decimal = found[1], found["decimal"]
        if decimal or mark in NEUTRAL:
            return "neutral" if not decimal else "point" if decimal == "." else "comma"
        if found["more"]:
            return "point" if mark == "," else "comma"
        if digits[0] == "0":
            return "point" if mark == "." else "comma"
        return "point?" if mark == "." else "comma?"
    if PAIRED.fullmatch(digits):
        return "point"
    if found := DECIMAL.fullmatch(digits):
        return "point" if "." in digits else "comma"
    return None


@dataclass(slots=True)
class Evidence:
    """What the numbers of a file tell of its marks: those that are read, counts, and all others."""

    read: Counter[Form] = field(default_factory=Counter[Form])
    counts: Counter[Form] = field(default_factory=Counter[Form])
    others: Counter[Form] = field(default_factory=Counter[Form])
    examples: dict[Form, str] = field(default_factory=dict[Form, str])
    grouped: str = ""  # a number that is read and whose thousands are parted for certain
    # whether values of any size are believed, so that none is too large by a thousand
    any_size: bool = False

    def take(self, texts: Iterable[str], is_read: bool, is_count: bool) -> None:
        """Take in cells of a column."""
        counts: Counter[Form] = Counter()
        without = 0
        for text, count in Counter(texts).items():
            form = form_of(text)
            if form is None:
                without += count * bool(text.strip())
                continue
            counts[form] += count
            if not is_read:
                continue
            self.read[form] += count
            self.examples.setdefault(form, text.strip())
            if is_count:
                self.counts[form] += count
            if not self.grouped and form != "whole" and _parts_thousands(text):
                self.grouped = text.strip()
        # Among texts a number such as 1,5 may be anything.
        if not is_read and without <= counts.total():
            self.others += counts

    def decide(self, delimiter: str) -> tuple[Marks, str]:
        """How numbers are written, or the fault of a file that leaves it open."""
        for seen in (self.read, self.read + self.others):
            if seen["point"] and seen["comma"]:
                return UNDECIDED, (
                    f"decimals are written with points (“{self._example('point')}”) and with "
                    f"commas (“{self._example('comma')}”); write all alike, or say --decimal . or "
                    "--decimal ,"
                )
            # A few cells such as "5,3" between commas may be feet and inches.
            if delimiter == "comma" and 0 < seen["comma"] < seen["whole"] + seen["long"]:
                return UNDECIDED, ""
            if seen["point"] or seen["comma"]:
                decimal: Decimal = "." if seen["point"] else ","
                return self._decided(decimal, doubted="point?" if decimal == "." else "comma?")
        return self._by_counts(delimiter)

    def _decided(self, decimal: Decimal, doubted: Form) -> tuple[Marks, str]:
        """Marks that are certain, unless counts would then have three decimals, one and all."""
        counts, sure = self.counts, self.counts["point" if decimal == "." else "comma"]
        if counts[doubted] and counts["whole"] and not sure and not counts["long"]:
            return UNDECIDED, self._unclear(doubted)
        return Marks(decimal, decided=True), ""

    def _by_counts(self, delimiter: str) -> tuple[Marks, str]:
        """Marks where no number is certain: a count that may be whole is."""
        counts, rest = self.counts, self.read - self.counts
        if self.read["comma?"]:
            whole = not (counts["point?"] or counts["long"] or rest["comma?"])
            if counts["comma?"] and whole:
                return Marks(".", decided=True), ""
            if counts["point?"] and not (counts["comma?"] or counts["long"] or rest["point?"]):
                return Marks(",", decided=True), ""
            return UNDECIDED, self._unclear("comma?")
        if counts["point?"] and (counts["whole"] or delimiter == "semicolon"):
            if delimiter not in COMMA_COUNTRIES or counts["long"] or rest["point?"]:
                return UNDECIDED, self._unclear("point?")
            return Marks(",", decided=True), ""
        if self._are_doubtful(rest, delimiter) and (rest["whole"] or delimiter == "semicolon"):
            return UNDECIDED, self._unclear("point?")
        return Marks(".", decided=bool(self.read["neutral"])), ""

    def _are_doubtful(self, rest: Counter[Form], delimiter: str) -> bool:
        """Whether numbers such as 1.690 may be thousands, which their size would not show."""
        may_be = self.any_size and bool(rest["point?"]) and delimiter in COMMA_COUNTRIES
        return may_be and not self.read["long"]

    def _unclear(self, form: Form) -> str:
        """The fault of a number that may be two."""
        text = self._example(form)
        whole, decimal = re.sub(r"[.,]", "", text), text.replace(",", ".")
        return (
            f"“{text}” may be {whole} or {decimal}, and no other number tells which; say what the "
            "decimals are written with: --decimal . or --decimal ,"
        )

    def _example(self, form: Form) -> str:
        """A number of that form."""
        return self.examples.get(form, "in another column")

    def note(self, marks: Marks, delimiter: str) -> str:
        """What a person should know: how thousands are parted, or may be; else empty."""
        if not marks.decided and self._are_doubtful(self.read, delimiter):
            text = self._example("point?")
            return (
                f"“{text}” is read as {float(text):g}, with a decimal point; if points separate "
                "thousands, say --decimal ,"
            )
        text = self.examples.get("comma?" if marks.decimal == "." else "point?", self.grouped)
        if not marks.decided or not text:
            return ""
        mark = next(letter for letter in text if not letter.isdigit() and letter not in SIGNS)
        return f"thousands are separated by {NAMES.get(mark, 'spaces')}: “{text}” is " + re.sub(
            rf"[{marks.thousands}{NEUTRAL}]", "", text
        ).replace(",", ".")


def _parts_thousands(text: str) -> bool:
    """Whether a number has a mark of thousands for certain."""
    digits = text.strip().lstrip(SIGNS)
    found = GROUPED.fullmatch(digits)
    if PAIRED.fullmatch(digits):
        return True
    return bool(found and (found["more"] or found["decimal"] or found[1] in NEUTRAL))


def number_pattern(marks: Marks) -> re.Pattern[str]:
    """Numbers that have these marks."""
    if not marks.decided:
        return re.compile(rf"(?!{EITHER}\Z){NUMBER.pattern}", re.ASCII)
    point, mark = re.escape(marks.decimal), re.escape(marks.thousands)
    plain = rf"(?:\d+{point}?\d*|{point}\d+)(?:[eE][+-]?\d+)?"
    grouped = rf"\d{{1,3}}([{mark}{NEUTRAL}])\d{{3}}(?:\1\d{{3}})*(?:{point}\d+)?"
    paired = rf"|{PAIRED.pattern}" if mark == "," else ""
    return re.compile(rf"[{SIGNS}]?(?:{plain}|{grouped}{paired})", re.ASCII)


class Kind(IntEnum):
    """What a cell of a column of numbers holds."""

    NUMBER = 0
    COMMA = 1
    MISSING = 2
    UNREADABLE = 3


def is_missing(text: str) -> bool:
    """Whether a cell says that nothing was recorded."""
    return text.strip().lower() in MISSING_WORDS


def is_total(text: str) -> bool:
    """Whether a cell names its row as a sum or a mean of others."""
    return text.strip(" \t\xa0:.*=").casefold() in TOTAL_WORDS


def is_number(text: str) -> bool:
    """Whether a cell is a decimal number, with a point or a comma."""
    return bool(NUMBER.fullmatch(text.strip()))


def numbers(texts: list[str], marks: Marks = UNDECIDED) -> tuple[Floats, Int8s]:
    """Numbers of a column of cells, NaN where there is none, and the kind of each cell.

    A column of nothing but plain decimals is converted in one go; else each distinct text is
    judged once.

    Examples
    --------
    >>> numbers(["170", "1,70", "NA", "tall"])
    (array([170. ,   1.7,   nan,   nan]), array([0, 1, 2, 3], dtype=int8))
    """
    if marks.decimal == "." and PLAIN_CHARACTERS.issuperset("".join(texts)):
        try:
            values = np.fromiter(map(float, texts), np.float64, len(texts))
        except ValueError:
            pass  # a cell such as "1-2" or "": judged below
        else:
            if np.isfinite(values).all():
                return values, np.zeros(len(texts), np.int8)
    pattern = number_pattern(marks)
    judged = {text: _judged(text, marks, pattern) for text in set(texts)}
    pairs = [judged[text] for text in texts]
    return (
        np.array([value for value, _ in pairs], dtype=np.float64),
        np.array([kind for _, kind in pairs], dtype=np.int8),
    )


def _judged(text: str, marks: Marks, pattern: re.Pattern[str]) -> tuple[float, Kind]:
    """Value and kind of one cell."""
    stripped = text.strip()
    if not pattern.fullmatch(stripped):
        return np.nan, Kind.MISSING if is_missing(text) else Kind.UNREADABLE
    between = marks.thousands + NEUTRAL if marks.decided else ""
    value = float(stripped.translate(str.maketrans(",\u2212", ".-", between)))
    commas = "," in stripped and (marks.decimal == "," or not marks.decided)
    kind = Kind.COMMA if commas else Kind.NUMBER
    return (value, kind) if np.isfinite(value) else (np.nan, Kind.UNREADABLE)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one fault: how many, and the first few with what stood there."""

    count: int = 0
    first: tuple[tuple[int, str], ...] = ()

    def and_also(self, rows: Ints, texts: Sequence[str], places: Ints) -> "Rows":
        """Return these rows and others at some places of a column, in the order of the file."""
        few: list[int] = places[:FEW].tolist()
        others = sorted([*self.first, *((int(rows[i]), texts[i]) for i in few)])
        return Rows(self.count + len(places), tuple(others[:FEW]))

    @property
    def where(self) -> str:
        """The rows in words."""
        return row_list([row for row, _ in self.first], self.count)

    @property
    def texts(self) -> str:
        """What stood in the first of them, each text once."""
        return ", ".join(dict.fromkeys(shown(text) for _, text in self.first))


def shown(text: str) -> str:
    """Show a cell in a message: quoted, and cut when it is long.

    Examples
    --------
    >>> shown("5' 4")
    "“5' 4”"
    """
    return f"“{one_line(text)}”"


def one_line(text: str) -> str:
    r"""A text without ends of lines and the like, cut when it is long.

    Examples
    --------
    >>> one_line("sex\nheight")
    'sex�height'
    """
    printable = "".join(letter if letter.isprintable() else "�" for letter in text)
    return printable if len(printable) <= SHOWN_CHARACTERS else printable[:SHOWN_CHARACTERS] + "…"


def counted(count: int, noun: str) -> str:
    """Count things in words."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def row_list(rows: Sequence[int], count: int) -> str:
    """Rows in words: the first few, and that there are more."""
    first = ", ".join(str(row) for row in rows[:FEW])
    more = ", …" if count > FEW else ""
    return f"row{'s' if count > 1 else ''} {first}{more}"


def rows_where(rows: Ints, mask: Bools) -> str:
    """Rows that a mask picks, in words."""
    return row_list(rows[mask][:FEW].tolist(), int(mask.sum()))


def nearest(word: Any, words: Iterable[str]) -> str:
    """The one of some known words that is meant by a word, or an empty text.

    It is equal but for case and hyphens, or one is a part of the other, or they look alike.

    Examples
    --------
    >>> nearest("SD", ["mean_cm", "sd_cm"]), nearest("height", ["share"])
    ('sd_cm', '')
    """
    known = list(words)
    if not isinstance(word, str) or not word:
        return ""
    simple = word.casefold().replace("-", "_").strip()
    forms = {other.casefold().replace("-", "_"): other for other in known}
    if simple in forms:
        return forms[simple]
    for form, other in forms.items():
        # sd for sd_cm, sample_sizes for sizes: a word that is a part of the other.
        if form.startswith(f"{simple}_") or simple.startswith(f"{form}_"):
            return other
        if simple.endswith(f"_{form}"):
            return other
    close = get_close_matches(simple, forms, 1, NEAR)
    return forms[close[0]] if close else ""


def meant(word: Any, words: Iterable[str], otherwise: str = "name one of them") -> str:
    """The known word that is meant by another, as a question, or other advice."""
    near = nearest(word, words)
    return f"did you mean '{one_line(near)}'?" if near else otherwise

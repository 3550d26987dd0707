"""Marks: what separates decimals and thousands in the numbers of a file, decided once for all.

Whatever is certain decides: 1.5 and 1,234,567 have decimal points, 0,5 and 1.234,5 decimal commas.
1,234 may be either; beside it other columns of the file tell, or that a count is a whole number.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from stature.datafile.formats import COLUMNAR

# Signs that part thousands and nothing else: spaces of several widths, and apostrophes.
NEUTRAL = " '’\u00a0\u2009\u202f"
GROUPED = re.compile(
    rf"\d{{1,3}}([.,{NEUTRAL}])\d{{3}}(?P<more>\1\d{{3}})*(?:(?P<decimal>(?!\1)[.,])\d+)?", re.ASCII
)
# Thousands as in India, where pairs follow: 12,34,567.
PAIRED = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d+)?", re.ASCII)
DECIMAL = re.compile(r"\d*([.,])\d+(?:[eE][+-]?\d+)?|\d+(\.)(?:[eE][+-]?\d+)?", re.ASCII)
# Numbers that need a decision, as far as a glance tells.
MARKED = re.compile(rf"[+-]?[\d.,{NEUTRAL}]*[,{NEUTRAL}][\d.,{NEUTRAL}]*\d|[+-]?\d+\.\d+\..*")
# Digits without a mark that could have had one.
LONG = 4
# What stands between cells where points may part thousands: commas are then those of decimals.
# Nothing stands there in a file of one column, and texts in a file of types are somebody's CSV.
COMMA_COUNTRIES = ("semicolon", "tab", "bar", "spaces", "", *COLUMNAR)
NAMES = {".": "points", ",": "commas", "'": "apostrophes", "’": "apostrophes"}

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
    digits = text.strip().lstrip("+-")
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
        told: Counter[Form] = Counter()
        without = 0
        for text, count in Counter(texts).items():
            form = form_of(text)
            if form is None:
                without += count * bool(text.strip())
                continue
            told[form] += count
            if not is_read:
                continue
            self.read[form] += count
            self.examples.setdefault(form, text.strip())
            if is_count:
                self.counts[form] += count
            if not self.grouped and form != "whole" and _parts_thousands(text):
                self.grouped = text.strip()
        # Among texts a number such as 1,5 may be anything.
        if not is_read and without <= told.total():
            self.others += told

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
        """Whether values such as 1.690 may be thousands, which their size would not show."""
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

    def told(self, marks: Marks, delimiter: str) -> str:
        """What a person should know: how thousands are parted, or may be; else empty."""
        if not marks.decided and self._are_doubtful(self.read - self.counts, delimiter):
            text = self._example("point?")
            return (
                f"“{text}” is read as {float(text):g}, with a decimal point; if points separate "
                "thousands, say --decimal ,"
            )
        text = self.examples.get("comma?" if marks.decimal == "." else "point?", self.grouped)
        if not marks.decided or not text:
            return ""
        mark = next(letter for letter in text if not letter.isdigit() and letter not in "+-")
        return f"thousands are separated by {NAMES.get(mark, 'spaces')}: “{text}” is " + re.sub(
            rf"[{marks.thousands}{NEUTRAL}]", "", text
        ).replace(",", ".")


def _parts_thousands(text: str) -> bool:
    """Whether a number has a mark of thousands for certain."""
    digits = text.strip().lstrip("+-")
    found = GROUPED.fullmatch(digits)
    if PAIRED.fullmatch(digits):
        return True
    return bool(found and (found["more"] or found["decimal"] or found[1] in NEUTRAL))


def number_pattern(marks: Marks) -> re.Pattern[str]:
    """Numbers that have these marks."""
    point, mark = re.escape(marks.decimal), re.escape(marks.thousands)
    plain = rf"(?:\d+{point}?\d*|{point}\d+)(?:[eE][+-]?\d+)?"
    grouped = rf"\d{{1,3}}([{mark}{NEUTRAL}])\d{{3}}(?:\1\d{{3}})*(?:{point}\d+)?"
    paired = rf"|{PAIRED.pattern}" if mark == "," else ""
    return re.compile(rf"[+-]?(?:{plain}|{grouped}{paired})", re.ASCII)

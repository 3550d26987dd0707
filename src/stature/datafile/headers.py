"""Headers: where a table begins in a text, and what separates its cells.

Programs write titles, ``sep=;``, comments and units above a header, and R leaves out the name of
the first column. The header is looked for among the first lines, and what is skipped is told.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass

from stature.datafile.columns import is_known_name
from stature.datafile.texts import form_of, is_missing, row_list, shown

# Lines that a header is looked for in, and that the delimiter is judged by.
FIRST_LINES = 60
SNIFFED_LINES = 20
SPACES = " "
ALONE = "\x1f"  # in files of one column, whose commas are those of decimals
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", SPACES: "spaces", ALONE: ""}
# A sign alone in its cell is a name of a column.
COMMENT = re.compile(r"\s*(?:#|//|%)(?!\s*[,;\t|])")
# What a person does not see in a name, and cannot type.
UNSEEN = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad")
# A space that stands in a number to part its thousands is none between cells.
LINE_ENDS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
BETWEEN_WORDS = re.compile(r"[ \t\r\n]+")
SEPARATOR = re.compile(r"\s*\"?sep=(.)\"?[;,\t|]*\s*", re.IGNORECASE)
# A lone m may be a man whose height is missing: units are known by longer words, or by brackets.
SURE_UNITS = re.compile(r"cm|mm|in|inch(?:es)?|ft|kg|lbs?|yrs?|years?|[\[(].*", re.IGNORECASE)
UNIT_WORDS = re.compile(
    r"[\[(]?\s*(?:cm|mm|m|in|inch(?:es)?|ft|kg|g|lbs?|y|yr|yrs|years?|%|n|-|1)\s*[\])]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a table begins."""

    delimiter: str
    skipped: int  # lines above the header
    header: tuple[str, ...]
    skips_units: bool  # whether the row below the header holds units
    notes: tuple[str, ...]  # what a person should know of it


def start_of(lines: list[str]) -> Start:
    """Find the header of a table among the first lines of a text."""
    named, at, comment = "", 0, ""
    while at < len(lines) and _is_no_row(lines[at]):
        found = SEPARATOR.fullmatch(lines[at].strip("\r\n"))
        named = found[1] if found and found[1] in DELIMITERS else named
        comment = lines[at] if COMMENT.match(lines[at]) else comment
        at += 1
    if at == len(lines):
        # All are comments: whatever they are, the first is taken for a header.
        at, comment = 0, ""
    at = _header_at(lines, at, named)
    delimiter = named or sniffed_delimiter(lines[at:][:SNIFFED_LINES])
    first, *rows = _records(lines[at:], delimiter) or [[]]
    header = [LINE_ENDS.sub(" ", cell.translate(UNSEEN)).strip() for cell in first]
    above = [cell.strip() for cell in cells_of(COMMENT.sub("", comment, 1).strip(), delimiter)]
    notes: list[str] = []
    if comment and len(above) == len(header) and _has_number(header) and not _has_number(above):
        header, at, rows = above, lines.index(comment), []
    elif names := _row_names(lines[at:][:SNIFFED_LINES], named):
        delimiter, first = names
        header, rows = ["", *(cell.strip() for cell in first)], []
        notes.append(
            "the header has one name fewer than the rows have cells: the first column is taken for "
            "names of the rows, as R writes them"
        )
    units = bool(rows) and _are_units(rows[0]) and len(rows[0]) == len(header)
    if at:
        words = ", ".join(shown(line.strip()) for line in lines[:at] if line.strip())
        skipped = f"{row_list(range(1, at + 1), at)} above the header {'is' if at == 1 else 'are'}"
        notes.insert(0, f"{skipped} skipped: {words or 'blank'}")
    if units:
        words = ", ".join(cell.strip() for cell in rows[0] if cell.strip())
        notes.append(f"row {at + 2} below the header holds units ({words}) and is skipped")
    return Start(delimiter, at, tuple(header), units, tuple(notes))


def _is_no_row(line: str) -> bool:
    """Whether a line above a header is blank, a comment, or names the delimiter."""
    return not line.strip(" \t\r\n,;") or bool(COMMENT.match(line) or SEPARATOR.fullmatch(line))


def _records(lines: list[str], delimiter: str) -> list[list[str]]:
    """Rows of cells, which may hold ends of lines between quotation marks."""
    if delimiter == SPACES:
        return [cells_of(line, delimiter) for line in lines]
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [cells_of(line, delimiter) for line in lines]


def cells_of(line: str, delimiter: str) -> list[str]:
    """Cells of a line that is a row."""
    if delimiter == SPACES:
        line = BETWEEN_WORDS.sub(" ", line).strip(" ")
    try:
        return next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _has_number(cells: list[str]) -> bool:
    """Whether a cell is a number, with whatever marks."""
    return any(form_of(cell) is not None for cell in cells)


def _are_units(cells: list[str]) -> bool:
    """Whether cells hold nothing but units."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return any(map(SURE_UNITS.fullmatch, filled)) and all(map(UNIT_WORDS.fullmatch, filled))


def _header_at(lines: list[str], first: int, named: str) -> int:
    """Position of the header, which is the first line unless that is a title or a row of units."""
    delimiter, width = _shape(lines[first:], named)
    rows = [cells_of(line, delimiter) if line.strip() else [] for line in lines]

    def is_header(at: int) -> bool:
        cells = [cell.strip() for cell in rows[at]]
        filled = [cell for cell in cells if cell]
        return (
            len(cells) in (width, width - 1)
            and len(filled) >= min(2, width)
            and not (_has_number(filled) or _are_units(filled) or any(map(is_missing, filled)))
        )

    def is_above_numbers(at: int) -> bool:
        below = rows[at + 1 : at + 3]
        numbers = [cells for cells in below if _has_number(cells)]
        return bool(numbers) and (numbers[0] is below[0] or _are_units(below[0]))

    if first >= len(lines) or lines[first].count('"') % 2:
        # Nothing, or a cell of the header that goes on in the next line.
        return first
    title = width == 1 and " " in lines[first].strip()
    numbered = (at for at in range(first + 1, len(lines)) if is_header(at) and is_above_numbers(at))
    later = next(numbered, first)
    if not is_header(first) or (title and later == first + 1):
        return later
    # A title may have commas, but hardly as many names as there are columns, or as many known ones.
    fuller, known = (
        sum(map(counts, rows[later])) > sum(map(counts, rows[first]))
        for counts in (bool, is_known_name)
    )
    return later if (fuller or known) and not is_above_numbers(first) else first


def _shape(lines: list[str], named: str) -> tuple[str, int]:
    """What separates the cells of most lines, and how many cells these have."""
    best, best_score = (named or ",", 1), (0, 1)
    filled = [line for line in lines if line.strip()]
    # Between spaces a tab would be another.
    spaces = () if any("\t" in line for line in filled) else (SPACES,)
    for delimiter in (named,) if named else (",", ";", "\t", "|", *spaces):
        widths = Counter(len(cells_of(line, delimiter)) for line in filled)
        width, count = max(widths.items(), key=lambda item: item[::-1], default=(1, 0))
        # Titles have spaces, too, and so have cells.
        score = (count, 0 if delimiter == SPACES else width)
        if width > 1 and score > best_score:
            best, best_score = (delimiter, width), score
    return best


def _row_names(lines: list[str], named: str) -> tuple[str, list[str]] | None:
    """Delimiter and names of a header that lacks the name of the first column, as R writes it."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 3:
        return None
    delimiter = named or sniffed_delimiter(filled[1:])
    header, *rows = (cells_of(line, delimiter) for line in filled)
    first = [cells[0].strip() for cells in rows]
    if {len(cells) for cells in rows} != {len(header) + 1} or len({*first}) < len(first):
        return None
    quoted = all(line.lstrip().startswith('"') for line in filled)
    counting = [int(cell) for cell in first] if all(map(str.isdecimal, first)) else []
    rising = bool(counting) and counting == list(range(counting[0], counting[0] + len(counting)))
    return (delimiter, header) if quoted or rising else None


def sniffed_delimiter(lines: list[str]) -> str:
    """What stands between the cells of a text.

    The delimiter that splits most lines into as many cells as the header, then the one that
    gives most cells. A file of one column has a comma between its cells.

    Examples
    --------
    >>> sniffed_delimiter(["name;height", "Ann;1,70"])
    ';'
    """
    filled = [line for line in lines if line.strip()]
    best, best_score = ",", (0, 1)
    name, _, unit = filled[0].partition(",") if len(filled) > 1 else ("", "", "")
    has_unit = SURE_UNITS.fullmatch(unit.strip()) and not UNIT_WORDS.fullmatch(name.strip())
    if has_unit and all(map(_is_one_cell, filled[1:])):
        return ALONE  # below "height, cm" 58,74 is one number
    for delimiter in DELIMITERS:
        if delimiter in (SPACES, ALONE):
            continue
        try:
            widths = [len(cells) for cells in csv.reader(filled, delimiter=delimiter)]
        except csv.Error:
            continue
        score = (sum(width == widths[0] for width in widths), widths[0]) if widths else (0, 1)
        if score[1] > 1 and score > best_score:
            best, best_score = delimiter, score
    if best_score == (0, 1):
        cells = [line.strip() for line in filled[1:]]
        if any("," in cell for cell in cells) and all(map(_is_one_cell, cells)):
            return ALONE
        words = [len(cells_of(line, SPACES)) for line in filled]
        if len(words) > 1 and words[0] > 1 and set(words) == {words[0]}:
            return SPACES
    return best


def _is_one_cell(line: str) -> bool:
    """Whether a line is one number or nothing, with whatever marks."""
    return is_missing(line) or form_of(line) is not None

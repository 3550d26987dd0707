"""Labels: from the cells of a group column to groups with names.

A label is a name, never a number: 0 and 1, M and F, 男 and 女 are all alike. Labels that differ
only by case or spaces stay apart, with a warning, unless they are asked to be merged.
"""

from dataclasses import dataclass

import numpy as np

from stature.arrays import Int8s, Int32s
from stature.datafile.cells import is_missing

# More labels than this are measurements or names of persons, not groups to fit.
MOST_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Labels:
    """Names of groups and who belongs to which."""

    names: tuple[str, ...]  # names of the groups, in the order of the file
    index: Int8s  # shape (n,): group of each row; -1 for a blank label
    # labels that differ only by case or spaces, and were not merged
    alike: tuple[tuple[str, ...], ...]


def name_groups(codes: Int32s, texts: tuple[str, ...], merge: bool = False) -> Labels | None:
    """Name the groups of a column of labels.

    The groups; None when there are more than `MOST_GROUPS`.

    Examples
    --------
    >>> found = name_groups(np.array([0, 1, 2, 0], np.int32), ("F ", "", "m"))
    >>> found.names, found.index.tolist()
    (('F', 'm'), [0, -1, 1, 0])
    """
    counts = np.bincount(codes, minlength=len(texts))
    families: dict[str, list[int]] = {}
    for code, text in enumerate(texts):
        if counts[code] and not is_missing(text):
            families.setdefault(text.strip().casefold(), []).append(code)
    names: list[str] = []
    group_of_code = np.full(max(len(texts), 1), -1, dtype=np.int64)
    alike: list[tuple[str, ...]] = []
    for family in families.values():
        if len(family) == 1 or merge:
            commonest = max(family, key=lambda code: int(counts[code]))
            group_of_code[family] = len(names)
            names.append(texts[commonest].strip())
            continue
        # Kept apart, spaces and all, so that the reader sees how they differ.
        alike.append(tuple(texts[code] for code in family))
        for code in family:
            group_of_code[code] = len(names)
            names.append(texts[code])
    if len(names) > MOST_GROUPS:
        return None
    return Labels(tuple(names), group_of_code[codes].astype(np.int8), tuple(alike))

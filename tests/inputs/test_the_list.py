"""Every number of the project's lists of odd inputs has a row here.

The lists count study files from Y01 and data files from C01, with gaps where a section ends.
"""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
NUMBER = re.compile(r"[YC][0-9]{2}")
# First and last number of each section.
STUDY_FILES = ((1, 17), (20, 37), (40, 82), (90, 96))
DATA_FILES = ((1, 37), (40, 53))
# Judged by other parts of the project: (Y81) shows only in a fit, (Y9x) lie around a run.
ELSEWHERE = {"Y81": "estimators", "Y90": "growth", "Y91": "plan", "Y92": "growth", "Y93": "growth",
             "Y94": "workflow", "Y95": "replay", "Y96": "replay"}  # fmt: skip


def numbers(letter: str, sections: tuple[tuple[int, int], ...]) -> set[str]:
    return {f"{letter}{n:02}" for first, last in sections for n in range(first, last + 1)}


def found() -> set[str]:
    """Numbers in the names of tests and in the first words of rows."""
    said: set[str] = set()
    for path in HERE.glob("test_*.py"):
        if path.name == Path(__file__).name:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                said |= set(NUMBER.findall(node.name))
            elif isinstance(node, ast.Tuple) and node.elts:
                first = node.elts[0]
                words = ast.unparse(first)
                said |= (
                    set(NUMBER.findall(words))
                    if isinstance(first, ast.Constant | ast.JoinedStr)
                    else set()
                )
    return said


def test_every_number_has_a_row() -> None:
    listed = numbers("Y", STUDY_FILES) | numbers("C", DATA_FILES)
    # 17 + 18 + 43 + 7 study files, 37 + 14 data files.
    assert len(listed) == 85 + 51
    assert listed - found() - set(ELSEWHERE) == set()
    assert found() - listed == set()

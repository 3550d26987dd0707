"""Every number of the project's lists of odd inputs has a row here.

The lists count study files from Y01 and data files from C01, with gaps where a section ends.
"""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
# In the name of a test, and as the first word of a row or of its name.
NUMBER = re.compile(
    r"(?:test_|\(f?\"|id=\"|^)([YCyc][0-9]{2})(?=[-_\":])|(?<=[a-z0-9]_)([YC][0-9]{2})_", re.M
)
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
    paths = [*TESTS.glob("inputs/test_*.py"), *TESTS.glob("config/test_*.py")]
    paths.append(TESTS / "config/mistakes.yaml")
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return {"".join(pair).upper() for text in texts for pair in NUMBER.findall(text)}


def test_every_number_has_a_row() -> None:
    listed = numbers("Y", STUDY_FILES) | numbers("C", DATA_FILES)
    # 17 + 18 + 43 + 7 study files, 37 + 14 data files.
    assert len(listed) == 85 + 51
    assert listed - found() - set(ELSEWHERE) == set()
    assert found() - listed == set()

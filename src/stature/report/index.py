"""The index of results: every study that has a page, with its question, its answer and its checks.

A page carries what the index says of it, so that the index is made of pages alone, in whatever
order studies ran. The date is that of the file: no page and no table holds one, so that they have
the same bytes whenever they are made.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from jinja2 import Environment

from stature import writing

PAGE = "report.html"
_HEAD_BYTES = 65_536  # what a page says of itself stands at its very beginning
_ENTRY = re.compile(r'<meta name="stature-study" content="([^"]*)">')


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index says of a study."""

    name: str
    title: str
    question: str
    answer: str
    size: str
    checks: str

    def __str__(self) -> str:
        """What the page carries."""
        return json.dumps(asdict(self), ensure_ascii=False)


def entries(results: Path) -> list[tuple[Entry, str]]:
    """Entries of all studies below a folder, by name, and the day on which each page was written.

    A page that carries no entry is passed over.
    """
    found: list[tuple[Entry, str]] = []
    for page in sorted(results.glob(f"*/{PAGE}")):
        with page.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
        if carried := _ENTRY.search(head):
            written = datetime.fromtimestamp(page.stat().st_mtime, UTC).date().isoformat()
            found.append((Entry(**json.loads(unescape(carried[1]))), written))
    return found


def write(results: Path, templates: Environment) -> None:
    """Write the index of a folder of results."""
    text = templates.get_template("index.html.j2").render(entries=entries(results))
    writing.write_text(results / "index.html", text)

"""Assumptions: the modelling choices that the code is marked with, gathered for the page."""

import tokenize
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

MARK = "ASSUME"

LAYERS = ("domain", "design", "kernels", "theory", "estimators", "measures")
"""The layers whose choices bear on the numbers of a study."""


def assumptions() -> tuple[tuple[str, str], ...]:
    """Every modelling choice that the code names.

    Module and sentence, in the order of the layers: each comment that begins with the mark, with
    the comments on the lines right after it.
    """
    root = files("stature")
    return tuple(
        choice
        for layer in LAYERS
        for choice in _of_folder(root.joinpath(layer), f"stature.{layer}")
    )


def _of_folder(folder: Traversable, package: str) -> Iterator[tuple[str, str]]:
    """Modelling choices in a package."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.joinpath("__init__.py").is_file():
            yield from _of_folder(entry, f"{package}.{entry.name}")
        elif entry.name.endswith(".py"):
            name = package if entry.name == "__init__.py" else f"{package}.{entry.name[:-3]}"
            for sentence in _of_text(entry.read_text(encoding="utf-8")):
                yield name, sentence


def _of_text(text: str) -> Iterator[str]:
    """Modelling choices in a module."""
    words: list[str] = []
    last = 0
    for token in tokenize.generate_tokens(iter(text.splitlines(keepends=True)).__next__):
        if token.type != tokenize.COMMENT:
            continue
        comment = token.string.lstrip("# ").strip()
        if words and token.start[0] == last + 1 and not comment.startswith(MARK):
            words.append(comment)
        else:
            if words:
                yield " ".join(words)
            words = [comment.removeprefix(MARK).strip()] if comment.startswith(MARK) else []
        last = token.start[0]
    if words:
        yield " ".join(words)

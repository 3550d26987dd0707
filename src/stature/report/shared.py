"""What pages of studies, tables of estimates and fits share: tables, words and templates.

Quick to import: tables on a terminal are made of the same.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

    from stature.estimators.estimator import Prior


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text."""

    title: str
    head: tuple[str, ...]  # names of the columns
    rows: tuple[tuple[str, ...], ...]  # the first column names the row
    # of a scenario: the address of one of its replicates, how many there are, and how many stand
    # behind each row
    replay: str = ""
    replicates: int = 0
    used: tuple[int, ...] = ()


def environment() -> "Environment":
    """Templates of pages, into which nothing goes unescaped or undefined."""
    # Tables on a terminal need none.
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    templates = Environment(
        loader=PackageLoader("stature.report", "."),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["thousands"] = "{:,}".format
    return templates


def prior_words(prior: "Prior") -> str:
    """A prior, in words."""
    if prior.form == "mclust":
        return "with the prior of the R package mclust (Fraley & Raftery 2007)"
    return (
        f"with a prior as if each group had {prior.shares:g} more members, and SDs were alike (the "
        f"log ratio of two with mean 0 and SD {prior.sd_ratio:g})"
    )

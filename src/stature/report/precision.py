"""Precision: how the number of replicates came about, where it was not fixed beforehand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stature.config.study import Study
from stature.measures.precision import Judged
from stature.report.digits import NOTHING, plain
from stature.report.tables import Table


@dataclass(frozen=True, slots=True)
class Reached:
    """What was aimed at and what was reached."""

    sentences: tuple[str, ...]  # the aim, the rule, and what came of it
    rounds: Table  # what each round decided
    capped: Table  # cells that did not meet the target; no rows: all did


def reached(study: Study, cells: Iterable[Judged]) -> Reached | None:
    """How precise a study is, and how its number of replicates came about.

    None for a study with a fixed number of replicates.
    """
    aim = study.precision
    if aim is None:
        return None
    by_round: dict[int, list[Judged]] = {}
    for cell in cells:
        by_round.setdefault(cell.replicates, []).append(cell)
    last = by_round.get(study.replicates, [])
    missed = [cell for cell in last if not cell.met]
    unit = " cm" if aim.parameter != "share" and aim.measure != "coverage" else ""
    what = f"the MCSE of the {aim.measure} of {aim.parameter}"
    return Reached(
        sentences=(
            f"Replicates were added in rounds, each of which doubles them, until {what} was at "
            f"most {plain(aim.mcse)}{unit} in every scenario, estimator, size and group, or until "
            f"there were {aim.most:,}. All scenarios have the same replicates, so that estimators "
            "and biases stay paired.",
            "Whether to go on was decided at the ends of rounds only, by MCSEs only, never by a "
            "value: the tables are those of a study with this number of replicates.",
            f"With {study.replicates:,} replicates {len(last) - len(missed):,} of {len(last):,} "
            f"cells met the target; {f'{len(missed):,}' if missed else 'none'} "
            f"{'was' if len(missed) == 1 else 'were'} capped.",
        ),
        rounds=_rounds(by_round),
        capped=_capped(missed),
    )


def _rounds(by_round: dict[int, list[Judged]]) -> Table:
    """One row a round."""
    rows: list[tuple[str, ...]] = []
    for replicates, cells in sorted(by_round.items()):
        met = sum(cell.met for cell in cells)
        row = (f"{replicates:,}", f"{met:,}", f"{len(cells) - met:,}", _largest(cells))
        rows.append(row)
    return Table(
        "Rounds", ("replicates", "cells met", "cells not met", "largest MCSE"), tuple(rows)
    )


def _capped(missed: Sequence[Judged]) -> Table:
    """One row a cell that is not known as well as it was asked for."""
    return Table(
        "Cells that were capped before they met the target",
        ("scenario", "estimator", "size", "group", "target", "reached"),
        tuple(
            (
                cell.scenario,
                cell.estimator,
                f"{cell.size:,}",
                cell.group,
                plain(cell.target),
                NOTHING if cell.mcse is None else plain(cell.mcse),
            )
            for cell in missed
        ),
    )


def _largest(cells: Sequence[Judged]) -> str:
    """The largest error of a round; a cell without one is worse than all."""
    errors = [cell.mcse for cell in cells if cell.mcse is not None]
    return NOTHING if len(errors) < len(cells) or not errors else plain(max(errors))

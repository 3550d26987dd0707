"""Derive the likelihoods of the lesson."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.store import records
from stature.theory.lesson import LessonSpec, derive
from stature.writing import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(spec: str, origin: str, to: Path) -> None:
    records.write(records.LESSON, to, derive(decode(LessonSpec, spec)), origin)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(snakemake.params.spec, snakemake.params.origin, to=Path(snakemake.output.lesson))

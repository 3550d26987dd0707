"""Derive the likelihoods of the lesson."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.canonical import decode
from stature.logs import log_to
from stature.tables import lesson
from stature.theory.lesson import LessonSpec, derive

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(spec: str, lesson_path: Path) -> None:
    """Derive the lesson of `spec` and write it."""
    asked = decode(LessonSpec, spec)
    lesson.write(lesson_path, derive(asked), asked)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(spec=snakemake.params.spec, lesson_path=Path(snakemake.output.lesson))

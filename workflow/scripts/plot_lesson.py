"""Draw the lesson: black balls and 100 boys."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.plots.paths import lesson as draw
from stature.plots.style import save
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(lesson_path: Path, figure_paths: list[Path]) -> None:
    """Draw the figure from the lesson's table and write it in every format."""
    save(draw(records.LESSON.read(lesson_path).to_pandas()), figure_paths)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        lesson_path=Path(snakemake.input.lesson),
        figure_paths=list(map(Path, snakemake.output)),
    )

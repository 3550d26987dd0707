"""Draw bias and error against the strength of a bias."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.plots.settings import strength as draw
from stature.plots.style import save
from stature.store import parquet, records

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(settings_path: Path, figure_paths: list[Path]) -> None:
    """Draw the figure from the settings and write it in every format."""
    save(draw(records.SETTINGS.read(settings_path).to_pandas()), figure_paths)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    parquet.demand(snakemake.params.made_from)
    main(
        settings_path=Path(snakemake.input.settings),
        figure_paths=list(map(Path, snakemake.output)),
    )

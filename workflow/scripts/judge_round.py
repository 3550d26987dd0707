"""Gather what is known at the end of a round, by which the next one is decided on."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.logs import log_to
from stature.tables import rounds

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(scenario_paths: list[Path], round_path: Path) -> None:
    """Write the cells of all scenarios as one table."""
    rounds.write(round_path, rounds.read(scenario_paths))


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        scenario_paths=list(map(Path, snakemake.input.scenarios)),
        round_path=Path(snakemake.output.round),
    )

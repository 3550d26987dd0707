"""Write down the design of the study and what it is made from."""

from pathlib import Path
from typing import TYPE_CHECKING

from stature.design.streams import decode
from stature.provenance import StudyRecord, write_design, write_provenance
from stature.writing import log_to, write_text

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def main(spec: str, design_path: Path, config_path: Path, provenance_path: Path) -> None:
    study = decode(StudyRecord, spec)
    write_design(design_path, study.design)
    write_text(config_path, study.config)
    write_provenance(provenance_path, study)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        spec=snakemake.params.spec,
        design_path=Path(snakemake.output.design),
        config_path=Path(snakemake.output.config),
        provenance_path=Path(snakemake.output.provenance),
    )

"""What the page says for those who judge a study or do it again: assumptions, and commands."""

import re
from pathlib import Path

from stature.config.study import Study
from stature.measures.replicates import shown_size

MARK = "ASSUME"

LAYERS = ("domain", "design", "kernels", "theory", "estimators", "measures")
"""The layers whose choices bear on the numbers of a study."""


# The comments on the lines right after a mark go on with the sentence.
_CHOICE = re.compile(rf"^ *# {MARK} (.+(?:\n *# (?!{MARK}).+)*)", re.MULTILINE)


def assumptions() -> tuple[tuple[str, str], ...]:
    """Module and sentence of every modelling choice that a comment marks, layer by layer."""
    root = Path(__file__).parents[1]
    return tuple(
        (
            ".".join(path.relative_to(root.parent).with_suffix("").parts),
            re.sub(r"\n *#", "", choice[1]),
        )
        for layer in LAYERS
        for path in sorted((root / layer).rglob("*.py"))
        for choice in _CHOICE.finditer(path.read_text(encoding="utf-8"))
    )


def snippet(study: Study) -> str:
    """Python that draws one replicate of a study again."""
    scenario, size = study.scenarios[0].slug, shown_size(study.sizes)
    replicate = study.replicates - 1
    return f"""\
from stature.config.study import load
from stature.design.samples import DrawSpec, draw
from stature.datafile.people import read_pool

study = load(["results/{study.name}/config.yaml"], ".")
scenario = study.scenario("{scenario}")
replicate, size = {replicate}, {size}
samples = draw(
    DrawSpec(
        scenario.population,
        scenario.bias.bias,
        scenario.sampling,
        study.seed,
        replicate,
        replicate,
        size,
    ),
    read_pool(scenario.population),
)
heights_cm, groups = samples.heights_cm[0], samples.group_index[0]
"""


def commands(study: Study) -> tuple[tuple[str, str], ...]:
    """Commands that make parts of a study again."""
    folder = f"results/{study.name}"
    scenario = study.scenarios[0].slug
    estimator = study.estimators_of(scenario)[-1].name
    block = study.blocks[0].name
    config = f"--configfile {folder}/config.yaml"
    address = f"{study.name}/{scenario}/{study.replicates - 1}"
    return (
        (
            "One replicate, compared with the tables: its people, its fits, and their iterations",
            f"stature replay {address} --trace iterations.png",
        ),
        (
            "What a run would do, and which line of the config is the reason",
            f"stature plan {folder}/config.yaml",
        ),
        ("Everything that is not up to date", f"snakemake --cores 8 {config}"),
        (
            f"The fits of {estimator} to replicates {study.blocks[0].first} to "
            f"{study.blocks[0].last} of {scenario}",
            f"snakemake --cores 1 --force {folder}/fits/{scenario}/{estimator}/{block}.parquet "
            f"{config}",
        ),
        ("One figure", f"snakemake --cores 1 --force {folder}/figures/errors.svg {config}"),
    )

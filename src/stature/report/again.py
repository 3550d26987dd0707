"""What the page says for those who judge a study or do it again: assumptions, and commands."""

import tokenize
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from stature.config.study import Study
from stature.measures.replicates import shown_size

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

"""Every study that passes the check of its file ends with a page, whatever its numbers.

Studies are drawn at random from one seed each; by hand
`.venv/bin/pytest -s tests/workflow/test_ends.py --fuzz 20` runs as many as it says.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from stature.config.maps import map_of
from stature.config.study import ConfigError, check
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE, GENERAL
from stature.estimators.estimator import Estimator
from tests.domain.test_bias import BIASES, SCHOOL
from tests.workflow.conftest import ROOT, write_project

SAMPLE = 2  # studies that the suite runs
MOST = 3  # biases, and estimators, beside the first
TRIED = 40  # items that are proposed before a study stays as it is
PLACES = ("below_cm", "above_cm", "centre_cm", "mean_cm", "origin_cm")
WORDS: dict[str, tuple[Any, ...]] = {
    "labels": ("all", "none", "recorded", 0.2),
    "shares": ("free", "known"),
    "sds": ("free", "equal", "known"),
    "method": ("closed-form", "newton", "em", "squarem", "hard-em", "moments"),
    "interval": ("wald", "sandwich", "profile", "bootstrap"),
    "starts": (1, 2, 5),
}
ESTIMATORS = [map_of(one) for one in (CATALOGUE | GENERAL).values()]
USUAL = map_of(Estimator("usual", Model("none"), "em"))


def moved(value: Any, random: Random, key: str = "") -> Any:
    """The same settings with other numbers."""
    match value:
        case dict():
            return {name: moved(one, random, name) for name, one in value.items()}
        case list():
            return [moved(one, random) for one in value]
        case float() if key in PLACES:
            return value + random.gauss(0.0, 15.0)
        case float():
            return value * random.lognormvariate(0.0, 0.7)
        case _:
            return value


def a_bias(random: Random) -> dict[str, Any]:
    return moved(map_of(random.choice(BIASES)), random)


def an_estimator(random: Random) -> dict[str, Any]:
    """An estimator with settings of another, and other words."""
    one, other = random.sample(ESTIMATORS, 2)
    taken = {
        key: value
        for key, value in other.items()
        if value != USUAL.get(key) and random.random() < 0.3
    }
    words = {key: random.choice(some) for key, some in WORDS.items() if random.random() < 0.15}
    few = {"bootstrap_samples": 40} if words.get("interval") == "bootstrap" else {}
    return {"kept_starts": 1, **one, **moved(taken, random), **words, **few}


def groups_of(random: Random) -> list[dict[str, Any]]:
    """One to five groups, narrow and wide, near and far, small and large."""
    number = random.randint(1, 5)
    names = [*SCHOOL.group_names, "c", "d", "e"][:number]
    parts = [random.gammavariate(0.7, 1.0) for _ in names]
    shares = [round(0.01 + (1.0 - 0.01 * number) * part / sum(parts), 3) for part in parts]
    shares[-1] = round(1.0 - sum(shares[:-1]), 3)
    centre, apart = random.uniform(140.0, 200.0), random.choice([0.0, 3.0, 15.0, 40.0])
    alike = random.random() < 0.2
    sd = 10.0 ** random.uniform(-1.0, 1.6)
    return [
        {
            "name": name,
            "share": share,
            "mean_cm": round(max(centre + apart * random.gauss(0.0, 1.0), 55.0), 2),
            "sd_cm": round(sd if alike else 10.0 ** random.uniform(-1.0, 1.6), 3),
        }
        for name, share in zip(names, shares, strict=True)
    ]


def legitimate(number: int) -> dict[str, Any]:
    """A study that passes the check: what this refuses is left out, item by item."""
    random = Random(f"study {number}")
    population: dict[str, Any] = {"name": "p", "groups": groups_of(random)}
    if random.random() < 0.3:
        population["match"] = random.choice(["sd", "share", "nearest"])
    replicates = random.choice([1, 2, 3, 10, 25, 50])
    study: dict[str, Any] = {
        "study": "tiny",
        "seed": number,
        "replicates": replicates,
        "block": replicates,
        "sizes": sorted({round(2 * 250 ** random.random()) for _ in range(random.randint(1, 3))}),
        "sampling": random.choice(["stratified", "random"]),
        "traced": random.randint(0, replicates),
        "populations": [population],
        "biases": [{"name": "none", "kind": "none"}],
        "estimators": [{"name": "mle", "labels": "all", "method": "closed-form"}],
    }
    makers = {"biases": a_bias, "estimators": an_estimator}
    for section, make in makers.items():
        wanted = len(study[section]) + random.randint(1, MOST)
        for tried in range(TRIED):
            more = [*study[section], make(random) | {"name": f"i{tried}"}]
            if len(more) <= wanted and passes(study | {section: more}):
                study[section] = more
    for section in makers:
        fewer = study | {section: study[section][1:]}
        if random.random() < 0.4 and passes(fewer):
            study = fewer
    return study


def passes(study: dict[str, Any]) -> bool:
    try:
        check(study, [], ROOT)
    except ConfigError:
        return False
    return True


@pytest.mark.slow
def test_a_study_that_passes_the_check_ends_with_a_page(
    cases: Callable[[int], range], tmp_path: Path
) -> None:
    for number in cases(SAMPLE):
        folder = tmp_path / str(number)
        folder.mkdir()
        project, study = write_project(folder), yaml.safe_dump(legitimate(number))
        (folder / "config/config.yaml").write_text(study)
        done = project.command()
        page = project.results / "report.html"
        assert (done.returncode, page.exists()) == (0, True), study + done.stderr
        logs = "".join(path.read_text() for path in project.results.glob("logs/**/*.log"))
        assert "Traceback" not in done.stderr + logs
        assert "Warning" not in logs, logs
        text = page.read_text(encoding="utf-8")
        assert not [odd for odd in (">nan", ">None", ">inf", ">-inf") if odd in text]

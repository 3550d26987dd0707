"""Address of a replicate: ``STUDY/SCENARIO/REPLICATE``, and the study that it is looked for in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from stature.cli.dry_run import CHECKOUT, DEFAULT_CONFIG, config_files
from stature.config.messages import advice, nearest
from stature.config.source import read
from stature.config.study import ConfigError, Study, load, study_yaml

RESULTS = Path("results")
_DIGITS = 12
_PARTS = 3


class AddressError(Exception):
    """An address that leads nowhere; `messages` are all that is wrong with it, one line each."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Address:
    """One replicate."""

    study: Study  # the study
    source: str  # where its config was read
    scenario: str  # slug of the scenario
    replicate: int  # number of the replicate
    warnings: tuple[str, ...]  # what its reader should know


def find(text: str, configs: Sequence[str]) -> Address:
    """Find a replicate."""
    parts = text.strip("/").split("/")
    if len(parts) != _PARTS:
        raise AddressError(
            f"expected STUDY/SCENARIO/REPLICATE, such as heights/school.none/17, got '{text}'"
        )
    name, scenario, number = parts
    study, source, warnings = _study(name, configs)
    wrong: list[str] = []
    slugs = [one.slug for one in study.scenarios]
    if scenario not in slugs:
        wrong.append(f"no scenario '{scenario}' in {name}; {advice(scenario, slugs, 'it has')}")
        if nearest(scenario, slugs):
            wrong[-1] += f" it has: {', '.join(slugs)}"
    if not number.isdecimal() or int(number) >= study.replicates:
        wrong.append(f"expected one of the replicates 0–{study.replicates - 1}, got '{number}'")
    if wrong:
        raise AddressError(*wrong)
    return Address(study, source, scenario, int(number), warnings)


def _study(name: str, configs: Sequence[str]) -> tuple[Study, str, tuple[str, ...]]:
    """The study of a name, where it was read, and what is odd about that."""
    as_run = RESULTS / name / "config.yaml"
    written = _written(name, configs)
    if configs:
        study, source = written, ", ".join(configs)
        if study is None or study.name != name:
            found = "nothing" if study is None else f"study '{study.name}'"
            raise AddressError(f"{source}: expected study '{name}', got {found}")
    elif as_run.is_file():
        _refuse_edited(as_run)
        study, source = load([as_run], CHECKOUT), str(as_run)
        if study.name != name:
            raise AddressError(f"{as_run} is of study '{study.name}', not of '{name}'")
    elif written is not None:
        return written, "config/", ()
    else:
        known = sorted(path.parent.name for path in RESULTS.glob("*/config.yaml"))
        end = advice(name, known, "studies with results here") if known else "none was run here"
        raise AddressError(
            f"no study '{name}' in {RESULTS}/ or config/; {end}; or name its files with --config"
        )
    changed = _changed(as_run, written) if written and as_run.is_file() else ()
    return study, source, changed


def _written(name: str, configs: Sequence[str]) -> Study | None:
    """The study as its files say now: those that were named, or those that have its name."""
    if configs:
        return load(config_files(configs), CHECKOUT)
    for path in sorted(Path("config").glob("*.yaml"), key=lambda path: str(path) != DEFAULT_CONFIG):
        if read(path).values.get("study") != name:
            continue
        others = [] if str(path) == DEFAULT_CONFIG else [str(path)]
        try:
            return load(config_files(others), CHECKOUT)
        except ConfigError:  # the config as run is what matters; a run would tell
            return None
    return None


def _changed(as_run: Path, written: Study) -> tuple[str, ...]:
    """A warning if a study is no longer what was run."""
    before, now = _digest(as_run.read_text(encoding="utf-8")), _digest(study_yaml(written))
    if before == now:
        return ()
    return (
        f"the config has changed since the run: {before} in {as_run}, now {now}; "
        "`stature plan` says what differs",
    )


def _refuse_edited(as_run: Path) -> None:
    """Raise if somebody has edited the config as run."""
    record = as_run.with_name("provenance.json")
    if not record.is_file():
        return
    try:
        recorded = str(json.loads(record.read_text(encoding="utf-8"))["config_digest"])
    except (OSError, ValueError, KeyError, TypeError):
        raise AddressError(f"{record} is not what a run writes; run the study again") from None
    found = sha256(as_run.read_bytes()).hexdigest()
    if found != recorded:
        raise AddressError(
            f"{as_run} is not the config that was run: its digest is {found[:_DIGITS]}, that of "
            f"the run {recorded[:_DIGITS]} ({record}); name the files of the study with --config"
        )


def _digest(text: str) -> str:
    """Digest of a config, short enough to be read out."""
    return sha256(text.encode()).hexdigest()[:_DIGITS]

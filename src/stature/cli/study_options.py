"""Options of the commands that are about a study, `plan` and `replay`.

Nothing slow is imported before a command is known, so that help is quick.
"""

import argparse
import os
from typing import Protocol

PLAN_EXAMPLES = """\
examples:
  stature plan
      what `snakemake --cores 8` would do
  stature plan config/lesson.yaml
      what `snakemake --cores 8 --configfile config/lesson.yaml` would do
  stature plan --config replicates=2000
      what `snakemake --cores 8 --config replicates=2000` would do
"""

REPLAY_EXAMPLES = """\
examples:
  stature replay heights/school.none/17
      every estimator on every size of that replicate, compared with the tables
  stature replay heights/school.none/17 --estimator em --size 200 --trace em.png
      the steps of one climb, printed and drawn
"""


class Commands(Protocol):
    """What the parser of a command gives, to add subcommands to."""

    def add_parser(
        self,
        name: str,
        *,
        help: str,
        description: str,
        epilog: str,
        formatter_class: type[argparse.HelpFormatter],
    ) -> argparse.ArgumentParser:
        """Add a subcommand."""
        ...


def add_plan(commands: Commands) -> None:
    """Add `stature plan`."""
    plan = commands.add_parser(
        "plan",
        help="what a run of a study would do, and why",
        description="What Snakemake would do with a study: jobs that are new, stale or reused, "
        "the line of the config behind each, time, disk and Monte-Carlo errors to expect. "
        "Writes nothing.",
        epilog=PLAN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    plan.add_argument(
        "configs",
        nargs="*",
        metavar="CONFIG",
        help="config files, as after --configfile; config/config.yaml comes first by itself",
    )
    plan.add_argument(
        "--config",
        nargs="*",
        default=[],
        metavar="KEY=VALUE",
        help="values of keys of the config, as after --config of Snakemake",
    )
    plan.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    plan.add_argument(
        "--cores",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="cores that the time is given for (default: those of this machine, %(default)s)",
    )
    plan.set_defaults(run=_run_plan)


def add_replay(commands: Commands) -> None:
    """Add `stature replay`."""
    replay = commands.add_parser(
        "replay",
        help="draw and fit one replicate again, and compare it with what is stored",
        description="One replicate of a study again: its people compared with the stored sample by "
        "hash, its fits with the stored rows exactly, the steps of the climb printed and drawn. "
        "Writes no results.",
        epilog=REPLAY_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("address", metavar="STUDY/SCENARIO/REPLICATE", help="which replicate")
    replay.add_argument(
        "--estimator", nargs="+", action="extend", default=[], metavar="NAME", help="only these"
    )
    replay.add_argument("--size", type=int, metavar="N", help="only this number of people")
    replay.add_argument(
        "--config",
        nargs="+",
        action="extend",
        default=[],
        metavar="CONFIG",
        help="config files, as after --configfile, instead of results/STUDY/config.yaml",
    )
    replay.add_argument(
        "--trace",
        nargs="?",
        const="",
        metavar="FILE",
        help="draw the climbs into FILE (png, svg or pdf; by default named by the address, here)",
    )
    replay.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    replay.set_defaults(run=_run_replay)


def _run_replay(options: argparse.Namespace) -> int:
    from stature.cli.replay import run_replay

    return run_replay(
        options.address,
        options.estimator,
        options.size,
        options.config,
        options.trace,
        options.json,
    )


def _run_plan(options: argparse.Namespace) -> int:
    from stature.cli.plan import run_plan

    return run_plan(options.configs, options.config, options.json, options.cores)

"""Options of the commands that are about a study, `plan` and `replay`.

Nothing slow is imported before a command is known, so that help is quick.
"""

import argparse
import os

PLAN_EXAMPLES = """\
examples:
  stature plan
      what `snakemake --cores 8` would do
  stature plan config/lesson.yaml
      what `snakemake --cores 8 --configfile config/lesson.yaml` would do
"""


def add_plan(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `stature plan`.

    Parameters
    ----------
    commands : argparse subparsers
        Where commands go.
    """
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
    plan.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    plan.add_argument(
        "--cores",
        type=int,
        default=os.cpu_count() or 1,
        metavar="N",
        help="cores that the time is given for (default: those of this machine, %(default)s)",
    )
    plan.set_defaults(run=_run_plan)


def _run_plan(options: argparse.Namespace) -> int:
    from stature.cli.plan import run_plan

    return run_plan(options.configs, options.json, options.cores)

"""Entry point: options of the `stature` command, and what each subcommand calls.

Only the standard library is imported before a subcommand is known, so that help is quick.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from stature.cli.study_options import add_plan, add_replay
from stature.datafile.request import FitRequest, Reading

WRONG_USE = 2
INTERRUPTED = 130  # as shells report a process that was stopped by Ctrl-C

FIT_EXAMPLES = """\
examples:
  stature fit people.csv --height height_cm --group sex
      the group is seen: each group's mean and SD, by the closed form and by climbing; where
      some people have no label, with their heights too
  stature fit people.csv --height height_cm --group sex --hide-group
      the group is hidden from the EM estimators, and scores them afterwards
  stature fit people.csv --height height_cm
      there is no group: two groups, 'lower' and 'upper', are looked for
  stature fit people.csv --height height_cm --shares 0.49 0.51 --estimator em-known-shares
      the same, told the shares of the shorter and the taller group
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `stature` command.

    Exit code: 0 on success, 1 if the doctor finds that a file cannot be fitted, 2 on wrong use or a
    bad file.
    """
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has enough. Python would complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    """Parser of the command."""
    parser = argparse.ArgumentParser(
        prog="stature",
        description="How well can the heights of two groups be learned, labels seen or hidden?",
    )
    parser.add_argument("--version", action="version", version=f"stature {version('stature')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    fit = commands.add_parser(
        "fit",
        help="fit your own CSV or Parquet file",
        description="Estimate the share, mean and SD of each group from a file with one row per "
        "person.",
        epilog=FIT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    fit.add_argument("file", metavar="FILE", help="CSV (any common delimiter) or Parquet file")
    _add_file_options(fit)
    _add_estimator_options(fit)
    _add_output_options(fit)
    fit.set_defaults(run=_run_fit)
    doctor = commands.add_parser(
        "doctor",
        help="say what is wrong with your own files before they are fitted",
        description="Examine files as a fit would: units, codes for missing heights, outliers, "
        "rounding, labels, repeats. Ends with a verdict on each; exit code 1 if one cannot be "
        "fitted.",
    )
    doctor.add_argument("file", metavar="FILE", nargs="+", help="CSV or Parquet files")
    _add_file_options(doctor)
    doctor.add_argument("--json", action="store_true", help="print a JSON list, for programs")
    doctor.set_defaults(run=_run_doctor)
    add_plan(commands)
    add_replay(commands)
    return parser


# Imported where they are called, so that `stature --help` need not import what fits.
def _run_fit(options: argparse.Namespace) -> int:
    """Run `stature fit`."""
    from stature.cli.fit import run_fit

    return run_fit(_fit_request(options))


def _run_doctor(options: argparse.Namespace) -> int:
    """Run `stature doctor`."""
    from stature.cli.doctor import run_doctor

    return run_doctor(options.file, _reading(options), options.json)


def _add_file_options(parser: argparse.ArgumentParser) -> None:
    """Options that say how to read the file."""
    group = parser.add_argument_group("the file")
    group.add_argument("--height", metavar="COLUMN", help="column of heights")
    group.add_argument(
        "--unit",
        metavar="UNIT",
        help="unit of that column: cm, m, mm, in; none for measurements that are not heights",
    )
    group.add_argument("--group", metavar="COLUMN", help="column that names each person's group")
    group.add_argument(
        "--weights", metavar="COLUMN", help="column of how many people a row stands for"
    )
    group.add_argument(
        "--merge-labels",
        action="store_true",
        help="take labels that differ only by case or spaces for one group",
    )
    group.add_argument(
        "--on-bad-rows",
        choices=("refuse", "drop"),
        default="refuse",
        help="what to do when rows cannot be read: refuse the file (default), or drop and count "
        "them",
    )
    group.add_argument(
        "--range",
        nargs=2,
        type=float,
        metavar=("LOW", "HIGH"),
        help="heights to believe, in cm (default 50 260)",
    )


def _add_estimator_options(fit: argparse.ArgumentParser) -> None:
    """Options that say what to fit."""
    group = fit.add_argument_group("the fit")
    group.add_argument(
        "--hide-group",
        action="store_true",
        help="hide the group from the estimators, then score them against it",
    )
    group.add_argument(
        "--estimator",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="mle, mle-numeric, labels-as-recorded (group seen); em, em-squarem, newton (three "
        "ways to one maximum), em-equal-sds, em-known-shares, em-known-sds "
        "(group hidden, absent or seen in part); by default all that can be fitted",
    )
    group.add_argument(
        "--shares",
        nargs="+",
        type=float,
        metavar="SHARE",
        help="known shares of the groups, shortest group first, such as 0.49 0.51",
    )
    group.add_argument(
        "--sds", nargs="+", type=float, metavar="SD", help="known SDs in cm, shortest group first"
    )
    group.add_argument(
        "--below", type=float, metavar="CM", help="nobody below this height could be measured"
    )
    group.add_argument(
        "--above", type=float, metavar="CM", help="nobody above this height could be measured"
    )
    group.add_argument(
        "--rounded", type=float, metavar="STEP", help="heights were rounded to steps of so many cm"
    )
    group.add_argument(
        "--groups",
        nargs="+",
        type=int,
        metavar="K",
        help="how many groups to look for (default 2; in a table of counts 1 and 2)",
    )
    group.add_argument(
        "--points",
        action="store_true",
        help="of a table of values and counts: take values as exact, not as middles of cells",
    )
    group.add_argument(
        "--gaps",
        choices=("refuse", "empty"),
        default="refuse",
        help="of a table of counts: whether nobody stood in a gap between two cells",
    )
    group.add_argument(
        "--seed", type=int, default=1, help="seed of the random starts (default %(default)s)"
    )


def _add_output_options(fit: argparse.ArgumentParser) -> None:
    """Options that say what to print."""
    group = fit.add_argument_group("the output")
    group.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    group.add_argument(
        "--rows",
        action="store_true",
        help="with --json: the probability of each group for every person, too",
    )


def _reading(options: argparse.Namespace) -> Reading:
    """Record of the options that say how to read a file; some are of `stature fit` alone."""
    given = vars(options)
    return Reading(
        height=options.height,
        unit=options.unit,
        group=options.group,
        bad_rows=options.on_bad_rows,
        height_range=tuple(options.range) if options.range else None,
        merge_labels=options.merge_labels,
        weights=options.weights,
        cuts_cm=(given.get("below"), given.get("above")),
        points=given.get("points", False),
        gaps_are_empty=given.get("gaps") == "empty",
    )


def _fit_request(options: argparse.Namespace) -> FitRequest:
    """Record of the options of `stature fit`."""
    return FitRequest(
        path=options.file,
        reading=_reading(options),
        hide_group=options.hide_group,
        estimators=tuple(options.estimator or ()),
        shares=tuple(options.shares) if options.shares else None,
        sds_cm=tuple(options.sds) if options.sds else None,
        rounded_cm=options.rounded,
        groups=tuple(options.groups or ()),
        seed=options.seed,
        json=options.json,
        rows=options.rows,
    )

"""Entry point: options of the `stature` command, and what each subcommand calls.

Only the standard library is imported before a subcommand is known, so that help is quick.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from inspect import signature
from typing import Any, TypeVar

from stature.datafile.request import FitRequest, Reading
from stature.datafile.units import LENGTH, Length, length

Record = TypeVar("Record")

WRONG_USE = 2
INTERRUPTED = 130  # as shells report a process that was stopped by Ctrl-C

FIT_EXAMPLES = """\
examples:
  stature fit people.csv --column height_cm --group sex
      labelled: each group's mean and SD, by the closed form and by iteration; where some people
      have no label, with their heights too
  stature fit people.csv --column height_cm --group sex --hide-group
      the labels are hidden from the EM estimators, and score them afterwards
  stature fit people.csv --column height_cm
      there is no group: two groups, 'lower' and 'upper', are looked for
  stature fit people.csv --column height_cm --shares 0.49 0.51 --estimator em-known-shares
      the same, with known shares of the shorter and the taller group
"""
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
      the iterations of one estimator, printed and drawn
"""
MEASURE_EXAMPLES = """\
examples:
  stature measure estimates.csv --truth 0.5
      columns of the usual names (estimate or b, se, method, replicate or dataset) are found
  stature measure estimates.parquet --estimate theta --truth true --by size --csv measures.csv
      a truth in a column, a cell for each size, and all measures into a file
"""

Options = Mapping[str, Mapping[str, Any]]


def _value(metavar: str | tuple[str, str], help: str, **settings: Any) -> Mapping[str, Any]:
    """An option with a value."""
    return {"metavar": metavar, "help": help, **settings}


def _flag(help: str) -> Mapping[str, Any]:
    """An option without one."""
    return {"action": "store_true", "help": help}


def _length(text: str) -> Length:
    """A number, with a unit or without one."""
    try:
        return length(text)
    except ValueError:
        words = "expected a number such as 6.5, or with a unit such as 6.5cm, got"
        raise argparse.ArgumentTypeError(f"{words} '{text}'; units are cm, m, mm, in") from None


_IN_FILE = "in the file's unit, or with one of its own such as 6.5cm"
_NAMES = {"nargs": "+", "action": "extend", "default": []}
_JSON = _flag("print one JSON object, for programs")

FILE_OPTIONS: Options = {
    "--column --height": _value(
        "COLUMN", "column of heights, or of other measurements", dest="height"
    ),
    "--unit": _value(
        "UNIT", "unit of that column: cm, m, mm, in; none for measurements that are not heights"
    ),
    "--group": _value("COLUMN", "column that names the group of each row"),
    "--count": _value(
        "COLUMN",
        "column of counts, of a table of values or cells and how often each was seen; none if a "
        "column that is named so holds something else",
    ),
    "--weights": _value(
        "COLUMN",
        "column of weights: how many values a row stands for, or weights of a survey; none if a "
        "column that is named so holds something else",
    ),
    "--decimal": _value(
        "{.,,}",
        "mark of decimals, a point or a comma; the other one separates thousands (default: as the "
        "numbers of the file tell)",
        choices=(".", ","),
    ),
    "--weight-kind": _value(
        "{counts,sampling}",
        "whether weights are counts, or those of a survey, for which sandwich standard errors are "
        "given (default: counts, unless they have decimals or are over 1000 on average)",
        choices=("counts", "sampling"),
    ),
    "--merge-labels": _flag("take labels that differ only by case or spaces for one group"),
    "--on-bad-rows": _value(
        "{refuse,drop}",
        "what to do when rows cannot be read: refuse the file (default), or drop and count them",
        dest="bad_rows",
        choices=("refuse", "drop"),
        default="refuse",
    ),
    "--range": _value(
        ("LOW", "HIGH"),
        f"values to believe, {_IN_FILE} (default 50cm 260cm for heights of people, else any)",
        nargs=2,
        type=_length,
        dest="height_range",
    ),
}
FIT_OPTIONS: Options = {
    "--hide-group": _flag("hide the group from the estimators, then score them against it"),
    "--estimator": _value(
        "NAME",
        "mle, mle-numeric, labels-as-recorded (labelled); em, em-squarem, newton (three ways to "
        "one maximum), em-map (with a prior, for few people), em-equal-sds, "
        "em-known-shares, em-known-sds (labels hidden, absent or of some people only); by default "
        "all that can be fitted",
        **_NAMES,
        dest="estimators",
    ),
    "--shares": _value(
        "SHARE",
        "known shares of the groups, that of the smallest mean first, such as 0.49 0.51",
        nargs="+",
        type=float,
    ),
    "--sds": _value(
        "SD", f"known SDs, that of the smallest mean first, {_IN_FILE}", nargs="+", type=_length
    ),
    "--below": _value("LENGTH", f"nothing below it could be measured; {_IN_FILE}", type=_length),
    "--above": _value("LENGTH", f"nothing above it could be measured; {_IN_FILE}", type=_length),
    "--rounded": _value("STEP", f"values were rounded to such steps, {_IN_FILE}", type=_length),
    "--groups": _value(
        "K",
        "how many groups to look for (default 2; in a table of counts 1 and 2)",
        nargs="+",
        type=int,
        default=[],
    ),
    "--points": _flag(
        "of a table of values and counts: take values as exact, not as middles of cells"
    ),
    "--gaps": _value(
        "{refuse,empty}",
        "of a table of counts: whether a gap between two cells is taken for an empty cell",
        choices=("refuse", "empty"),
        default="refuse",
    ),
    "--seed": _value("SEED", "seed of the random starts (default 1)", type=int, default=1),
}
FIT_TEST: Options = {
    "--test": _value(
        "B",
        "test each number of groups against the next one by the likelihood ratio, with B samples "
        "drawn from the fit of fewer (999 without a number); of one number of groups, one fewer "
        "against it",
        nargs="?",
        type=int,
        const=999,
        default=0,
    ),
}
FIT_OUTPUT: Options = {
    "--plot": _value("FILE", "draw the fit that is recommended into FILE (svg, png or pdf)"),
    "--page": _value("FILE.html", "write a page: the fit, its picture, the models, how to cite it"),
    "--memberships": _value(
        "FILE.csv",
        "write each row's probability of each group, its likeliest group, and whether that is "
        "unsure (less than 0.9)",
    ),
    "--json": _JSON,
    "--rows": _flag("with --json: the probability of each group for every row, too"),
}
PLAN_OPTIONS: Options = {
    "configs": _value(
        "CONFIG",
        "config files, as after --configfile; config/config.yaml comes first by itself",
        nargs="*",
    ),
    "--config": _value(
        "KEY=VALUE",
        "values of keys of the config, as after --config of Snakemake",
        nargs="*",
        default=[],
    ),
    "--json": _JSON,
    "--cores": _value(
        "N",
        "cores that the time is given for (default: those of this machine, %(default)s)",
        type=int,
        default=os.cpu_count() or 1,
    ),
}
REPLAY_OPTIONS: Options = {
    "address": _value("STUDY/SCENARIO/REPLICATE", "which replicate"),
    "--estimator": _value("NAME", "only these", **_NAMES),
    "--size": _value("N", "only this number of people", type=int),
    "--config": _value(
        "CONFIG",
        "config files, as after --configfile, instead of results/STUDY/config.yaml",
        **_NAMES,
    ),
    "--trace": _value(
        "FILE",
        "draw the iterations into FILE (png, svg or pdf; by default named by the address, here)",
        nargs="?",
        const="",
    ),
    "--json": _JSON,
}
MEASURE_OPTIONS: Options = {
    "--estimate": _value("COLUMN", "column of estimates"),
    "--truth": _value("COLUMN|NUMBER", "column of the true values, or the one true value"),
    "--se": _value("COLUMN", "column of standard errors"),
    "--variance": _value("COLUMN", "column of squared standard errors, instead"),
    "--lower": _value(
        "COLUMN", "column of lower ends of intervals (default: made from the standard errors)"
    ),
    "--upper": _value("COLUMN", "column of their upper ends"),
    "--method": _value("COLUMN", "column that names the method"),
    "--replicate": _value("COLUMN", "column that numbers the data sets, the same for all methods"),
    "--by": _value("COLUMN", "columns of factors: each combination is measured apart", **_NAMES),
    "--reference": _value("METHOD", "method that the gain in precision is over (default: first)"),
    "--level": _value("LEVEL", "level of made intervals (default 0.95)", type=float, default=0.95),
    "--null": _value("NUMBER", "value that power is against (default 0)", type=float, default=0.0),
    "--policy": _value(
        "{available,joint,worst,best}",
        "data sets behind a measure: those with what it needs (default), those in which all "
        "methods have everything, or as the first, a missing interval being a miss or a hit",
        choices=("available", "joint", "worst", "best"),
        default="available",
    ),
    "--decimal": FILE_OPTIONS["--decimal"],
    "--csv": _value("FILE", "write all measures into FILE"),
    "--page": _value("FILE.html", "write a page with tables, figures and definitions"),
    "--plot": _value(
        "FILE",
        "draw into files named after figures: zip, lollipop or nested-loop, with the ending svg, "
        "png or pdf",
        **_NAMES,
    ),
    "--json": _JSON,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `stature` command.

    Exit code: 0 on success, 1 if the doctor finds that a file cannot be fitted, 2 on wrong use or a
    bad file.
    """
    given = sys.argv[1:] if arguments is None else arguments
    # argparse takes -1e-3 and -2cm for names of options; after a space they are values.
    words = [f" {word}" if word[:1] == "-" and LENGTH.fullmatch(word) else word for word in given]
    options = _parser().parse_args(words)
    options.command = ("stature", *given)
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
        description="How well can the heights of two groups be learned, with labels and without?",
    )
    parser.add_argument("--version", action="version", version=f"stature {version('stature')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    raw = argparse.RawDescriptionHelpFormatter  # keeps the lines of the examples
    fit = commands.add_parser(
        "fit",
        help="fit your own CSV or Parquet file",
        description="Estimate the share, mean and SD of each group from a file with a row for each "
        "value, or from a table of counts.",
        epilog=FIT_EXAMPLES,
        formatter_class=raw,
    )
    fit.add_argument("file", metavar="FILE", help="CSV (any common delimiter) or Parquet file")
    doctor = commands.add_parser(
        "doctor",
        help="say what is wrong with your own files before they are fitted",
        description="Examine files as a fit would: units, codes for missing values, outliers, "
        "rounding, labels, repeats. Ends with a verdict on each; exit code 1 if one cannot be "
        "fitted.",
    )
    doctor.add_argument("file", metavar="FILE", nargs="+", help="CSV or Parquet files")
    plan = commands.add_parser(
        "plan",
        help="what a run of a study would do, and why",
        description="What Snakemake would do with a study: jobs that are new, stale or reused, "
        "the line of the config behind each, time, disk and Monte-Carlo errors to expect. "
        "Writes nothing.",
        epilog=PLAN_EXAMPLES,
        formatter_class=raw,
    )
    replay = commands.add_parser(
        "replay",
        help="draw and fit one replicate again, and compare it with what is stored",
        description="One replicate of a study again: its people compared with the stored sample by "
        "hash, its fits with the stored rows exactly, the iterations printed and drawn. "
        "Writes no results.",
        epilog=REPLAY_EXAMPLES,
        formatter_class=raw,
    )
    measure = commands.add_parser(
        "measure",
        help="measure the performance of methods from your own table of estimates",
        description="Bias, standard errors, coverage, power and more, each with its Monte-Carlo "
        "standard error, from a table with a row for each data set and method.",
        epilog=MEASURE_EXAMPLES,
        formatter_class=raw,
    )
    measure.add_argument("file", metavar="TABLE", help="CSV (any common delimiter) or Parquet file")
    new = commands.add_parser(
        "new",
        help="write a folder with a small study",
        description="Write a Snakefile, a config and a profile into a new folder: a small study, "
        "which `snakemake --cores 2` runs there and which its config turns into yours.",
    )
    new.add_argument("folder", metavar="DIR", help="folder to write; nothing in it is overwritten")
    setup = commands.add_parser(
        "setup",
        help="compile what fits need, once, so that the first fit starts at once",
        description="Compile all that fits need and keep it beside the package, or in your cache "
        "folder where nobody may write there. Without it the first fit does so.",
    )
    # argparse has no public name for what a parser and a group of its options share.
    options: list[tuple[Any, Options]] = [
        (fit.add_argument_group("the file"), FILE_OPTIONS),
        (fit.add_argument_group("the fit"), FIT_OPTIONS),
        (fit.add_argument_group("the number of groups"), FIT_TEST),
        (fit.add_argument_group("the output"), FIT_OUTPUT),
        (doctor.add_argument_group("the file"), FILE_OPTIONS),
        (doctor.add_argument_group("the fit that is planned"), FIT_OPTIONS),
        (doctor, {"--json": _flag("print a JSON list, for programs")}),
        (plan, PLAN_OPTIONS),
        (replay, REPLAY_OPTIONS),
        (measure, MEASURE_OPTIONS),
    ]
    for place, settings in options:
        for name, setting in settings.items():
            place.add_argument(*name.split(), **setting)
    fit.set_defaults(run=_run_fit)
    doctor.set_defaults(run=_run_doctor)
    plan.set_defaults(run=_calling("plan", "configs", "config", "json", "cores"))
    replayed = "address", "estimator", "size", "config", "trace", "json"
    replay.set_defaults(run=_calling("replay", *replayed))
    measure.set_defaults(run=_run_measure)
    new.set_defaults(run=_calling("new", "folder"))
    setup.set_defaults(run=_calling("setup"))
    return parser


# Imported where they are called, so that `stature --help` need not import what fits.
def _calling(command: str, *names: str) -> Callable[[argparse.Namespace], int]:
    """What hands some options to the function of a command."""

    def run(options: argparse.Namespace) -> int:
        module = import_module(f"stature.cli.{command}")
        return getattr(module, f"run_{command}")(*(getattr(options, name) for name in names))

    return run


def _run_fit(options: argparse.Namespace) -> int:
    from stature.cli.fit import run_fit

    return run_fit(_request(options, options.file))


def _run_doctor(options: argparse.Namespace) -> int:
    from stature.cli.doctor import run_doctor

    return run_doctor([_request(options, path) for path in options.file])


def _run_measure(options: argparse.Namespace) -> int:
    from stature.cli.measure import MeasureRequest, run_measure
    from stature.datafile.estimates import Columns

    columns = _record(Columns, options)
    return run_measure(_record(MeasureRequest, options, path=options.file, columns=columns))


def _request(options: argparse.Namespace, path: str) -> FitRequest:
    """Record of the options of a fit and of the doctor."""
    cuts, empty = (options.below, options.above), options.gaps == "empty"
    reading = _record(Reading, options, cuts=cuts, gaps_are_empty=empty)
    return _record(FitRequest, options, path=path, reading=reading)


def _record(kind: Callable[..., Record], options: argparse.Namespace, **others: object) -> Record:
    """A record of the options that have the names of its fields, and of others."""
    given: dict[str, Any] = vars(options) | others
    named = {name: given[name] for name in signature(kind).parameters if name in given}
    return kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in named.items()})

"""Entry point: the `stature` command, whose options stand in `options.toml`, and what it calls.

Only the standard library is imported before a subcommand is known, so that help is quick.
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar

from stature.datafile.request import FitRequest, Reading
from stature.datafile.units import LENGTH, Length, length

Record = TypeVar("Record")

WRONG_USE = 2
INTERRUPTED = 130  # as shells report a process that was stopped by Ctrl-C


def _length(text: str) -> Length:
    """A number, with a unit or without one."""
    try:
        return length(text)
    except ValueError:
        words = "expected a number such as 6.5, or with a unit such as 6.5cm, got"
        raise argparse.ArgumentTypeError(f"{words} '{text}'; units are cm, m, mm, in") from None


TYPES: Mapping[str, Callable[[str], object]] = {"int": int, "float": float, "length": _length}


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


class _Version(argparse.Action):
    """Print the version, which takes longer to read than all options together."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"stature {version('stature')}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    """Parser of the command."""
    said = tomllib.loads(Path(__file__).with_name("options.toml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(
        prog="stature",
        description="How well can the heights of two groups be learned, with labels and without?",
    )
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="say which version it is, and exit"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    runs = {"fit": _run_fit, "doctor": _run_doctor, "measure": _run_measure}
    for name, settings in said["commands"].items():
        groups = settings.pop("groups")
        # The first keeps the lines of examples.
        raw, wrapped = argparse.RawDescriptionHelpFormatter, argparse.HelpFormatter
        shape = raw if "epilog" in settings else wrapped
        command = commands.add_parser(name, formatter_class=shape, **settings)
        typed: list[argparse.Action] = []
        for title, group in groups.items():
            place = command.add_argument_group(title) if title else command
            typed += [
                place.add_argument(*option.split(), **_argument(one))
                for option, one in said["options"][group].items()
            ]
        names = [one.dest for one in typed]
        command.set_defaults(run=runs.get(name) or _calling(name, *names))
    return parser


def _argument(said: Mapping[str, Any]) -> dict[str, Any]:
    """What argparse takes of an option."""
    given = dict(said)
    if isinstance(given.get("metavar"), list):
        given["metavar"] = tuple(given["metavar"])
    if "type" in given:
        given["type"] = TYPES[given["type"]]
    if given.get("dest") == "cores":
        given["default"] = os.cpu_count() or 1
    return given


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

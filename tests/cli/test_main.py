"""The command: help that is quick, options that are checked, exit codes."""

import re
import subprocess
import sys
from importlib.metadata import version

import pytest

from stature.cli.main import main
from stature.datafile.runs import NAMED

SLOW_LIBRARIES = ("numpy", "numba", "pyarrow", "pandas", "matplotlib", "rich", "pydantic")


def test_help_imports_nothing_slow() -> None:
    program = (
        "import sys\n"
        "from stature.cli import main\n"
        "try:\n    main(['fit', '--help'])\n"
        "except SystemExit:\n    pass\n"
        f"print([name for name in {SLOW_LIBRARIES} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "--hide-group" in done.stdout


def test_a_fit_of_a_csv_imports_no_library_that_it_does_not_use() -> None:
    program = (
        "import sys\n"
        "from stature.cli import main\n"
        "main(['fit', 'data/galton_1886_children.csv', '--group', 'sex', '--json'])\n"
        "unused = {'pandas', 'matplotlib', 'pyarrow', 'rich'}\n"
        "print(sorted(unused & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"stature {version('stature')}\n"


def test_help_names_every_estimator(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["fit", "--help"])
    # A name may be broken at its hyphens.
    text = re.sub(r"-\s+", "-", capsys.readouterr().out)
    assert [name for name in NAMED if name not in text] == []


@pytest.mark.parametrize(
    "arguments",
    [[], ["fti"], ["fit"], ["fit", "a.csv", "--range", "low", "high"], ["fit", "a.csv", "--hide"]],
)
def test_wrong_use_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err != ""
    assert "Traceback" not in printed.err


def test_a_reader_that_has_enough_is_no_failure() -> None:
    command = f"{sys.executable} -c 'from stature.cli import main; raise SystemExit(main())'"
    arguments = "fit data/galton_1886_children.csv --group sex --hide-group --json --rows"
    done = subprocess.run(
        ["bash", "-c", f"{command} {arguments} | head -c 10; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["plan", "replay"])
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"stature {command} " in capsys.readouterr().out.split("examples:")[1]

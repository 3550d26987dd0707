"""The code keeps to the form that CONTRIBUTING describes."""

import ast
import dataclasses
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from numpydoc.docscrape import FunctionDoc, NumpyDocString, Parameter
from numpydoc.validate import validate

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/stature"
LONGEST_FILE = 400
LONGEST_SCRIPT = 40

MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NOT_OF_MODULES = ("workflow", "inputs", "reference", "benchmarks", "slurm")  # folders of tests

# What numpydoc finds, and what it means.
OF_CLASSES = {
    "GL08": "no docstring",
    "SS03": "the first line does not end with a full stop",
}
OF_FUNCTIONS = OF_CLASSES | {
    "PR01": "a parameter is not described",
    "PR02": "a parameter is described that there is none of",
    "PR03": "parameters stand in another order",
    "PR07": "a parameter has no description",
    "PR10": "the colon after a parameter wants spaces",
    "RT01": "no Returns section",
    "RT03": "what is returned has no description",
    "YD01": "no Yields section",
}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Public functions, classes and methods that a module defines."""
    for name, thing in vars(module).items():
        ours = getattr(thing, "__module__", None) == module.__name__
        if name.startswith("_") or not ours or not callable(thing):
            continue
        # Compiled functions hide their docstring in the function that they were made from.
        thing = getattr(thing, "py_func", thing)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        yield f"{module.__name__}.{name}", thing
        if inspect.isclass(thing):
            for method, function in vars(thing).items():
                if not method.startswith("_") and inspect.isfunction(function):
                    yield f"{module.__name__}.{name}.{method}", function


def faults(name: str, thing: Any) -> list[str]:
    """What is wrong with a docstring."""
    known = OF_CLASSES if inspect.isclass(thing) else OF_FUNCTIONS
    found = {code for code, _ in validate(name)["errors"]} & known.keys()
    # Where there is nothing to choose, one line that says what is returned is enough.
    if inspect.isfunction(thing) and one_line(thing) and not parameters(thing):
        found.discard("RT01")
    return [f"{name}: {known[code]}" for code in sorted(found)] + [
        f"{name}: attribute {field} is not described" for field in sorted(undescribed(thing))
    ]


def one_line(thing: Any) -> bool:
    return "\n" not in (inspect.getdoc(thing) or "")


def parameters(thing: Any) -> list[str]:
    return [name for name in inspect.signature(thing).parameters if name != "self"]


def undescribed(thing: Any) -> set[str]:
    """Fields of a dataclass that its docstring does not list; `kind` is a constant."""
    if not dataclasses.is_dataclass(thing):
        return set()
    doc = NumpyDocString(inspect.getdoc(thing) or "")
    listed = {
        name.strip()
        for section in ("Attributes", "Parameters")
        for entry in cast("list[Parameter]", doc[section])
        for name in entry.name.split(",")
    }
    return {field.name for field in dataclasses.fields(thing)} - listed - {"kind"}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_everything_public_has_a_numpydoc_docstring(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    found = [fault for name, thing in public(module) for fault in faults(name, thing)]
    assert (module.__doc__ or "").strip(), "the module has no docstring"
    assert found == []


def shapeless(function: Any) -> list[str]:
    """Arrays, by their annotation or description, whose shape is not told."""
    doc = FunctionDoc(function)
    arrays = {
        name
        for name, kind in inspect.get_annotations(function).items()
        # One of several things that are returned is told by its description alone.
        if str(kind).startswith("numpy.ndarray") or ("ndarray" in str(kind) and name != "return")
    }
    taken, given = (cast("list[Parameter]", doc[name]) for name in ("Parameters", "Returns"))
    lacking = [
        entry.name
        for entry in taken
        if arrays & set(entry.name.split(", ")) or entry.type.startswith("array")
        # The same array is described once, where it is first met.
        if "shape" not in entry.type and not "".join(entry.desc).startswith("As in `")
    ]
    lacking += [
        "what is returned"
        for entry in given
        if "return" in arrays or entry.type.startswith("array")
        if "shape" not in entry.type
    ]
    return lacking


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_arrays_are_described_with_their_shape(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    assert [
        f"{name}: {lacking}"
        for name, thing in public(module)
        if inspect.isfunction(thing)
        for lacking in shapeless(thing)
    ] == []


def raises(node: ast.AST) -> bool:
    """Whether a function raises an error of its own; functions inside it are left out."""
    inner = [
        child
        for child in ast.iter_child_nodes(node)
        if not isinstance(child, ast.FunctionDef | ast.Lambda)
    ]
    return any(isinstance(child, ast.Raise) or raises(child) for child in inner)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_what_a_function_raises_is_described(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    silent = [
        name
        for name, thing in public(module)
        if inspect.isfunction(thing)
        if raises(ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0])
        if not FunctionDoc(thing)["Raises"]
    ]
    assert silent == []


@pytest.mark.parametrize(
    "path", [*MODULES, *SCRIPTS, *TESTS, *BENCHMARKS], ids=lambda path: path.name
)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_only_wire(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    refused = (
        ast.For, ast.While, ast.comprehension, ast.Try, ast.BinOp, ast.AugAssign, ast.Lambda,
        ast.ClassDef, ast.Assert, ast.IfExp,
    )  # fmt: skip
    assert len(text.splitlines()) <= LONGEST_SCRIPT
    assert [node for node in ast.walk(tree) if isinstance(node, refused)] == []
    assert (ast.get_docstring(tree) or "").count("\n") == 0
    assert (ast.get_docstring(tree) or "").endswith(".")
    *_, last = tree.body
    assert isinstance(last, ast.If)
    assert ast.unparse(last.test) == "__name__ == '__main__'"
    assert ast.unparse(last.body[0]) == "log_to(snakemake.log[0])"
    inside = sum(isinstance(node, ast.Name) and node.id == "snakemake" for node in ast.walk(last))
    assert inside == sum(
        isinstance(node, ast.Name) and node.id == "snakemake" for node in ast.walk(tree)
    )


def test_every_rule_has_its_script_and_every_script_its_rule() -> None:
    rules = {
        line.split()[1].rstrip(":")
        for path in (ROOT / "workflow/rules").glob("*.smk")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("rule ", "checkpoint "))
    }
    assert rules == {path.stem for path in SCRIPTS}


def test_tests_mirror_the_source() -> None:
    expected = {path.relative_to(SOURCE).with_name(f"test_{path.name}") for path in MODULES}
    found = {
        path.relative_to(ROOT / "tests")
        for path in TESTS
        if path.name.startswith("test_") and path.parent.name not in NOT_OF_MODULES
    } - {Path("test_code.py")}
    assert sorted(expected - found) == [], "modules without tests"
    assert sorted(found - expected) == [], "tests of no module"

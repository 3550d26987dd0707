"""The code keeps to the form that CONTRIBUTING describes."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from numpydoc.docscrape import FunctionDoc, Parameter
from numpydoc.validate import validate

import stature

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/stature"
LONGEST_FILE = 600  # a file is one idea, whole; a longer one is looked at again
LONGEST_SCRIPT = 40
MOST_PARAMETERS = 8
PARAMETERS_WITHOUT_RECORD = 6
FUNCTIONS_WITH_MORE = 10  # that may have more than so many

PACKAGES = sorted(path.parent for path in SOURCE.glob("*/__init__.py"))
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NOT_OF_PACKAGES = {
    "workflow",
    "inputs",
    "reference",
    "benchmarks",
    "slurm",
    "browser",
}  # folders of tests

# Layers in which a function with a source holds a formula, and is documented in full.
OF_FORMULAS = ("kernels", "theory", "measures")

# What numpydoc finds, and what it means.
ALWAYS = {
    "GL08": "no docstring",
    "SS03": "the first line does not end with a full stop",
}
IN_FULL = ALWAYS | {
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


def documented(module: ModuleType) -> Iterator[tuple[str, Any]]:
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


def in_full(name: str, thing: Any) -> bool:
    """Whether a function is documented in full: it is public, holds a formula, or has begun to."""
    if not inspect.isfunction(thing):
        return False
    doc = inspect.getdoc(thing) or ""
    package, public = name.split(".")[1], [f"stature.api.{one}" for one in stature.__all__]
    sections = any(f"\n{title}\n---" in doc for title in ("Parameters", "Returns", "Yields"))
    of_formula = package in OF_FORMULAS and "\nReferences\n---" in doc
    return sections or of_formula or name in public


def faults(name: str, thing: Any) -> list[str]:
    """What is wrong with a docstring."""
    full = in_full(name, thing)
    known = IN_FULL if full else ALWAYS
    found = {code for code, _ in validate(name)["errors"]} & known.keys()
    return [f"{name}: {known[code]}" for code in sorted(found)] + [
        f"{name}: {lacking} has no shape" for lacking in (shapeless(thing) if full else [])
    ]


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
def test_everything_public_says_what_its_name_cannot(path: Path) -> None:
    module = importlib.import_module(module_name(path))
    found = [fault for name, thing in documented(module) for fault in faults(name, thing)]
    assert (module.__doc__ or "").strip(), "the module has no docstring"
    assert found == []


@pytest.mark.parametrize(
    "path", [*MODULES, *SCRIPTS, *TESTS, *BENCHMARKS], ids=lambda path: path.name
)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_functions_have_few_parameters() -> None:
    counts = {
        f"{module_name(path)}.{node.name}": len(parameters(node))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {name: count for name, count in counts.items() if count > MOST_PARAMETERS} == {}
    many = [name for name, count in counts.items() if count > PARAMETERS_WITHOUT_RECORD]
    assert len(many) <= FUNCTIONS_WITH_MORE, many


def parameters(function: ast.FunctionDef) -> list[str]:
    taken = function.args
    every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
    return [each.arg for each in every if each is not None and each.arg not in ("self", "cls")]


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


def test_each_package_has_a_folder_of_tests_and_each_folder_its_package() -> None:
    folders = {
        path.relative_to(ROOT / "tests").parts[0] for path in TESTS if path.parent != ROOT / "tests"
    }
    assert folders - NOT_OF_PACKAGES == {path.name for path in PACKAGES}

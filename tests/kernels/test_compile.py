from pathlib import Path

from numba.core import config

from stature.kernels import compile as compiling
from stature.kernels.compile import jit


@jit
def twice(value: float) -> float:
    return 2 * value


def test_compiled_code_is_kept_in_a_folder_named_by_the_sources():
    folder = Path(str(config.CACHE_DIR))  # pyright: ignore[reportAttributeAccessIssue]: set at run time
    assert folder.is_dir()
    assert folder.name.startswith("compiled-")
    assert folder.parent.parent == Path(compiling.__file__).parent


def test_a_compiled_function_gives_what_its_source_gives():
    assert twice(1.5) == 3.0

"""The one way in which functions are compiled.

Compiled code is kept on disk, in a folder named by a digest of every module that holds compiled
functions: the compiler's own cache notices a change in a function's file, but not in the file of
a function that it calls. The processor that is compiled for and the compiler are in the name too,
since nodes of a cluster that differ may share a file system.

`stature setup` compiles all that fits need. Where that was not done, a process compiles what it
needs and says so. Each function has a lock: what one process compiles, others wait for and then
load. A function takes the locks of those that it calls after its own, and calls go down, so that no
two processes wait for each other. The system gives back the lock of a process that was killed.
"""

import atexit
import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from hashlib import sha256
from itertools import islice, starmap
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import llvmlite
import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import config, types
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import compile_result
from numba.core.environment import Environment, lookup_environment
from numba.core.itanium_mangler import mangle
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys
from numba.core.serialize import dumps, loads
from numba.extending import intrinsic

try:
    import fcntl
except ImportError:  # no POSIX: two processes that start at once compile the same
    fcntl = None

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent.parent
COMPILED_FOLDERS = ("kernels", "estimators/plain", "estimators/general", "estimators/intervals")
SECONDS_TO_COMPILE = 40
"""On two cores, all that fits need."""
_SECONDS_OF_SILENCE = 10


# What x86 servers of ten years have in common. Wider vectors would add in another order, so that
# fits would differ in their last digits between machines that have them and machines that do not.
COMMON = "x86-64-v3"
COMMON_FEATURES = ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
NATIVE = "native"


def target() -> tuple[str, str]:
    """Name and features of the processor to compile for.

    The one that Numba is set to, `native` for this very one; if it is set to none, `COMMON`, or
    this one where it is another kind.
    """
    # Numba reads its settings when it is loaded.
    settings, here = vars(config), binding.get_host_cpu_features()
    name, features = settings["CPU_NAME"], settings["CPU_FEATURES"]
    if name is None and all(here.get(feature, False) for feature in COMMON_FEATURES):
        return COMMON, ""
    if name in (None, NATIVE):
        name = binding.get_host_cpu_name()
    return name, here.flatten() if features is None else features


def cache_name() -> str:
    """Name of the folder of the compiled code of these very sources, for this processor."""
    digest = sha256()
    for folder in COMPILED_FOLDERS:
        for source in sorted((PACKAGE / folder).glob("*.py")):
            digest.update(f"{folder}/{source.name}\0".encode() + source.read_bytes())
    machine = [numba.__version__, llvmlite.__version__, *target()]
    digest.update("\0".join(machine).encode())
    return f"compiled-{digest.hexdigest()[:16]}"


def cache_folder(beside: Path, of_user: Path) -> Path:
    """Folder to keep compiled code in.

    One of the two; else a folder of this process, with a copy of what there is beside the sources,
    which is removed when the process ends.
    """
    for folder in (beside, of_user):
        if _can_be_written_to(folder):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="stature-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if beside.is_dir():
        shutil.copytree(beside, folder, dirs_exist_ok=True)
    return folder


def _can_be_written_to(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Only trying tells: permissions say little on a file system of another machine.
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def load(function: Any) -> None:
    """Load a compiled function from the disk, before it is called."""
    for signature in function._cache.files():
        function.compile(signature)


def devote() -> None:
    """Have this process do nothing but compile: some of the work serves what it will not do."""
    context: Any = cpu_target.target_context
    context.create_cfunc_wrapper = lambda *_: None  # C will call nothing of it
    context.codegen()._library_class = _Compiled
    # Nobody asks how long each call into LLVM takes, and what is made is needed to the end.
    cast(Any, binding.ffi).lib._lock._cblist.clear()
    gc.freeze()
    gc.set_threshold(100_000)


class _Compiled(JITCodeLibrary):
    """Machine code that is made here; what is only declared, nine tenths, is not optimised."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = cast(Any, self._codegen)._data_layout
        defined = [one for one in ll_module.functions if not one.is_declaration]
        super()._optimize_functions(SimpleNamespace(functions=defined))


def mark_of_set_up() -> Path:
    """The file that tells that all that fits need was compiled here."""
    return _FOLDER / "complete"


_NAME = cache_name()
# Where a user's programs keep what they can make again.
_USER_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
_FOLDER = cache_folder(PACKAGE / "kernels/__pycache__" / _NAME, _USER_CACHE / "stature" / _NAME)
for _setting, _value in zip(("CPU_NAME", "CPU_FEATURES"), target(), strict=True):
    setattr(config, _setting, _value)
config.CACHE_DIR = str(_FOLDER)  # pyright: ignore[reportAttributeAccessIssue]: set at run time


def jit(function: F) -> F:
    """Compile a function without reordering its arithmetic, as a unit of its own.

    Functions that call it hold no copy of it: each is optimised and written once, where a caller at
    every level would do so again for all that lies below.
    """
    return _unit(_compiled(function, {"contract"}, counting=True))


def jit_lent(function: F) -> F:
    """Likewise, for one that makes no arrays and returns none: it works in those that it is lent.

    Of those it counts no references. To count them, wherever an array is taken from a record or a
    part of one is handed on, takes longer than the arithmetic of a small sample.
    """
    return _unit(_compiled(function, {"contract"}))


def jit_inside(function: F) -> F:
    """Compile a small function, of lent arrays, into those that call it, without reordering."""
    return cast(F, _compiled(function, {"contract"}))


def jit_sums(function: F) -> F:
    """Likewise, but its sums may be taken in another order; used for sums alone.

    The order of summation is fixed at compilation, not by chance.
    """
    return cast(F, _compiled(function, {"contract", "reassoc", "nsz"}))


_UNITS = set[Any]()


def _unit(compiled: Any) -> Any:
    """A function that is optimised and written once."""
    _UNITS.add(compiled)
    return compiled


def _compiled(function: Callable[..., Any], freedom: set[str], counting: bool = False) -> Any:
    """A function compiled with some freedom of arithmetic, counting references or not."""
    # Private functions are called by compiled ones alone: Python needs no way into them.
    private = function.__name__.startswith("_")
    options: dict[str, Any] = {"no_cpython_wrapper": private, "no_cfunc_wrapper": True}
    options |= {"nogil": True, "error_model": "numpy", "fastmath": freedom, "_nrt": counting}
    compiled: Any = numba.njit(**options)(function)
    compiled._cache = _Once(function, compiled)
    compiled.targetctx.mangler = _symbol
    compiled.compile = partial(_compile, compiled)
    return compiled


def _symbol(name: str, kinds: Any, *, abi_tags: Any = (), uid: int | None = None) -> str:
    """Name of a compiled function for the linker: for ours the same in every process."""
    own = name.startswith(("stature.", ".NumbaEnv.stature."))
    return mangle(name, kinds, abi_tags=abi_tags, uid=None if own else uid)


def _compile(compiled: Any, signature: Any) -> Any:
    """Compile a function or load it, after the units that it calls."""
    try:
        entry = type(compiled).compile(compiled, signature)
    finally:
        compiled._cache.release()  # others would wait for what cannot be compiled, too
    if not compiled.targetoptions["_nrt"]:
        models = compiled.targetctx.data_model_manager
        for result in compiled.overloads.values():
            if models[result.signature.return_type].contains_nrt_meminfo():
                raise TypeError(f"{compiled.__name__} is lent its arrays and returns one: use jit")
    if compiled in _UNITS:
        # Numba's own entry tells callers to take the code in; this one only where it is.
        compiled.targetctx.remove_user_function(entry)
        for result in compiled.overloads.values():
            compiled.targetctx.insert_user_function(entry, result.fndesc, [])
    return entry


def _with_units(compiled: Any, known: set[Any]) -> Iterator[Any]:
    """A function, and all units that are reached from it."""
    yield compiled
    function = compiled.py_func
    for name in function.__code__.co_names:
        called = function.__globals__.get(name)
        if isinstance(called, type(compiled)) and called not in known:
            known.add(called)
            reached = _with_units(called, known)
            # What is compiled into its callers needs not be there itself.
            yield from reached if called in _UNITS else islice(reached, 1, None)


def _link(context: Any, code: dict[Any, Any]) -> None:
    """Add machine code to this process, all at once: functions are bound to those they call."""
    # Numba would first take up all that it can compile, which takes longer than most fits.
    rtsys.initialize(context)
    codegen = context.codegen()
    for (kept, sig), ((name, machine_code, begin, own), rest) in code.items():
        library = _Library(codegen, name, machine_code, list(starmap(_environment, own)))
        kept.linked[sig] = library, rest
        for function in begin:
            function()
    codegen._engine.finalize_object()
    for kept, sig in code:
        for environment in kept.linked[sig][0].environments:
            codegen.set_env(environment.env_name, environment)


def _environment(name: str, module: str, constants: list[Any]) -> Environment:
    """Objects of Python that machine code uses, without loading what it was made from."""
    environment = lookup_environment(name)
    if environment is None:
        environment = Environment({"__name__": module})
        environment.consts[:] = constants
        environment.env_name = name
        vars(Environment)["_memo"][name] = environment
    return environment


class _Library(JITCodeLibrary):
    """Machine code from the disk; its source is read where it is compiled into another."""

    bitcode: bytes

    def __init__(self, codegen: Any, name: str, code: bytes, environments: list[Any]) -> None:
        super().__init__(codegen, name)
        self.environments = environments
        self.enable_object_caching()
        self._set_compiled_object(code)
        self._finalize_final_module()

    def _get_module_for_linking(self) -> Any:
        return binding.parse_bitcode(self.bitcode)

    def _finalize_specific(self) -> None:
        """Wait for the units that it calls: all are bound at once."""


class _OnDisk(CompileResultCacheImpl):
    """What is kept of a function: what callers link to, and apart what Python needs."""

    def reduce(self, cres: Any) -> tuple[tuple[str, bytes, Any, Any], bytes]:
        name, _, (code, bitcode) = cres.library.serialize_using_object_code()
        cres.fndesc.typemap = cres.fndesc.calltypes = None  # of use while it is compiled
        known = cres._find_referenced_environments()
        environments = [(one.env_name, one.globals["__name__"], one.consts) for one in known]
        rest = bitcode, cres.fndesc, cres.environment, cres.signature
        return (name, code, cres.reload_init, environments), dumps(rest)


class _Once(FunctionCache):
    """A function on disk, which one process compiles while others wait for it."""

    _impl_class = _OnDisk
    _lock: int | None = None  # the descriptor of its lock, while this process compiles it

    def __init__(self, function: Callable[..., Any], compiled: Any) -> None:
        super().__init__(function)
        self._compiled = compiled
        self.linked = dict[Any, tuple[_Library, bytes]]()  # code in this process, by signature

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function; None where this process is to compile it."""
        found = self._load(sig, target_context)
        if found is None:
            self._wait()
            # Another process may have been quicker.
            found = self._load(sig, target_context)
            if found is None:
                _WORD.compiles()
        return found

    def _load(self, sig: Any, context: Any) -> Any:
        """The function if it is on disk: then so are its units, which were written before."""
        if sig not in self.files():
            return None
        code = dict[Any, Any]()
        if not all(one._cache.read(code) for one in _with_units(self._compiled, set())):
            self.flush()  # what it calls was lost: it cannot be linked
            return None
        _link(context, code)
        library, rest = self.linked[sig]
        library.bitcode, fndesc, environment, signature = loads(rest)
        if not self._py_func.__name__.startswith("_"):
            context.codegen()._engine._defined_symbols.add(fndesc.llvm_cpython_wrapper_name)
        return compile_result(
            typing_context=self._compiled.typingctx,
            target_context=context,
            library=library,
            fndesc=fndesc,
            environment=environment,
            entry_point=context.get_executable(library, fndesc, environment),
            signature=signature,
            objectmode=False,
            lifted=(),
        )

    def files(self) -> dict[Any, str]:
        """Files of the function, by signature."""
        on_disk: Any = self._cache_file
        return {key[0]: file for key, file in on_disk._load_index().items()}

    def read(self, code: dict[Any, Any]) -> bool:
        """Read what is not in this process; whether the function is on disk."""
        files, on_disk = self.files(), cast(Any, self._cache_file)
        for sig, file in files.items():
            if sig not in self.linked and sig not in self._compiled.overloads:
                try:
                    code[self, sig] = on_disk._load_data(file)
                except FileNotFoundError:
                    return False
        return bool(files)

    def _wait(self) -> None:
        """Take the lock of this function, when no other process has it."""
        if fcntl is None:
            return
        os.makedirs(self.cache_path, exist_ok=True)
        place = os.path.join(self.cache_path, f"{self._py_func.__name__}.lock")
        # A file system that has no locks lets two processes compile the same, to equal bytes.
        with suppress(OSError):
            self._lock = os.open(place, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _WORD.waits()
                fcntl.flock(self._lock, fcntl.LOCK_EX)

    def release(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class _Word:
    """What a process says while it compiles: once that it does, then now and then how far it is."""

    def __init__(self) -> None:
        self._compiled, self._said = 0, 0.0

    def compiles(self) -> None:
        self._compiled += 1
        if self._compiled == 1:
            self._say(f"compiling, once; all that fits need takes about {SECONDS_TO_COMPILE} s")
        elif time.monotonic() - self._said > _SECONDS_OF_SILENCE:
            self._say(f"compiling, once: {self._compiled} functions so far")

    def waits(self) -> None:
        if time.monotonic() - self._said > _SECONDS_OF_SILENCE:
            self._say("waiting for another process, which compiles what this one needs")

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        print(f"stature: {text}", file=sys.stderr, flush=True)


_WORD = _Word()


def integer(number: int) -> int:
    """A constant for an argument of compiled functions; they are compiled anew for a literal."""
    return cast(int, np.int64(number))


def _same_bits(source: Any, target: Any, kind: Any) -> Any:
    """A function that takes the bits of a number for one of another type."""

    def implementation(typingctx: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], kind)

        return target(source), generate

    return intrinsic(implementation)


# The 64 bits of a float as an integer, and back; inside compiled functions only.
bits_of: Callable[[float], int] = _same_bits(types.float64, types.int64, ir.IntType(64))
float_of: Callable[[int], float] = _same_bits(types.int64, types.float64, ir.DoubleType())


def _plus(typingctx: Any, one: Any, other: Any) -> Any:
    """Implementation of `plus`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fadd(*args, flags=("reassoc", "nsz", "contract"))

    return types.float64(types.float64, types.float64), generate


# ``plus(total, term)``: a sum whose terms may be taken in another order, as in `jit_sums`, amid
# arithmetic that may not. Inside compiled functions only.
plus = cast(Callable[[float, float], float], intrinsic(_plus))

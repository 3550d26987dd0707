"""Estimators that people bring: what they are given and may return, and what they cannot break."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stature.design.samples import DrawSpec, Samples, draw
from stature.domain.bias import Bias, MissingLabels, NoBias
from stature.domain.functions import digest
from stature.domain.model import Model
from stature.domain.population import Group, Population
from stature.estimators.estimator import Estimator, Fits, FitSpec, Outside, SeStatus, Status
from stature.estimators.fit import fit_block
from stature.estimators.intervals.wald import Z_95
from stature.writing import FileError

GROUPS = (Group("girls", 0.5, 163.0, 6.5), Group("boys", 0.5, 176.0, 7.0))
SIZES, NONE = (10, 30), NoBias()
HALVES = "([.5, .5], [160., 180.], [5., 6.])"
NAMED = "shares=[.5, .5], means_cm=[160., 180.], sds_cm=[5., 6.]"


def drawn(last: int = 1, bias: Bias = NONE) -> Samples:
    return draw(DrawSpec(Population("school", GROUPS), bias, "random", 5, 0, last, SIZES[-1]))


def spec_of(estimator: Estimator, last: int = 1, **more: Any) -> FitSpec:
    known = {"known_shares": None, "known_sds_cm": None, **more}
    names = ("girls", "boys")
    return FitSpec(estimator, names, **known, sampling="random", sizes=SIZES, first=0, last=last,
                   stream_key="1" * 32, traced=0)  # fmt: skip


def python(file: Path, name: str = "f", labels: Any = "none", **more: Any) -> Estimator:
    outside = Outside(f"{file}:{name}", sources=(str(file),), sha256=digest([str(file)]), **more)
    return Estimator("mine", Model(labels), "python", outside=outside)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a file with the body of an estimator `f`, after what is imported."""

    def write(body: str, top: str = "") -> Path:
        path = tmp_path / "mine.py"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        head = "import os, sys, time\nimport numpy as np\n"
        path.write_text(f"{head}{top}\ndef f(heights, labels, known, rng):\n{lines}")
        return path

    return write


def fitted(file: Path, samples: Samples | None = None, **more: Any) -> Fits:
    return fit_block(spec_of(python(file, **more)), samples or drawn())[0]


# What hostile estimators do, and how each of their fits ends.
HOSTILE = {
    "raises": ("raise ValueError('no')", Status.ERROR),
    "exits": ("sys.exit(3)", Status.ERROR),
    "exits at once": ("os._exit(0)", Status.ERROR),
    "kills itself": ("os.kill(os.getpid(), 9)", Status.ERROR),
    "is interrupted": ("raise KeyboardInterrupt", Status.ERROR),
    "calls itself for ever": ("return f(heights, labels, known, rng)", Status.ERROR),
    "asks for too much memory": (f"np.ones(10**9); return {HALVES}", Status.ERROR),
    "closes all files": (f"os.closerange(0, 256); return {HALVES}", Status.ERROR),
    "hangs": ("while True: pass", Status.TIMED_OUT),
    "sleeps and hears nothing": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        Status.TIMED_OUT,
    ),
    "returns nothing": ("pass", Status.MALFORMED),
    "returns text": ("return 'abc'", Status.MALFORMED),
    "returns numbers as text": (
        "return ['.5', '.5'], ['160', '180'], ['5', '6']",
        Status.MALFORMED,
    ),
    "returns too few groups": ("return [1.], [160.], [5.]", Status.MALFORMED),
    "returns ragged lists": ("return [.5, [.5]], [160., 180.], [5., 6.]", Status.MALFORMED),
    "returns other names": ("return {'mu': [160., 180.]}", Status.MALFORMED),
    "returns negative SDs": ("return [.5, .5], [160., 180.], [-5., 6.]", Status.MALFORMED),
    "returns shares of 2": ("return [1., 1.], [160., 180.], [5., 6.]", Status.MALFORMED),
    "returns numbers beyond reason": ("return [.5, .5], [160., 1e300], [5., 6.]", Status.MALFORMED),
    "returns complex numbers": ("return [.5, .5], [160., 180j], [5., 6.]", Status.MALFORMED),
    "returns NaN": ("return [.5, .5], [np.nan, 180.], [5., 6.]", Status.NONFINITE),
    "returns infinity": ("return [.5, .5], [160., np.inf], [5., 6.]", Status.NONFINITE),
    "returns an SD of zero": ("return [.5, .5], [160., 180.], [0., 6.]", Status.DEGENERATE),
    "prints megabytes": (f"print('x' * 10**6); return {HALVES}", Status.CONVERGED),
    "writes into its input": (f"heights[:] = 0.; return {HALVES}", Status.CONVERGED),
    "leaves a child behind": (
        f"os.fork() or time.sleep(600); return {HALVES}",
        Status.CONVERGED,
    ),
    "returns a quantity that nobody named": (f"return dict({NAMED}, other=1.)", Status.MALFORMED),
    "returns what is claimed of a quantity that nobody named": (
        f"return dict({NAMED}, other_se=1.)",
        Status.MALFORMED,
    ),
}


@pytest.mark.parametrize(("body", "status"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_estimators_end_as_counted_failures(
    body: str, status: Status, written: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    samples = drawn(last=0)
    before = samples.heights_cm.copy()
    hangs = status == Status.TIMED_OUT
    limits: dict[str, Any] = {"seconds": 0.2 if hangs else 60.0, "memory_mb": 500}
    estimator = python(written(body.replace("; return", "\nreturn")), **limits)
    fits = fit_block(spec_of(estimator, last=0), samples)[0]
    assert (fits.status == status).all()
    assert fits.estimate.shape == (1, 2, 7)
    assert np.isfinite(fits.estimate).all() == (status == Status.CONVERGED)
    assert np.array_equal(samples.heights_cm, before)
    assert len(capsys.readouterr().err) < 70_000


def test_a_crash_costs_its_own_fit_alone_and_the_log_says_where(
    written: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    samples = drawn()
    first = float(samples.heights_cm[0, 0])
    body = f"if heights[0] == {first!r} and len(heights) == 30: os._exit(1)\n"
    body += f"if heights[0] == {first!r}: raise ValueError('what went wrong')\nreturn {HALVES}"
    fits = fitted(written(body), samples)
    assert fits.status.tolist() == [[Status.ERROR, Status.ERROR], [Status.CONVERGED] * 2]
    said = capfd.readouterr().err
    assert "mine, replicate 0, n = 10:" in said
    assert "ValueError: what went wrong" in said
    assert "mine.py" in said


def test_what_cannot_be_loaded_is_tried_once(
    written: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    fits = fitted(written(f"return {HALVES}", top="import no_such_module"))
    assert (fits.status == Status.ERROR).all()
    assert capfd.readouterr().err.count("No module named 'no_such_module'") == 1


def test_children_that_are_left_behind_are_ended(
    written: Callable[[str], Path], tmp_path: Path
) -> None:
    note = tmp_path / "child"
    fitted(written(f"if os.fork() == 0:\n    open({str(note)!r}, 'w').write(str(os.getpid()))\n"
                   f"    time.sleep(600)\ntime.sleep(.05)\nreturn {HALVES}"))  # fmt: skip
    child = int(note.read_text())
    until = time.monotonic() + 10.0
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def test_an_estimator_gets_its_sample_and_what_is_known(written: Callable[[str], Path]) -> None:
    samples = drawn()
    body = "means = heights.mean() + np.array([-known.shares[0], known.sds_cm[1]])\n"
    body += "return [.5, .5], means, [len(heights), 1 + labels.sum()]"
    known: dict[str, Any] = {"known_shares": (0.3, 0.7), "known_sds_cm": (5.0, 8.0)}
    spec = spec_of(python(written(body), labels="all"), **known)
    fits = fit_block(spec, samples)[0]
    for row, (column, size) in [(0, (0, 10)), (1, (1, 30))]:
        mean = samples.heights_cm[row, :size].mean()
        labels = samples.group_index[row, :size].sum()
        expected = [0.5, mean - 0.3, size, 0.5, mean + 8.0, 1 + labels, 8.3]
        assert fits.estimate[row, column] == pytest.approx(expected, rel=1e-12)


def test_labels_are_as_recorded_and_none_where_none_is(written: Callable[[str], Path]) -> None:
    samples = drawn(bias=MissingLabels(0.5))
    body = "n = len(heights)\nreturn [.5, .5], [(labels == -1).sum(), n], [1., 1.]"
    of_all = fitted(written(body), samples, labels="all").estimate[:, 1, 1]
    assert of_all.tolist() == (samples.written_labels == -1).sum(axis=1).tolist()
    assert of_all.min() > 0
    estimator = python(written(body))
    some = Estimator("mine", Model("some", labelled_share=0.2), "python", outside=estimator.outside)
    # Two of ten people, and six of thirty, are shown with their labels.
    assert fit_block(spec_of(some), drawn())[0].estimate[:, :, 1].tolist() == [[8.0, 24.0]] * 2


def test_components_without_labels_are_ordered_by_their_means(
    written: Callable[[str], Path],
) -> None:
    body = (
        "return dict(shares=[.3, .7], means_cm=[180., 160.], sds_cm=[5., 6.], means_cm_se=[1., 2.])"
    )
    fits = fitted(written(body))
    assert fits.estimate[0, 0].tolist() == [0.7, 160.0, 6.0, 0.3, 180.0, 5.0, 20.0]
    assert fits.std_error[0, 0, [1, 4]].tolist() == [2.0, 1.0]
    assert fits.lower[0, 0, 1] == pytest.approx(160.0 - 2.0 * Z_95, rel=1e-15)
    assert (fits.se_status == SeStatus.OK).all()
    assert np.isnan(fits.std_error[..., [0, 2, 3, 5, 6]]).all()


def test_intervals_of_its_own_are_taken(written: Callable[[str], Path]) -> None:
    body = "return dict(shares=[.5, .5], means_cm=[160., 180.], sds_cm=[5., 6.], "
    body += "means_cm_lower=[159., 178.], means_cm_upper=[161., 183.])"
    fits = fitted(written(body))
    assert (fits.lower[..., [1, 4]] == [159.0, 178.0]).all()
    assert (fits.upper[..., [1, 4]] == [161.0, 183.0]).all()


def test_quantities_of_its_own_are_taken_with_what_is_claimed_of_them(
    written: Callable[[str], Path],
) -> None:
    body = (
        f"return dict({NAMED}, far=len(heights), far_se=2, near=True, near_lower=-1, near_upper=3)"
    )
    fits = fitted(written(body), quantities=("near", "far"))
    assert fits.quantities == ("near", "far")
    assert fits.of_quantities is not None
    near, far = np.moveaxis(fits.of_quantities, -1, 0)
    assert near[0, 0].tolist() == pytest.approx([1.0, np.nan, -1.0, 3.0], nan_ok=True)
    for column, size in enumerate(SIZES):
        reach = Z_95 * 2.0
        assert far[1, column] == pytest.approx([size, 2.0, size - reach, size + reach], rel=1e-15)
    assert fits.estimate.shape == (2, 2, 7)


def test_the_gap_has_claims_of_its_own(written: Callable[[str], Path]) -> None:
    bare = fitted(written(f"return dict({NAMED}, gap_cm_se=2.)"))
    assert bare.estimate[0, 0, -1] == 20.0
    ends = bare.lower[0, 0, -1], bare.upper[0, 0, -1]
    assert ends == pytest.approx((20.0 - 2.0 * Z_95, 20.0 + 2.0 * Z_95), rel=1e-15)
    own = fitted(written(f"return dict({NAMED}, gap_cm=12.8, gap_cm_lower=11., gap_cm_upper=14.)"))
    assert own.estimate[0, 0, -1] == 12.8
    assert (own.lower[0, 0, -1], own.upper[0, 0, -1]) == (11.0, 14.0)
    assert own.quantities == ()


ODD = {
    "is left out": ("", Status.MALFORMED, None),
    "is text": ("own='12.8'", Status.MALFORMED, None),
    "is a text that is long": ("own='x' * 10**6", Status.MALFORMED, None),
    "is a list": ("own=[1., 2.]", Status.MALFORMED, None),
    "is nothing": ("own=None", Status.MALFORMED, None),
    "is complex": ("own=1j", Status.MALFORMED, None),
    "is beyond reason": ("own=1e300", Status.MALFORMED, None),
    "has a standard error that is text": ("own=1., own_se='?'", Status.MALFORMED, None),
    "is NaN": ("own=np.nan", Status.CONVERGED, np.nan),
    "is infinite": ("own=-np.inf", Status.CONVERGED, np.nan),
    "is a number of NumPy": ("own=np.float32(.5)", Status.CONVERGED, 0.5),
    "is a count": ("own=3", Status.CONVERGED, 3.0),
}


@pytest.mark.parametrize(("said", "status", "value"), ODD.values(), ids=ODD)
def test_a_quantity_that_is_odd_ends_as_it_should(
    said: str, status: Status, value: float | None, written: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    estimator = python(written(f"return dict({NAMED}, {said})"), quantities=("own",))
    fits = fit_block(spec_of(estimator, last=0), drawn(last=0))[0]
    assert (fits.status == status).all()
    assert fits.of_quantities is not None
    assert np.isnan(fits.of_quantities[..., 0]).all() == (value is None or np.isnan(value))
    if value is not None:
        assert fits.of_quantities[0, 0, 0, 0] == pytest.approx(value, nan_ok=True)
    assert len(capsys.readouterr().err) < 10_000


def test_likelihood_and_distance_from_the_maximum_are_those_of_its_estimate(
    written: Callable[[str], Path],
) -> None:
    samples = drawn()
    fits = fitted(written(f"return {HALVES}"), samples)
    x = samples.heights_cm[1]
    density = sum(
        0.5 / (sd * np.sqrt(2 * np.pi)) * np.exp(-0.5 * ((x - mean) / sd) ** 2)
        for mean, sd in [(160.0, 5.0), (180.0, 6.0)]
    )
    assert fits.log_likelihood[1, 1] == pytest.approx(np.log(density).sum(), rel=1e-12)
    # At the maximum that EM found nothing is left to gain.
    em = fit_block(spec_of(Estimator("em", Model("none"), "em")), samples)[0]
    at = em.estimate[1, 1]
    parts = [at[[0, 3]].tolist(), at[[1, 4]].tolist(), at[[2, 5]].tolist()]
    there = fitted(written(f"return {parts}"), samples)
    assert there.decrement[1, 1] < 1e-10
    assert there.log_likelihood[1, 1] == pytest.approx(em.log_likelihood[1, 1], rel=1e-12)


CHANCE = (
    "import random\nd = [rng.random(), np.random.random(), random.random()]\n"
    "return [.5, .5], [d[0], 1 + d[1]], [1 + d[2], 1.]"
)


def test_chance_comes_from_the_streams_of_replicates(written: Callable[[str], Path]) -> None:
    file, samples = written(CHANCE), drawn(last=3)
    spec = spec_of(python(file), last=3)
    whole = fit_block(spec, samples)[0].estimate
    assert len(np.unique(whole[..., [1, 2, 4]])) == whole[..., [1, 2, 4]].size
    people = samples.heights_cm[2:], samples.group_index[2:]
    half = Samples(samples.replicates[2:], *people, samples.group_names)
    later = fit_block(replace(spec, first=2, sizes=SIZES[1:]), half)[0].estimate
    assert np.array_equal(later, whole[2:, 1:])


def test_a_batch_is_given_all_samples_of_a_size(written: Callable[[str], Path]) -> None:
    alone = "return [.5, .5], [heights.min(), heights.max()], [1 + rng.random(), 1.]"
    batch = "n = len(heights)\nassert len(rng) == n and labels is None\n"
    batch += "d = [1 + each.random() for each in rng]\n"
    batch += "return (np.full((n, 2), .5), np.c_[heights.min(1), heights.max(1)],"
    batch += " np.c_[d, np.ones(n)])"
    one = fitted(written(alone))
    both = fitted(written(batch), batched=True)
    assert np.array_equal(one.estimate, both.estimate)
    body = "n = len(heights)\nmeans = np.c_[heights.min(1), heights.max(1)]\n"
    body += "return dict(shares=np.full((n, 2), .5), means_cm=means, sds_cm=np.ones((n, 2)), "
    with_lowest = fitted(written(body + "low=means[:, 0])"), batched=True, quantities=("low",))
    assert with_lowest.of_quantities is not None
    assert (with_lowest.of_quantities[..., 0, 0] == one.estimate[..., 1]).all()
    wrong = fitted(written(f"return {HALVES}"), batched=True)
    assert (wrong.status == Status.MALFORMED).all()


def test_code_that_was_edited_in_mid_run_is_refused(written: Callable[[str], Path]) -> None:
    estimator = python(written(f"return {HALVES}"))
    written("return 1")
    with pytest.raises(FileError, match=r"mine\.py: expected the code that the run began with"):
        fit_block(spec_of(estimator), drawn())


PROGRAM = """
import csv, os, sys, time
people = list(csv.DictReader(open(sys.argv[1])))
cells = {{}}
for one in people:
    cells.setdefault((one["replicate"], one["size"]), []).append(float(one["height_cm"]))
with open(sys.argv[2], "w") as file:
    print("replicate,size,group,share,mean_cm,sd_cm,mean_cm_se,gap_cm_se,lowest", file=file)
    for (replicate, size), x in cells.items():
        for k, name in enumerate(os.environ["STATURE_GROUPS"].split(",")):
            first = [.5, [min(x), max(x)][k], len(x), 2, 3, {lowest}]
            print(replicate, size, name, *first, sep=",", file=file)
    {last}
"""


def command(path: Path, last: str, lowest: str = "min(x)", **more: Any) -> Estimator:
    path.write_text(PROGRAM.format(last=last, lowest=lowest))
    words = (sys.executable, str(path))
    own = Outside("", words, sources=(str(path),), sha256=digest([str(path)]), **more)
    return Estimator("mine", Model("none"), "command", outside=own)


def test_a_program_is_given_people_and_gives_estimates(tmp_path: Path) -> None:
    samples = drawn()
    fits = fit_block(spec_of(command(tmp_path / "p.py", "")), samples)[0]
    assert (fits.status == Status.CONVERGED).all()
    for row, (column, size) in [(0, (1, 30)), (1, (0, 10))]:
        x = samples.heights_cm[row, :size]
        assert fits.estimate[row, column, [1, 4]].tolist() == [x.min(), x.max()]
        assert fits.estimate[row, column, [2, 5]].tolist() == [size, size]
    assert (fits.std_error[..., [1, 4]] == 2.0).all()
    assert (fits.std_error[..., 6] == 3.0).all()


@pytest.mark.parametrize("lowest", ["min(x)", "min(x) if k else ''"])
def test_a_program_gives_quantities_in_each_row_or_in_one(lowest: str, tmp_path: Path) -> None:
    estimator = command(tmp_path / "p.py", "", lowest, quantities=("lowest",))
    fits = fit_block(spec_of(estimator), drawn())[0]
    assert fits.of_quantities is not None
    assert (fits.of_quantities[:, :, 0, 0] == fits.estimate[:, :, 1]).all()


@pytest.mark.parametrize(
    ("lowest", "said"),
    [("k", "lowest: expected one number in all rows"), ("'low'", "lowest: expected numbers")],
)
def test_a_program_whose_quantities_are_odd_is_counted(
    lowest: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estimator = command(tmp_path / "p.py", "", lowest, quantities=("lowest",))
    assert (fit_block(spec_of(estimator), drawn())[0].status == Status.MALFORMED).all()
    assert said in capsys.readouterr().err


ENDS = {
    "exit code": ("sys.exit(4)", Status.ERROR, "exit code 4"),
    "hang": ("time.sleep(60)", Status.TIMED_OUT, "ended after"),
    "no table": ("os.remove(sys.argv[2])", Status.MALFORMED, "got no file"),
    "huge table": ("print('x' * 10**6, file=file)", Status.MALFORMED, "far too large"),
    "other columns": (
        "file.seek(0); file.truncate(); print('a,b\\n1,2', file=file)",
        Status.MALFORMED,
        "expected columns replicate, size, share, mean_cm, sd_cm; got a, b",
    ),
    "texts": (
        "file.seek(0); file.truncate(); print('replicate,size,share,mean_cm,sd_cm\\n0,10,a,b,c"
        "\\n0,10,a,b,c', file=file)",
        Status.MALFORMED,
        "expected numbers",
    ),
}


@pytest.mark.parametrize(("last", "status", "said"), ENDS.values(), ids=ENDS)
def test_programs_end_as_counted_failures(
    last: str, status: Status, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = 1.5 if status == Status.TIMED_OUT else 60.0
    estimator = command(tmp_path / "p.py", last, seconds=seconds)
    fits = fit_block(spec_of(estimator), drawn())[0]
    assert (fits.status == status).all()
    assert said in capsys.readouterr().err


def test_a_row_that_is_missing_costs_its_own_fit_alone(tmp_path: Path) -> None:
    last = "file.close(); rows = open(sys.argv[2]).readlines()\n"
    last += "    open(sys.argv[2], 'w').writelines(rows[:-1])"
    fits = fit_block(spec_of(command(tmp_path / "p.py", last)), drawn())[0]
    assert fits.status.ravel().tolist() == [Status.CONVERGED] * 3 + [Status.MALFORMED]


def test_parquet_is_exchanged_where_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "p.py"
    path.write_text(
        "import sys, pyarrow as pa, pyarrow.parquet as pq\n"
        "t = pq.read_table(sys.argv[1]).group_by(['replicate', 'size']).aggregate("
        "[('height_cm', 'min'), ('height_cm', 'max'), ('seed', 'min')]).to_pylist()\n"
        "rows = [dict(replicate=o['replicate'], size=o['size'], share=.5, mean_cm=m, "
        "sd_cm=1. + o['seed_min']) for o in t for m in (o['height_cm_min'], o['height_cm_max'])]\n"
        "pq.write_table(pa.Table.from_pylist(rows), sys.argv[2])\n"
    )
    own = Outside("", (sys.executable, str(path)), format="parquet", sha256=digest([]))
    samples = drawn()
    fits = fit_block(spec_of(Estimator("mine", Model("none"), "command", outside=own)), samples)[0]
    assert (fits.estimate[:, 1, 1] == samples.heights_cm.min(axis=1)).all()
    assert len(np.unique(fits.estimate[..., 2])) == 4  # each sample has a seed of its own


def test_a_program_that_cannot_be_started_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Outside("", (str(tmp_path / "no-such-program"),), sha256=digest([]))
    fits = fit_block(spec_of(Estimator("mine", Model("none"), "command", outside=own)), drawn())[0]
    assert (fits.status == Status.ERROR).all()
    assert "no-such-program: No such file" in capsys.readouterr().err


def test_jobs_of_estimators_inside_do_not_load_what_people_bring() -> None:
    code = "import sys, stature.estimators.fit; print(*sys.modules)"
    modules = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert {"stature.estimators.outside", "pandas", "scipy.stats", "sklearn"}.isdisjoint(modules)

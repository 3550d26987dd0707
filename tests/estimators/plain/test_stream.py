import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stature.arrays import Floats
from stature.domain.model import Model
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.estimator import Estimator, Fits, Status
from stature.estimators.fit import fit_heights, spec_of_one
from stature.estimators.plain import stream
from stature.estimators.plain.stream import fit_file, sketch_of
from tests.estimators.laws import KEY, NAMES, SDS_CM, SHARES

NUMBERS = ("estimate", "std_error", "robust_std_error", "log_likelihood")


def heights(people: int, gap_cm: float = 13.0, sds_cm: tuple[float, float] = SDS_CM):
    """Girls N(163, 6^2) and boys `gap_cm` taller with SD 7, unless SDs are given."""
    rng = np.random.default_rng(7)
    boys = rng.random(people) < SHARES[1]
    sd_cm = np.where(boys, sds_cm[1], sds_cm[0])
    return 163.0 + gap_cm * boys + sd_cm * rng.standard_normal(people)


def mapped(folder: Path, values: NDArray[np.floating]) -> NDArray[np.floating]:
    np.save(folder / "heights.npy", values)
    return np.load(folder / "heights.npy", mmap_mode="r")


def told(
    name: str,
) -> tuple[tuple[str, ...], tuple[float, ...] | None, tuple[float, ...] | None, str]:
    model = CATALOGUE[name].model
    shares = SHARES if model.shares == "known" else None
    return NAMES, shares, SDS_CM if model.sds == "known" else None, KEY


def of_file(name: str, values: NDArray[np.floating], cm_per_unit: float = 1.0) -> Fits:
    return fit_file(CATALOGUE[name], values, *told(name), cm_per_unit)


def of_people(name: str, values: Floats) -> Fits:
    names, shares, sds_cm, key = told(name)
    return fit_heights(spec_of_one(CATALOGUE[name], names, key, shares, sds_cm), values, None)


def agree(found: Fits, expected: Fits, rtol: float = 1e-9) -> None:
    assert found.status[0, 0] == expected.status[0, 0] == Status.CONVERGED
    for number in NUMBERS:
        same = getattr(found, number), getattr(expected, number)
        np.testing.assert_allclose(*same, rtol=rtol, err_msg=number)


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if e.model.labels == "none"])
def test_a_file_has_the_fit_of_its_people(name: str, tmp_path: Path):
    # More than three chunks, the last one cut short.
    values = heights(3 * stream.CHUNK + 12_345)
    agree(of_file(name, mapped(tmp_path, values)), of_people(name, values))


def test_the_order_of_a_file_does_not_matter(tmp_path: Path):
    values = heights(200_000)
    agree(of_file("newton", mapped(tmp_path, np.sort(values))), of_people("newton", values))


def test_other_units_and_precisions_are_read(tmp_path: Path):
    inches = (heights(100_000) / 2.54).astype(np.float32)
    found = of_file("newton", mapped(tmp_path, inches), 2.54)
    agree(found, of_people("newton", inches.astype(np.float64) * 2.54))


def test_a_small_file_is_fitted_too(tmp_path: Path):
    values = heights(40, gap_cm=25.0)
    agree(of_file("em", mapped(tmp_path, values)), of_people("em", values))


def test_the_guard_asks_for_narrower_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Groups six SDs apart with SDs of 1 and 7: cells fit for the whole sample are too wide.
    values = heights(150_000, gap_cm=25.0, sds_cm=(1.0, 7.0))
    widths: list[float] = []

    def watched(*args: float) -> object:
        widths.append(args[-1])
        return sketch_of(*args)  # pyright: ignore[reportArgumentType]: passed on as they come

    monkeypatch.setattr(stream, "sketch_of", watched)
    found = of_file("newton", mapped(tmp_path, values))
    assert len(widths) > 1
    assert (np.diff(widths) < 0).all()
    agree(found, of_people("newton", values), rtol=1e-8)  # the guard allows 1e-10 of each sum


def test_an_exact_pass_corrects_what_a_coarse_sketch_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # With a guard that lets everything pass, cells of half an SD are off by far more than 1e-9.
    values = heights(100_000)
    wide_cm = 4.0
    monkeypatch.setattr(stream, "width_of_cells", lambda _: wide_cm)
    monkeypatch.setattr(stream, "is_faithful", lambda *_: True)
    found = of_file("newton", mapped(tmp_path, values))
    assert found.decrement[0, 0] < 1e-12
    expected = of_people("newton", values)
    np.testing.assert_allclose(found.estimate, expected.estimate, rtol=1e-7)
    np.testing.assert_allclose(found.log_likelihood, expected.log_likelihood, rtol=1e-13)


def test_what_the_exact_pass_does_not_certify_has_not_converged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream, "width_of_cells", lambda _: 64.0)
    monkeypatch.setattr(stream, "is_faithful", lambda *_: True)
    monkeypatch.setattr(stream, "MOST_CORRECTIONS", 1)
    found = of_file("newton", mapped(tmp_path, heights(100_000)))
    assert found.status[0, 0] != Status.CONVERGED


def test_a_height_far_away_gets_wider_cells():
    values = heights(100_000)
    values[77_777] = 1e9
    nodes, width_cm = sketch_of(values, 1.0, 0.5)
    assert width_cm > 0.5
    assert abs(nodes.w.sum() - 100_000) < 1e-6
    assert np.log2(width_cm) == np.rint(np.log2(width_cm))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_height_that_is_no_number_is_named(value: float):
    values = heights(100_000)
    values[77_777] = value
    with pytest.raises(ValueError, match="height 77777 is"):
        of_file("em", values)


def test_labels_and_other_shapes_are_refused():
    with pytest.raises(ValueError, match="needs the group of every person"):
        of_file("mle", heights(10))
    with pytest.raises(ValueError, match="one row of heights"):
        of_file("em", heights(10).reshape(2, 5))


def test_files_of_too_few_or_equal_people_have_a_status():
    assert of_file("em", heights(3)).status[0, 0] == Status.TOO_FEW
    assert of_file("em", np.full(1000, 170.0)).status[0, 0] == Status.DEGENERATE


def test_an_array_that_was_changed_in_memory_is_left_so(tmp_path: Path):
    np.save(tmp_path / "heights.npy", heights(100_000))
    values = np.load(tmp_path / "heights.npy", mmap_mode="c")
    values += 10.0
    before = values.sum()
    of_file("newton", values)
    assert values.sum() == before


@pytest.mark.slow
def test_a_file_needs_no_more_memory_than_its_chunks(tmp_path: Path):
    # 20 million heights are 160 MB: a copy of them, or pages never given back, would show.
    out = np.lib.format.open_memmap(
        tmp_path / "h.npy", mode="w+", dtype=np.float64, shape=(20_000_000,)
    )
    for first in range(0, len(out), 1_000_000):
        out[first : first + 1_000_000] = heights(1_000_000)
    out.flush()
    script = f"""
import resource
import numpy as np
from stature.estimators.catalogue import CATALOGUE
from stature.estimators.plain.stream import fit_file

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

x = np.load({str(tmp_path / "h.npy")!r}, mmap_mode="r")
told = ("a", "b"), None, None, {KEY!r}
fit_file(CATALOGUE["newton"], x[:100_000], *told)
before = peak_mb()
fit_file(CATALOGUE["newton"], x, *told)
print(peak_mb() - before)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    most_mb = 60.0
    assert float(run.stdout) < most_mb


def test_a_likelihood_that_the_stream_does_not_know_is_refused():
    penalised = Estimator("penalised", Model("none"), "newton", penalty=1.0)
    with pytest.raises(ValueError, match="cannot be fitted in one stream"):
        fit_file(penalised, np.arange(150.0, 190.0), ("a", "b"), None, None, "0" * 32)

"""`stature fit` on measurements of any kind: units of options, other scales, codes, outliers."""

import re

import numpy as np
import pytest

from stature.arrays import Floats
from stature.cli.main import main
from tests.cli.conftest import Fit


def listed(values: Floats, name: str = "x") -> str:
    """Text of a file with one column."""
    return f"{name}\n" + "".join(f"{value:.10g}\n" for value in values)


INCHES = np.random.default_rng(20261129).normal(67.0, 2.6, 400).round(2)


@pytest.mark.parametrize(
    ("inches", "cm"),
    [
        (("--below", "60"), ("--below", "152.4cm")),
        (("--above", "75"), ("--above", "1905mm")),
        (("--range", "60", "75"), ("--range", "152.4cm", "1.905m")),
        (("--rounded", "1"), ("--rounded", "2.54cm")),
        (("--sds", "2.3", "2.6"), ("--sds", "5.842cm", "6.604cm")),
    ],
)
def test_lengths_in_options_are_in_the_unit_of_the_file_or_in_their_own(
    inches: tuple[str, ...], cm: tuple[str, ...], fit: Fit
) -> None:
    kept = INCHES[(INCHES > 60.0) & (INCHES < 75.0)]
    path = fit.file(listed(kept, "height_in"))
    found, other = (fit.finds(path, *options)["estimators"] for options in (inches, cm))
    assert list(found) == list(other)
    for name, one in found.items():
        for group, numbers in one["groups"].items():
            assert numbers["mean"] == pytest.approx(other[name]["groups"][group]["mean"])
            assert numbers["sd"] == pytest.approx(other[name]["groups"][group]["sd"])


def test_known_sds_in_inches_are_fitted_as_such(fit: Fit) -> None:
    path = fit.file(listed(INCHES, "height_in"))
    found = fit.finds(path, "--sds", "2.3", "2.6", "--estimator", "em-known-sds")
    groups = found["estimators"]["em-known-sds"]["groups"]
    assert [one["sd"] for one in groups.values()] == [2.3, 2.6]


def test_a_cut_is_named_as_it_was_given(fit: Fit) -> None:
    path = fit.file(listed(INCHES, "height_in"))
    assert "below the cut that you named, 66 in" in fit.says(path, "--below", "66")[2]
    assert "below the cut that you named, 170 cm" in fit.says(path, "--below", "170cm")[2]


@pytest.mark.parametrize("options", [("--sds", "5", "5"), ("--shares", ".5", ".5")])
def test_too_few_known_numbers_are_no_number_of_groups(options: tuple[str, ...], fit: Fit) -> None:
    code, out, err = fit.says(fit.file(listed(INCHES, "height_in")), "--groups", "3", *options)
    assert (code, out) == (2, "")
    assert "expected 3 numbers, one for each group of --groups 3, got 2" in err


def test_a_length_that_cannot_be_read_says_how_to_write_one(fit: Fit) -> None:
    with pytest.raises(SystemExit, match="2"):
        fit.says("a.csv", "--below", "5ft")
    assert "a unit such as 6.5cm, got '5ft'" in fit.capsys.readouterr().err


def test_lengths_of_animals_in_mm_are_fitted_in_mm(fit: Fit) -> None:
    lengths = np.random.default_rng(1).normal(41.5, 6.0, 300).round(1)
    for name, options in (("length", ("--unit", "mm")), ("shell_mm", ())):
        path = fit.file(listed(lengths, name))
        found = fit.finds(path, "--height", name, *options, "--groups", "1")
        (group,) = found["estimators"]["normal"]["groups"].values()
        assert group["mean"] == pytest.approx(lengths.mean(), rel=1e-9)
        assert group["sd"] == pytest.approx(lengths.std(), rel=1e-6)
    # Numbers like heights in inches are no reason to doubt mm.
    path = fit.file(listed(lengths + 20.0, "length_mm"))
    assert fit.says(path, "--height", "length_mm")[0] == 0


def test_the_gate_of_heights_names_the_way_past_it(fit: Fit) -> None:
    lengths = np.random.default_rng(2).normal(66.0, 6.0, 60).round(1)
    path = fit.file(listed(np.append(lengths, 41.5), "height_cm"))
    code, _, err = fit.says(path, "--range", "45", "90")
    assert code == 2
    assert "expected heights from 45 to 90 cm, got 41.5" in err
    assert "--range LOW HIGH, say --unit none" in err
    # Nothing says that these are heights: they may be of fish, and are taken as they are.
    path = fit.file(listed(np.append(lengths, 41.5), "length_cm"))
    found = fit.finds(path, "--column", "length_cm", "--groups", "1")
    assert found["observations"] == 61
    out = " ".join(fit.says(path, "--column", "length_cm", "--groups", "1")[1].split())
    assert "61 observations, column 'length_cm' in cm." in out
    words = out[out.index("61 observations") :]  # after the path, in which they may be
    assert not {"people", "heights", "girls"} & set(re.findall(r"[a-z]+", words))


@pytest.mark.parametrize(
    ("option", "cut"), [("--below", "0"), ("--above", "-0.0001"), ("--above", "-1e-4")]
)
def test_numbers_in_no_unit_are_cut_at_or_below_zero(option: str, cut: str, fit: Fit) -> None:
    values = np.random.default_rng(2).normal(0.0, 1.0, 4000)
    kept = values[values > 0.0] if option == "--below" else values[values < float(cut)]
    path = fit.file(listed(kept))
    found = fit.finds(path, "--height", "x", "--unit", "none", option, cut, "--groups", "1")
    (group,) = found["estimators"]["normal-truncated"]["groups"].values()
    assert abs(group["mean"]) < 4.0 * group["mean_se"]
    assert abs(group["sd"] - 1.0) < 4.0 * group["sd_se"]


SCALES = [1e-9, 1e-4, 1.0, 1e5, 1e12]


@pytest.mark.parametrize("scale", SCALES)
def test_the_cut_and_the_means_are_as_precise_at_every_scale(scale: float, fit: Fit) -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(2.0, 0.3, 200), rng.normal(3.4, 0.3, 200)])
    path = fit.file(listed(scale * values))
    options = ("--height", "x", "--unit", "none", "--estimator", "em")
    found = fit.finds(path, *options)["estimators"]["em"]
    out = " ".join(fit.says(path, *options)[1].split())
    cut = re.search(r"Cut: above (\S+) upper", out)
    assert cut is not None
    error = found["groups"]["lower"]["mean_se"]
    # Two digits of the standard error: the text is right to a twentieth of it.
    assert abs(float(cut[1]) - found["cut"]) < 0.05 * error
    means = re.findall(r"(?:lower|upper) \S+ ± \S+ \d+ (\S+) ± (\S+)", out)
    for (mean, se), group in zip(means, found["groups"].values(), strict=True):
        assert abs(float(mean) - group["mean"]) < 0.06 * error
        assert float(se) == pytest.approx(group["mean_se"], rel=0.06)
        assert len(mean) < 14


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("away", [0.0, 1e4])
def test_all_numbers_that_are_printed_are_as_precise_at_every_scale(
    away: float, scale: float, fit: Fit
) -> None:
    values = scale * (away + np.random.default_rng(7).normal(30.0, 2.0, 400).round(3))
    path = fit.file("x\n" + "".join(f"{value:.15g}\n" for value in values))
    options = ("--column", "x", "--unit", "none")
    out = " ".join(fit.says(path, *options, "--groups", "1")[1].split())
    found = re.search(r"1\.000 400 (\S+) ± (\S+) (\S+) ± (\S+) Converged", out)
    assert found is not None
    mean, mean_se, sd, sd_se = map(float, found.groups())
    error = values.std() / 20.0
    assert (abs(mean - values.mean()), abs(sd - values.std())) < (0.06 * error, 0.06 * error)
    assert mean_se == pytest.approx(error, rel=0.06)
    assert sd_se == pytest.approx(error / np.sqrt(2.0), rel=0.06)
    assert main(["doctor", path, *options]) == 0
    out = fit.capsys.readouterr().out
    words = r"values of (\S+) to (\S+), median (\S+), mean (\S+), SD (\S+)\n"
    found = re.search(words, out)
    assert found is not None
    low, high, middle, mean, sd = map(float, found.groups())
    assert (low, high) == pytest.approx((values.min(), values.max()), rel=1e-14)
    assert middle == pytest.approx(np.median(values), rel=1e-14)
    assert abs(mean - values.mean()) < 0.006 * values.std()
    assert sd == pytest.approx(values.std(), rel=0.006)


def test_many_counts_are_written_whole(fit: Fit) -> None:
    rows = [(150, 600_000), (160, 1_300_000), (170, 900_000), (180, 200_000)]
    text = "lower_cm,upper_cm,count\n" + "".join(f"{a},{a + 10},{n}\n" for a, n in rows)
    _, out, err = fit.says(fit.file(text), "--groups", "1")
    assert "3000000 observations in 4 cells" in " ".join(out.split())
    assert not re.search(r"\de\+", out + err)


@pytest.mark.parametrize("scale", SCALES)
def test_the_doctor_finds_the_step_of_numbers_at_every_scale(scale: float, fit: Fit) -> None:
    values = np.random.default_rng(4).normal(30.0, 2.0, 300)
    path = fit.file(listed(scale * values))
    assert main(["doctor", path, "--height", "x", "--unit", "none"]) == 0
    assert "steps" not in fit.capsys.readouterr().out
    path = fit.file("x\n" + "".join(f"{value:.0f}e{np.log10(scale):.0f}\n" for value in values))
    assert main(["doctor", path, "--height", "x", "--unit", "none"]) == 0
    printed = re.search(r"--rounded (\S+)", fit.capsys.readouterr().out)
    assert printed is not None
    assert float(printed[1]) == pytest.approx(scale)


@pytest.mark.parametrize("scale", SCALES)
def test_cells_are_told_apart_at_every_scale(scale: float, fit: Fit) -> None:
    ends = [f"{k}e{np.log10(scale):.0f}" for k in range(11, 19)]
    counts = [2, 9, 20, 31, 18, 8, 3]
    rows = "".join(f"{a},{b},{n}\n" for a, b, n in zip(ends, ends[1:], counts, strict=False))
    out = fit.says(fit.file("lower,upper,count\n" + rows), "--unit", "none", "--groups", "1")[1]
    table = out[out.index("and expected") :]
    printed = [float(low) for low in re.findall(r"^ *(\S+) – ", table, re.MULTILINE)]
    assert printed == pytest.approx([float(end) for end in ends[:-1]])


@pytest.mark.parametrize("code", [-99.0, -9.0, 9999.0, 999.0, 0.0])
def test_codes_for_missing_values_are_named_by_fit_with_what_drops_them(
    code: float, fit: Fit
) -> None:
    values = np.random.default_rng(5).normal(30.0, 2.0, 200).round(3)
    options = ("--height", "x", "--unit", "none", "--groups", "1")
    path = fit.file(listed(np.append(values, np.full(9, code))))
    _, _, err = fit.says(path, *options)
    assert f"{code:g} (9 rows): likely a code for a missing value; make the cells blank" in err
    advice = re.search(r"or leave the rows out with (--range .*)", err)
    assert advice is not None
    assert main(["doctor", path, *options[:4]]) == 0
    assert advice[0] in fit.capsys.readouterr().out
    found = fit.finds(path, *options, *advice[1].split())
    (group,) = found["estimators"]["normal"]["groups"].values()
    assert group["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert group["sd"] == pytest.approx(values.std(), rel=1e-9)


def test_a_code_within_reach_shows_by_its_many_rows(fit: Fit) -> None:
    values = np.random.default_rng(6).normal(20.0, 30.0, 500).round(2)
    path = fit.file(listed(np.append(values, np.full(40, 99.0))))
    err = fit.says(path, "--height", "x", "--unit", "none", "--groups", "1")[2]
    assert "99 (40 rows): likely a code for a missing value; make the cells blank\n" in err
    # Numbers that happen to be what others write for a missing one stand here once.
    path = fit.file(listed(np.append(values, [99.0, 9.0, 0.0])))
    assert "code" not in fit.says(path, "--height", "x", "--unit", "none", "--groups", "1")[2]


def outliers() -> Floats:
    rng = np.random.default_rng(20261129)
    parts = [rng.normal(164.0, 6.5, 300), rng.normal(176.0, 7.0, 700), rng.normal(132.0, 4.0, 9)]
    return np.concatenate(parts).round(1)


def test_a_group_of_outliers_has_a_sentence_in_fit_and_in_the_doctor(fit: Fit) -> None:
    values = outliers()
    path = fit.file(listed(values, "height_cm"))
    code, out, err = fit.says(path, "--estimator", "em")
    text = " ".join(out.split())
    found = fit.finds(path, "--estimator", "em")["estimators"]["em"]["groups"]["lower"]
    middle = np.median(values)
    spread = 1.4826 * np.median(np.abs(values - middle))
    distance = (middle - found["mean"]) / spread
    share = found["share"]
    assert share < 0.02
    words = f"Look at lower: {100 * share:.2g} % of all, about {share * len(values):.0f}, with a "
    assert words + f"mean {distance:.1f} robust SDs below the median" in text
    assert "look at the lowest values" in text
    far = values < middle - 4.0 * spread
    assert code == 0
    assert f"{far.sum()} values ({100 * far.mean():.2g} %), {values[far].min()} to" in err
    assert main(["doctor", path]) == 0
    assert f"{far.sum()} values" in fit.capsys.readouterr().out
    # Without them nothing is said.
    path = fit.file(listed(values[:1000], "height_cm"))
    _, out, err = fit.says(path, "--estimator", "em")
    assert ("Look at" in out, "robust" in err) == (False, False)


def test_outliers_on_both_sides_and_fits_without_a_maximum_are_told_as_such(fit: Fit) -> None:
    values = np.append(outliers()[:1000], [120.5] * 4 + [225.5] * 4)
    out = " ".join(fit.says(fit.file(listed(values, "height_cm")), "--estimator", "em")[1].split())
    assert "look at the lowest and highest values" in out
    coded = np.append(np.random.default_rng(3).normal(10.0, 1.0, 290).round(3), [9999.0] * 10)
    code, out, err = fit.says(fit.file(listed(coded)), "--column", "x", "--unit", "none")
    assert code == 0
    assert "none reached a maximum" in out
    assert "Look at" not in out
    assert ("likely a code" in err, "top-coded" in err) == (True, False)


def test_a_group_of_outliers_is_told_in_a_table_of_counts_too(fit: Fit) -> None:
    rng = np.random.default_rng(8)
    counts, ends = np.histogram(outliers(), np.arange(100.0, 215.0, 5.0))
    rows = "".join(f"{a},{a + 5},{n}\n" for a, n in zip(ends, counts, strict=False))
    path = fit.file("lower_cm,upper_cm,count\n" + rows)
    text = " ".join(fit.says(path, "--groups", "2", "--estimator", "mixture")[1].split())
    assert "Look at lower:" in text
    even, _ = np.histogram(rng.normal(170.0, 7.0, 1000), ends)
    rows = "".join(f"{a},{a + 5},{n}\n" for a, n in zip(ends, even, strict=False))
    path = fit.file("lower_cm,upper_cm,count\n" + rows)
    assert "Look at" not in fit.says(path, "--groups", "1")[1]


def test_people_put_right_stand_beside_the_share_of_the_larger_group(fit: Fit) -> None:
    options = ("--height", "height_in", "--group", "sex", "--hide-group")
    out = fit.says("data/galton_1886_children.csv", *options)[1]
    # Galton's 934 children: 481 boys and 453 girls.
    assert re.search(r"all in the larger one\) .* 481 of 934 \(51\.5 %\)", out)


def test_F25_two_models_are_compared_by_their_likelihoods_and_bic(fit: Fit) -> None:
    path = fit.file(listed(INCHES, "height_in"))
    found = fit.finds(path)["estimators"]
    bic: dict[str, float] = {}
    for name, p in (("em", 5), ("em-equal-sds", 4)):
        one, groups = found[name], found[name]["groups"].values()
        density = sum(
            g["share"] * np.exp(-0.5 * ((INCHES - g["mean"]) / g["sd"]) ** 2) / g["sd"]
            for g in groups
        )
        log_likelihood = np.log(density / np.sqrt(2.0 * np.pi)).sum()
        assert one["log_likelihood"] == pytest.approx(log_likelihood, rel=1e-9)
        bic[name] = p * np.log(len(INCHES)) - 2.0 * log_likelihood
        assert (one["parameters"], one["bic"]) == (p, pytest.approx(bic[name], rel=1e-9))
    better, worse = sorted(bic, key=bic.__getitem__)
    out = " ".join(fit.says(path)[1].split())
    assert f"BIC prefers {better} to {worse} by {bic[worse] - bic[better]:.1f}, which is" in out


def survey(scale: float) -> tuple[Floats, Floats, Floats]:
    """Heights, groups and weights of a survey that took the short ones too often."""
    rng = np.random.default_rng(20261130)
    group = rng.integers(0, 2, 500)
    heights = rng.normal(163.0 + 13.0 * group, 6.5).round(1)
    weights = scale * np.exp(0.05 * (heights - 170.0) + rng.normal(0.0, 0.3, 500))
    return heights, group.astype(np.float64), weights


@pytest.mark.parametrize("scale", [1.0, 3e4])
def test_weights_of_a_survey_have_the_errors_of_the_sandwich(scale: float, fit: Fit) -> None:
    x, _, w = survey(scale)
    rows = "".join(f"{a},{b!r}\n" for a, b in zip(x.tolist(), w.tolist(), strict=True))
    path = fit.file("height_cm,wt\n" + rows)
    found = fit.finds(path, "--weights", "wt", "--groups", "1")
    assert found["weight_kind"] == "sampling"
    assert found["effective_sample_size"] == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-12)
    (group,) = found["estimators"]["normal-weighted"]["groups"].values()
    mean = w @ x / w.sum()
    sd = np.sqrt(w @ (x - mean) ** 2 / w.sum())
    assert group["mean"] == pytest.approx(mean, rel=1e-10)
    assert group["sd"] == pytest.approx(sd, rel=1e-8)
    # Linearisation: the mean moves by w (x - m) / sum w with a row, the SD by its score likewise.
    errors = np.sqrt((w**2) @ (x - mean) ** 2) / w.sum()
    of_sd = np.sqrt((w**2) @ ((x - mean) ** 2 - sd**2) ** 2) / (2.0 * sd * w.sum())
    assert group["mean_se"] == pytest.approx(errors, rel=1e-7)
    assert group["sd_se"] == pytest.approx(of_sd, rel=1e-6)
    assert group["mean_lower"] == pytest.approx(mean - 1.959964 * errors, rel=1e-6)
    text = " ".join(fit.says(path, "--weights", "wt", "--groups", "1")[1].split())
    assert f"effective sample size is {w.sum() ** 2 / (w**2).sum():.4g} (Kish)" in text


def test_shares_of_a_survey_have_the_error_of_a_ratio(fit: Fit) -> None:
    x, group, w = survey(1.0)
    table = zip(x.tolist(), group.tolist(), w.tolist(), strict=True)
    path = fit.file("height_cm,sex,wt\n" + "".join(f"{a},{b:g},{c!r}\n" for a, b, c in table))
    found = fit.finds(path, "--weights", "wt", "--group", "sex")["estimators"]
    upper = found["mle-weighted"]["groups"]["1"]
    p = w @ group / w.sum()
    assert upper["share"] == pytest.approx(p, rel=1e-9)
    assert upper["share_se"] == pytest.approx(
        np.sqrt((w**2) @ (group - p) ** 2) / w.sum(), rel=1e-6
    )


def test_whole_weights_count_people_unless_a_person_says_otherwise(fit: Fit) -> None:
    x, _, w = survey(3.0)
    whole = np.maximum(np.rint(w), 1.0)
    rows = zip(x.tolist(), whole.tolist(), strict=True)
    path = fit.file("height_cm,wt\n" + "".join(f"{a},{b:.0f}\n" for a, b in rows))
    options = ("--weights", "wt", "--groups", "1")
    counts, survey_ = (
        fit.finds(path, *options, *more)["estimators"]["normal-weighted"]["groups"]["everybody"]
        for more in ((), ("--weight-kind", "sampling"))
    )
    assert fit.finds(path, *options)["weight_kind"] == "counts"
    assert counts["mean"] == pytest.approx(survey_["mean"], rel=1e-10)
    assert counts["mean_se"] == pytest.approx(counts["sd"] / np.sqrt(whole.sum()), rel=1e-6)
    assert survey_["mean_se"] > 1.5 * counts["mean_se"]
    error = fit.says(path, "--groups", "1", "--weight-kind", "counts")[2]
    assert "--weight-kind: expected a column of weights" in error
    assert main(["doctor", path, *options, "--weight-kind", "sampling"]) == 0
    assert "--weight-kind sampling" in fit.capsys.readouterr().out

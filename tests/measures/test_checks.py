from dataclasses import replace

from stature.measures.check import ChecksSpec, sentences
from stature.measures.checks import check_results, sort_key
from stature.measures.measure import Measure


def test_true_results_pass_every_check(
    checks_spec: ChecksSpec, measures: tuple[Measure, ...]
) -> None:
    found = check_results(checks_spec, measures)
    assert sentences(found) == ()
    assert {check.check for check in found} == {
        "rows", "replicates", "statuses", "strangers", "accounting", "mse_identity", "agreement",
        "theory_bias", "theory_empirical_se", "theory_rmse", "theory_model_se", "theory_coverage",
        "theory_rate", "limit",
    }  # fmt: skip
    assert list(found) == sorted(found, key=sort_key)


def test_results_of_no_fits_at_all_fail(checks_spec: ChecksSpec) -> None:
    assert sentences(check_results(checks_spec, ())) != ()


def test_a_doctored_result_is_named(checks_spec: ChecksSpec, measures: tuple[Measure, ...]) -> None:
    def doctored(row: Measure) -> Measure:
        here = (row.estimator, row.size, row.group, row.parameter, row.measure)
        return replace(row, value=99.0) if here == ("mle", 20, "boys", "mean_cm", "rmse") else row

    failed = sentences(check_results(checks_spec, map(doctored, measures)))
    assert len(failed) == 2  # the identity and the theory
    assert all("mle in school.none, size 20, mean_cm of boys" in text for text in failed)

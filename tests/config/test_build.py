from collections.abc import Callable

from stature.config.model import BOOTSTRAP_SAMPLES
from stature.config.record import Study
from stature.design.canonical import encode
from stature.domain.bias import Selection
from stature.domain.model import Model
from stature.estimators.estimator import Estimator
from stature.measures.precision import Precision


def test_a_list_of_numbers_is_known_and_assumed(read: Callable[..., Study]) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: none, method: em, shares: [0.4, 0.6], sds: [6, 7]}"
    ).estimators
    assert estimator.model == Model("none", "known", "known", (0.4, 0.6), (6.0, 7.0))


def test_rounds_end_at_the_replicates_unless_they_have_a_cap_of_their_own(
    read: Callable[..., Study],
) -> None:
    study = read(replicates="16", traced="1", precision="{mcse: 0.5, min: 4}")
    assert study.precision == Precision("rmse", "mean_cm", 0.5, 4, 16)
    assert (study.replicates, study.rounds) == (16, (4, 8, 16))
    capped = read(replicates="16", traced="1", precision="{mcse: 0.5, min: 4, max: 32}")
    assert (capped.replicates, capped.rounds) == (32, (4, 8, 16, 32))
    # The first blocks are those of a study with fewer rounds.
    assert set(study.blocks) < set(capped.blocks)


def test_no_more_starts_are_kept_than_made(read: Callable[..., Study]) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: none, method: em, starts: 1}"
    ).estimators
    assert (estimator.starts, estimator.kept_starts) == (1, 1)


def test_a_closed_form_has_no_settings_of_a_climb(read: Callable[..., Study]) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: all, method: closed-form, step_limit: 5}"
    ).estimators
    assert estimator == Estimator("e", Model("all"), "closed-form")


def test_intervals_are_walds_and_out_of_the_json_unless_asked_for(
    read: Callable[..., Study],
) -> None:
    plain, boot, few = read(
        estimators="""
  - {name: a, labels: none, method: em}
  - {name: b, labels: none, method: em, interval: bootstrap}
  - {name: c, labels: none, method: em, interval: bootstrap, bootstrap_samples: 50}"""
    ).estimators
    assert (plain.interval, plain.bootstrap_samples) == ("wald", 0)
    assert "interval" not in encode(plain)
    assert "bootstrap_samples" not in encode(plain)
    assert (boot.bootstrap_samples, few.bootstrap_samples) == (BOOTSTRAP_SAMPLES, 50)


def test_a_closed_form_may_have_sandwich_intervals(read: Callable[..., Study]) -> None:
    (estimator,) = read(
        estimators="\n  - {name: e, labels: all, method: closed-form, interval: sandwich}"
    ).estimators
    assert estimator == Estimator("e", Model("all"), "closed-form", interval="sandwich")


def test_a_selection_without_a_group_is_one_of_all(read: Callable[..., Study]) -> None:
    (one, all_) = read(
        biases="\n  - {name: a, kind: selection, log_odds_per_cm: 0.1, group: boys}"
        "\n  - {name: b, kind: selection, log_odds_per_cm: 0.1}"
    ).biases
    assert (one.bias, all_.bias) == (Selection(0.1, "boys"), Selection(0.1))

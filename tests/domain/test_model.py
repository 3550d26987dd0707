import numpy as np
import pytest

from stature.domain.model import Model, SdsRule, SharesRule, free_coordinates, parameter_rows


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
@pytest.mark.parametrize("shares", ["free", "known"])
@pytest.mark.parametrize("sds", ["free", "equal", "known"])
def test_a_model_has_as_many_coordinates_as_free_parameters(
    groups: int, shares: SharesRule, sds: SdsRule
):
    free = free_coordinates(Model("none", shares, sds), groups)
    expected = groups + {"free": groups, "equal": 1, "known": 0}[sds]
    expected += groups - 1 if shares == "free" else 0
    assert free.shape == (3 * groups - 1, expected)
    assert np.linalg.matrix_rank(free) == expected


def test_models_have_slugs_of_their_own():
    models = [
        Model(labels, shares, sds, assumed)
        for labels in ("all", "none")
        for shares in ("free", "known")
        for sds in ("free", "equal", "known")
        for assumed in (None, (0.4, 0.6))
        if shares == "known" or assumed is None
    ]
    assert len({model.slug for model in models}) == len(models)
    assert Model("none", "known", assumed_shares=(0.4, 0.6)).slug == "hidden-known-shares-0.4-0.6"


def test_a_fit_of_two_groups_has_seven_parameters():
    rows = parameter_rows(("girls", "boys"))
    assert len(rows) == 7
    assert rows[-1] == ("", "gap_cm")

from stature.report.assumptions import assumptions


def test_modelling_choices_of_the_code_are_gathered():
    found = dict(assumptions())
    assert "volunteers with probability 1/2" in found["stature.domain.bias"]


def test_only_layers_that_bear_on_numbers_are_read():
    assert not any(name.startswith(("stature.cli", "stature.report")) for name, _ in assumptions())

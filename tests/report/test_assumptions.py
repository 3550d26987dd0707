from stature.report.assumptions import assumptions


def test_modelling_choices_of_the_code_are_gathered():
    found = [sentence for name, sentence in assumptions() if name == "stature.domain.bias"]
    assert any("volunteers with probability 1/2" in sentence for sentence in found)


def test_only_layers_that_bear_on_numbers_are_read():
    assert not any(name.startswith(("stature.cli", "stature.report")) for name, _ in assumptions())

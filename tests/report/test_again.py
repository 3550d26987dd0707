import re
from typing import Any

from stature.report import notes, page


def test_every_modelling_choice_of_the_code_says_whose_it_is():
    found = [*notes.choices()]
    assert {word for word, _, _ in found} == set(notes.CHOICES)
    assert any("volunteers with probability 1/2" in sentence for _, _, sentence in found)
    assert not any(module.startswith(("stature.cli", "stature.report")) for _, module, _ in found)


def test_commands_name_files_of_the_study(ran: Any):
    shown = page.render(ran.study, ran.measures, ran.checks, {}, {})
    lines = re.findall(r"<pre><code>(.*?)</code></pre>", shown)
    assert any(
        "results/small/fits/school.none/em-known-shares/000000-000011.parquet" in line
        for line in lines
    )

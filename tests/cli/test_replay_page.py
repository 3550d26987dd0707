from pathlib import Path

import numpy as np
import pytest

from stature.cli.address import Address
from stature.cli.replay import replay
from stature.cli.replay_page import json_text, print_replay
from stature.config.study import load

ROOT = Path(__file__).parents[2]


def test_the_climb_is_told_from_its_start_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    study = load([ROOT / "config/config.yaml", ROOT / "config/smoke.yaml"], ROOT)
    again = replay(Address(study, "smoke.yaml", "school.none", 3, ()), ("em",), 50)
    print_replay(again, with_path=True)
    told = capsys.readouterr().out
    assert "The climb of em, n = 50" in told
    path = again.refits[0].traces
    # A likelihood never falls on the way of EM, and the page shows its first and last value.
    assert (np.diff(path.log_likelihood) >= -1e-9).all()
    for row in (0, -1):
        assert f"{path.log_likelihood[row]:.4f}" in told
    assert '"log_likelihood"' in json_text(again)

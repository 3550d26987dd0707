import pytest

from stature.cli.main import main


@pytest.mark.parametrize("command", ["plan", "replay"])
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"stature {command} " in capsys.readouterr().out.split("examples:")[1]

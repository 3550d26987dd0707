"""A wheel holds all that a study needs, and a study that was begun from it runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from stature.cli.main import main

ROOT = Path(__file__).parents[2]
PACKED = ROOT / "packaging/stature/study"


def test_every_file_of_the_workflow_is_linked_into_the_package() -> None:
    workflow = [path for path in (ROOT / "workflow").rglob("*.*") if path.parent.name != "schemas"]
    kept = {"Snakefile", "profiles/default/profile.yaml"}
    kept |= {str(path.relative_to(ROOT)) for path in workflow if path.suffix != ".pyc"}
    links = {str(path.relative_to(PACKED)) for path in PACKED.rglob("*") if path.is_symlink()}
    assert links == kept, "ln -s each missing file below packaging/stature/study"
    assert all((PACKED / name).resolve() == ROOT / name for name in links)


def test_a_new_study_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "first")]) == 0
    config = tmp_path / "first/config/config.yaml"
    config.write_text("study: mine\n")
    assert main(["new", str(tmp_path / "first")]) == 2
    assert "config.yaml, " in capsys.readouterr().err
    assert config.read_text() == "study: mine\n"


@pytest.fixture
def uv() -> str:
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    if not Path(uv).exists():
        pytest.skip("uv, which builds wheels, is not here")
    return uv


def wheel_in(folder: Path, uv: str) -> Path:
    build = [uv, "build", "--quiet", "--offline", "--wheel", "--out-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.mark.slow
def test_a_wheel_alone_begins_a_study_and_plans_it(tmp_path: Path, uv: str) -> None:
    wheel = wheel_in(tmp_path, uv)
    site = tmp_path / "site"
    with ZipFile(wheel) as file:
        file.extractall(site)
    # What an installer does with files for the folder of packages.
    shutil.copytree(next(site.glob("*.data/purelib")), site, dirs_exist_ok=True)

    def run(folder: Path, *arguments: str) -> str:
        variables = os.environ | {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, env=variables, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    command = "import stature.cli; print(stature.__file__); stature.cli.main(['new', 'first'])"
    assert str(site) in run(tmp_path, "-c", command)
    study = tmp_path / "first"
    planned = run(study, "-m", "snakemake", "--dry-run", "--cores", "2")
    # 1 design, bound and lesson, 2 blocks of samples, 3 estimators on each, 1 measure, 1 gathering,
    # figures, checks, report, and the target.
    assert "total                 17" in planned


@pytest.mark.slow
def test_a_wheel_in_an_empty_environment_begins_a_study_that_runs(tmp_path: Path, uv: str) -> None:
    """Packages come from the cache of uv, which may lack some: then it is skipped."""
    wheel, place = wheel_in(tmp_path, uv), tmp_path / "empty"
    listed = [uv, "export", "--frozen", "--offline", "--no-dev", "--no-hashes", "-q"]
    packages = subprocess.run(
        [*listed, "--no-emit-project"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (tmp_path / "packages.txt").write_text(packages.stdout, encoding="utf-8")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(place)], check=True)
    install = [uv, "pip", "install", "-q", "--offline", "--no-deps", "--python", str(place)]
    done = subprocess.run(
        [*install, "-r", str(tmp_path / "packages.txt"), str(wheel)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"the cache of uv lacks a package: {done.stderr.splitlines()[0]}")
    nothing_else = {"PATH": f"{place / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}

    def run(folder: Path, *command: str) -> None:
        done = subprocess.run(
            command, cwd=folder, env=nothing_else, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]

    run(tmp_path, str(place / "bin/stature"), "new", "first")
    study = tmp_path / "first"
    config = yaml.safe_load((study / "config/config.yaml").read_text(encoding="utf-8"))
    # Labels alone: no search without them has to be compiled, which takes a minute.
    config |= {"replicates": 2, "block": 2, "sizes": [20], "traced": 0}
    config["estimators"] = [{"name": "mle", "labels": "all", "method": "closed-form"}]
    (study / "config/config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run(study, str(place / "bin/snakemake"), "--cores", "2")
    (page,) = study.glob("results/*/report.html")
    assert "mle" in page.read_text(encoding="utf-8")

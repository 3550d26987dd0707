"""What a job of a block loads: it is started once a block, so that this is what a block costs."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stature.config import specs, study
from tests.cli.test_loads import SLOW
from tests.workflow.conftest import ROOT, STUDY

JOB = """
import runpy, sys
from pathlib import Path

script, *arguments = sys.argv[1:]
main = runpy.run_path(script)["main"]
if Path(script).stem == "draw_samples":
    spec, samples = arguments
    main([], spec, "", Path(samples))
else:
    samples, spec, fits, traces = arguments
    main(Path(samples), spec, [], "", [Path(fits), Path(traces)])
print(*sys.modules)
"""


def loaded_by(script: str, *arguments: str | Path) -> set[str]:
    """Packages that a process has loaded when a script has done its work."""
    path = ROOT / f"workflow/scripts/{script}.py"
    command = [sys.executable, "-c", JOB, path, *arguments]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return set(told.stdout.split())


@pytest.mark.slow
def test_jobs_of_a_block_load_nothing_that_they_do_not_need(tmp_path: Path):
    written = yaml.safe_load(STUDY)
    # Only normal people: a table of people is read by more than is needed to draw them.
    written["populations"] = written["populations"][:1]
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(written))
    asked = study.load([tmp_path / "study.yaml"], tmp_path)
    scenario, block = asked.scenarios[0].slug, asked.blocks[0].name
    samples = tmp_path / "samples"
    loaded = loaded_by("draw_samples", specs.draw_spec(asked, scenario, block), samples)
    assert SLOW & loaded == {"numpy", "pyarrow", "pydantic"}
    for estimator in ("mle", "em"):
        spec = specs.fit_spec(asked, scenario, estimator, block)
        loaded = loaded_by("fit_samples", samples, spec, tmp_path / "f", tmp_path / "t")
        assert SLOW & loaded == {"numba", "numpy", "pyarrow", "pydantic", "yaml"}

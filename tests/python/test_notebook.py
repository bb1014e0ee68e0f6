"""examples/quickstart.ipynb runs from its first cell to its last, and its stored outputs are those of a run and small."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

import rationale

NOTEBOOK = pathlib.Path(__file__).parents[2] / "examples/quickstart.ipynb"
VEGA = "application/vnd.vegalite.v5+json"


def outputs(path):
    return [(cell["execution_count"], output) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"
            for output in cell["outputs"]]


def test_the_stored_outputs_are_small_and_of_a_run_in_order():
    assert NOTEBOOK.stat().st_size < 100_000
    assert [count for count, _ in outputs(NOTEBOOK)] == sorted(count for count, _ in outputs(NOTEBOOK)) and outputs(NOTEBOOK)
    maps = [output["data"][VEGA] for _, output in outputs(NOTEBOOK) if VEGA in output.get("data", {})]
    assert [of["description"].partition(".")[0] for of in maps] == ["Memory and trust"]


def test_the_notebook_runs(tmp_path):
    for module in ("torch", "matplotlib", "nbconvert", "ipykernel"):
        pytest.importorskip(module)
    here = str(pathlib.Path(rationale.__file__).parents[1])  # the kernel may be another Python's
    run = subprocess.run([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", tmp_path, NOTEBOOK],
                         env={**os.environ, "PYTHONPATH": os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])},
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    made = outputs(tmp_path / NOTEBOOK.name)
    text = "".join("".join(output.get("text", "")) for _, output in made)
    assert "small GRUs: 3 runs of the family balls_and_urns, D = 4 to 64" in text and "D = 64, ood: kappa" in text
    kinds = [kind for _, output in made for kind in output.get("data", {})]
    assert VEGA in kinds and "image/png" in kinds

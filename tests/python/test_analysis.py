"""Analyses from Python. They need the program analyze; the conftest says where it is looked for."""
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import rationale

FAST = {"no_memory": True, "loss_sequences": 512, "threads": 1}


@pytest.fixture(scope="module")
def analysis(recording):
    return rationale.analyze(recording, **FAST)


def test_the_law_that_made_the_model_comes_back(analysis):
    assert "4 runs of the family balls_and_urns, D = 4 to 32" in analysis.summary and "Written" not in analysis.summary
    values = dict(zip(analysis.parameters["name"], analysis.parameters["value"]))
    assert abs(values["alpha"] - 0.5) < 0.05 and abs(values["beta"] - 0.3) < 0.05 and abs(np.log(values["gamma"] / 20)) < 0.5
    assert (analysis.parameters["lower"] < analysis.parameters["value"]).all() and analysis.parameters["determined"].dtype == bool


def test_tables_have_a_row_a_cell(analysis, recording):
    assert len(analysis.cells["step"]) == 4 * 8 * 2 and analysis.cells["step"].dtype == np.int64
    assert set(analysis.cells["split"]) == {"id", "ood"} and analysis.cells["law_divergence"].dtype == np.float64
    assert (recording.folder / "D00004-seed0.npz").exists() and list(analysis.runs["tasks"]) == [4, 8, 16, 32]
    assert "law_divergence" in list(analysis.scores) and repr(analysis) == "<analysis of made up: 4 runs of the family balls_and_urns>"


def test_weights_and_crossovers_are_those_of_the_law(analysis):
    law = analysis.law
    assert law.strategies == ["memorizing", "generalizing"]
    for D in (4, 8, 16, 32):
        rows = (analysis.cells["tasks"] == D) & (analysis.cells["split"] == "id")
        weights = law.weights(np.asarray(analysis.cells["step"])[rows], D)
        np.testing.assert_allclose(weights[:, 0], np.asarray(analysis.cells["predicted_memorizing"])[rows], rtol=1e-6)
        run = next(run for run in analysis.results["runs"] if run["tasks"] == D)
        if run.get("crossover_steps"):
            assert law.crossover(D).outcome == "after"
            np.testing.assert_allclose(law.crossover(D).steps, run["crossover_steps"], rtol=1e-9)
            np.testing.assert_allclose(law.weights(law.crossover(D).steps, D), 0.5)
    with pytest.raises(ValueError, match="tasks is 2, must be from 4 to 32"):
        law.weights(10, 2)


def test_figures_and_reports(analysis, tmp_path):
    figure = analysis.figure("map")
    assert figure["$schema"].startswith("https://vega.github.io/schema/vega-lite") and "relative-distance" in analysis.figures
    assert figure._repr_mimebundle_()["application/vnd.vegalite.v5+json"] == dict(figure)
    with pytest.raises(ValueError, match="there is no figure pie, must be one of"):
        analysis.figure("pie")
    assert analysis.report(tmp_path / "report").exists() and (tmp_path / "report/cells.csv").exists()
    page = analysis._repr_html_()
    assert page.startswith("<pre>") and "<td>alpha</td>" in page


def test_progress_is_told(recording):
    told = []
    rationale.analyze(recording, progress=lambda *at: told.append(at), no_memory=True, loss_sequences=1 << 17, loss_error=1e-6, threads=1)
    assert told and all(isinstance(stage, str) and 0 <= done <= of for stage, done, of in told)


def test_a_fault_of_progress_stops_the_program(recording):
    start = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        rationale.analyze(recording, progress=lambda *at: 1 / 0, loss_sequences=1 << 29, loss_error=1e-6, threads=1)
    assert time.monotonic() - start < 30


def test_a_notebook_is_told_too(monkeypatch, capfd):
    program = r"import sys; sys.stderr.write('\r\x1b[K[##..] losses 1/2, about 3 s left'); sys.stderr.write('\r\x1b[K'); print('words')"
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    assert rationale.analysis._run([sys.executable, "-c", program], None) == "words\n"
    assert capfd.readouterr().err == "\r\x1b[Klosses 1/2\r\x1b[K"


def test_strategies_of_ones_own_come_as_functions_or_arrays(made_up):
    uniform = {"loss": 0.5, "bits": 64, "predict": lambda tokens: np.full((*tokens.shape, 4), 0.25)}
    analysis = rationale.analyze(made_up({"uniform": uniform}), strategies="all", **FAST)
    assert analysis.results["strategies"][-1] == "uniform" and "weight_uniform" in list(analysis.cells)


@pytest.mark.parametrize("sentence, make", [
    ("there is no", lambda r: rationale.analyze("/nowhere")),
    ("--bogus", lambda r: rationale.analyze(r, bogus=1)),
    ("--threads", lambda r: rationale.analyze(r, threads=-1)),
    ("predictions_id has 2 checkpoints, must have 1, one a step", lambda r: r.add_run([[1.0, 0, 0, 0]], [1], predictions_id=[0, 0])),
])
def test_faults_are_value_errors_of_the_programs_sentence(recording, sentence, make):
    with pytest.raises(ValueError) as fault:
        make(recording)
    assert (sentence in str(fault.value) or "manifest" in str(fault.value)) and "\n" not in str(fault.value)


def test_faults_are_told_with_progress_too(recording):
    with pytest.raises(ValueError, match="--bogus"):
        rationale.analyze(recording, bogus=1, progress=print)


def test_an_interrupt_stops_the_program(recording, tmp_path):
    code = ("import rationale, sys\ntry: rationale.analyze(sys.argv[1], loss_sequences=1 << 29, loss_error=1e-6, threads=1)\n"
            "except KeyboardInterrupt: print('interrupted')")
    child = subprocess.Popen([sys.executable, "-c", code, str(recording.folder)], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    program = None
    while not program and time.monotonic() < deadline:
        time.sleep(0.1)
        program = subprocess.run(["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, text=True).stdout.split()
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)  # to Python alone, as in a notebook
    assert child.communicate(timeout=20)[0] == "interrupted\n"
    assert not os.path.exists(f"/proc/{program[0]}")


def test_without_pandas_tables_are_dictionaries_of_arrays(recording):
    code = ("import sys; sys.modules['pandas'] = None\nimport rationale; a = rationale.analyze(sys.argv[1], no_memory=True, loss_sequences=512)\n"
            "assert type(a.cells) is dict and a.cells['tasks'].shape == (64,); print(sorted(a.parameters['name']))")
    run = subprocess.run([sys.executable, "-c", code, str(recording.folder)], capture_output=True, text=True)
    assert run.stdout == "['alpha', 'beta', 'gamma']\n", run.stderr


def test_the_package_is_the_program(recording, tmp_path):
    run = subprocess.run([sys.executable, "-m", "rationale", "analyze", "--version"], capture_output=True, text=True, check=True)
    assert rationale.__version__ in run.stdout
    none = {key: value for key, value in os.environ.items() if key != "RATIONALE_ANALYZE"}
    run = subprocess.run([sys.executable, "-m", "rationale", "analyze"], env={**none, "PATH": "/nowhere"}, capture_output=True, text=True)
    assert run.returncode == 1 and "RATIONALE_ANALYZE" in run.stderr and "Traceback" not in run.stderr


def test_a_temporary_recording_goes_with_its_object(made_up):
    recording = made_up()
    folder = recording.folder
    assert folder.exists()
    del recording
    assert not folder.exists()

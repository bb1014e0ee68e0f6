"""Analyses from Python. They need the program analyze; the conftest says where it is looked for."""
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
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


def law(loss, bits, evidence="gamma N^(1-alpha)", simplicity="ln 2 K^beta", **values):
    values = {"alpha": 0.5, "gamma": 1.0, "beta": 1.0, **values}
    fit = {"law": "published", "evidence_law": evidence, "simplicity_law": simplicity,
           "parameters": [{"name": key, "value": value} for key, value in values.items()]}
    strategies = [{"name": name, "loss_nats": of, "complexity_bits": k} for name, of, k in zip("MG", loss, bits)]
    return rationale.analysis.Law({"fit": fit, "runs": [{"tasks": 4, "strategies": strategies}]}, ["M", "G"])


@pytest.mark.parametrize("loss, bits, values, outcome", [
    ((1, 2), (9, 1), {"alpha": 0.999}, "never"),  # after more steps than a double holds
    ((2, 1), (1, 9), {"alpha": 0.999}, "from the start"),
    ((1, 2), (9, 1), {"gamma": 0.0}, "never"),
    ((2, 1), (9, 1), {}, "never"),
    ((1, 2), (1, 9), {}, "from the start"),
])
def test_crossovers_that_are_none_have_no_steps(loss, bits, values, outcome):
    assert law(loss, bits, **values).crossover(4) == (outcome, None)


def test_crossovers_have_steps_in_either_order():
    steps = (8 * np.log(2)) ** 2
    for of, outcome in (law((1, 2), (9, 1)), "after"), (law((2, 1), (1, 9)), "reverse"):
        assert of.crossover(4).outcome == outcome
        np.testing.assert_allclose(of.crossover(4).steps, steps)
    with pytest.raises(ValueError, match="the evidence law is scheduled, must be a power of N, saturating or not"):
        law((1, 2), (9, 1), "scheduled").crossover(4)
    with pytest.raises(ValueError, match="the simplicity law is a guess, must be ln 2 K\\^beta"):
        law((1, 2), (9, 1), simplicity="a guess").crossover(4)
    saturating = law((1, 2), (9, 1), "gamma (N/(1 + N/saturation))^(1-alpha)", saturation=2 * steps)
    np.testing.assert_allclose(saturating.crossover(4).steps, 2 * steps)
    assert law((1, 2), (9, 1), "gamma (N/(1 + N/saturation))^(1-alpha)", saturation=0.9 * steps).crossover(4) == ("never", None)


@pytest.mark.parametrize("name", ["alpha=0", "gamma=1", "beta=1", "linear-K", "no-simplicity", "saturating"])
def test_laws_that_are_known_weigh_and_cross_as_the_analysis_says(recording, name):
    analysis = rationale.analyze(recording, law=name, **FAST)
    rows = (analysis.cells["tasks"] == 8) & (analysis.cells["split"] == "id")
    weights = analysis.law.weights(np.asarray(analysis.cells["step"])[rows], 8)
    np.testing.assert_allclose(weights[:, 0], np.asarray(analysis.cells["predicted_memorizing"])[rows], rtol=1e-6, atol=1e-12)
    run = next(run for run in analysis.results["runs"] if run["tasks"] == 8)
    if run.get("crossover_steps"):
        np.testing.assert_allclose(analysis.law.crossover(8).steps, run["crossover_steps"], rtol=1e-9)
    else:
        assert analysis.law.crossover(8).steps is None


@pytest.mark.parametrize("values, kind", [([2**53 + 1, -3], np.int64), ([2**64 - 1, 0], np.uint64), ([2**64 - 1, -1], object), ([2**64], object)])
def test_whole_numbers_of_tables_are_exact(values, kind):
    for of in values, [str(value) for value in values]:  # of results.json and of cells.csv
        column = rationale.analysis._column(of)
        assert column.tolist() == values and column.dtype == kind


def test_figures_and_reports(analysis, tmp_path):
    figure = analysis.figure("map")
    assert figure["$schema"].startswith("https://vega.github.io/schema/vega-lite") and "relative-distance" in analysis.figures
    assert figure == analysis.figure("strategy-map") and "belief" not in analysis.figures  # without memory
    assert figure._repr_mimebundle_()["application/vnd.vegalite.v5+json"] == dict(figure)
    with pytest.raises(ValueError, match="there is no figure pie, must be one of"):
        analysis.figure("pie")
    assert analysis.report(tmp_path / "report").exists() and (tmp_path / "report/cells.csv").exists()
    page = analysis._repr_html_()
    assert page.startswith("<pre>") and "<td>alpha</td>" in page


def test_figures_are_charts_where_altair_is_and_dictionaries_without(analysis, monkeypatch):
    figure = analysis.figure("map")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "altair", None)
        assert not hasattr(figure, "properties") and dict(figure)["$schema"]
    altair = pytest.importorskip("altair")
    drawn = 0
    for name in analysis.figures:
        of = analysis.figure(name)
        try:
            chart = of.altair()
        except ValueError as fault:  # of Vega-Lite 5, which altair 4 does not have
            assert str(fault) == f"rationale.Figure: altair {altair.__version__} has no chart for this figure, which is of Vega-Lite 5, must be altair 5"
            assert altair.__version__.startswith("4.")
            continue
        drawn += 1
        assert isinstance(chart, altair.TopLevelMixin)
        said = chart.to_dict()
        assert {key: said.get(key) for key in of if key not in ("$schema", "data", "config")} == \
            {key: of[key] for key in of if key not in ("$schema", "data", "config")}, name
    assert drawn >= len(analysis.figures) - 1
    assert figure.properties(background="white").to_dict()["background"] == "white" and "background" not in figure


def test_progress_is_told(recording):
    told = []
    rationale.analyze(recording, progress=lambda *at: told.append(at), no_memory=True, loss_sequences=1 << 17, loss_error=1e-6, threads=1)
    assert told and all(isinstance(stage, str) and 0 <= done <= of for stage, done, of in told)


def test_a_fault_of_progress_stops_the_program(recording):
    start = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        rationale.analyze(recording, progress=lambda *at: 1 / 0, loss_sequences=1 << 29, loss_error=1e-6, threads=1)
    assert time.monotonic() - start < 30


def test_the_map_is_that_of_memory_and_trust_where_there_is_one(recording):
    analysis = rationale.analyze(recording, loss_sequences=512, threads=1)
    assert analysis.figure("map") == analysis.figure("belief") != analysis.figure("strategy-map")
    assert "remembered" in analysis.figure("map")["description"]


def said(words, status=0):
    """A program that says so on its standard error."""
    code = f"import sys; sys.stderr.write({words!r}); sys.stderr.flush(); print('words'); sys.exit({status})"
    return [sys.executable, "-c", code]


def test_a_notebook_is_told_too(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    shown = "\r\x1b[K[##..] losses 1/2, about 3 s left\r\x1b[Kwriting, for 3 s\r\x1b[K"
    assert rationale.analysis._run(said(shown[:shown.index("\r", 1)] + shown + "one is left out\ntwo is left out\n"), None) == "words\n"
    assert capfd.readouterr().err == shown + "one is left out\ntwo is left out\n"


@pytest.mark.parametrize("shown", ["", "\r\x1b[K", "\r\x1b[K[##..] losses 1/2, about 3 s left\r\x1b[K", "\r\x1b[K[....] losses 0/2",
                                   "\r\x1b[Kwriting, for 3 s\r\x1b[K", "before\r\x1b[K[##..] losses 1/2\r\x1b[K"])
def test_the_sentence_behind_progress_is_not_lost(shown):
    with pytest.raises(ValueError) as fault:
        rationale.analysis._run(said(shown + "analyze: κ is 2, must be 1\n", 2), lambda *at: None)
    assert str(fault.value).replace("before", "").replace("rationale.", "") == "analyze: κ is 2, must be 1"


def test_a_terminal_shows_progress_in_its_width_and_the_fault_has_the_sentence():
    shown = "\r\x1b[K[##..] " + 30 * "a" + " 1/2, about 3 s left\r\x1b[K"
    code = ("import sys, rationale\ntry: rationale.analysis._run(eval(sys.argv[1]), None)\nexcept ValueError as fault: print(fault)")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 21, 0, 0))
    command = repr(said(shown + "analyze: that is wrong\n", 2))
    run = subprocess.run([sys.executable, "-c", code, command], stdout=subprocess.PIPE, stderr=theirs, text=True)
    assert run.stdout == "rationale.analyze: that is wrong\n"
    assert os.read(ours, 4096).decode() == "\r\x1b[K[##..] " + 13 * "a" + "\r\x1b[K"
    os.close(ours), os.close(theirs)


def test_progress_is_told_of_long_lines_with_numbers_in_the_recordings_name():
    code = ("import os, sys\nfor at in 9, 10:\n    line = f'[#...] urns 1/2 {200 * \"a\"}: losses {at}/22, about 3 s left'\n"
            "    sys.stderr.write('\\r\\x1b[K' + line[:(os.get_terminal_size(2).columns or 80) - 1])")  # as the program cuts it
    told = []
    rationale.analysis._run([sys.executable, "-c", code], lambda *at: told.append(at))
    assert told == [(f"urns 1/2 {200 * 'a'}: losses", at, 22) for at in (9, 10)]


def test_strategies_of_ones_own_come_as_functions_or_arrays(made_up):
    uniform = {"loss": 0.5, "bits": 64, "predict": lambda tokens: np.full((*tokens.shape, 4), 0.25)}
    analysis = rationale.analyze(made_up({"uniform": uniform}), strategies="all", **FAST)
    assert analysis.results["strategies"][-1] == "uniform" and "weight_uniform" in list(analysis.cells)
    arrays = {"loss": 0.5, "bits": 64, "id": np.full((24, 16, 4), 0.25), "ood": np.full((24, 16, 4), 0.25)}
    again = rationale.analyze(made_up({"uniform": arrays}), strategies="all", **FAST)
    np.testing.assert_array_equal(again.cells["weight_uniform"], analysis.cells["weight_uniform"])


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


def test_an_analysis_is_its_own_where_others_write_into_its_folder(recording, tmp_path):
    first = rationale.analyze(recording, output=tmp_path / "of", **FAST)
    other = tmp_path / "others"
    shutil.copytree(recording.folder, other)
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(manifest | {"runs": manifest["runs"][:3]}))
    kept = {name: first.figure(name) for name in first.figures}
    second = rationale.analyze(other, output=tmp_path / "of", **FAST)
    assert len(first.cells["step"]) == 64 and len(second.cells["step"]) == 48
    assert first.law.weights([10.0], 32).shape == (1, 2)
    assert second.figures == first.figures and "strategy-map" in second.figures
    assert second.figure("map") == second.figure("strategy-map")
    assert {name: first.figure(name) for name in first.figures} == kept
    second.report(tmp_path / "report")
    files = [file.name for file in (tmp_path / "report/figures").iterdir()]
    assert files and all(name.startswith("others-") for name in files)
    first.report(tmp_path / "first")
    assert json.loads((tmp_path / "first/results.json").read_text())["recordings"][0]["runs"] == first.results["runs"]
    page = (tmp_path / "first/index.html").read_text()
    assert all((tmp_path / "first" / file).exists() for file in re.findall(r'href="(figures/[^"]*)"', page)) and 'href="figures/' in page


def test_the_program_of_a_rank_of_mpi_is_told_that_it_is_alone(monkeypatch):
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    code = "import os; print(os.environ.get('RATIONALE_ALONE'), os.environ['OMPI_COMM_WORLD_SIZE'])"
    assert rationale.analysis._run([sys.executable, "-c", code], None) == "1 2\n"

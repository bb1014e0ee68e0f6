"""Laws of one's own, held against recorded models and fitted to them. They need the program analyze; the conftest says where it is looked for."""
import json
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import rationale

START = {"alpha": (0, 0.9), "gamma": (0.01, 1000), "beta": (0.05, 1)}
HOW = {"bounds": {"alpha": (0, 1)}, "logarithmic": ["gamma", "beta"]}


@pytest.fixture(scope="module")
def analysis(recording):
    return rationale.analyze(recording, no_memory=True, loss_sequences=512, threads=1)


def power_law(account):
    """The published law, of L in nats and K in bits."""
    def weights(steps, tasks, p):
        loss, bits = account(tasks)
        nats = -p["gamma"] * steps ** (1 - p["alpha"]) * loss - np.log(2) * bits ** p["beta"]
        nats = np.exp(nats - nats.max())
        return nats / nats.sum()
    return weights


def test_a_law_of_ones_own_is_held_against_the_model(analysis, recording, made_up):
    fitted = rationale.law_divergences(recording, analysis.law.weights, analysis.law.strategies)
    cell = lambda table, i: tuple(table[key][i] for key in ("tasks", "seed", "step", "split"))
    theirs = {cell(analysis.cells, i): analysis.cells["law_divergence"][i] for i in range(64)}
    assert {cell(fitted, i) for i in range(64)} == theirs.keys()
    for i in range(64):
        np.testing.assert_allclose(fitted["divergence"][i], theirs[cell(fitted, i)], rtol=1e-6, atol=1e-12)
    halves = rationale.law_divergences(recording, lambda steps, tasks: (0.5, 0.5))
    assert np.mean(halves["divergence"]) > 3 * np.mean(fitted["divergence"])
    uniform = {"loss": 0.5, "bits": 64, "predict": lambda tokens: np.full((*tokens.shape, 4), 0.25)}
    named = "predictions_of_nothing"
    own = rationale.law_divergences(made_up({named: uniform}), lambda steps, tasks: (0, 1), ["memorizing", named])
    constant = rationale.law_divergences(recording, lambda steps, tasks: (1,), ["constant"])
    np.testing.assert_allclose(own["divergence"], constant["divergence"], rtol=1e-12)
    with pytest.raises(ValueError, match="weights gives 1 numbers, must be 2, one a strategy"):
        rationale.law_divergences(recording, lambda steps, tasks: [1])
    with pytest.raises(ValueError, match="must be at least 0 with a sum of 1"):
        rationale.law_divergences(recording, lambda steps, tasks: (2, 1))
    with pytest.raises(ValueError, match="there is no strategy guessing, must be one of memorizing, generalizing"):
        rationale.law_divergences(recording, lambda steps, tasks: [1], ["guessing"])


@pytest.mark.parametrize("void", [False, True])
def test_bfloat16_is_read_as_the_manifest_says(recording, tmp_path, void):
    shutil.copytree(recording.folder, tmp_path / "r")
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    for run in manifest["runs"]:
        with np.load(tmp_path / "r" / run["file"]) as file:
            arrays = dict(file)
        key = "predictions_id" if "predictions_id" in arrays else "log_predictions_id"
        bits = (arrays[key].astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
        manifest["types"] = {key: "bfloat16"}
        np.savez(tmp_path / "r" / run["file"], **{**arrays, key: bits.view("V2") if void else bits})
    (tmp_path / "r" / "manifest.json").write_text(json.dumps(manifest))
    uniform = lambda steps, tasks: (0.5, 0.5)
    rounded, exact = (rationale.law_divergences(r, uniform)["divergence"] for r in (tmp_path / "r", recording))
    np.testing.assert_allclose(rounded, exact, atol=0.02)


def test_the_published_law_written_in_python_is_fitted_as_an_analysis_fits_it(analysis, recording):
    fit = rationale.fit_law(recording, power_law(analysis.law.account), START, **HOW)
    theirs = analysis.results["fit"]
    for p in theirs["parameters"]:
        np.testing.assert_allclose(fit.values[p["name"]], p["value"], rtol=1e-6)
        mine = np.asarray(fit.parameters["name"]).tolist().index(p["name"])
        np.testing.assert_allclose([fit.parameters[end][mine] for end in ("lower", "upper")], p["interval_95"], rtol=1e-2)
    assert abs(fit.divergence - theirs["objective"]) < 1e-12 and "compensate" not in "".join(fit.notes)
    scores = {(s["split"], s["cells"]): s["law_divergence"] for s in analysis.results["scores"]}
    for split, role, cells, divergence in zip(*(fit.scores[key] for key in ("split", "role", "cells", "divergence"))):
        np.testing.assert_allclose(divergence, scores.pop((split, role)), rtol=1e-6, atol=1e-12)
        assert cells == sum((fit.cells["split"] == split) & (fit.cells["role"] == role))
    assert not scores and fit.threshold == min(np.asarray(fit.cells["step"])[np.asarray(fit.cells["role"]) == "fitted"])
    np.testing.assert_allclose(fit.weights(300, 8), analysis.law.weights(300, 8), rtol=1e-6)
    assert repr(fit).startswith("<law: alpha 0.5")


def test_a_wrong_law_is_further_from_the_model_and_what_cells_do_not_determine_is_said(analysis, recording):
    constant = rationale.fit_law(recording, lambda steps, tasks, p: (p["share"], 1 - p["share"]), {"share": (0.1, 0.9)}, {"share": (0, 1)})
    right = rationale.fit_law(recording, power_law(analysis.law.account), START, **HOW)
    assert constant.divergence > 1e3 * right.divergence and constant.parameters["determined"].dtype == bool
    free = rationale.fit_law(recording, lambda steps, tasks, p: (p["share"] * p["one"], 1 - p["share"] * p["one"]),
                             {"share": (0.1, 0.9), "one": (0.1, 0.9)}, {"share": (0, 1), "one": (0, 1)})
    assert any("compensate" in note for note in free.notes) and not np.asarray(free.parameters["determined"]).any()
    np.testing.assert_allclose(free.divergence, constant.divergence, rtol=1e-6)


def test_which_cells_are_fitted_can_be_chosen(recording):
    slope = lambda steps, tasks, p: (1 / (1 + steps ** -p["slope"]), 1 / (1 + steps ** p["slope"]))
    fit = lambda **more: rationale.fit_law(recording, slope, {"slope": (-1, 1)}, **more)
    every = fit(from_step=0, fitted_share=1)
    assert set(every.cells["role"]) == {"fitted"} and len(every.cells["role"]) == 64 and list(every.scores["cells"]) == [32, 32]
    assert every.threshold == 0 and fit().threshold > 3
    late = fit(from_step=1000)
    of = {role: set(np.asarray(late.cells["step"])[np.asarray(late.cells["role"]) == role]) for role in set(late.cells["role"])}
    assert of == {"before threshold": {3, 10, 30, 100, 300}, "fitted": {1000, 3000, 10000}}
    id_cells = (np.asarray(every.cells["split"]) == "id")
    np.testing.assert_allclose(every.divergence, np.asarray(every.cells["divergence"])[id_cells].mean(), rtol=1e-12)
    again = rationale.law_divergences(recording, every.weights)
    np.testing.assert_allclose(sorted(again["divergence"]), sorted(every.cells["divergence"]), rtol=1e-8, atol=1e-10)


def test_more_strategies_means_and_labels_are_fitted():
    for family, context in (rationale.linear_regression(2), 8), (rationale.classification(3, labels=2, label_noise=0.01), 8):
        recording = rationale.Recording(family)
        steps = [1, 10, 100]
        for D in (4, 8):
            tasks = family.sample_tasks(D, seed=D)
            of = [rationale.memorizing(family, tasks), rationale.generalizing(family), rationale.constant(family)]
            sequences = family.sample_sequences(40, context, tasks=tasks).sequences
            parts = np.stack([s.predict(*sequences.values()) for s in of])
            w = np.array([(0.2 * np.log10(n), 0.1, 0.9 - 0.2 * np.log10(n)) for n in steps])
            recording.add_run(tasks, steps, **{f"{name}_id": value for name, value in sequences.items()}, predictions_id=np.tensordot(w, parts, 1))
        fit = rationale.fit_law(recording, lambda n, D, p: (p["a"] * np.log10(n), p["b"], 1 - p["b"] - p["a"] * np.log10(n)),
                                {"a": (0.05, 0.3), "b": (0.01, 0.3)}, {"a": (0, 0.34), "b": (0, 0.31)},
                                strategies=["memorizing", "generalizing", "constant"], fitted_share=1)
        np.testing.assert_allclose([fit.values["a"], fit.values["b"]], [0.2, 0.1], rtol=1e-3)
        assert fit.divergence < 1e-8 and set(fit.cells["role"]) == {"fitted"}


def test_tasks_that_change_have_strategies_of_their_own_at_every_checkpoint():
    family = rationale.balls_and_urns(3)
    first, recording = family.sample_tasks(4, seed=0), rationale.Recording(family)
    fresh = family.sample_sequences(10, 6, seed=9).sequences["tokens"]
    with recording.recorder(first, tokens_id=family.sample_sequences(10, 6, tasks=first).sequences["tokens"], tokens_ood=fresh) as recorder:
        for n, step in enumerate((1, 10, 100)):
            tasks = family.sample_tasks(4, seed=n)
            tokens = family.sample_sequences(10, 6, tasks=tasks, seed=n).sequences["tokens"]
            M = rationale.memorizing(family, tasks)
            recorder.checkpoint(step, tasks=tasks, tokens_id=tokens, predictions_id=M.predict(tokens), predictions_ood=M.predict(fresh))
    table = rationale.law_divergences(recording, lambda steps, tasks: (1, 0))
    assert list(table["step"]) == [1, 10, 100] * 2 and np.max(table["divergence"]) < 1e-15
    fit = rationale.fit_law(recording, lambda steps, tasks, p: (p["share"], 1 - p["share"]), {"share": (0.1, 0.9)}, {"share": (0, 1)}, from_step=0)
    assert fit.values["share"] > 1 - 1e-9 and fit.divergence < 1e-12 and len(fit.cells["step"]) == 6


def test_sequences_that_a_strategy_excludes_are_left_out():
    family = rationale.balls_and_urns(3)
    recording = rationale.Recording(family)
    seen, fresh = np.array([[0, 1, 1, 0], [1, 1, 0, 1], [0, 0, 2, 0]]), np.array([[2, 0, 2, 1], [0, 2, 2, 2]])
    for D in (1, 2):
        tasks = [[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]][:D]
        model = [rationale.generalizing(family).predict(of)[None].repeat(3, 0) for of in (seen, fresh)]
        recording.add_run(tasks, [1, 2, 3], tokens_id=seen, tokens_ood=fresh, predictions_id=model[0], predictions_ood=model[1])
    table = rationale.law_divergences(recording, lambda steps, tasks: (0, 1))
    assert set(table["split"]) == {"id"} and len(table["step"]) == 6 and np.max(table["divergence"]) == 0
    fit = rationale.fit_law(recording, lambda steps, tasks, p: (p["share"], 1 - p["share"]), {"share": (0.1, 0.9)}, {"share": (0, 1)}, from_step=0)
    assert fit.values["share"] < 1e-9 and fit.divergence < 1e-12 and set(fit.cells["split"]) == {"id"}
    with pytest.raises(ValueError, match="are 0 cells to fit, .*; 6 cells are left out, as no mixture of the strategies gives what the model does"):
        rationale.fit_law(recording, lambda steps, tasks, p: (1,), {}, strategies=["memorizing"])


class Fault(Exception):
    pass


def test_what_a_law_raises_comes_out_as_it_is(recording):
    calls = []

    def weights(steps, tasks, p):
        calls.append((steps, tasks, p))
        if len(calls) == 100:
            raise Fault("of its own")
        return 0.5, 0.5

    with pytest.raises(Fault, match="^of its own$"):
        rationale.fit_law(recording, weights, {"a": 0.0})
    assert len(calls) == 100 and all(type(steps) is int and type(tasks) is int and set(p) == {"a"} for steps, tasks, p in calls)


def test_an_interrupt_stops_a_fit(recording):
    code = ("import rationale, sys, time\ndef weights(n, D, p):\n    print('in it', flush=True); time.sleep(0.01); return 0.5, 0.5\n"
            "try: rationale.fit_law(sys.argv[1], weights, {'a': 0.0})\nexcept KeyboardInterrupt: print('interrupted')")
    child = subprocess.Popen([sys.executable, "-c", code, str(recording.folder)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "in it\n"
    start = time.monotonic()
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=20)[0].endswith("interrupted\n") and time.monotonic() - start < 10


@pytest.mark.parametrize("sentence, make", [
    ("weights gives 1 numbers, must be 2, one a strategy", lambda r: rationale.fit_law(r, lambda n, D, p: [1], {"a": 0.0})),
    ("weights gives .0.5, 0.6. for .* steps, .* must be at least 0 with a sum of 1", lambda r: rationale.fit_law(r, lambda n, D, p: [0.5, 0.6], {"a": 0.0})),
    ("weights gives .nan, 1.0. for", lambda r: rationale.fit_law(r, lambda n, D, p: [np.nan, 1], {"a": 0.0})),
    ("weights gives .1.5, -0.5. for", lambda r: rationale.fit_law(r, lambda n, D, p: [1.5, -0.5], {"a": 0.0})),
    ("there is no parameter b, must be one of a", lambda r: rationale.fit_law(r, None, {"a": 0.0}, {"b": (0, 1)})),
    ("there is no parameter b, must be one of a", lambda r: rationale.fit_law(r, None, {"a": 0.0}, logarithmic=["b"])),
    ("a starts from 2 to 3, must be a range of finite numbers within its bounds, 0 to 1", lambda r: rationale.fit_law(r, None, {"a": (2, 3)}, {"a": (0, 1)})),
    ("a starts from -1 to 1, must be a range of finite numbers above 0", lambda r: rationale.fit_law(r, None, {"a": (-1, 1)}, logarithmic=["a"])),
    ("there is no strategy guessing", lambda r: rationale.fit_law(r, None, {"a": 0.0}, strategies=["guessing"])),
    ("fitted_share is 2, must be in .0, 1.", lambda r: rationale.fit_law(r, None, {"a": 0.0}, fitted_share=2)),
    ("there are 0 cells to fit, must be at least 1, one a parameter: the threshold is step 1000000", lambda r: rationale.fit_law(r, None, {"a": 0.0}, from_step=10**6)),
])
def test_faults_are_value_errors_of_one_sentence(recording, sentence, make):
    with pytest.raises(ValueError, match=sentence) as fault:
        make(recording)
    assert str(fault.value).startswith("rationale") and "\n" not in str(fault.value)

"""What predictors say, on which arrays, and what they refuse."""
import ctypes
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import rationale


def seen(family, count=5):
    return family.sample_tasks(count, seed=2)


def all_of(family, tasks):
    out = [rationale.memorizing(family, tasks), rationale.memorizing(family, tasks, exponent=0.5), rationale.generalizing(family),
           rationale.constant(family)]
    if family.name not in ("hidden_markov", "finite_function"):
        out += [rationale.generalizing(family, exponent=0.5), rationale.remembered(family, tasks, 2.5),
                rationale.remembered(family, tasks, 2.5, exponent=0.5)]
    if family.sequence_arrays[0][0] == "tokens":
        out += [rationale.induction_head(family), rationale.last_token(family)]
    if family.name in ("markov_chain", "hidden_markov"):
        out += [rationale.inference(family, 0), rationale.inference(family, 1)]
    if family.name == "markov_chain":
        out += [rationale.retrieval(family, tasks, 0), rationale.retrieval(family, tasks, 1), rationale.stationary_inference(family)]
    if family.name == "classification":
        out += [rationale.copying(family, 2), rationale.recognizing(family, tasks)]
    if family.name.endswith("regression"):
        out += [rationale.least_squares(family), rationale.gradient_descent(family, 2, 0.1), rationale.nearest_neighbors(family, 2)]
    return out


def test_every_strategy_of_every_family_predicts_in_the_recorded_shape(family):
    tasks = seen(family)
    sample = family.sample_sequences(4, 6, tasks=tasks, seed=1)
    sizes = {"S": 4, "T": 6, "K": family.parameters.get("categories", family.parameters.get("outputs")), "L": family.parameters.get("labels")}
    for strategy in all_of(family, tasks):
        values, evidence = strategy.predict_with_evidence(sample)
        assert values.shape == tuple(sizes[axis] for axis in family.prediction_axes), strategy.name
        events = values.shape[1] if "T" in family.prediction_axes else 1
        assert evidence.shape == (4, events + 1) and values.dtype == evidence.dtype == np.float64
        assert np.isfinite(values).all() and np.isfinite(evidence).all(), strategy.name
        if family.prediction_axes != "ST":
            np.testing.assert_allclose(values.sum(-1), 1, atol=1e-12)
        np.testing.assert_array_equal(values, strategy.predict(**sample.sequences))
        np.testing.assert_array_equal(values, strategy.predict(*sample.sequences.values(), threads=2))
        np.testing.assert_allclose(evidence, strategy.log_evidence(sample, threads=2), rtol=1e-12, atol=1e-12)


def test_memorizing_is_bayes_with_the_seen_tasks(urns, oracle):
    family, tasks, tokens = urns
    values, evidence = oracle(tokens, tasks)
    strategy = rationale.memorizing(family, tasks)
    np.testing.assert_allclose(strategy.predict(tokens), values, rtol=1e-12)
    np.testing.assert_allclose(strategy.log_evidence(tokens), evidence, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(rationale.tempered(strategy, 0.3).predict(tokens), oracle(tokens, tasks, 0.3)[0], rtol=1e-12)
    np.testing.assert_allclose(rationale.memorizing(family, tasks, dtype=np.float32).predict(tokens), values, atol=2e-5)
    assert (rationale.memorizing(family, tasks, dtype=np.float32).predict(tokens) != strategy.predict(tokens)).any()


def test_generalizing_counts(urns):
    family, _, tokens = urns
    counts = np.eye(4)[tokens].cumsum(1) - np.eye(4)[tokens]
    np.testing.assert_allclose(rationale.generalizing(family).predict(tokens), (counts + 1) / (counts.sum(-1, keepdims=True) + 4), rtol=1e-14)
    np.testing.assert_allclose(rationale.constant(family).predict(tokens), 0.25)


def test_memory_goes_from_generalizing_to_memorizing(urns):
    family, tasks, tokens = urns
    np.testing.assert_allclose(rationale.remembered(family, tasks, 0).predict(tokens), rationale.generalizing(family).predict(tokens), rtol=1e-12)
    np.testing.assert_allclose(rationale.remembered(family, tasks, np.inf).predict(tokens), rationale.memorizing(family, tasks).predict(tokens),
                               rtol=1e-12)
    weights = np.arange(1.0, 21.0)
    by_visits = rationale.own_visits(family, tasks, steps=100, scale=0.2, power=0.5, weights=weights)
    each = rationale.remembered(family, tasks, 0.2 * (100 * weights / weights.sum()) ** 0.5, weights)
    np.testing.assert_array_equal(by_visits.predict(tokens), each.predict(tokens))


def test_strategies_of_some_families_are_what_they_are_called():
    chain = rationale.markov_chain(3)
    tasks = chain.sample_tasks(4, seed=1)
    tokens = chain.sample_sequences(3, 8, tasks=tasks).sequences["tokens"]
    names = [rationale.retrieval(chain, tasks, *orders).name for orders in ((0,), (1,), (0, 1))]
    assert names == ["unigram retrieval", "bigram retrieval", "retrieval by unigrams"]
    np.testing.assert_allclose(rationale.retrieval(chain, tasks, 1).predict(tokens), rationale.memorizing(chain, tasks).predict(tokens))
    np.testing.assert_allclose(rationale.inference(chain, 1).predict(tokens), rationale.generalizing(chain).predict(tokens))
    before = np.eye(3)[tokens].cumsum(1) - np.eye(3)[tokens]
    unigrams = (before + 1) / (before.sum(-1, keepdims=True) + 3)
    np.testing.assert_allclose(rationale.inference(chain, 0).predict(tokens), unigrams)
    np.testing.assert_allclose(rationale.inference(rationale.hidden_markov(3), 0).predict(tokens), unigrams)
    last = rationale.last_token(chain, share=0.7).predict(tokens)
    np.testing.assert_allclose(last[:, 1:], 0.7 * np.eye(3)[tokens[:, :-1]] + 0.1)
    np.testing.assert_allclose(rationale.induction_head(chain, match=0, pseudo_count=1).predict(tokens), unigrams)
    linear = rationale.linear_regression(1)
    x, y = np.array([[[1.0], [3.0], [1.1], [2.9]]]), np.array([[2.0, 5.0, 1.0, 4.0]])
    assert rationale.nearest_neighbors(linear, 1).predict(x, y).tolist()[0][2:] == [2.0, 5.0]
    assert rationale.gradient_descent(linear, 0, 0.1).predict(x, y).tolist() == [[0.0] * 4]
    np.testing.assert_allclose(rationale.least_squares(linear).predict(x, y)[0, 1], 6)
    items = rationale.classification(2)
    shown = items.sample_sequences(5, 4, seed=1)
    np.testing.assert_array_equal(rationale.copying(items).predict(shown), rationale.generalizing(items).predict(shown))
    assert np.abs(rationale.copying(items, power=3).predict(shown) - 0.5).sum() > np.abs(rationale.copying(items).predict(shown) - 0.5).sum()


def test_posterior_weighs_the_seen_tasks(urns):
    family, tasks, tokens = urns
    strategy = rationale.memorizing(family, tasks)
    p = np.exp(np.log(tasks)[:, tokens[2]].sum(1))
    np.testing.assert_allclose(strategy.posterior(tokens, sequence=2), p / p.sum(), rtol=1e-11)
    np.testing.assert_allclose(strategy.posterior(tokens, sequence=2, position=0), 1 / 20)
    with pytest.raises(ValueError, match="rationale::bayes::posterior: sequence is 6, must be below 6"):
        strategy.posterior(tokens, sequence=6)
    with pytest.raises(ValueError, match="has no prior"):
        rationale.constant(family).posterior(tokens)


def test_losses_are_paired_and_repeatable(urns):
    family, tasks, _ = urns
    both = [rationale.memorizing(family, tasks), rationale.generalizing(family)]
    a, b = (rationale.losses(both, context=8, seed=4, threads=n) for n in (1, 2))
    np.testing.assert_array_equal(a.mean, b.mean)
    assert a.mean[0] < a.mean[1] and a.standard_error[1] == 0 and a.reached
    assert a.difference_error[0, 1] <= 0.02 * (a.mean[1] - a.mean[0])
    tokens, truth = family.sample_sequences(4000, 8, tasks=tasks, seed=9)
    p = truth[:, None, :]
    estimate = (p * np.log(p / both[1].predict(tokens["tokens"]))).sum(-1).mean()
    assert abs(estimate - a.mean[1]) < 0.01


def test_losses_are_of_the_weights_that_are_given(urns):
    family, tasks, _ = urns
    first, even = [1.0] + 19 * [0.0], 20 * [1.0]
    strategies = [rationale.memorizing(family, tasks, first), rationale.generalizing(family)]
    loss = lambda **given: rationale.losses(strategies, context=8, most_sequences=512, **given).mean
    np.testing.assert_array_equal(loss(), loss(tasks=tasks, weights=first))
    np.testing.assert_array_equal(loss(weights=even), loss(tasks=tasks))
    assert (loss(weights=even) != loss()).all()


def test_description_lengths(urns):
    family, tasks, _ = urns
    described = rationale.description_length(tasks)
    assert dict(described.tried)["raw"] == 64 * tasks.size and described.bits == min(bits for _, bits in described.tried)
    strategy = rationale.memorizing(family, tasks)
    np.testing.assert_array_equal(strategy.numbers, tasks.ravel())
    assert strategy.bits() == described.bits + 4784 and strategy.program_bits == 4784
    assert rationale.remembered(family, tasks, 0).numbers_bits() == 0
    assert rationale.induction_head(family).program_bits is None


def test_arrays_are_taken_as_they_are(urns):
    family, tasks, tokens = urns
    strategy = rationale.memorizing(family, tasks)
    values = strategy.predict(tokens)
    wide = np.zeros((12, 18), np.int64)
    wide[::2, ::2] = tokens

    class Array:
        def __array__(self, *_, **__):
            return tokens

    class Exporter:
        def __dlpack__(self, **_):
            return tokens.__dlpack__()

        def __dlpack_device__(self):
            return tokens.__dlpack_device__()

    for given in (tokens.astype(np.int64), tokens.astype(np.uint8), np.asfortranarray(tokens), wide[::2, ::2], tokens.astype(">i4"),
                  tokens.tolist(), memoryview(tokens), (ctypes.c_int32 * 9 * 6).from_buffer_copy(tokens), Array(), Exporter()):
        np.testing.assert_array_equal(strategy.predict(given), values)
    with pytest.raises(ValueError, match="tokens must be an aligned array of type i in C order"):  # whoever leaves the Python layer out
        strategy._of.predict([np.asfortranarray(tokens)], 1, False)
    for kind, error in (np.float16, 2e-2), (np.float32, 1e-5), (">f8", 0), (np.longdouble, 0):
        seen = tasks.astype(kind)
        exact = rationale.memorizing(family, seen.astype(np.float64) / seen.astype(np.float64).sum(1, keepdims=True))
        np.testing.assert_allclose(exact.predict(tokens), values, atol=error)
    x, y = np.ones((2, 3, 1), np.float16), np.ones((2, 3), np.float32)
    assert rationale.generalizing(rationale.linear_regression(1)).predict(x, y).shape == (2, 3)


def test_nothing_is_predicted_of_no_sequences(family):
    strategy = rationale.generalizing(family)
    sample = family.sample_sequences(2, 3)
    none = {name: value[:0] for name, value in sample.sequences.items()}
    assert strategy.predict(none).shape[0] == 0 and strategy.predict(none).ndim == len(family.prediction_axes)
    assert strategy.log_evidence(none).shape[0] == 0


def test_arrays_of_pytorch_are_taken(urns):
    torch = pytest.importorskip("torch")
    family, tasks, tokens = urns
    strategy = rationale.memorizing(family, torch.tensor(tasks, requires_grad=True))
    np.testing.assert_array_equal(strategy.predict(torch.tensor(tokens)), rationale.memorizing(family, tasks).predict(tokens))


def test_nothing_is_copied_that_need_not_be(urns):
    from rationale._arrays import as_declared
    family, tasks, tokens = urns
    assert as_declared(tokens, family.sequence_arrays[0]) is tokens and as_declared(tasks, family.task_arrays[0]) is tasks
    items = np.ones((1, 1 << 17, 64))  # 64 MB, of which one query is predicted
    copying = rationale.generalizing(rationale.classification(64))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    copying.predict(items, np.zeros((1, 1 << 17), np.int32), np.ones((1, 64)), np.zeros(1, np.int32))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < items.nbytes / 2


@pytest.mark.parametrize("sentence, make", [
    ("rationale::balls_and_urns: categories is 0, must be at least 1", lambda f, w, q: rationale.balls_and_urns(0)),
    ("categories must be a whole number", lambda f, w, q: rationale.balls_and_urns(2.5)),
    ("its parameters are categories, concentration", lambda f, w, q: rationale.Family("balls_and_urns", categories=2, order=1)),
    ("there is no family dice", lambda f, w, q: rationale.Family("dice")),
    ("rationale::predict: tokens holds 4 at flat position 53, must be in 0..3", lambda f, w, q: rationale.generalizing(f).predict(q)),
    ("rationale::predict: tokens has 1 axes, must have 2 (ST)", lambda f, w, q: rationale.generalizing(f).predict(q[0])),
    ("tokens is of type float64, must be whole numbers", lambda f, w, q: rationale.generalizing(f).predict(q * 1.0)),
    ("tokens holds numbers from 0 to 4294967296", lambda f, w, q: rationale.generalizing(f).predict(np.array([[0, 1 << 32]]))),
    ("takes the arrays tokens; got 2", lambda f, w, q: rationale.generalizing(f).predict(q, q)),
    ("takes the arrays tokens; got 0 and x", lambda f, w, q: rationale.generalizing(f).predict(x=q)),
    ("rationale::balls_and_urns: tasks row 0 sums to", lambda f, w, q: rationale.memorizing(f, w * 2)),
    ("tasks has length 3 on axis 1 (K), must be 4", lambda f, w, q: rationale.memorizing(f, w[:, :3])),
    ("there are 2 weights, must be 0 or 20", lambda f, w, q: rationale.memorizing(f, w, weights=[1, 2])),
    ("there are 2 weights and no tasks, must be 0", lambda f, w, q: f.sample_sequences(3, 4, weights=[1, 2])),
    ("a precision is -1, must be at least 0", lambda f, w, q: rationale.remembered(f, w, -1)),
    ("exponent is -1, must be finite and not negative", lambda f, w, q: rationale.memorizing(f, w, exponent=-1)),
    ("the family balls_and_urns has no strategy copying", lambda f, w, q: rationale.copying(f)),
    ("context is 0, must be at least 1", lambda f, w, q: rationale.losses([rationale.memorizing(f, w)], context=0)),
    ("threads is -1, must be a whole number of at least 0", lambda f, w, q: rationale.generalizing(f).log_evidence([[0]], threads=-1)),
    ("k is 1.5, must be a whole number", lambda f, w, q: rationale.nearest_neighbors(rationale.linear_regression(1), 1.5)),
    ("seed is 18446744073709551616, must be below 2^64", lambda f, w, q: f.sample_tasks(1, seed=2**64)),
    ("position is -20, must be a whole number", lambda f, w, q: rationale.memorizing(f, w).posterior(q % 4, position=-20)),
    ("dtype is float16, must be float64 or float32", lambda f, w, q: rationale.memorizing(f, w, dtype=np.float16)),
    ("memorizing is float64, float32 is for memorizing with an exponent of 1",
     lambda f, w, q: rationale.tempered(rationale.memorizing(f, w, dtype=np.float32), 0.5)),
    ("the strategy is a Family, must be memorizing, generalizing or remembered", lambda f, w, q: rationale.tempered(f, 2)),
    ("there is no list of strategies, must be one of at least 1", lambda f, w, q: rationale.losses(rationale.memorizing(f, w), context=4)),
    ("the orders are 2 and 2, must be 0 and 0, 0 and 1, or 1 and 1",
     lambda f, w, q: rationale.retrieval(rationale.markov_chain(2), np.full((1, 2, 2), 0.5), 2)),
    ("the order is 2, must be 0 or 1", lambda f, w, q: rationale.inference(rationale.hidden_markov(2), 2)),
    ("the sum over every weight is 0, must be above 0", lambda f, w, q: rationale.own_visits(f, w, 10, 1, weights=np.zeros(20))),
    ("y holds nan at flat position 1", lambda f, w, q: rationale.generalizing(rationale.gaussian_location()).predict([[0, np.nan]])),
])
def test_faults_are_value_errors_of_a_sentence(urns, sentence, make):
    family, tasks, tokens = urns
    beyond = tokens.copy()
    beyond[-1, -1] = 4
    with pytest.raises(ValueError) as fault:
        make(family, tasks, beyond)
    words = str(fault.value).replace("not a number", "nan")
    assert sentence in words and "\n" not in words


def test_an_excluded_context_is_named_or_masked():
    family = rationale.balls_and_urns(2)
    strategy = rationale.memorizing(family, [[1.0, 0.0]])
    with pytest.raises(ValueError, match="memorizing gives probability 0 to what sequence 1 shows before event 2"):
        strategy.predict([[0, 0, 0], [0, 1, 0]])
    values = strategy.predict([[0, 0, 0], [0, 1, 0]], mask=True)
    assert np.isnan(values).any(-1).tolist() == [[False] * 3, [False, False, True]]


def test_families_and_strategies_are_pickled(family):
    tasks = seen(family)
    sample = family.sample_sequences(2, 4, seed=1)
    assert pickle.loads(pickle.dumps(family)) == family
    for strategy in all_of(family, tasks) + [rationale.memorizing(family, tasks, dtype=np.float32)]:
        again = pickle.loads(pickle.dumps(strategy))
        np.testing.assert_array_equal(again.predict(sample), strategy.predict(sample))


def test_the_interpreter_is_not_held(urns):
    family = rationale.balls_and_urns(8)
    tasks = family.sample_tasks(4096, seed=1)
    tokens = family.sample_sequences(96, 128, tasks=tasks).sequences["tokens"]
    strategy, ticks, done = rationale.memorizing(family, tasks), [], threading.Event()
    worker = threading.Thread(target=lambda: (strategy.predict(tokens), done.set()))
    start = time.perf_counter()
    worker.start()
    while not done.is_set():
        ticks.append(time.perf_counter())
        time.sleep(0.001)
    worker.join()
    spent = time.perf_counter() - start
    assert len(ticks) > 3 and np.diff([start, *ticks]).max() < 0.8 * spent


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_stops_a_prediction(threads):
    code = ("import rationale, numpy as np\nu = rationale.balls_and_urns(8)\nM = rationale.memorizing(u, u.sample_tasks(4096))\n"
            "tokens = np.zeros((20000, 512), np.int32) + np.arange(512, dtype=np.int32) % 8\nprint('begins', flush=True)\n"
            f"try: M.predict(tokens, threads={threads})\nexcept KeyboardInterrupt: print('interrupted')")
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "begins\n"
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    start = time.monotonic()
    assert child.communicate()[0] == "interrupted\n"
    assert time.monotonic() - start < 8  # the whole takes 20 s and more


def test_memory_does_not_grow_over_calls(urns):
    family, tasks, tokens = urns
    strategy = rationale.memorizing(family, tasks)

    def pages():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1])

    def calls(n):
        for i in range(n):
            strategy.predict(tokens)
            strategy.log_evidence(tokens)
            if i % 10 == 0:
                rationale.memorizing(family, tasks)
                with pytest.raises(ValueError):
                    strategy.predict(tokens + 4)

    calls(500)
    before = pages()
    calls(10000)
    assert (pages() - before) * resource.getpagesize() < 1 << 20


def test_neither_pandas_nor_torch_is_imported():
    code = ("import sys; sys.modules.update(dict.fromkeys(('pandas', 'torch', 'altair', 'matplotlib', 'transformers')))\n"
            "import rationale; u = rationale.balls_and_urns(2); print(rationale.generalizing(u).predict([[0, 1]]).tolist())")
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["[[[0.5,", "0.5],", "[0.6666666666666666,", "0.3333333333333333]]]"]


def test_the_recorder_is_that_of_the_examples(tmp_path, urns):
    family, tasks, tokens = urns
    with rationale.Recorder(tmp_path, "urns", "balls_and_urns", {"categories": 4}, tasks=tasks, tokens_id=tokens) as recorder:
        recorder.checkpoint(10, predictions_id=rationale.memorizing(family, tasks).predict(tokens))
    assert np.load(tmp_path / "D00020-seed0.npz")["predictions_id"].shape == (1, 6, 9, 4)


def test_a_strategy_keeps_tasks_of_its_own(urns):
    family, tasks, tokens = urns
    given = tasks.copy()
    strategy = rationale.memorizing(family, given)
    values, loss = strategy.predict(tokens), rationale.losses([strategy], context=4).mean
    given[:] = 1 / 4
    np.testing.assert_array_equal(strategy.tasks[0], tasks)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(strategy)).predict(tokens), values)
    np.testing.assert_array_equal(rationale.losses([strategy], context=4).mean, loss)


@pytest.mark.parametrize("threads", [float("inf"), float("nan"), 1.5, None, "two"])
def test_threads_that_are_no_whole_number_are_refused(urns, threads):
    family, _, tokens = urns
    with pytest.raises(ValueError, match=f"^rationale: threads is {threads}, must be a whole number of at least 0$"):
        rationale.generalizing(family).predict(tokens, threads=threads)


def test_masked_arrays_are_refused(urns):
    family, tasks, tokens = urns
    strategy = rationale.memorizing(family, tasks)
    masked = np.ma.array(tokens, mask=tokens == tokens[0, 0])
    with pytest.raises(ValueError, match=f"^rationale: tokens is masked at {masked.mask.sum()} places, must be numbers everywhere$"):
        strategy.predict(masked)
    with pytest.raises(ValueError, match="^rationale: an array is masked at 1 places, must be numbers everywhere$"):
        rationale.memorizing(family, tasks, weights=np.ma.array(np.ones(20), mask=np.arange(20) == 3))
    np.testing.assert_array_equal(strategy.predict(np.ma.array(tokens)), strategy.predict(tokens))

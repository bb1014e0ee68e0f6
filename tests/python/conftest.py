import numpy as np
import pytest

import rationale

FAMILIES = {
    "urns": lambda: rationale.balls_and_urns(3, concentration=[1, 2, 0.5]),
    "linear": lambda: rationale.linear_regression(2, task_mean=0.3),
    "classification": lambda: rationale.classification(3, labels=2, label_noise=0.01),
    "chains": lambda: rationale.markov_chain(3),
    "hidden": lambda: rationale.hidden_markov(3),
    "location": lambda: rationale.gaussian_location(strength=0.5),
    "location of unknown variance": lambda: rationale.gaussian_location(shape=3.0),
    "functions": lambda: rationale.finite_function(3, 2, noise=0.1),
    "fourier": lambda: rationale.feature_regression("fourier", degree=2),
    "polynomial": lambda: rationale.feature_regression("polynomial", degree=2),
    "relu": lambda: rationale.feature_regression("relu", degree=4),
}


@pytest.fixture(params=FAMILIES, ids=str)
def family(request):
    return FAMILIES[request.param]()


@pytest.fixture
def urns():
    """An own family, 20 seen tasks (D, K), and tokens (S, T) of 6 sequences."""
    of = rationale.balls_and_urns(4)
    tasks = of.sample_tasks(20, seed=3)
    return of, tasks, of.sample_sequences(6, 9, tasks=tasks, seed=1).sequences["tokens"]


@pytest.fixture
def oracle():
    """Memorizing urns as the formula says it: (S, T, K), and log evidence (S, T + 1)."""

    def predict(tokens, tasks, exponent=1.0):
        values, evidence = [], []
        for sequence in tokens:
            nats = np.log(tasks)[:, sequence].cumsum(1) * exponent
            nats = np.hstack([np.zeros((len(tasks), 1)), nats])
            weights = np.exp(nats - nats.max(0))
            values.append((weights / weights.sum(0)).T[:-1] @ tasks)
            evidence.append(np.log(np.exp(nats).mean(0)))
        return np.array(values), np.array(evidence)

    return predict


@pytest.fixture(scope="session")
def recording(made_up):
    return made_up()


@pytest.fixture(scope="session")
def made_up():
    """A recording in memory whose "model" goes from G to M by a law: alpha .5, gamma 20, beta .3."""
    def make(strategies=None, **more):
        family = rationale.balls_and_urns(4)
        recording = rationale.Recording(family, "made up", **more)
        steps = np.array([3, 10, 30, 100, 300, 1000, 3000, 10000])
        for D in (4, 8, 16, 32):
            tasks = family.sample_tasks(D, seed=D)
            M, G = rationale.memorizing(family, tasks), rationale.generalizing(family)
            loss = rationale.losses([M, G], context=16, most_sequences=2048).mean
            odds = 20 * steps**0.5 * (loss[1] - loss[0]) - np.log(2) * (M.bits() ** 0.3 - G.bits() ** 0.3)
            arrays = {}
            for split, sample in ("id", family.sample_sequences(24, 16, tasks=tasks)), ("ood", family.sample_sequences(24, 16, seed=1)):
                arrays[f"tokens_{split}"] = tokens = sample.sequences["tokens"]
                w = 1 / (1 + np.exp(-odds))[:, None, None, None]
                arrays[f"predictions_{split}"] = w * M.predict(tokens) + (1 - w) * G.predict(tokens)
            recording.add_run(tasks, steps, strategies=strategies, **arrays)
        return recording
    return make

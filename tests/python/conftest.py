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

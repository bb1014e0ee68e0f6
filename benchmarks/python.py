"""What the Python package costs: a call, and memorizing urns, K = 8, T = 128, D = 4096, beside NumPy and blocked PyTorch on one thread in the
same run. Prints a table. The package is found by PYTHONPATH or installed; without PyTorch its row is left out."""
import argparse
import os
import pathlib
import sys
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")  # before NumPy is there
argparse.ArgumentParser(description=__doc__).parse_args()

import numpy as np

import rationale

SEQUENCES, CONTEXT, CATEGORIES, TASKS = 64, 128, 8, 4096


def seconds(f, repeats=5):
    """The least of some calls, after one that warms up."""
    f()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times)


def numpy_memorizing(tokens, tasks, rows):
    """Counts times log probabilities, exponentials, times probabilities, in blocks of rows that stay in the cache: float64."""
    (S, T), (D, K) = tokens.shape, tasks.shape
    counts = np.zeros((S, T, K))
    np.put_along_axis(counts[:, 1:], tokens[:, :-1, None].astype(np.int64), 1.0, 2)
    counts, logs, out = counts.cumsum(1).reshape(S * T, K), np.log(tasks).T.copy(), np.empty((S * T, K))
    for i in range(0, S * T, rows):
        scores = counts[i:i + rows] @ logs
        scores -= scores.max(1, keepdims=True)
        np.exp(scores, out=scores)
        out[i:i + rows] = scores @ tasks / scores.sum(1, keepdims=True)
    return out.reshape(S, T, K)


family = rationale.balls_and_urns(CATEGORIES)
tasks = family.sample_tasks(TASKS, seed=1)
tokens = family.sample_sequences(SEQUENCES, CONTEXT, tasks=tasks).sequences["tokens"]
M, G, one = rationale.memorizing(family, tasks), rationale.generalizing(family), np.zeros((1, 1), np.int32)
in_float = rationale.memorizing(family, tasks, dtype=np.float32)


def calls():
    for _ in range(1000):
        G.predict(one)


rows = [("rationale, float64", seconds(lambda: M.predict(tokens))), ("rationale, float32", seconds(lambda: in_float.predict(tokens)))]
rows.append(("NumPy, float64, best block", min(seconds(lambda: numpy_memorizing(tokens, tasks, n), 2) for n in (8, 16, 32, 64))))
assert np.abs(numpy_memorizing(tokens, tasks, 32) - M.predict(tokens)).max() < 1e-12
try:
    import torch
    sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))
    import urns
except ImportError:
    pass
else:
    torch.set_num_threads(1)
    with torch.inference_mode():
        given = torch.tensor(tokens, dtype=torch.int64), torch.tensor(tasks, dtype=torch.float32)
        rows.append(("PyTorch, float32, best block", min(seconds(lambda: urns.memorizing(*given, n, order), 2)
                                                         for n in (8, 16, 24, 32) for order in ("first", "last"))))
print(f"a call, a token of one sequence: {seconds(calls) * 1e3:.1f} us\n")
print("| memorizing urns, K=8 T=128 D=4096 | ms a sequence | times that of float64 |\n|---|---|---|")
for name, spent in rows:
    print(f"| {name} | {spent / SEQUENCES * 1e3:.3g} | {spent / rows[0][1]:.3g} |")

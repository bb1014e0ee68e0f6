"""What examples/record.py does with a training loop's arrays. Usage: recorder.py EXAMPLES FOLDER; what it records is left in FOLDER for a reader."""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
from record import Recorder

FOLDER = pathlib.Path(sys.argv[2])
rng = np.random.default_rng(0)
K, T, S, D = 3, 4, 5, 2
URNS = rng.dirichlet(np.ones(K), D)
TOKENS = rng.integers(K, size=(S, T))
LOGITS = rng.normal(size=(S, T, K))
softmax = lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)


class Tensor:
    """As much of PyTorch's as a recorder needs, and as unhelpful: NumPy gets it from the CPU alone, without gradients, and in no bfloat16."""

    def __init__(self, values, dtype="torch.float32", device="cuda", grad=True):
        self.values, self.dtype, self.device, self.grad = np.asarray(values), dtype, device, grad

    def detach(self):
        return Tensor(self.values, self.dtype, self.device, False)

    def float(self):
        return Tensor(self.values.astype(np.float32), "torch.float32", self.device, self.grad)

    def cpu(self):
        return Tensor(self.values, self.dtype, "cpu", self.grad)

    def numpy(self):
        assert self.device == "cpu" and not self.grad and self.dtype != "torch.bfloat16"
        return self.values

    def __array__(self, *_):
        raise TypeError("not on the CPU")


def bfloat16(values):
    bits = np.asarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16).view(np.float32)


def recorder(folder, seed=0, family="balls_and_urns", parameters=None, **arrays):
    usual = {"tasks": URNS, "tokens_id": TOKENS} if family == "balls_and_urns" else {}
    return Recorder(FOLDER / folder, "made up", family, parameters or {"categories": K}, seed=seed, **(usual | arrays))


def refused(sentence, make):
    try:
        make()
    except ValueError as fault:
        assert sentence in str(fault) and "\n" not in str(fault), f'"{fault}" lacks "{sentence}"'
        return
    assert False, f"nothing refused: {sentence}"


# Whatever the arrays are, a reader finds them.
with recorder("whole", seed=1, tokens_id=Tensor(TOKENS, "torch.int64"), tokens_ood=TOKENS[:2].astype(np.uint8)) as r:
    for step in (0, 10, 100):
        r.checkpoint(np.int64(step), train_loss=Tensor(1.5).values, log_predictions_id=Tensor(bfloat16(LOGITS + step), "torch.bfloat16"),
                     predictions_ood=Tensor(bfloat16(softmax(LOGITS[:2])), "torch.bfloat16"))
with recorder("whole", seed=0) as r:
    r.checkpoint(5, predictions_id=softmax(LOGITS).astype(np.float16))
    r.checkpoint(6, predictions_id=np.asfortranarray(softmax(LOGITS).astype(np.float16)))
arrays = np.load(FOLDER / "whole" / "D00002-seed1.npz")
assert arrays["log_predictions_id"].dtype == np.float32 and np.array_equal(arrays["log_predictions_id"][0], bfloat16(LOGITS))
assert np.array_equal(arrays["predictions_ood"][2].astype(np.uint32) << 16, bfloat16(softmax(LOGITS[:2])).view(np.uint32))
assert arrays["steps"].tolist() == [0, 10, 100] and arrays["train_loss"].tolist() == [1.5] * 3
assert np.array_equal(np.load(FOLDER / "whole" / "D00002-seed0.npz")["predictions_id"], np.stack(2 * [softmax(LOGITS).astype(np.float16)]))
manifest = json.loads((FOLDER / "whole" / "manifest.json").read_text())
assert [run["seed"] for run in manifest["runs"]] == [0, 1] and manifest["parameters"]["context"] == T
assert manifest["runs"][1]["types"] == {"predictions_ood": "bfloat16"} and "types" not in manifest["runs"][0]

# Means with an axis of one outcome, in bfloat16; the run is recorded again, and once more under another seed at the same time.
x, y = rng.normal(size=(S, T, 2)), rng.normal(size=(S, T))
for _ in range(2):
    loops = [recorder("means", seed, "linear_regression", {"dimensions": 2}, tasks=np.eye(2), x_id=x, y_id=y) for seed in (0, 1)]
    for r in loops:
        r.checkpoint(1, predictions_id=Tensor(bfloat16(y)[..., None], "torch.bfloat16"))
    for r in loops:
        r.close()
assert sorted(os.listdir(FOLDER / "means")) == ["D00002-seed0.npz", "D00002-seed1.npz", "manifest.json"]
assert np.array_equal(np.load(FOLDER / "means" / "D00002-seed1.npz")["predictions_id"][0], bfloat16(y))

# Tasks and sequences that change, and how often these tasks were seen.
with recorder("drawn anew") as r:
    drifting = URNS.copy()
    for step, urns in (1, URNS), (2, URNS[::-1]):
        drifting[:] = urns  # in place, as a training loop may change them
        r.checkpoint(step, tasks=drifting, tokens_id=TOKENS[::-1], visits=step / 2, predictions_id=softmax(LOGITS))
    drifting[:] = 0
    for wrong in np.nan, -1:
        refused(f"visits of step 3 is {wrong}, expected a finite number of at least 0",
                lambda: r.checkpoint(3, tasks=URNS, tokens_id=TOKENS, visits=wrong, predictions_id=softmax(LOGITS)))
    refused("step 3 has [], expected ['tasks', 'tokens_id'] as before", lambda: r.checkpoint(3, visits=1, predictions_id=softmax(LOGITS)))
    refused("visits of step 3 is None, expected one at every checkpoint or at none",
            lambda: r.checkpoint(3, tasks=URNS, tokens_id=TOKENS, predictions_id=softmax(LOGITS)))
    refused("tasks has the shape (2, 2), expected (D=2, K=3)",
            lambda: r.checkpoint(3, tasks=URNS[:, :2], tokens_id=TOKENS, visits=1, predictions_id=softmax(LOGITS)))
    refused("step 3 has train_los, expected predictions, tasks or sequences",
            lambda: r.checkpoint(3, train_los=1, tasks=URNS, tokens_id=TOKENS, visits=1, predictions_id=softmax(LOGITS)))
arrays = np.load(FOLDER / "drawn anew" / "D00002-seed0.npz")
assert np.array_equal(arrays["tasks"], [URNS, URNS[::-1]]) and arrays["visits"].tolist() == [0.5, 1]

# What is given at first may change afterwards.
once = TOKENS.copy()
with recorder("once", tokens_id=once) as r:
    once[:] = 0
    r.checkpoint(1, predictions_id=softmax(LOGITS))
    refused("train_loss of step 2 is 1.0, expected one at every checkpoint or at none", lambda: r.checkpoint(2, train_loss=1.0, predictions_id=softmax(LOGITS)))
assert np.array_equal(np.load(FOLDER / "once" / "D00002-seed0.npz")["tokens_id"], TOKENS)

# Abandoned by a fault, or by the end of the process: nothing is left.
try:
    with recorder("abandoned") as r:
        r.checkpoint(1, predictions_id=softmax(LOGITS))
        raise KeyboardInterrupt
except KeyboardInterrupt:
    pass
if os.fork() == 0:
    r = recorder("abandoned")
    r.checkpoint(1, predictions_id=softmax(LOGITS))
    os.kill(os.getpid(), 9)
os.wait()
assert os.listdir(FOLDER / "abandoned") == []
os.rmdir(FOLDER / "abandoned")

# Every fault is one sentence, and a checkpoint that is refused leaves the recorder as it was.
with recorder("faults") as r:
    good = softmax(LOGITS)
    say = lambda step, **what: lambda: r.checkpoint(step, **what)
    refused("expected at least one", r.close)
    refused("step is -1 after none, expected steps of at least 0 that increase", say(-1, predictions_id=good))
    r.checkpoint(7, predictions_id=good)
    refused("step is 7 after [7]", say(7, predictions_id=good))
    refused("step 8 has no predictions, expected predictions_id", say(8))
    refused("step 8 has log_predictions_id, expected predictions_id", say(8, log_predictions_id=LOGITS))
    refused("step 8 has predictions_id, predictions_ood, expected predictions_id", say(8, predictions_id=good, predictions_ood=good))
    refused("predictions_id of step 8 has the shape (5, 3, 3), expected (S=5, T=4, K=3)", say(8, predictions_id=good[:, 1:]))
    refused("are no probabilities, one is", say(8, predictions_id=LOGITS))
    refused("and a sum 1.1", say(8, predictions_id=good + 0.1 / K))
    refused("are float16 of (5, 4, 3), expected float64 of (5, 4, 3) as before", say(8, predictions_id=good.astype(np.float16)))
    refused("hold nan, expected finite numbers", say(8, predictions_id=np.where(good == good[1, 1, 1], np.nan, good)))
    refused("train_loss of step 8 is 0.5, expected one at every checkpoint or at none", say(8, train_loss=0.5, predictions_id=good))
    r.checkpoint(8, predictions_id=good)
assert np.load(FOLDER / "faults" / "D00002-seed0.npz")["steps"].tolist() == [7, 8]
with recorder("faults", seed=1) as r:
    refused("are no logits, expected finite numbers, or -inf", lambda: r.checkpoint(1, log_predictions_id=np.full((S, T, K), -np.inf)))
    r.checkpoint(1, train_loss=2.0, log_predictions_id=np.where(LOGITS == LOGITS.max(-1, keepdims=True), LOGITS, -np.inf))
refused("tokens_id is missing, expected tasks, tokens of balls_and_urns", lambda: Recorder(FOLDER / "faults", "", "balls_and_urns", {"categories": K}, tasks=URNS))
for name in ("task_weight", "tokens", "token_ood", "x_id", "transitions", "steps", "visits", "train_loss", "predictions_id", "log_predictions_id",
             "strategy_flat", "strategy_flat_oud"):
    refused(f"there is no array {name} of balls_and_urns, expected one of positions, strategy_NAME_id, strategy_NAME_ood, task_weights, tasks, "
            "tokens_id, tokens_ood", lambda: recorder("x", **{name: TOKENS}))
refused("tasks is missing", lambda: Recorder(FOLDER / "faults", "", "own", {}))
refused("tokens_id holds int64 from 0 to 2, expected whole numbers in [0, 2)", lambda: recorder("x", parameters={"categories": 2}, tasks=np.full((D, 2), 0.5)))
refused("tasks has the shape (2, 3), expected (D, K=4)", lambda: recorder("x", parameters={"categories": 4}))
refused("tasks holds inf, expected finite numbers", lambda: recorder("x", tasks=np.full((D, K), np.inf)))
refused("tokens_ood has the shape (5, 3), expected (S=5, T=4)", lambda: recorder("x", tokens_ood=TOKENS[:, 1:]))
refused("has parameters", lambda: recorder("faults", tokens_id=TOKENS[:, 1:]))
refused("has family balls_and_urns, expected linear_regression: record into another folder",
        lambda: recorder("faults", 0, "linear_regression", {"dimensions": 2}, tasks=np.eye(2), x_id=x, y_id=y))
refused("are logits, expected predictions_id: linear_regression predicts means",
        lambda: recorder("means", 2, "linear_regression", {"dimensions": 2}, tasks=np.eye(2), x_id=x, y_id=y).checkpoint(1, log_predictions_id=y))

# What closing or a reader would refuse of a manifest is refused before the training; arrays in it become lists.
urns = {"tasks": URNS, "tokens_id": TOKENS}
manifest_of = lambda name="made up", parameters={"categories": K}, family="balls_and_urns", **more: lambda: Recorder(
    FOLDER / "manifests", name, family, parameters, **(urns | more))
refused("training['lr'] is nan, expected a finite number", manifest_of(training={"lr": np.nan}))
refused("training['lr'][1] is inf, expected a finite number", manifest_of(training={"lr": np.array([1, np.inf])}))
refused("model['path'] is of type PosixPath, expected text, numbers, or lists or mappings of these", manifest_of(model={"path": pathlib.Path()}))
refused("model['tags'] is of type set, expected text", manifest_of(model={"tags": {1}}))
refused("model['deep']['of'] is of type object, expected text", manifest_of(model={"deep": {"of": object()}}))
refused("model has the key 1, expected text", manifest_of(model={1: 2}))
refused("model is of type str, expected a mapping", manifest_of(model="GRU"))
refused("run is of type list, expected a mapping", manifest_of(run=[1]))
refused("run['bits']['memorizing'] is nan, expected a finite number", manifest_of(run={"bits": {"memorizing": np.nan}}))
refused("name is of type int, expected text", manifest_of(5))
refused("family is of type NoneType, expected text", manifest_of(family=None))
refused("parameters is of type list, expected a mapping", manifest_of(parameters=["categories"]))
refused("parameters['concentration'] is nan, expected a finite number", manifest_of(parameters={"categories": K, "concentration": np.nan}))
refused("parameters lack categories, which balls_and_urns needs", manifest_of(parameters={}))
for wrong in 2.5, 3.0, "3", True, 0, None:
    refused(f"categories is {wrong}, expected a whole number of at least 1", manifest_of(parameters={"categories": wrong}))
if np.dtype(np.longdouble).itemsize > 8:
    refused("expected numbers of at most 64 bits", manifest_of(tasks=URNS.astype(np.longdouble)))
refused("tasks holds complex128, expected numbers of at most 64 bits", manifest_of(tasks=URNS.astype(complex)))
chains = lambda rows: np.full((D, rows, K), 1 / K)
for order, rows in (None, K), (1, K), (2, K * K), (0, 1):
    given = {"categories": np.int64(K)} | ({} if order is None else {"order": order})
    refused(f"tasks has the shape (2, {rows + 1}, 3), expected (D, R={rows}, K=3)", manifest_of(parameters=given, family="markov_chain", tasks=chains(rows + 1)))
    manifest_of(parameters=given, family="markov_chain", tasks=chains(rows))()
assert os.listdir(FOLDER / "manifests") == []
os.rmdir(FOLDER / "manifests")
with recorder("lists", model={"width": np.int64(8), "layers": (1, np.array([2, 3]))}, training={"lr": np.float32(0.5), "note": None}) as r:
    r.checkpoint(1, predictions_id=softmax(LOGITS))
manifest = json.loads((FOLDER / "lists" / "manifest.json").read_text())
assert manifest["model"] == {"width": 8, "layers": [1, [2, 3]]} and manifest["training"] == {"lr": 0.5, "note": None}

# Some positions alone, and a strategy of one's own.
flat = np.full((S, 2, K), 1 / 3)
given = {"bits": {"memorizing": np.float64(12.5)}, "covariate": {"memorizing": 1.5}, "strategies": {"flat": {"loss": 1.5, "bits": 80}}}
with recorder("some", 0, run=given, task_weights=np.ones(D), positions=np.array([1, 3]), strategy_flat_id=Tensor(bfloat16(flat), "torch.bfloat16")) as r:
    refused("has the shape (5, 4, 3), expected (S=5, P=2, K=3)", lambda: r.checkpoint(0, predictions_id=softmax(LOGITS)))
    r.checkpoint(0, predictions_id=softmax(LOGITS)[:, [1, 3]])
with recorder("some", 1, tokens_ood=TOKENS, positions=np.array([2]), run={"bits": {"memorizing": 13}}) as r:
    r.checkpoint(0, predictions_id=flat[:, :1], predictions_ood=flat[:, :1])
refused("positions are [1, 1], expected positions that increase", lambda: recorder("some", positions=np.array([1, 1])))
refused("positions holds int64 from 1 to 4, expected whole numbers in [0, 4)", lambda: recorder("some", positions=np.array([1, 4])))
refused("strategy_flat_id are no probabilities, one is 0.5", lambda: recorder("some", run=given, strategy_flat_id=np.full((S, T, K), 0.5)))
refused("there are arrays of the strategies ['flat'], expected loss and bits of the same in run['strategies']",
        lambda: recorder("some", strategy_flat_id=np.full((S, T, K), 1 / 3)))
refused("strategy_flat_id has the shape (5, 2, 3), expected (S=5, T=4, K=3)", lambda: recorder("some", strategy_flat_id=flat))

# A family of one's own has any axes.
with Recorder(FOLDER / "own", "made up", "own", {}, tasks=np.ones((D, 2, 2)), things_id=np.ones((S, 7))) as r:
    r.checkpoint(1, predictions_id=np.ones((S, 7)))
assert "torch" not in sys.modules

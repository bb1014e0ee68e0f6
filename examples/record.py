"""Records a model for `analyze`: what it predicts at every checkpoint, as an npz file for each training run and a manifest.

    python3 record.py FOLDER      writes a small recording whose "model" moves from the generalizing to the memorizing predictor

In a training loop of PyTorch, with the sequences `seen` (of seen tasks) and `fresh` (of others):

    from record import Recorder
    with Recorder("chains", "Markov chains", "markov_chain", {"categories": 5}, seed=1,
                  tasks=chains, tokens_id=seen, tokens_ood=fresh) as recorder:
        for step in range(12001):
            if step in checkpoints:  # 0, the untrained model, may be one
                with torch.no_grad():
                    recorder.checkpoint(step, log_predictions_id=net(seen), log_predictions_ood=net(fresh))
            loss = cross_entropy(net(batch()))
            optimizer.zero_grad(); loss.backward(); optimizer.step()

Tasks that are redrawn or drift, and sequences drawn with them, are given at every checkpoint as well, `recorder.checkpoint(step, tasks=chains,
tokens_id=seen, visits=..., log_predictions_id=net(seen))`, visits being how often a task of these was seen in the mean.
Arrays have the names and shapes of the format (data/README.md), without the axis of checkpoints. They may be PyTorch's, on any device, JAX's or
NumPy's. `log_predictions_SPLIT` are logits or log-probabilities, `predictions_SPLIT` probabilities, or means in regression.
"""
import collections.abc
import contextlib
import fcntl
import json
import math
import os
import pathlib
import re
import shutil
import sys
import tempfile
import zipfile

import numpy as np

# The axes of each family's arrays, a letter each, and for whole numbers the extent that they are below. S sequences, D tasks, T positions.
TOKENS = {"tokens": "ST<K", "predictions": "STK"}
REGRESSION = {"tasks": "Dd", "x": "STc", "y": "ST", "predictions": "ST"}
FAMILIES = {
    "balls_and_urns": {"tasks": "DK", **TOKENS}, "markov_chain": {"tasks": "DRK", **TOKENS},
    "hidden_markov": {"tasks": "DHK", "transitions": "DHH", **TOKENS}, "linear_regression": REGRESSION | {"x": "STd"},
    "fourier_regression": REGRESSION, "polynomial_regression": REGRESSION, "relu_regression": REGRESSION,
    "gaussian_location": {"tasks": "D2", "y": "ST", "predictions": "ST"},
    "finite_function": {"tasks": "DI<K", "x": "ST<I", "y": "ST<K", "predictions": "STK"},
    "classification": {"tasks": "Dd", "task_labels": "D<L", "items": "STd", "item_labels": "ST<L", "query": "Sd", "query_label": "S<L",
                       "predictions": "SL"},
}
REGRESSION_PARAMETERS = {"dimensions", "noise_variance", "task_variance", "input_variance"}
FEATURE_PARAMETERS = REGRESSION_PARAMETERS | {"degree"}
PARAMETERS = {
    "balls_and_urns": {"categories", "concentration"}, "markov_chain": {"categories", "order", "concentration", "stationary_start"},
    "hidden_markov": {"categories", "states", "concentration", "transition_concentration"},
    "linear_regression": REGRESSION_PARAMETERS | {"task_mean", "task_covariance"}, "fourier_regression": FEATURE_PARAMETERS,
    "polynomial_regression": FEATURE_PARAMETERS, "relu_regression": FEATURE_PARAMETERS,
    "gaussian_location": {"mean", "strength", "noise_variance", "shape"}, "finite_function": {"inputs", "outputs", "noise"},
    "classification": {"dimensions", "labels", "item_variance", "within_class_variance", "label_noise"},
}
DISTRIBUTIONS = {"balls_and_urns": ["tasks"], "markov_chain": ["tasks"], "hidden_markov": ["tasks", "transitions"]}  # in the last axis
REQUIRED = {"balls_and_urns": ["categories"], "markov_chain": ["categories"], "hidden_markov": ["categories"], "linear_regression": ["dimensions"],
            "finite_function": ["inputs", "outputs"], "classification": ["dimensions"]}
EXTENTS = {"context": "T", "categories": "K", "outputs": "K", "inputs": "I", "labels": "L", "states": "H"}
WHOLE = {*EXTENTS, "order", "dimensions", "degree"}
TYPES = {"float16": "<f2", "bfloat16": "<u2", "float32": "<f4", "float64": "<f8"}  # of bfloat16 its bits: NumPy has no such type


def to_numpy(key, value):
    """The array in NumPy, and whether it came in bfloat16, of PyTorch or of JAX, which is float32 then."""
    if np.ma.is_masked(value):
        raise ValueError(f"{key} is masked at {np.ma.count_masked(value)} places, expected numbers everywhere")
    brain = str(getattr(value, "dtype", "")).endswith("bfloat16")
    if hasattr(value, "detach"):  # PyTorch's, which NumPy gets from the CPU alone
        value = (value.detach().float() if brain else value.detach()).cpu().numpy()
    value = np.asarray(value, np.float32 if brain else None)
    if value.dtype.kind not in "fiub" or value.dtype.itemsize > 8:
        raise ValueError(f"{key} holds {value.dtype}, expected numbers of at most 64 bits")
    return value, brain


def plain(key, value):
    """The same as JSON has it, arrays as lists."""
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "dtype"):
        return plain(key, to_numpy(key, value)[0].tolist())
    if isinstance(value, collections.abc.Mapping):
        if names := [name for name in value if not isinstance(name, str)]:
            raise ValueError(f"{key} has the key {names[0]!r}, expected text")
        return {name: plain(f"{key}[{name!r}]", part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(f"{key}[{i}]", part) for i, part in enumerate(value)]
    if value is not None and not isinstance(value, (bool, int, float)):
        raise ValueError(f"{key} is of type {type(value).__name__}, expected text, numbers, or lists or mappings of these")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{key} is {value}, expected a finite number")
    return value


def whole(value):
    """The whole number that this is, or None: a fraction, no number, or more than the reader's 64 bits hold."""
    try:
        number = int(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return number if number == value and -2**63 <= number < 2**63 else None


@contextlib.contextmanager
def replacing(path):
    """A file that takes its place whole, when all of it is written, or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as out:
            yield out
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


class Recorder(contextlib.AbstractContextManager):
    """One training run. Checkpoints go to files without a name as they come, so memory stays small and nothing is left of a run that is
    abandoned; `close` makes the npz file and enters the run into the folder's manifest. Several processes may record into one folder.
    `run` are further keys of the run in the manifest (bits, strategies, covariate), `model` and `training` those of the recording: of the
    model's free text and numbers `parameters`, their count, or `width` is its size, over which a report sets recordings side by side. Where the
    folder has runs, its name, model, training and further keys stay as they are. Every fault is a ValueError of one sentence."""

    def __init__(self, folder, name, family, parameters, seed=0, model=None, training=None, run=None, **arrays):
        for key, value in ("name", name), ("family", family):
            if not isinstance(value, str):
                raise ValueError(f"{key} is of type {type(value).__name__}, expected text")
        given = {"parameters": parameters, "model": model, "training": training, "run": run}
        for key, value in given.items():
            if value is not None and not isinstance(value, collections.abc.Mapping):
                raise ValueError(f"{key} is of type {type(value).__name__}, expected a mapping")
        parameters, model, training, run = (plain(key, value or {}) for key, value in given.items())
        self.folder, self.shapes = pathlib.Path(folder), FAMILIES.get(family, {})
        self.manifest = {"format": "rationale-recording", "version": 2, "name": name, "family": family, "parameters": parameters,
                         "model": model, "training": training}
        for key in REQUIRED.get(family, ()):
            if key not in parameters:
                raise ValueError(f"parameters lack {key}, which {family} needs")
        for key, value in parameters.items() if self.shapes else ():
            if key in WHOLE and (type(value) is not int or not int(key != "order") <= value < 2**31):
                raise ValueError(f"{key} is {value}, expected a whole number of at least {int(key != 'order')} and below 2^31")
        for key in parameters:
            if family in PARAMETERS and key not in (known := PARAMETERS[family] | {"context"}):
                raise ValueError(f"there is no parameter {key} of {family}, expected one of {', '.join(sorted(known))}")
        if whole(seed) is None:
            raise ValueError(f"seed is {seed}, expected a whole number of 64 bits with a sign")
        self.sizes = {EXTENTS[key]: value for key, value in parameters.items() if key in EXTENTS}
        if family == "markov_chain":
            self.sizes["R"] = parameters["categories"] ** min(parameters.get("order", 1), 64)  # more rows than any table has
        self.arrays = {key: to_numpy(key, value)[0].copy() for key, value in arrays.items()}  # the loop may change them in place
        self.sequences, self.parts, self.steps, self.types = {}, {}, [], {}
        self.series = {"train_loss": [], "visits": []}
        self.changing = {}  # arrays that were given at every checkpoint
        known = ["task_weights", "positions", "strategy_NAME_id", "strategy_NAME_ood"]
        for key, axes in self.shapes.items():
            known += [] if key == "predictions" else [f"{key}_id", f"{key}_ood"] if "S" in axes else [key]
        for key in arrays:
            if self.shapes and re.sub(r"^strategy_.+(?=_(id|ood)$)", "strategy_NAME", key) not in known:
                raise ValueError(f"there is no array {key} of {family}, expected one of {', '.join(sorted(known))}")
        splits = [split for split in ("id", "ood") if any(key.endswith(f"_{split}") for key in arrays)]
        for key, axes in (self.shapes | {"tasks": self.shapes.get("tasks", "D...")}).items():
            for full in [f"{key}_{split}" for split in splits or ["id"]] if "S" in axes else [key]:
                if key != "predictions" and full not in arrays:
                    raise ValueError(f"{full} is missing, expected {', '.join(k for k in self.shapes if k != 'predictions')} of {family}")
        order = lambda item: (item[0] == "positions") + 2 * item[0].startswith("strategy_") - (item[0] == "tasks")
        for key, value in sorted(self.arrays.items(), key=order):
            if key.startswith("strategy_"):
                self.arrays[key] = self._checked(key, key, *to_numpy(key, arrays[key]))[0]
            else:
                self._check_array(key, value)
        if (brought := {key[9:].rpartition("_")[0] for key in arrays if key.startswith("strategy_")}) != set(run.get("strategies", ())):
            raise ValueError(f"there are arrays of the strategies {sorted(brought)}, expected loss and bits of the same in run['strategies']")
        if "T" in self.sizes:
            self.manifest["parameters"].setdefault("context", self.sizes["T"])
        self.run = {**run, "file": f"D{self.sizes['D']:05d}-seed{whole(seed)}.npz", "tasks": self.sizes["D"], "seed": whole(seed)}
        self.folder.mkdir(parents=True, exist_ok=True)
        self._merged()  # refuses another family's folder before the training, not after it

    def _check_array(self, key, value):
        base, _, split = key.rpartition("_")
        if split in ("id", "ood"):
            self.sizes["S"] = self.sequences.setdefault(split, value.shape[0])  # each split has its own number of sequences
        if key == "positions":  # of predictions that are not recorded everywhere
            self.shapes = self.shapes | {"predictions": self.shapes.get("predictions", "...").replace("T", "P"), "positions": "P<T"}
        usual = "D..." if key in ("tasks", "task_weights") else "..."
        axes, _, below = self.shapes.get(base if split in ("id", "ood") else key, usual).partition("<")
        self._check_shape(key, value, axes)
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise ValueError(f"{key} holds {value[~np.isfinite(value)][0]}, expected finite numbers")
        if below and (value.dtype.kind not in "iub" or value.min() < 0 or value.max() >= self.sizes.get(below, np.inf)):
            raise ValueError(f"{key} holds {value.dtype} from {value.min()} to {value.max()}, expected whole numbers in [0, {self.sizes.get(below, below)})")
        if key == "task_weights" and (value.min() < 0 or not value.sum() > 0):
            raise ValueError(f"task_weights hold {value.min()} and sum to {value.sum()}, expected weights of at least 0, some of them above")
        if key in DISTRIBUTIONS.get(self.manifest["family"], ()):
            sums = value.sum(-1, dtype=np.float64)
            worst = sums.flat[np.abs(sums - 1).argmax()]
            if value.min() < 0 or abs(worst - 1) > 1e-6:  # as the reader's
                raise ValueError(f"{key} are no probabilities, one is {value.min()} and a row's sum {worst}, expected rows that sum to 1 to 1e-6")
        if key == "positions" and (np.diff(value.astype(int)) <= 0).any():
            raise ValueError(f"positions are {value.tolist()}, expected positions that increase")

    def _check_shape(self, key, value, axes):
        named = axes.replace("...", "." * (value.ndim - axes.count("D")))  # any axes, of a family of one's own
        wanted = [int(a) if a.isdigit() else self.sizes.get(a) for a in named]
        if value.ndim != len(named) or any(n == 0 or n != (w or n) for n, w in zip(value.shape, wanted)):
            raise ValueError(f"{key} has the shape {value.shape}, expected ({', '.join(f'{a}={w}' if w else a for a, w in zip(named, wanted))})")
        self.sizes.update((a, n) for a, n in zip(named, value.shape) if a.isalpha())

    def checkpoint(self, step, train_loss=None, visits=None, **arrays):
        """What the model predicts after `step` training steps: predictions_SPLIT or log_predictions_SPLIT for each split; tasks and sequences
        too where they change. `visits` is how often a task was seen in the mean."""
        predictions = {key: value for key, value in arrays.items() if "predictions_" in key}
        changing = {key: to_numpy(key, value)[0] for key, value in arrays.items() if key not in predictions}
        if whole(step) is None:
            raise ValueError(f"step is {step}, expected a whole number of at least 0")
        if step < 0 or self.steps and step <= self.steps[-1]:
            raise ValueError(f"step is {step} after {self.steps[-1:] or 'none'}, expected steps of at least 0 that increase")
        for key, value in ("train_loss", train_loss), ("visits", visits):
            if self.steps and (value is None) == bool(self.series[key]):
                raise ValueError(f"{key} of step {step} is {value}, expected one at every checkpoint or at none")
            if value is not None and not (np.isfinite(float(value)) and (key == "train_loss" or value >= 0)):
                raise ValueError(f"{key} of step {step} is {value}, expected a finite number{' of at least 0' * (key == 'visits')}")
        for key in changing:
            if key not in self.arrays or key in ("positions", "task_weights") or key.startswith("strategy_"):
                raise ValueError(f"step {step} has {key}, expected predictions, tasks or sequences that were given at first, too")
        if self.steps and sorted(changing) != sorted(self.changing):
            raise ValueError(f"step {step} has {sorted(changing)}, expected {sorted(self.changing)} as before")
        for key, value in changing.items():
            self._check_array(key, value)
        wanted = sorted(self.parts or (("log_" if f"log_predictions_{s}" in predictions else "") + f"predictions_{s}" for s in self.sequences))
        if sorted(predictions) != wanted:
            raise ValueError(f"step {step} has {', '.join(sorted(predictions)) or 'no predictions'}, expected {', '.join(wanted)}")
        checked = {key: self._checked(key, f"{key} of step {step}", *to_numpy(key, value)) for key, value in predictions.items()}
        for key, (value, kind) in checked.items():  # all of a checkpoint or nothing
            if key not in self.parts:
                self.parts[key] = (tempfile.TemporaryFile(dir=self.folder), value.shape, kind)
            self.parts[key][0].write(np.ascontiguousarray(value).tobytes())
        self.steps.append(int(step))
        for key, value in changing.items():
            self.changing.setdefault(key, []).append(value.copy())
        for key, value in ("train_loss", train_loss), ("visits", visits):
            if value is not None:
                self.series[key].append(float(value))

    def _checked(self, key, where, value, brain):
        """The array as it is recorded, and its type. Probabilities keep a half type, by which it is known how far their sums may be off."""
        axes, logits = self.shapes.get("predictions", "..."), key.startswith("log_")
        means = axes in ("ST", "SP")
        self.sizes["S"] = self.sequences[key.rpartition("_")[2]]
        if means and value.ndim == 3 and value.shape[-1] == 1:
            value = value[..., 0]  # means as (S, T, 1)
        self._check_shape(where, value, axes)
        if logits and means:
            raise ValueError(f"{where} are logits, expected {key[4:]}: {self.manifest['family']} predicts means")
        kind = "float64" if value.dtype == np.float64 else "float32"
        if not means and not logits and (brain or value.dtype == np.float16):
            kind = "bfloat16" if brain else "float16"
        if key in self.parts and self.parts[key][1:] != (value.shape, kind):
            raise ValueError(f"{where} are {kind} of {value.shape}, expected {self.parts[key][2]} of {self.parts[key][1]} as before")
        value = value.astype("<f4" if brain else TYPES[kind])
        if logits:
            if np.isnan(value).any() or np.isposinf(value).any() or np.isneginf(value).all(-1).any():
                raise ValueError(f"{where} are no logits, expected finite numbers, or -inf for some of an event's outcomes")
        elif not np.isfinite(value).all():
            raise ValueError(f"{where} hold {value[~np.isfinite(value)][0]}, expected finite numbers")
        elif not means and self.shapes:
            sums = value.sum(-1, dtype=np.float64)
            worst = sums.flat[np.abs(sums - 1).argmax()]
            most = 1e-4 + {"float16": 2**-11 + 2**-25 * value.shape[-1], "bfloat16": 2**-8}.get(kind, 0)  # as the reader's
            if value.min() < 0 or abs(worst - 1) > most:
                raise ValueError(f"{where} are no probabilities, one is {value.min()} and a sum {worst}; logits belong in log_{key}")
        if kind == "bfloat16":
            value, self.types[key] = (value.view("<u4") >> 16).astype("<u2"), kind
        return value, kind

    def close(self):
        """Makes the npz file and enters the run into the manifest."""
        if not self.steps:
            raise ValueError("no checkpoint was recorded, expected at least one")
        if self.types:
            self.run["types"] = self.types
        series = {key: np.array(values) for key, values in self.series.items() if values}
        changing = {key: np.stack(values) for key, values in self.changing.items()}
        with replacing(self.folder / self.run["file"]) as out, zipfile.ZipFile(out, "w") as archive:
            for key, value in {"steps": np.array(self.steps), **series, **self.arrays, **changing}.items():
                with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.ascontiguousarray(value), allow_pickle=False)
            for key, (part, shape, kind) in self.parts.items():
                header = {"descr": TYPES[kind], "fortran_order": False, "shape": (len(self.steps), *shape)}
                with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array_header_1_0(member, header)
                    part.seek(0)
                    shutil.copyfileobj(part, member)
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)  # other runs may end at the same time
            text = json.dumps(self._merged(), indent=2, allow_nan=False)
            with replacing(self.folder / "manifest.json") as out:
                out.write(text.encode())
        finally:
            os.close(lock)

    def _merged(self):
        """The folder's manifest with this run in it."""
        path = self.folder / "manifest.json"
        mine = self.manifest
        before = json.loads(path.read_text()) if path.exists() else mine
        for key in ("family", "parameters"):
            if mine[key] != before[key]:
                raise ValueError(f"{path} has {key} {before[key]}, expected {mine[key]}: record into another folder")
        others = [run for run in before.get("runs", []) if (run["tasks"], run["seed"]) != (self.run["tasks"], self.run["seed"])]
        if types := before.pop("types", None):  # of every run that was there, and not of this one
            others = [run | {"types": types | run.get("types", {})} for run in others]
        # What was said of the others' recording stays; of a recording of this run alone the latest word holds.
        said = before | mine if not others else mine | {key: value for key, value in before.items() if value or key not in mine}
        return said | {"version": mine["version"], "runs": sorted([*others, self.run], key=lambda run: (run["tasks"], run["seed"]))}

    def __exit__(self, fault, *_):
        if not fault:
            self.close()


def main(folder):
    rng = np.random.default_rng(0)
    K, T, S, steps = 4, 16, 20, (10, 100, 1000, 10000)
    for D in (2, 4, 8):
        tasks = rng.dirichlet(np.ones(K), D)
        arrays, parts = {"tasks": tasks}, {}
        for split, urns in ("id", tasks[rng.integers(D, size=S)]), ("ood", rng.dirichlet(np.ones(K), S)):
            tokens = np.array([rng.choice(K, T, p=urn) for urn in urns])
            seen = np.cumsum(np.eye(K)[tokens], 1) - np.eye(K)[tokens]  # counts before each token
            posterior = np.exp(seen @ np.log(tasks).T)
            M, G = posterior / posterior.sum(-1, keepdims=True) @ tasks, (seen + 1) / (seen.sum(-1, keepdims=True) + K)
            arrays[f"tokens_{split}"], parts[split] = tokens, (M, G)
        with Recorder(folder, "a made-up model of balls and urns", "balls_and_urns", {"categories": K, "concentration": 1.0}, **arrays) as recorder:
            for step in steps:
                w = step / (step + 100 * D)
                recorder.checkpoint(step, **{f"predictions_{split}": (w * M + (1 - w) * G).astype(np.float32) for split, (M, G) in parts.items()})


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(print(__doc__) if "--help" in sys.argv else __doc__)
    main(sys.argv[1])

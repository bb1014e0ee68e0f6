"""Recordings from the run folders of the code published with arXiv 2506.17859.

Its cache has, for each setting, data/train-data/{d}dims-{D}tasks-{seed}seed_data.npz with the seen tasks, data/eval-data/{d}dims-{n}tasks-
{seed + 1}seed_eval_data.npz with fresh ones, and transformers/{d}dims-{D}tasks-{T}context-...-{seed}seed.../checkpoints/checkpoint-{N} with
outputs-{train,eval}-{seed}seed-{S}sequences.pt: what the model put out on S sequences. The sequences are not kept; they are drawn again from
the same generator, NumPy's default_rng(seed), in the same order.
"""
from __future__ import annotations

import os
import pathlib
import re
from typing import Any, Callable, Dict, List, Tuple, Union

import numpy as np

from .analysis import Recording
from .predictors import Family, balls_and_urns, linear_regression

__all__ = ["from_published"]

RUN = re.compile(r"(?P<d>\d+)dims-(?P<D>\d+)tasks-(?P<T>\d+)context-.*-(?P<seed>\d+)seed(?:-.*)?")
OUTPUTS = re.compile(r"outputs-(?P<split>train|eval)-\d+seed-(?P<S>\d+)sequences\.pt")


def from_published(cache: Union[str, os.PathLike], setting: str, dims: int, context: int, match: str = "", folder: Any = None) -> Recording:
    """The runs of a setting, categorical-sequence or linear-regression, with so many dimensions and this context length; `match` is a regular
    expression for what else a run's name must have, such as "-4expansionfactor-": of runs with the same D and seed it must leave one. Tasks are
    those of uniform sampling; runs whose tasks were drawn by rank (zipf_param) need weights, which this does not read. Needs PyTorch, to read its
    files."""
    settings: Dict[str, Callable[[int], Family]] = {"categorical-sequence": balls_and_urns, "linear-regression": linear_regression}
    if setting not in settings:
        raise ValueError(f"rationale.from_published: setting is {setting}, must be one of {', '.join(settings)}")
    base = pathlib.Path(cache) / setting
    recording = Recording(settings[setting](dims), f"{setting}, {dims} dimensions, context {context}", folder)
    runs = [(name, path) for path in sorted(base.glob("transformers/*")) if (name := RUN.fullmatch(path.name)) and re.search(match, path.name)
            and (int(name["d"]), int(name["T"])) == (dims, context)]
    if not runs:
        raise ValueError(f"rationale.from_published: {base / 'transformers'} has no run with {dims} dimensions and context {context}")
    known: Dict[Tuple[int, int], str] = {}
    for name, path in runs:
        D, seed = int(name["D"]), int(name["seed"])
        if (before := known.setdefault((D, seed), path.name)) != path.name:
            raise ValueError(f"rationale.from_published: {before} and {path.name} both have D = {D} and seed {seed}, must be one run: tell them "
                             "apart by match")
    draw = _urns if setting == "categorical-sequence" else _regression
    for name, path in runs:
        seed = int(name["seed"])
        tasks = np.load(base / f"data/train-data/{dims}dims-{name['D']}tasks-{seed}seed_data.npz")["tasks"]
        fresh = sorted(base.glob(f"data/eval-data/{dims}dims-*tasks-{seed + 1}seed_eval_data.npz"))
        if len(fresh) > 1:
            raise ValueError(f"rationale.from_published: {fresh[0].parent} has {', '.join(of.name for of in fresh)} for {path.name}, must have one")
        steps, outputs = _outputs(path)
        arrays: Dict[str, Any] = {}
        for split, key, source in (("id", "train", tasks), ("ood", "eval", np.load(fresh[0])["tasks"] if fresh else None)):
            if key not in outputs or source is None:
                continue
            said = np.stack(outputs[key])
            for array, value in draw(source, said.shape[1], context, seed).items():
                arrays[f"{array}_{split}"] = value
            if setting == "categorical-sequence":  # after the start token; the last one is asked for nothing
                arrays[f"log_predictions_{split}"] = said[:, :, :context, :dims]
            else:
                arrays[f"predictions_{split}"] = said.reshape(*said.shape[:2], context)
        recording.add_run(tasks, steps, seed, **arrays)
    return recording


def _outputs(run: pathlib.Path) -> Tuple[List[int], Dict[str, List[np.ndarray]]]:
    import torch
    found: Dict[str, Dict[int, np.ndarray]] = {}
    for path in run.glob("checkpoints/checkpoint-*/outputs-*.pt"):
        if name := OUTPUTS.fullmatch(path.name):
            step = int(path.parent.name.rpartition("-")[2])
            if step in found.setdefault(name["split"], {}):
                raise ValueError(f"rationale.from_published: {path.parent} has outputs for several numbers of sequences, must have one")
            found[name["split"]][step] = torch.load(path, map_location="cpu", weights_only=True).float().numpy()
    if "train" not in found:
        raise ValueError(f"rationale.from_published: {run} has no outputs-train-...sequences.pt in a checkpoint")
    steps = sorted(set.intersection(*(set(of) for of in found.values())))
    return steps, {split: [of[step] for step in steps] for split, of in found.items()}


def _urns(tasks: np.ndarray, count: int, context: int, seed: int) -> Dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    chances = np.ones(len(tasks)) / len(tasks)
    tokens = [rng.choice(tasks.shape[1], size=context, replace=True, p=tasks[rng.choice(len(tasks), p=chances)]) for _ in range(count)]
    return {"tokens": np.array(tokens)}


def _regression(tasks: np.ndarray, count: int, context: int, seed: int) -> Dict[str, np.ndarray]:
    rng, d = np.random.default_rng(seed), tasks.shape[1]
    chances, x, y = np.ones(len(tasks)) / len(tasks), [], []
    for _ in range(count):
        w = tasks[rng.choice(len(tasks), p=chances)]
        x.append(rng.multivariate_normal(np.zeros(d), np.eye(d), size=context))
        y.append(x[-1] @ w + rng.normal(loc=0.0, scale=np.sqrt(d / 256), size=context))
    # The model saw them in float32.
    return {"x": np.array(x, np.float32).astype(np.float64), "y": np.array(y, np.float32).astype(np.float64)}

"""Recordings from what other groups' training code leaves: run folders with configurations, tasks and snapshots. Their models are theirs: a
function of yours says what one predicts."""
from __future__ import annotations

import json
import os
import pathlib
import pickle
import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np

from ._arrays import to_numpy
from .analysis import Recording
from .predictors import linear_regression, markov_chain

__all__ = ["from_temporal_diversity", "TemporalSnapshot", "from_markov_mixtures"]

Folders = Union[str, os.PathLike, Sequence[Union[str, os.PathLike]]]
CHECKPOINT = re.compile(r"ckpt_step=(\d+)\.pth?")


class TemporalSnapshot(NamedTuple):
    """A row of snapshots.npz: the index of the gradient step before it, from 0, the tasks (M, D) at that time, and the run's configuration."""

    run: pathlib.Path
    step: int
    tasks: np.ndarray
    config: Mapping[str, Any]


def from_temporal_diversity(runs: Folders, predict: Callable[[TemporalSnapshot, np.ndarray, np.ndarray], Any], sequences: int = 256,
                            seed: int = 0, folder: Any = None) -> Recording:
    """Run folders of the code published with arXiv 2605.18281, temporal task diversity in linear regression: each has a config.json and a
    snapshots.npz, as experiment_iclr_prior_tracking.py writes them, with steps (N), losses (N) and tasks (N, M, D).

    The file holds neither models nor predictions. `predict(snapshot, x, y)` gives the means (S, K) of your model at that snapshot, of one that
    you saved beside it, for x (S, K, D) and y (S, K): forward_gaussian_batch(x, y, noise_var)[0], say. The sequences, so many of the tasks at
    the snapshot and so many of fresh ones, are drawn here, as `seed` says.

    A snapshot after gradient step t is recorded at t + 1 steps. Where tasks are redrawn or drift, each checkpoint has its own tasks and
    sequences, and `visits` counts the sequences of a task since it was last redrawn; a drifting task stays one task."""
    paths = _paths(runs, "from_temporal_diversity")
    configs = [json.loads((path / "config.json").read_text()) for path in paths]
    first = configs[0]
    _all_alike("from_temporal_diversity", configs, ("task_dim", "num_examples", "noise_var"))
    family = linear_regression(int(first["task_dim"]), noise_variance=float(first["noise_var"]))
    recording = Recording(family, f"temporal task diversity, {first['task_dim']} dimensions, context {first['num_examples']}", folder)
    _all_different("from_temporal_diversity", [(int(config["task_diversity"]), int(config["seed"])) for config in configs])

    def drawn(split: str, tasks: Any) -> Dict[str, Any]:
        sample = family.sample_sequences(sequences, int(first["num_examples"]), tasks, seed=2 * seed + (split == "ood")).sequences
        # Models see them in float32.
        return {f"{name}_{split}": value.astype(np.float32).astype(np.float64) for name, value in sample.items()}

    for path, config in zip(paths, configs):
        with np.load(path / "snapshots.npz") as file:
            steps, losses, tasks = file["steps"].astype(int), file["losses"], file["tasks"].astype(np.float64)
            redrawn = np.sort(file["resample_steps"]).astype(int) if "resample_steps" in file else np.zeros(0, int)
        if tasks.shape != (len(steps), config["task_diversity"], config["task_dim"]):
            raise ValueError(f"rationale.from_temporal_diversity: {path / 'snapshots.npz'} has tasks of {tasks.shape}, must be "
                             f"({len(steps)}, {config['task_diversity']}, {config['task_dim']})")
        changing = bool((tasks != tasks[0]).any())
        fresh, seen = drawn("ood", None), drawn("id", tasks[0])
        with recording.recorder(tasks[0], int(config["seed"]), **seen, **fresh) as recorder:
            for step, loss, now in zip(steps.tolist(), losses, tasks):
                if changing:
                    seen = drawn("id", now)
                since = redrawn[redrawn <= step].max(initial=0)
                snapshot = TemporalSnapshot(path, step, now, config)
                said = {f"predictions_{split}": to_numpy(predict(snapshot, of[f"x_{split}"], of[f"y_{split}"]))
                        for split, of in (("id", seen), ("ood", fresh))}
                recorder.checkpoint(step + 1, train_loss=float(loss), visits=float((step + 1 - since) * config["batch_size"] / now.shape[0]),
                                    **said, **({"tasks": now, **seen} if changing else {}))
    return recording


def from_markov_mixtures(experiments: Folders, predict: Callable[[Mapping[str, Any], np.ndarray, Mapping[str, Any]], Any], sequences: int = 64,
                         context: Optional[int] = None, steps: Optional[Sequence[int]] = None, seed: int = 0, folder: Any = None) -> Recording:
    """Experiment folders of the code published with arXiv 2412.01003, mixtures of Markov chains: each has a config.yaml, whose data_params name
    the number of states, the chains' shares and their seeds, and checkpoints/ckpt_step=N.pth, dictionaries of the model's weights. Needs PyTorch
    and PyYAML, to read its files.

    `predict(state, tokens, config)` gives logits (S, T, at least k states) of the model with such a dictionary, for tokens (S, T), where
    [:, t] is of the token after t: load_state_dict_nc(state) and the model's output. Logits of other tokens than the k states are left out
    before the softmax. Nothing is said of the first token.

    The chains are drawn from their seeds as the code draws dense ones; the sequences, so many of theirs and so many of fresh chains, are drawn
    here from `seed`, with a stationary start and `context` tokens, as many as in training unless given. `steps` are those to be recorded;
    without them all that have a file. Losses of training are read from logs.pth, where PyTorch can read it without running what is in it, as
    recent versions can. Chains whose states are permuted anew in every sequence are no fixed tasks, and refused, as curricula are."""
    import torch
    import yaml
    paths = _paths(experiments, "from_markov_mixtures")
    configs = [yaml.safe_load((path / "config.yaml").read_text()) for path in paths]
    data = [dict(config["data_params"], task=config["task"]) for config in configs]
    for path, of in zip(paths, data):
        fault = ("task is " + of["task"] if of["task"] != "markov_mixture" else "a curriculum" if "curriculum" in of else "states that are permuted"
                 if of.get("online_permute") else f"ks of {sorted(set(of['ks']))}" if len(set(of["ks"])) != 1 else "")
        if fault:
            raise ValueError(f"rationale.from_markov_mixtures: {path / 'config.yaml'} has {fault}, must be a fixed markov_mixture of one k")
    chains = [np.stack([_dense_chain(k, how, path) for k, how in zip(of["ks"], of["transition_paramss"])]) for path, of in zip(paths, data)]
    k, length = chains[0].shape[2], int(data[0]["l"])
    _all_alike("from_markov_mixtures", [{"ks": of["ks"][0], "l": of["l"]} for of in data], ("ks", "l"))
    context = length if context is None else context
    family = markov_chain(k, stationary_start=True)
    recording = Recording(family, f"Markov mixtures, {k} states, context {context}", folder)
    _all_different("from_markov_mixtures", [(len(of), int(config["seed"])) for of, config in zip(chains, configs)])
    for path, config, tasks, of in zip(paths, configs, chains, data):
        files = {int(name[1]): file for file in (path / "checkpoints").glob("ckpt_step=*") if (name := CHECKPOINT.fullmatch(file.name))}
        asked = sorted(files if steps is None else steps)
        if not asked or set(asked) - set(files):
            raise ValueError(f"rationale.from_markov_mixtures: {path / 'checkpoints'} has no ckpt_step={min(set(asked) - set(files), default='N')}.pth")
        wanted = [int(step) for step in asked]
        shares = np.array(of["ps"], float)
        tokens = {"id": family.sample_sequences(sequences, context, tasks, shares, seed=2 * seed).sequences["tokens"],
                  "ood": family.sample_sequences(sequences, context, seed=2 * seed + 1).sequences["tokens"]}
        losses = _losses(path, wanted, torch)
        arrays: Dict[str, Any] = {"task_weights": shares, "positions": np.arange(1, context), **{f"tokens_{split}": value for split, value in tokens.items()}}
        with recording.recorder(tasks, int(config["seed"]), **arrays) as recorder:
            for step, loss in zip(wanted, losses):
                state = torch.load(files[step], map_location="cpu", weights_only=True)
                said: Dict[str, np.ndarray] = {}
                for split, value in tokens.items():
                    logits = to_numpy(predict(state, value, config))
                    if logits.ndim != 3 or logits.shape[:2] != value.shape or logits.shape[2] < k:
                        raise ValueError(f"rationale.from_markov_mixtures: predict gives {logits.shape}, must be ({len(value)}, {context}, at least {k})")
                    said[f"log_predictions_{split}"] = logits[:, :-1, :k]
                recorder.checkpoint(step, train_loss=loss, **said)
    return recording


def _dense_chain(k: int, how: Mapping[str, Any], path: pathlib.Path) -> np.ndarray:
    """Rows from Dirichlet(1, ..., 1), by NumPy's generator of old with the chain's seed."""
    if how.get("type") != "dense" or how.get("random_state") is None:
        raise ValueError(f"rationale.from_markov_mixtures: {path / 'config.yaml'} has a chain of {dict(how)}, must be dense with a random_state")
    return np.random.RandomState(how["random_state"]).dirichlet(np.ones(k), size=k)


def _losses(path: pathlib.Path, steps: Sequence[int], torch: Any) -> List[Optional[float]]:
    """Of the batches before these steps, nats a token; None where logs.pth does not have them all, or PyTorch would have to run what is in it."""
    try:
        found = list(torch.load(path / "logs.pth", map_location="cpu", weights_only=True)["online_losses"])
    except (FileNotFoundError, pickle.UnpicklingError):
        found = []
    return [float(found[step - 1]) for step in steps] if 0 < steps[0] and steps[-1] <= len(found) else [None] * len(steps)


def _paths(folders: Folders, where: str) -> List[pathlib.Path]:
    paths = [pathlib.Path(folders)] if isinstance(folders, (str, os.PathLike)) else [pathlib.Path(path) for path in folders]
    if not paths:
        raise ValueError(f"rationale.{where}: there are no folders, must be at least one")
    return paths


def _all_alike(where: str, of: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> None:
    for key in keys:
        if len({config[key] for config in of}) != 1:
            raise ValueError(f"rationale.{where}: {key} is {' and '.join(sorted({str(config[key]) for config in of}))}, must be the same in all runs")


def _all_different(where: str, of: Sequence[tuple]) -> None:
    for tasks, seed in of:
        if of.count((tasks, seed)) > 1:
            raise ValueError(f"rationale.{where}: two runs have {tasks} tasks and the seed {seed}, must be recorded into different folders")

"""A law of one's own, given by its weights, held against what a model predicted."""
from __future__ import annotations

import json
import os
import pathlib
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple, Union

import numpy as np

from .analysis import Recording, _table
from .predictors import Family, Strategy, constant, generalizing, inference, memorizing, retrieval

__all__ = ["law_divergences"]

Weights = Callable[[float, int], Any]


def law_divergences(recording: Union[str, os.PathLike, Recording], weights: Weights,
                    strategies: Sequence[str] = ("memorizing", "generalizing"), threads: int = 1) -> Any:
    """How far a law's mixture is from the model in every cell: KL(model || sum over Q of weight_Q prediction_Q) in nats, or the squared error of
    means, mean over positions and sequences, as `law_divergence` of cells.csv is for the fitted law.

    `weights(steps, tasks)` gives the weight of each of `strategies` after so many steps, in a run with so many seen tasks. Strategies are those
    that an analysis names, the recording's own among them. Sequences that one of them excludes are left out. A row a cell: tasks, seed, step,
    split, divergence."""
    folder = recording.folder if isinstance(recording, Recording) else pathlib.Path(recording)
    manifest = json.loads((folder / "manifest.json").read_text())
    parameters = {key: value for key, value in manifest["parameters"].items() if key != "context"}
    family = Family(manifest["family"], **parameters)
    rows: List[list] = []
    for run in manifest["runs"]:
        with np.load(folder / run["file"]) as arrays:
            for split, model in _recorded(family, arrays, run):
                parts = np.stack([_predicted(name, family, arrays, split, threads) for name in strategies])
                known = np.isfinite(parts).all(axis=(0, *range(2, parts.ndim)))
                for step, said in zip(arrays["steps"].tolist(), model):
                    w = np.asarray(weights(step, run["tasks"]), np.float64)
                    if w.shape != (len(parts),):
                        raise ValueError(f"rationale.law_divergences: weights gives {w.shape}, must be ({len(parts)},), one a strategy")
                    mixture = np.tensordot(w, parts[:, known], 1)
                    rows.append([run["tasks"], run["seed"], step, split, _divergence(family, said[known].astype(np.float64), mixture)])
    return _table(["tasks", "seed", "step", "split", "divergence"], rows)


def _recorded(family: Family, arrays: Mapping[str, np.ndarray], run: Mapping[str, Any]) -> Iterator[Tuple[str, np.ndarray]]:
    """The model's predictions of each split, (N, S, ...)."""
    for split in ("id", "ood"):
        for key in (f"predictions_{split}", f"log_predictions_{split}"):
            if key not in arrays:
                continue
            said = arrays[key]
            if run.get("types", {}).get(key) == "bfloat16":
                said = (said.astype(np.uint32) << 16).view(np.float32)
            if key.startswith("log_"):
                said = said.astype(np.float64)
                said = np.exp(said - said.max(-1, keepdims=True))
                said = said / said.sum(-1, keepdims=True)
            yield split, said


def _predicted(name: str, family: Family, arrays: Mapping[str, np.ndarray], split: str, threads: int) -> np.ndarray:
    """What a strategy says of a split's sequences, at the recorded positions."""
    own = f"strategy_{name}_{split}"
    if own in arrays:
        return np.asarray(arrays[own], np.float64)
    sequences = [arrays[f"{array}_{split}"] for array, *_ in family.sequence_arrays]
    values = _strategy(name, family, arrays).predict(*sequences, mask=True, threads=threads)
    return values[:, arrays["positions"]] if "positions" in arrays else values


def _strategy(name: str, family: Family, arrays: Mapping[str, np.ndarray]) -> Strategy:
    tasks = {array: arrays[array] for array, *_ in family.task_arrays}
    weights = arrays["task_weights"] if "task_weights" in arrays else None
    usual: Dict[str, Callable[[], Strategy]] = {
        "memorizing": lambda: memorizing(family, tasks, weights), "generalizing": lambda: generalizing(family),
        "copying": lambda: generalizing(family), "constant": lambda: constant(family),
        "unigram retrieval": lambda: retrieval(family, tasks, 0, weights=weights), "unigram inference": lambda: inference(family, 0),
        "bigram inference": lambda: inference(family, 1)}
    if name not in usual:
        raise ValueError(f"rationale.law_divergences: there is no strategy {name}, must be one of {', '.join(usual)}, or the recording's own")
    return usual[name]()


def _divergence(family: Family, model: np.ndarray, mixture: np.ndarray) -> float:
    if "K" not in family.prediction_axes and "L" not in family.prediction_axes:
        return float(np.square(model - mixture).mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        nats = np.where(model > 0, model * np.log(model / mixture), 0.0)
    return float(nats.sum(-1).mean())

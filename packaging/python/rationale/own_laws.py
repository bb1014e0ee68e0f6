"""A law of one's own, given by its weights, held against what a model predicted, and fitted to it."""
from __future__ import annotations

import json
import os
import pathlib
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from .analysis import PREDICTIONS, Recording, _table
from .predictors import Family, Strategy, constant, generalizing, inference, memorizing, retrieval

__all__ = ["law_divergences", "fit_law", "LawFit"]

Weights = Callable[[float, int], Any]
Parameters = Mapping[str, float]
Start = Union[float, Tuple[float, float]]
Source = Union[str, os.PathLike, Recording]


def law_divergences(recording: Source, weights: Weights, strategies: Sequence[str] = ("memorizing", "generalizing"), threads: int = 1) -> Any:
    """How far a law's mixture is from the model in every cell: KL(model || sum over Q of weight_Q prediction_Q) in nats, or the squared error of
    means, mean over positions and sequences, as `law_divergence` of cells.csv is for the fitted law.

    `weights(steps, tasks)` gives the weight of each of `strategies` after so many steps, in a run with so many seen tasks. Strategies are those
    that an analysis names, the recording's own among them. Sequences that one of them excludes are left out. A row a cell: tasks, seed, step,
    split, divergence."""
    rows: List[list] = []
    for of in _splits(recording, strategies, threads, "law_divergences"):
        for step, said in of.checkpoints() if of.known.any() else ():
            w = _checked("law_divergences", weights(step, of.run["tasks"]), len(of.parts), f"{step} steps and {of.run['tasks']} tasks")
            rows.append([of.run["tasks"], of.run["seed"], step, of.split, _divergence(of.family, said, np.tensordot(w, of.parts, 1))])
    return _table(["tasks", "seed", "step", "split", "divergence"], rows)


class LawFit:
    """A law of one's own, fitted.

    values           of its parameters
    parameters       a table: name, value, 95 % interval (lower, upper), determined, at_bound
    divergence       mean over the fitted cells of KL(model || mixture) in nats, or of the squared error of means
    scores           a table of the mean divergence of each split and role, apart: split, role, cells, divergence
    cells            a table: tasks, seed, step, split, role, divergence
    threshold        the step from which on cells are fitted; None: all are
    notes            sentences: what the cells do not determine, and what was left out
    optima           other minima that searches ended at, values and divergence, the best first
    weights(steps, tasks)    weight of each of `strategies`
    """

    def __init__(self, found: Mapping[str, Any], names: Sequence[str], strategies: Sequence[str], threshold: Optional[int],
                 weights: Callable[[float, int, Parameters], Any], notes: Sequence[str]):
        self.strategies, self.threshold, self.divergence = list(strategies), threshold, float(found["divergence"])
        self.values: Dict[str, float] = dict(zip(names, found["values"]))
        self.optima = [(dict(zip(names, values)), divergence) for values, divergence in found["optima"]]
        self.notes: List[str] = [*found["sentences"], *notes]
        self.searches, self.reached = int(found["starts"]), int(found["reached"])
        self._found, self._weights = found, weights

    def weights(self, steps: float, tasks: int) -> np.ndarray:
        return np.asarray(self._weights(steps, tasks, dict(self.values)), np.float64)

    @property
    def parameters(self) -> Any:
        f = self._found
        rows = [[name, value, low, high, bool(known), bool(held)] for (name, value), (low, high), known, held
                in zip(self.values.items(), f["intervals"], f["determined"], f["at_bound"])]
        return _table(["name", "value", "lower", "upper", "determined", "at_bound"], rows)

    @property
    def cells(self) -> Any:
        return _table(["tasks", "seed", "step", "split", "role", "divergence"], self._found["cells"])

    @property
    def scores(self) -> Any:
        by: Dict[Tuple[str, str], List[float]] = {}
        for *_, split, role, divergence in self._found["cells"]:
            by.setdefault((split, role), []).append(divergence)
        return _table(["split", "role", "cells", "divergence"], [[*key, len(of), float(np.mean(of))] for key, of in by.items()])

    def __repr__(self) -> str:
        return f"<law: {', '.join(f'{key} {value:.3g}' for key, value in self.values.items())}; divergence {self.divergence:.3g}>"


def fit_law(recording: Source, weights: Callable[[float, int, Parameters], Any], start: Mapping[str, Start],
            bounds: Optional[Mapping[str, Tuple[float, float]]] = None, logarithmic: Sequence[str] = (),
            strategies: Sequence[str] = ("memorizing", "generalizing"), from_step: Optional[int] = None, fitted_share: float = 0.8,
            candidates: int = 512, starts: int = 12, threads: int = 1) -> LawFit:
    """Fits a law of one's own to a recording, by the fit that an analysis makes of its laws: minimizes the mean over the fitted cells of KL(model
    || sum over Q of weight_Q prediction_Q) in nats, or of the squared error of means, over the law's parameters.

        def power_law(steps, tasks, p):
            odds = p["gamma"] * steps ** (1 - p["alpha"]) * fit[tasks] - np.log(2) * price(tasks, p["beta"])
            return [1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(odds))]

        rationale.fit_law(recording, power_law, {"alpha": (0, 0.9), "gamma": (0.01, 100), "beta": (0.1, 1)},
                          bounds={"alpha": (0, 1)}, logarithmic=["gamma", "beta"])

    `weights(steps, tasks, parameters)` gives the weight of each of `strategies` after so many training steps in a run with so many seen tasks:
    numbers of at least 0 whose sum is 1, smooth in the parameters, for all within their bounds. What it raises comes out as it is.

    start            the range of each parameter in which searches start, or a number, for which that is a factor of 10 around it, or 1 on
                     a linear scale; an interval wider than half of it does not count as determined
    bounds           lower <= value < upper; otherwise none, and above 0 for logarithmic ones
    logarithmic      parameters that are searched by their logarithm; the others are best of order 1

    Fitted are in-distribution cells alone, at or after the threshold: of each run the first checkpoint whose distance from the best mixture of
    the first two strategies lies below min + q (max - min), q = 0.2, or 0.1 of means; of the runs the latest. With more than two strategies
    earlier cells are fitted too. `from_step` takes the threshold's place; 0 is all. Of the steps and numbers of tasks that remain the first
    `fitted_share` are fitted, the others held out; out of distribution nothing is fitted. Sequences that a strategy excludes are left out, and
    cells that no mixture explains. An analysis leaves out what any of its strategies excludes.

    Derivatives are differences, so that an evaluation calls `weights` 1 + 2P + 2P² times a cell, for P parameters, or some more where it is
    steep; a fit of P = 3 with its intervals 5000 to 30 000 times a fitted cell, which for 100 cells takes some 10 s. Fewer `candidates`, points
    that are looked at, and `starts`, searches from the best of them, take less. Ctrl-C stops it."""
    law = _Declared(start, bounds or {}, logarithmic)
    data: Optional[_core.fit_data] = None
    steps: List[List[int]] = []
    left_out = 0
    before = None
    for of in _splits(recording, strategies, threads, "fit_law"):
        if data is None:
            data = _core.fit_data(len(strategies), _of_means(of.family))
        if of.run is not before:
            data.add_run(of.run["tasks"], of.run["seed"])
            steps.append([])
            before = of.run
        if of.split == "id":
            steps[-1] += of.steps
        if of.known.any():
            data.add_split(of.split == "id", [_three_axes(of.family, part) for part in of.parts])
            left_out += sum(not data.add_checkpoint(step, _three_axes(of.family, said)) for step, said in of.checkpoints())
    if data is None:
        raise ValueError("rationale.fit_law: the recording has no predictions")
    threshold = from_step
    if from_step is None:
        threshold = max((of[at] for of, at in zip(steps, data.thresholds()) if at is not None), default=None)
    early = from_step is None and len(strategies) > 2
    fitted = data.set_roles(sorted({step for of in steps for step in of}), threshold, fitted_share, early)
    notes = [f"{left_out} cells are left out, as no mixture of the strategies gives what the model does"] if left_out else []
    if fitted < max(len(law.names), 1):
        why = "; ".join([f": the threshold is step {threshold}" if threshold else ": there is no threshold", *notes])
        raise ValueError(f"rationale.fit_law: there {'is 1 cell' if fitted == 1 else f'are {fitted} cells'} to fit, must be at least {max(len(law.names), 1)}, one a parameter{why}")

    def call(at: int, tasks: int, values: Tuple[float, ...]) -> List[float]:
        p = dict(zip(law.names, values))
        return _checked("fit_law", weights(at, tasks, p), len(strategies), f"{at} steps, {tasks} tasks and {p}")

    return LawFit(data.fit(law.rows, call, candidates, starts), law.names, strategies, threshold, weights, notes)


def _checked(where: str, given: Any, strategies: int, at: str) -> List[float]:
    w = [float(x) for x in given]
    if len(w) != strategies:
        raise ValueError(f"rationale.{where}: weights gives {len(w)} numbers, must be {strategies}, one a strategy")
    if not (min(w) >= 0 and abs(sum(w) - 1) <= 1e-6):
        raise ValueError(f"rationale.{where}: weights gives {w} for {at}, must be at least 0 with a sum of 1")
    return w


class _Declared:
    """A law's parameters as the compiled part takes them: name, bounds, whether logarithmic, start range."""

    def __init__(self, start: Mapping[str, Start], bounds: Mapping[str, Tuple[float, float]], logarithmic: Sequence[str]):
        self.names = list(start)
        self.rows: List[Tuple[str, float, float, bool, float, float]] = []
        for name in [*bounds, *logarithmic]:
            if name not in start:
                raise ValueError(f"rationale.fit_law: there is no parameter {name}, must be one of {', '.join(start) or 'start, which is empty'}")
        for name, given in start.items():
            in_logs = name in logarithmic
            low, high = map(float, bounds.get(name, (0 if in_logs else -np.inf, np.inf)))
            if isinstance(given, (tuple, list)):
                first, last = map(float, given)
            else:
                first, last = (given / 10, given * 10) if in_logs else (given - 1, given + 1)
                first, last = max(first, low), min(last, high)
            if not (low < high and low <= first < last <= high and np.isfinite([first, last]).all() and (first > 0 or not in_logs)):
                raise ValueError(f"rationale.fit_law: {name} starts from {first:g} to {last:g}, must be a range of finite numbers"
                                 f"{' above 0' if in_logs else ''} within its bounds, {low:g} to {high:g}")
            self.rows.append((name, low, high, in_logs, first, last))


class _Split(NamedTuple):
    """A split of a run: what strategies predict for the sequences that none of them excludes, and the models of its checkpoints. Where tasks or
    sequences change, there is one for each checkpoint."""

    family: Family
    run: Mapping[str, Any]
    split: str
    parts: np.ndarray  # (strategy, S, ...)
    known: np.ndarray  # of all sequences
    steps: List[int]
    model: np.ndarray  # (N, all sequences, ...)

    def checkpoints(self) -> Iterator[Tuple[int, np.ndarray]]:
        for step, said in zip(self.steps, self.model):
            yield step, said[self.known].astype(np.float64)


def _splits(recording: Source, strategies: Sequence[str], threads: int, where: str) -> Iterator[_Split]:
    """Run by run, in distribution and then out of it."""
    folder = recording.folder if isinstance(recording, Recording) else pathlib.Path(recording)
    manifest = json.loads((folder / "manifest.json").read_text())
    parameters = {key: value for key, value in manifest["parameters"].items() if key != "context"}
    family = Family(manifest["family"], **parameters)
    for run in manifest["runs"]:
        with np.load(folder / run["file"]) as file:
            types = {**manifest.get("types", {}), **run.get("types", {})}
            arrays = {key: _read(file, key, types) for key in file.files if not PREDICTIONS.fullmatch(key)}
            steps = arrays["steps"].tolist()
            for split, model in _recorded(file, types):
                kept = [np.stack([_predicted(name, family, at, threads, where) for name in strategies])
                        for at in _at_checkpoints(family, arrays, split, len(steps))]
                known = np.all([np.isfinite(parts).all(axis=(0, *range(2, parts.ndim))) for parts in kept], 0)
                for n, parts in enumerate(kept):
                    chosen = slice(n, n + 1) if len(kept) > 1 else slice(None)
                    yield _Split(family, run, split, parts[:, known], known, steps[chosen], model[chosen])


def _at_checkpoints(family: Family, arrays: Mapping[str, np.ndarray], split: str, checkpoints: int) -> List[Dict[str, np.ndarray]]:
    """A split's arrays without its name: once, or for each checkpoint where one has an axis of checkpoints in front."""
    at = {key[:-len(split) - 1] if key.endswith(f"_{split}") else key: value for key, value in arrays.items()}
    changing = [name for name, axes, _ in [*family.task_arrays, *family.sequence_arrays] if at[name].ndim > len(axes)]
    return [{**at, **{name: at[name][n] for name in changing}} for n in range(checkpoints)] if changing else [at]


def _of_means(family: Family) -> bool:
    return "K" not in family.prediction_axes and "L" not in family.prediction_axes


def _three_axes(family: Family, values: np.ndarray) -> np.ndarray:
    """(sequence, event, outcome)."""
    return values[..., None] if _of_means(family) else values[:, None] if values.ndim == 2 else values


def _read(file: Mapping[str, np.ndarray], key: str, types: Mapping[str, str]) -> np.ndarray:
    """An array of a run, of which the manifest may say that its two bytes a number are bfloat16."""
    array = file[key]
    if types.get(key) != "bfloat16":
        return array
    bits = array.view("<u2") if array.dtype.kind == "V" else array
    return (bits.astype(np.uint32) << 16).view(np.float32)


def _recorded(file: Mapping[str, np.ndarray], types: Mapping[str, str]) -> Iterator[Tuple[str, np.ndarray]]:
    """The model's predictions of each split, (N, S, ...)."""
    for split in ("id", "ood"):
        for key in (f"predictions_{split}", f"log_predictions_{split}"):
            if key not in file:
                continue
            said = _read(file, key, types)
            if key.startswith("log_"):
                said = said.astype(np.float64)
                said = np.exp(said - said.max(-1, keepdims=True))
                said = said / said.sum(-1, keepdims=True)
            yield split, said


def _predicted(name: str, family: Family, arrays: Mapping[str, np.ndarray], threads: int, where: str) -> np.ndarray:
    """What a strategy says of a split's sequences, at the recorded positions."""
    if f"strategy_{name}" in arrays:
        return np.asarray(arrays[f"strategy_{name}"], np.float64)
    sequences = [arrays[array] for array, *_ in family.sequence_arrays]
    values = _strategy(name, family, arrays, where).predict(*sequences, mask=True, threads=threads)
    return values[:, arrays["positions"]] if "positions" in arrays else values


def _strategy(name: str, family: Family, arrays: Mapping[str, np.ndarray], where: str) -> Strategy:
    tasks = {array: arrays[array] for array, *_ in family.task_arrays}
    weights = arrays["task_weights"] if "task_weights" in arrays else None
    usual: Dict[str, Callable[[], Strategy]] = {
        "memorizing": lambda: memorizing(family, tasks, weights), "generalizing": lambda: generalizing(family),
        "copying": lambda: generalizing(family), "constant": lambda: constant(family),
        "unigram retrieval": lambda: retrieval(family, tasks, 0, weights=weights), "unigram inference": lambda: inference(family, 0),
        "bigram inference": lambda: inference(family, 1)}
    if name not in usual:
        raise ValueError(f"rationale.{where}: there is no strategy {name}, must be one of {', '.join(usual)}, or the recording's own")
    return usual[name]()


def _divergence(family: Family, model: np.ndarray, mixture: np.ndarray) -> float:
    if _of_means(family):
        return float(np.square(model - mixture).mean())
    with np.errstate(divide="ignore", invalid="ignore"):
        nats = np.where(model > 0, model * np.log(model / mixture), 0.0) - model + mixture  # where sums are off 1 by rounding
    return float(nats.sum(-1).mean())

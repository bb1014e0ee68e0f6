"""Families and what predicts them: what an ideal but resource-limited learner says comes next.

S sequences of T positions, D seen tasks, K tokens, d dimensions, L labels. Probabilities are probabilities, losses and evidence are in nats,
description lengths in bits. Every fault is a ValueError of one sentence.
"""
from __future__ import annotations

import dataclasses
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._arrays import all_as_declared, unmasked

__all__ = [
    "Family", "Sample", "Strategy", "Losses", "Description", "balls_and_urns", "linear_regression", "classification", "markov_chain",
    "hidden_markov", "gaussian_location", "finite_function", "feature_regression", "memorizing", "generalizing", "constant", "remembered",
    "own_visits", "tempered", "copying", "recognizing", "retrieval", "inference", "stationary_inference", "induction_head", "last_token",
    "least_squares", "gradient_descent", "nearest_neighbors", "losses", "description_length",
]

Numbers = Union[float, Sequence[float], np.ndarray]


class Family:
    """A generative model of tasks and sequences, made by `balls_and_urns`, `linear_regression`, ...

    `task_arrays` and `sequence_arrays` say which arrays it has, each as (name, axes, type): a letter an axis, and d for float64, i and q for
    integers of 32 and 64 bits."""

    def __init__(self, name: str, **parameters: Any):
        self._given = {key: value for key, value in parameters.items() if value is not None}
        self._of = _core.family(name, {key: _parameter(value) for key, value in self._given.items()})
        self.name: str = self._of.name
        self.parameters: Dict[str, Any] = self._of.parameters
        self.task_arrays: List[Tuple[str, str, str]] = self._of.task_arrays
        self.sequence_arrays: List[Tuple[str, str, str]] = self._of.sequence_arrays
        self.prediction_axes: str = self._of.prediction_axes

    def sample_tasks(self, count: int, seed: int = 0) -> Any:
        """`count` tasks of the family's own prior, as strategies take them: an array (D, ...), or a dictionary of them where a task has
        more than one. Task i depends on the seed and i alone."""
        return _one_or_all(self.task_arrays, self._of.sample_tasks(_whole("count", count), _whole("seed", seed)))

    def sample_sequences(self, count: int, context: int, tasks: Any = None, weights: Optional[Numbers] = None, seed: int = 0,
                         first: int = 0) -> "Sample":
        """`count` sequences of `context` positions: of the seen `tasks`, drawn by weight, or without any of fresh ones. Sequence i depends on
        the seed and `first` + i alone."""
        arrays, weights = [] if tasks is None else self._tasks(tasks), _numbers(weights)
        if weights and not arrays:
            raise ValueError(f"rationale.sample_sequences: there are {len(weights)} weights and no tasks, must be 0: fresh tasks have none")
        drawn = self._of.sample_sequences(arrays, weights, _whole("count", count), _whole("context", context),
                                          _whole("seed", seed), _whole("first", first))
        n = len(self.sequence_arrays)
        return Sample({name: value for (name, *_), value in zip(self.sequence_arrays, drawn)}, _one_or_all(self.task_arrays, drawn[n:]))

    def _tasks(self, tasks: Any) -> list:
        named = dict(tasks) if isinstance(tasks, Mapping) else {}
        return all_as_declared([] if named else [tasks], named, self.task_arrays, f"the tasks of {self.name}")

    def __reduce__(self):
        return _family, (self.name, self._given)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Family) and (self.name, self.parameters) == (other.name, other.parameters)

    def __hash__(self) -> int:
        return hash((self.name, str(self.parameters)))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{key}={value!r}' for key, value in self.parameters.items())})"


class Sample(NamedTuple):
    """Sequences by the names of their arrays, and the task that each was drawn from."""

    sequences: Dict[str, np.ndarray]
    tasks: Any


class Strategy:
    """Says before each position of a sequence, from what came before it alone, what comes next. Made by `memorizing`, `generalizing`, ..."""

    def __init__(self, family: Family, kind: str, tasks: Any = None, weights: Optional[Numbers] = None, precision: Numbers = (),
                 exponent: float = 1.0, weighed: int = 0, said: int = 0, share: float = 0.0, dtype: Any = np.float64):
        self.family = family
        self.tasks = None if tasks is None else [np.array(of) for of in family._tasks(tasks)]  # the caller may change them
        self.weights = _numbers(weights)
        if np.dtype(dtype) not in (np.float64, np.float32):
            raise ValueError(f"rationale: dtype is {np.dtype(dtype)}, must be float64 or float32")
        self._given = (kind, self.tasks, self.weights, _numbers(precision), float(exponent), _whole("order, match, steps or k", weighed),
                       _whole("order", said), float(share), np.dtype(dtype) == np.float32)
        self._of = family._of.strategy(kind, self.tasks or [], *self._given[2:])
        self._facts = family.sequence_arrays
        self.name: str = self._of.name

    def predict(self, *sequences: Any, threads: int = 1, mask: bool = False, **named: Any) -> np.ndarray:
        """Predictions for every position: tokens (S, T) -> distributions (S, T, K); x (S, T, d), y (S, T) -> means (S, T); items (S, T, d),
        item_labels (S, T), query (S, d), query_label (S) -> label distributions (S, L). A position's prediction has seen what came before.

        `threads` 0 is all there are; the numbers do not depend on it. A context that the strategy excludes is a ValueError that names the
        place, or with `mask` predicts NaN from there on. Arrays in float64, or int32 for tokens, and C order are not copied."""
        return self._shaped(self._predict(sequences, named, threads, mask)[0])

    def predict_with_evidence(self, *sequences: Any, threads: int = 1, mask: bool = False, **named: Any) -> Tuple[np.ndarray, np.ndarray]:
        """`predict`, and what `log_evidence` gives, in one pass."""
        values, evidence = self._predict(sequences, named, threads, mask)
        return self._shaped(values), evidence

    def log_evidence(self, *sequences: Any, threads: int = 1, **named: Any) -> np.ndarray:
        """(S, T + 1) nats: log density of all that was observed before each position, constants included; the last column is that of the
        whole sequence. -inf where the strategy excludes it. Faster than predictions."""
        return self._of.log_evidence(self._sequences(sequences, named), _whole("threads", threads))

    def posterior(self, *sequences: Any, sequence: int = 0, position: int = -1, **named: Any) -> np.ndarray:
        """Probability of each component of the prior, such as each seen task (D), given what came before `position` of one sequence; -1 is
        after all of it. NaN where no component explains it. Bayesian strategies only."""
        arrays = self._sequences(sequences, named)
        events = 1 if "T" not in self.family.prediction_axes else arrays[0].shape[1] if arrays[0].ndim > 1 else 0
        if -events - 1 <= position < 0:
            position += events + 1
        return self._of.posterior(arrays, _whole("sequence", sequence), _whole("position", position))

    @property
    def numbers(self) -> np.ndarray:
        """What the strategy must store, as float64."""
        return self._of.numbers

    @property
    def program_bits(self) -> Optional[float]:
        """The length of its program in bits, by arXiv 2506.17859; None where nobody has measured it."""
        return self._of.program_bits

    def numbers_bits(self, threads: int = 1) -> float:
        """What its numbers take in bits: of a memory of limited precision its rate, otherwise their shortest description."""
        said = self._of.bits
        return description_length(self.numbers, threads).bits if said is None else said

    def bits(self, threads: int = 1) -> float:
        """Its description length in bits: its numbers' and its program's, where that is known."""
        return self.numbers_bits(threads) + (self.program_bits or 0.0)

    def _sequences(self, given: Sequence[Any], named: Mapping[str, Any]) -> list:
        if len(given) == 1 and not named and isinstance(given[0], (Mapping, Sample)):
            named = given[0].sequences if isinstance(given[0], Sample) else given[0]
            given = []
        return all_as_declared(given, dict(named), self._facts, f"{self.family.name}")

    def _predict(self, given: Sequence[Any], named: Mapping[str, Any], threads: int, mask: bool) -> Tuple[np.ndarray, np.ndarray]:
        return self._of.predict(self._sequences(given, named), _whole("threads", threads), bool(mask))

    def _shaped(self, values: np.ndarray) -> np.ndarray:
        axes = self.family.prediction_axes
        return values if len(axes) == 3 else values[:, :, 0] if axes == "ST" else values.reshape(values.shape[0], values.shape[2])

    def __reduce__(self):
        kind, tasks, *rest, in_float = self._given
        named = None if tasks is None else {name: value for (name, *_), value in zip(self.family.task_arrays, tasks)}
        return Strategy, (self.family, kind, named, *rest, np.float32 if in_float else np.float64)

    def __repr__(self) -> str:
        return f"<{self.name} of {self.family!r}{f', {len(self.tasks[0])} seen tasks' if self.tasks else ''}>"


def balls_and_urns(categories: int, concentration: Numbers = 1.0) -> Family:
    """An urn w ~ Dirichlet(concentration), then T tokens from w. tasks (D, K), tokens (S, T)."""
    return Family("balls_and_urns", categories=categories, concentration=concentration)


def linear_regression(dimensions: int, noise_variance: Optional[float] = None, task_variance: float = 1.0, input_variance: float = 1.0,
                      task_mean: Numbers = 0.0) -> Family:
    """w ~ N(task_mean, task_variance I), y = w.x + N(0, noise_variance), which is d/256 unless given. tasks (D, d), x (S, T, d), y (S, T)."""
    return Family("linear_regression", dimensions=dimensions, noise_variance=noise_variance, task_variance=task_variance,
                  input_variance=input_variance, task_mean=task_mean)


def classification(dimensions: int, labels: int = 2, item_variance: Optional[float] = None, within_class_variance: float = 0.5,
                   label_noise: float = 0.0) -> Family:
    """Items with labels; the query shows one of the context's again. tasks (D, d) and task_labels (D); items (S, T, d), item_labels (S, T),
    query (S, d), query_label (S)."""
    return Family("classification", dimensions=dimensions, labels=labels, item_variance=item_variance,
                  within_class_variance=within_class_variance, label_noise=label_noise)


def markov_chain(categories: int, order: int = 1, concentration: Numbers = 1.0, stationary_start: bool = False) -> Family:
    """Each token is drawn from the row of the `order` tokens before it. tasks (D, K^order, K), tokens (S, T)."""
    return Family("markov_chain", categories=categories, order=order, concentration=concentration, stationary_start=stationary_start)


def hidden_markov(categories: int, states: int = 2, concentration: float = 1.0, transition_concentration: float = 1.0) -> Family:
    """A hidden state shows a token and moves. tasks (D, H, K): emissions, transitions (D, H, H); tokens (S, T)."""
    return Family("hidden_markov", categories=categories, states=states, concentration=concentration,
                  transition_concentration=transition_concentration)


def gaussian_location(mean: float = 0.0, strength: float = 1.0, noise_variance: float = 1.0, shape: Optional[float] = None) -> Family:
    """y ~ N(m, v), m ~ N(mean, v/strength); v is noise_variance or, with a shape, of an inverse gamma. tasks (D, 2): m and v; y (S, T)."""
    return Family("gaussian_location", mean=mean, strength=strength, noise_variance=noise_variance, shape=shape)


def finite_function(inputs: int, outputs: int, noise: float = 0.0) -> Family:
    """y = f(x), or with probability `noise` any output. tasks (D, I) whole numbers, x (S, T), y (S, T)."""
    return Family("finite_function", inputs=inputs, outputs=outputs, noise=noise)


def feature_regression(basis: str, dimensions: int = 1, degree: int = 1, noise_variance: Optional[float] = None, task_variance: float = 1.0,
                       input_variance: float = 1.0) -> Family:
    """y = w.features(x) + noise; `basis` is fourier, polynomial or relu. tasks (D, features), x (S, T, dimensions), y (S, T)."""
    return Family(f"{basis}_regression", dimensions=dimensions, degree=degree, noise_variance=noise_variance, task_variance=task_variance,
                  input_variance=input_variance)


def memorizing(family: Family, tasks: Any, weights: Optional[Numbers] = None, exponent: float = 1.0, dtype: Any = np.float64) -> Strategy:
    """Bayes with the seen tasks as prior, drawn by weight (D), uniform unless given. Every observation counts `exponent` times.

    `tasks` is one array, or a dictionary of the family's `task_arrays` where there are more. With dtype float32 the work at a position is in
    float, twice as fast and right to 2e-5 on probabilities; what comes out is float64 all the same."""
    return Strategy(family, "memorizing", tasks, weights, exponent=exponent, dtype=dtype)


def generalizing(family: Family, exponent: float = 1.0) -> Strategy:
    """Bayes with the family's own prior; in classification copying, whose similarities are raised to the exponent."""
    return Strategy(family, "generalizing", exponent=exponent)


def constant(family: Family) -> Strategy:
    """What the own prior says of a position by itself: no context is read."""
    return Strategy(family, "constant")


def remembered(family: Family, tasks: Any, precision: Numbers, weights: Optional[Numbers] = None, exponent: float = 1.0) -> Strategy:
    """Seen tasks, each remembered like `precision` observations of it, from 0, generalizing, to infinity, memorizing. One number for all tasks
    or, where predictions are distributions, one a task (D). Every observation of the context counts `exponent` times."""
    return Strategy(family, "remembered", tasks, weights, precision, exponent)


def own_visits(family: Family, tasks: Any, steps: float, scale: float, power: float = 1.0, weights: Optional[Numbers] = None,
               exponent: float = 1.0) -> Strategy:
    """Each seen task remembered by how often it was seen: precision scale (steps p_d)^power, with p_d the tasks' normalised weights (D)."""
    count = len(family._tasks(tasks)[0])
    p = np.asarray(_numbers(weights) or np.full(count, 1.0))
    with np.errstate(invalid="ignore"):  # weights that are none are refused by name
        return remembered(family, tasks, scale * (steps * p / p.sum()) ** power, weights, exponent)


def tempered(strategy: Strategy, exponent: float) -> Strategy:
    """The power posterior of a memorizing, generalizing or remembered strategy: every observation counts `exponent` times."""
    if not isinstance(strategy, Strategy):
        raise ValueError(f"rationale.tempered: the strategy is a {type(strategy).__name__}, must be memorizing, generalizing or remembered")
    kind, tasks, weights, precision, before, *_, in_float = strategy._given
    if kind not in ("memorizing", "generalizing", "remembered"):
        raise ValueError(f"rationale.tempered: {strategy.name} has no prior, must be memorizing, generalizing or remembered")
    family = strategy.family
    named = None if tasks is None else {name: value for (name, *_), value in zip(family.task_arrays, tasks)}
    return Strategy(family, kind, named, weights, precision, before * exponent, dtype=np.float32 if in_float else np.float64)


def copying(family: Family, power: float = 1.0) -> Strategy:
    """In classification: the context's labels by similarity to the query, raised to a power."""
    return Strategy(family, "copying", exponent=power)


def recognizing(family: Family, tasks: Any, weights: Optional[Numbers] = None) -> Strategy:
    """In classification: the ideal predictor, which knows the seen items and that the query shows one of the context's."""
    return Strategy(family, "recognizing", tasks, weights)


def retrieval(family: Family, tasks: Any, weighed: int = 1, said: Optional[int] = None, weights: Optional[Numbers] = None) -> Strategy:
    """Seen Markov chains weighed by n-grams of one order and predicting with those of another (0 unigrams, 1 bigrams), of at least that order."""
    said = weighed if said is None else said
    if family.name == "markov_chain" and (weighed, said) not in ((0, 0), (0, 1), (1, 1)):
        raise ValueError(f"rationale.retrieval: the orders are {weighed} and {said}, must be 0 and 0, 0 and 1, or 1 and 1")
    return Strategy(family, "retrieval", tasks, weights, weighed=weighed, said=said)


def inference(family: Family, order: int = 1) -> Strategy:
    """In chains and hidden Markov models: Bayes under the belief that a token depends on the `order` before, 0 or 1."""
    if family.name in ("markov_chain", "hidden_markov") and order not in (0, 1):
        raise ValueError(f"rationale.inference: the order is {order}, must be 0 or 1")
    return Strategy(family, "inference", said=order)


def stationary_inference(family: Family) -> Strategy:
    """In Markov chains: the stationary distribution of the matrix inferred so far."""
    return Strategy(family, "stationary_inference")


def induction_head(family: Family, match: int = 1, pseudo_count: float = 0.01) -> Strategy:
    """Of tokens: what followed the last `match` tokens earlier in the context."""
    return Strategy(family, "induction_head", weighed=match, share=pseudo_count)


def last_token(family: Family, share: float = 0.9) -> Strategy:
    """Of tokens: the last one again with probability `share`, and any otherwise."""
    return Strategy(family, "last_token", share=share)


def least_squares(family: Family) -> Strategy:
    """In regression: ordinary least squares, of least norm where the pairs leave w open."""
    return Strategy(family, "least_squares")


def gradient_descent(family: Family, steps: int, rate: float) -> Strategy:
    """In regression: steps of gradient descent on the pairs so far."""
    return Strategy(family, "gradient_descent", weighed=steps, share=rate)


def nearest_neighbors(family: Family, k: int) -> Strategy:
    """In regression: the mean y of the k nearest x."""
    return Strategy(family, "nearest_neighbors", weighed=k)


@dataclasses.dataclass(frozen=True)
class Losses:
    """Expected losses of n strategies on the same sequences, in nats per position."""

    mean: np.ndarray  #: (n)
    standard_error: np.ndarray  #: (n), 0 where the loss is known in closed form
    difference_error: np.ndarray  #: (n, n) standard error of mean[i] - mean[j]
    sequences: int  #: that were drawn
    reached: bool  #: the wanted relative error, before the limit


def losses(strategies: Sequence[Strategy], context: int, tasks: Any = None, weights: Optional[Numbers] = None, seed: int = 0,
           relative_error: float = 0.02, most_sequences: int = 16384, threads: int = 1) -> Losses:
    """Expected losses on fresh sequences of `context` positions of the seen tasks, drawn by weight. Tasks are those of the first strategy that
    has some unless given, and so are their weights then. Sequences are added until each difference is known to `relative_error` of it, or there are `most_sequences`."""
    strategies = [] if isinstance(strategies, (Strategy, str)) else list(strategies)
    if not strategies or not all(isinstance(of, Strategy) for of in strategies):
        raise ValueError("rationale.losses: there is no list of strategies, must be one of at least 1")
    family = strategies[0].family
    arrays = None if tasks is None else family._tasks(tasks)
    weights = _numbers(weights)
    if arrays is None:
        arrays, own = next(((s.tasks, s.weights) for s in strategies if s.tasks), (None, weights))
        weights = weights or own
    if arrays is None:
        raise ValueError("rationale.losses: no strategy has seen tasks, tasks must be given")
    return Losses(*_core.losses(family._of, [s._of for s in strategies], arrays, weights, _whole("context", context), _whole("seed", seed),
                               float(relative_error), _whole("most_sequences", most_sequences), _whole("threads", threads)))


class Description(NamedTuple):
    """How many bits describe some numbers, by the shortest way of those tried."""

    bits: float
    method: str
    tried: List[Tuple[str, float]]


def description_length(numbers: Numbers, threads: int = 1) -> Description:
    """Bits of numbers as little-endian float64: the smallest of raw, xz, bzip2, brotli and zstd, of which the installed ones are tried."""
    return Description(*_core.description_length(_numbers(numbers), _whole("threads", threads)))


def _whole(name: str, value: Any) -> int:
    try:
        whole = int(value)
    except (OverflowError, TypeError, ValueError):  # infinite, no number, NaN
        whole = -1
    if whole < 0 or value != whole:
        raise ValueError(f"rationale: {name} is {value}, must be a whole number of at least 0")
    if whole >= 2**64:
        raise ValueError(f"rationale: {name} is {value}, must be below 2^64")
    return whole


def _parameter(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    return _numbers(value) if np.ndim(value) else float(value)


def _numbers(value: Optional[Numbers]) -> List[float]:
    return [] if value is None else np.asarray(unmasked("an array", value), np.float64).reshape(-1).tolist()


def _one_or_all(facts: Sequence[Tuple[str, str, str]], arrays: Sequence[np.ndarray]) -> Any:
    return arrays[0] if len(facts) == 1 else {name: value for (name, *_), value in zip(facts, arrays)}


def _family(name: str, given: Dict[str, Any]) -> Family:
    return Family(name, **given)

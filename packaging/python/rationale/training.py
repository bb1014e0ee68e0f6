"""Recording while a model trains: PyTorch modules, and the Trainer of Hugging Face's transformers, which is imported when it is asked for."""
from __future__ import annotations

import contextlib
from typing import Any, Callable, FrozenSet, Iterable, Iterator, List, Optional

import numpy as np

from .record import Recorder, whole

__all__ = ["record_module", "recorder_callback"]

Predict = Callable[..., Any]


def record_module(recorder: Recorder, step: int, module: Any, predict: Optional[Predict] = None, logits: bool = True,
                  train_loss: Optional[float] = None) -> None:
    """Records what a model predicts after `step` training steps on the recorder's own sequences, in evaluation mode and without gradients.

    `predict(module, *arrays)` gives logits, or with `logits=False` probabilities or means, in the recorded shape; without it that is
    `module(*arrays)`. The arrays are a split's, in the order of the family: tokens, or x and y, or items, item_labels, query, query_label.
    A PyTorch module gets tensors on its device, reals in its type; anything else gets NumPy's arrays. They are copies."""
    predictions = {}
    with _evaluating(module):
        for split in recorder.sequences:
            arrays = [_like(module, recorder.arrays[f"{name}_{split}"]) for name in _sequence_arrays(recorder)]
            said = predict(module, *arrays) if predict else module(*arrays)
            predictions[f"{'log_' if logits else ''}predictions_{split}"] = said
        recorder.checkpoint(step, train_loss=train_loss, **predictions)


def recorder_callback(recorder: Recorder, predict: Predict, steps: Optional[Iterable[int]] = None, checkpoints: int = 12,
                      logits: bool = True) -> Any:
    """A TrainerCallback that records at the given steps; without them at `checkpoints` evenly spaced square roots of the training's steps.

    `predict(model, *arrays)` is as in `record_module`. The recording is closed at the end of the training; of one that is broken off nothing
    is left. Of several processes the first one records."""
    from transformers import TrainerCallback

    chosen = None if steps is None else _steps(steps)
    if chosen is None and (whole(checkpoints) is None or checkpoints < 1):
        raise ValueError(f"rationale.recorder_callback: checkpoints is {checkpoints}, must be a whole number of at least 1")

    class RecorderCallback(TrainerCallback):
        wanted: FrozenSet[int] = chosen or frozenset()

        def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            if chosen is None:
                self.wanted = frozenset(round(state.max_steps * (i / checkpoints) ** 2) for i in range(1, checkpoints + 1))
            self.on_step_end(args, state, control, model)

        def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            # A training that is resumed begins at a step that may have been recorded.
            if state.global_step in self.wanted and state.is_world_process_zero and state.global_step not in recorder.steps:
                record_module(recorder, state.global_step, model, predict, logits)

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.is_world_process_zero:
                recorder.close()

    return RecorderCallback()


def _steps(given: Iterable[int]) -> FrozenSet[int]:
    steps = list(given)
    for step in steps:
        if whole(step) is None or step < 0:
            raise ValueError(f"rationale.recorder_callback: a step is {step}, must be a whole number of at least 0")
    if not steps:
        raise ValueError("rationale.recorder_callback: there are 0 steps, must be at least 1")
    return frozenset(map(int, steps))


def _sequence_arrays(recorder: Recorder) -> List[str]:
    return [name for name, axes in recorder.shapes.items() if axes.startswith("S") and name != "predictions"]


@contextlib.contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    if not (hasattr(module, "eval") and hasattr(module, "parameters")):
        yield
        return
    import torch
    modes = [(of, of.training) for of in module.modules()]  # each its own: frozen parts stay in evaluation mode
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for of, training in modes:  # parents before their children, whom they take along; by train, which may do more than set the mode
            if of.training != training:
                of.train(training)


def _like(module: Any, array: np.ndarray) -> Any:
    if not (hasattr(module, "eval") and hasattr(module, "parameters")):
        return array.copy()
    import torch
    of = next(iter(module.parameters()), torch.zeros(()))
    return torch.tensor(array, device=of.device, dtype=of.dtype if array.dtype.kind == "f" else torch.int64)
